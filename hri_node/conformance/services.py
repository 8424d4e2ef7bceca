"""What the node accepts, proposes and makes goes out as tables: SOP classes, transfer syntaxes, contexts."""

from collections.abc import Sequence
from typing import Final, Protocol

from pydicom.uid import UID

from hri_node.commitment import SOP_CLASS_UID as COMMITMENT
from hri_node.conformance.markdown import literal, table
from hri_node.conformance.samples import KINDS, made_objects
from hri_node.conformance.uids import name_of
from hri_node.read.decode import PLUGINS
from hri_node.read.select import SECONDARY_CAPTURE, ULTRASOUND
from hri_node.receive.commitment import commitment_contexts
from hri_node.receive.contexts import (
    PREFERRED_TRANSFER_SYNTAXES,
    STORAGE_SOP_CLASSES,
    TRANSFER_SYNTAXES,
    supported_contexts,
)
from hri_node.send.commitment import commitment_context
from hri_node.send.proof_query import query_context
from hri_node.send.retrieve_habits import Habits, contexts_of
from hri_node.settings import Settings

MADE_WHEN: Final = {
    "sr": "for each study that is reported",
    "seg": "for each measured image",
    "sc": "for each measured image; where nothing was measurable, for the image that came nearest to it",
    "pr": "for each measured image, by `report.presentation_state`",
    "pdf": "for each study that is reported, by `report.pdf`",
}
"""By `records.ResultObject.kind`."""

CONTEXTS_HEAD: Final = ("abstract syntax", "transfer syntaxes", "role of the node", "extended negotiation")

HABITS: Final = Habits("auto", "", PREFERRED_TRANSFER_SYNTAXES, 0, ())
"""Whatever way of retrieving there is."""

EVERY_STORAGE_CLASS: Final = "each storage SOP class of [F.1](#f1-storage-sop-classes)"
EVERY_SYNTAX: Final = "each of [F.2](#f2-transfer-syntaxes)"


class Context(Protocol):
    """A presentation context, as pynetdicom has it."""

    @property
    def abstract_syntax(self) -> str | None:
        """SOP Class UID."""

    @property
    def transfer_syntax(self) -> Sequence[str]:
        """Transfer syntax UIDs."""


def created_table(settings: Settings) -> str:
    """SOP classes of the objects that are made, and whether these settings ask for them."""
    asked = {"pr": settings.report.presentation_state, "pdf": settings.report.pdf}
    pairs = dict.fromkeys((made.kind, str(made.ds.SOPClassUID), str(made.ds.Modality)) for made in made_objects())
    rows = [
        (name_of(uid), literal(uid), literal(kind), modality, MADE_WHEN[kind], "yes" if asked.get(kind, True) else "no")
        for kind, uid, modality in sorted(pairs, key=lambda pair: (KINDS.index(pair[0]), pair[1]))
    ]
    return table(("SOP class", "UID", "kind", "Modality", "made", "here"), rows)


def storage_classes_table() -> str:
    """SOP classes that are received, and what becomes of their instances."""
    return table(
        ("UID", "name", "measured"),
        [(literal(uid), name_of(uid), _measured(uid)) for uid in STORAGE_SOP_CLASSES],
    )


def transfer_syntaxes_table() -> str:
    """Transfer syntaxes that are received, in the order of preference, and whether pixels are decoded."""
    rows = [(literal(uid), name_of(uid), "yes" if _is_decoded(uid) else "no") for uid in TRANSFER_SYNTAXES]
    return table(("UID", "name", "decoded"), rows)


def accepted_contexts_table() -> str:
    """Presentation contexts of the acceptor."""
    others = [context for context in supported_contexts() if context.abstract_syntax not in STORAGE_SOP_CLASSES]
    asked = [_row(context, "SCP", "none") for context in others]
    storage = (EVERY_STORAGE_CLASS, EVERY_SYNTAX, "SCP", "none")
    roles = "SCP; SCU where the requestor proposes to be the SCP", "SCP/SCU Role Selection"
    return table(CONTEXTS_HEAD, [*asked, storage, *(_row(context, *roles) for context in commitment_contexts())])


def delivery_contexts_table() -> str:
    """Presentation contexts that are proposed to an archive which results are stored at."""
    pairs = sorted({(str(made.ds.SOPClassUID), str(made.ds.file_meta.TransferSyntaxUID)) for made in made_objects()})
    stored = [(_words(uid), _words(syntax), "SCU", "none") for uid, syntax in pairs]
    asked = [_row(context, "SCU", "none") for context in (commitment_context(), query_context())]
    return table(CONTEXTS_HEAD, [*stored, *asked])


def report_contexts_table() -> str:
    """Presentation contexts that are proposed to a scanner which asked for a commitment."""
    return table(CONTEXTS_HEAD, [_row(commitment_context(), "SCP", "SCP/SCU Role Selection: SCP")])


def pull_contexts_table() -> str:
    """Presentation contexts that are proposed to an archive which studies are fetched from."""
    models = [_row(context, "SCU", "none") for context in (query_context(), *contexts_of(HABITS, ()))]
    syntaxes = f"the first {len(PREFERRED_TRANSFER_SYNTAXES)} of [F.2](#f2-transfer-syntaxes), one context for each"
    wanted = "each SOP class that the archive names at IMAGE level; where it names none, those measured"
    return table(CONTEXTS_HEAD, [*models, (wanted, syntaxes, "SCP", "SCP/SCU Role Selection: SCP")])


def verification_syntaxes() -> str:
    """Transfer syntaxes of Verification, as it is proposed."""
    return ", ".join(name_of(uid) for uid in query_context().transfer_syntax)


def services_table() -> str:
    """Services and the roles that the node has in them."""
    find, get, move = (str(c.abstract_syntax) for c in (query_context(), *contexts_of(HABITS, ())))
    rows = [
        ("Verification", literal("1.2.840.10008.1.1"), "yes", "yes", "[7.2.1](#721-the-application-entity)"),
        ("Storage of what is created", "[1.1](#11-content-and-transfer)", "yes", "yes", "[5.2.5](#525-storage)"),
        ("Storage of what is received", "[F.1](#f1-storage-sop-classes)", "no", "yes", "[5.2.5](#525-storage)"),
        (name_of(COMMITMENT), literal(COMMITMENT), "yes", "yes", "[5.2.6](#526-storage-commitment)"),
        (name_of(find), literal(find), "yes", "no", "[5.2.7](#527-queryretrieve)"),
        (name_of(get), literal(get), "yes", "no", "[5.2.7](#527-queryretrieve)"),
        (name_of(move), literal(move), "yes", "no", "[5.2.7](#527-queryretrieve)"),
    ]
    return table(("service", "UID", "SCU", "SCP", "section"), rows)


def _row(context: Context, role: str, negotiation: str) -> tuple[str, ...]:
    """One context."""
    syntaxes = "<br>".join(_words(uid) for uid in context.transfer_syntax)
    return _words(str(context.abstract_syntax)), syntaxes, role, negotiation


def _words(uid: str) -> str:
    """Name and UID."""
    return f"{name_of(uid)} {literal(uid)}"


def _measured(uid: str) -> str:
    """Whether instances of a class are looked at."""
    return "yes" if uid in ULTRASOUND else "if Modality is US" if uid in SECONDARY_CAPTURE else "no"


def _is_decoded(uid: str) -> bool:
    """Whether pixels in a transfer syntax can be read."""
    return uid in PLUGINS or not UID(uid).is_encapsulated
