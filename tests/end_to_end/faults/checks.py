"""A settled site and the account of its scanners come in; what was lost, doubled or otherwise wrong goes out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from end_to_end.faults.corpus import Kind, dataset_sha256
from end_to_end.faults.scanners import Account
from end_to_end.faults.sites import Site
from pydicom import Dataset, dcmread
from running import Orthanc
from sqlalchemy import select

from hri_node.ledger.states import DeliveryState, InstanceState
from hri_node.ledger.tables import ConflictRow, DeliveryRow, InstanceRow, StudyRow

LOOKED_AT = (InstanceState.MEASURED, InstanceState.NOT_MEASURABLE)
PARAMETERS_MAX = 500


@dataclass(frozen=True, slots=True)
class Held:
    """An object that the PACS holds: what it is about, and which documents it replaces."""

    uid: str
    modality: str
    study_uid: str
    about: frozenset[str]
    replaces: frozenset[str]


@dataclass
class Findings:
    """Sentences about what is not as it was promised; `reports` counts current SRs."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    reports: int = 0

    @property
    def all(self) -> list[str]:
        """Everything."""
        return [*self.lost, *self.doubled, *self.wrong]

    def exactly_one(self, found: int, what: str) -> None:
        """Take down that something is not there, or too often."""
        if found != 1:
            (self.doubled if found > 1 else self.lost).append(f"{what}: {found}")


class Archive:
    """What an Orthanc holds, each object read once."""

    def __init__(self, orthanc: Orthanc) -> None:
        self._orthanc = orthanc
        self._known: dict[str, Held] = {}

    def by_study(self) -> dict[str, list[Held]]:
        """Every result, by Study Instance UID."""
        identifiers = [name for modality in ("SR", "SEG", "OT") for name in self._orthanc.instances(modality)]
        for name in identifiers:
            if name not in self._known:
                self._known[name] = _held(dcmread(BytesIO(self._orthanc.file(name)), stop_before_pixels=True))
        studies = defaultdict(list)
        for name in identifiers:
            studies[self._known[name].study_uid].append(self._known[name])
        return studies


def examine(site: Site, account: Account, archive: Archive) -> Findings:
    """What became of everything that the account names."""
    findings = Findings()
    studies = {sample.study_uid for sample in account.samples.values()}
    rows = {row.sop_instance_uid: row for row in _rows(site, sorted(studies))}
    _check_ledger(site, account, rows, findings)
    held = archive.by_study()
    for study in sorted(studies):
        of_study = [row for uid, row in rows.items() if account.samples[uid].study_uid == study]
        check_pacs(account, of_study, held.get(study, []), findings)
    findings.wrong += [f"{job} failed" for job in site.node.ledger.failed_ids()]
    findings.wrong += [f"deliver-{row} ended without proof" for row in _unproven(site)]
    return findings


def _unproven(site: Site) -> Sequence[int]:
    """Ids of deliveries that ended although nobody knows what the PACS has: this one can be asked."""
    with site.node.ledger.transaction(reading=True) as session:
        wanted = select(DeliveryRow.id).where(DeliveryRow.state == DeliveryState.DELIVERED)
        return session.execute(wanted).scalars().all()


def leftovers(site: Site) -> list[str]:
    """Half-written files in the spool."""
    return [path.name for path in (site.node.folder / "spool" / "incoming").iterdir()]


def _rows(site: Site, studies: Sequence[str]) -> Iterator[InstanceRow]:
    for start in range(0, len(studies), PARAMETERS_MAX):
        named = StudyRow.study_instance_uid.in_(studies[start : start + PARAMETERS_MAX])
        wanted = select(InstanceRow).join(StudyRow, StudyRow.id == InstanceRow.study_id).where(named)
        with site.node.ledger.transaction(reading=True) as session:
            yield from session.execute(wanted).scalars().all()


def _conflicts(site: Site, instance_id: int) -> Iterable[ConflictRow]:
    with site.node.ledger.transaction(reading=True) as session:
        return session.execute(select(ConflictRow).where(ConflictRow.instance_id == instance_id)).scalars().all()


def _check_ledger(site: Site, account: Account, rows: dict[str, InstanceRow], findings: Findings) -> None:
    """Each acknowledged content is in the spool, byte for byte, and its instance in the ledger."""
    for uid, contents in account.acknowledged.items():
        row = rows.get(uid)
        if row is None:
            findings.lost.append(f"instance {uid} was acknowledged and is not in the ledger")
            continue
        keys = [row.spool_key, *(conflict.spool_key for conflict in _conflicts(site, row.id))]
        files = [site.node.folder / "spool" / key for key in keys]
        kept = [dataset_sha256(file.read_bytes()) for file in files if file.is_file()]
        if len(kept) != len(files) or not contents <= set(kept):
            findings.lost.append(f"instance {uid} was acknowledged and its bytes are not in the spool")
        if len(set(kept)) != len(kept):
            findings.doubled.append(f"instance {uid} lies in the spool {len(kept)} times")


def check_pacs(account: Account, rows: Sequence[InstanceRow], held: Sequence[Held], findings: Findings) -> None:
    """A SEG and a picture of every view, and one report of all that was looked at, are in the PACS once."""
    if len({each.uid for each in held}) != len(held):
        findings.doubled.append(f"an object of study {held[0].study_uid} is in the PACS more than once")
    reports = [each for each in held if each.modality == "SR"]
    replaced = {uid for report in reports for uid in report.replaces}
    current = [report for report in reports if report.uid not in replaced]
    findings.reports += len(current)
    looked_at = [row for row in rows if row.state in LOOKED_AT]
    for row in rows:
        is_view = account.samples[row.sop_instance_uid].kind is Kind.VIEW
        if is_view and row.state != InstanceState.MEASURED:
            findings.lost.append(f"view {row.sop_instance_uid} is {row.state}: {row.reason} {row.detail}")
        for modality in ("SEG", "OT") if is_view else ():
            found = sum(row.sop_instance_uid in each.about for each in held if each.modality == modality)
            findings.exactly_one(found, f"{modality} of view {row.sop_instance_uid}")
    for row in looked_at:
        cited = sum(row.sop_instance_uid in report.about for report in current)
        findings.exactly_one(cited, f"current reports of {row.sop_instance_uid}, {row.state}")
    if len(current) > 1:
        findings.doubled.append(f"study {held[0].study_uid} has {len(current)} current reports")


def _held(ds: Dataset) -> Held:
    replaced = ds.get("PredecessorDocumentsSequence", [])
    about = ds.get("CurrentRequestedProcedureEvidenceSequence", []) if ds.Modality == "SR" else [ds]
    return Held(
        str(ds.SOPInstanceUID),
        str(ds.Modality),
        str(ds.StudyInstanceUID),
        frozenset(uid for item in about for uid in _cited(item)),
        frozenset(uid for item in replaced for uid in _cited(item)),
    )


def _cited(ds: Dataset) -> Iterator[str]:
    """Every Referenced SOP Instance UID below a dataset."""
    for element in ds:
        if element.keyword == "ReferencedSOPInstanceUID":
            yield str(element.value)
        elif element.VR == "SQ":
            for item in element.value:
                yield from _cited(item)
