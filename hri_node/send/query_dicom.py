"""What somebody wants comes in as C-FIND requests of the Study Root; the studies and instances that match go out."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog
from pydicom import Dataset
from pynetdicom import _config, build_context
from pynetdicom.association import Association
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made when it is imported
    StudyRootQueryRetrieveInformationModelFind,
)

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.records import Peer
from hri_node.send.association import associated
from hri_node.send.query import Dates, FoundInstance, FoundStudy, Wanted, is_uid
from hri_node.send.query_identifier import identifier_of, value_of
from hri_node.send.query_outcomes import Answer, Service, answer, error

SUSPICIOUS: Final = 100
"""Answers. Some archives cut a list in silence, at 100 or more: what is as long is asked for again, in parts."""

EXPECTED: Final = 50
"""Answers that a part should have."""

DAYS_MAX: Final = 31
"""Of one query: so that no list is too long for anybody."""

_config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False  # they name patients

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answers:
    """What a C-FIND found; `is_cut`: there is more."""

    found: list[dict[str, str]]
    is_cut: bool


@contextmanager
def searching(peer: Peer, timeout_s: float) -> Iterator["Search"]:
    """An association to search over.

    Parameters
    ----------
    peer
        Who, where, and the AE titles to use.
    timeout_s
        Longest wait for the connection, and for each answer.

    Raises
    ------
    PeerRefused
        When the peer does not want to talk to us, or has no Study Root.
    PeerUnavailable
        When it cannot be reached.
    """
    with associated(peer, [build_context(StudyRootQueryRetrieveInformationModelFind)], timeout_s) as association:
        yield Search(association, peer)


class Search:
    """Queries over one association.

    Parameters
    ----------
    association
        With `peer`, the Study Root for C-FIND accepted.
    peer
        For the sentence of an error.
    """

    def __init__(self, association: Association, peer: Peer) -> None:
        self._association = association
        self._peer = peer

    def studies(self, wanted: Wanted) -> list[FoundStudy]:
        """Each study that is wanted, once, however few matches the peer gives at a time.

        Parameters
        ----------
        wanted
            Dates, patient, modality.

        Raises
        ------
        PeerRefused
            When the peer cannot search, or has more matches on one day than it gives.
        PeerUnavailable
            When it gives no answer.
        """
        days = (wanted.dates.last - wanted.dates.first).days + 1
        months = wanted.dates.parts(-(-days // DAYS_MAX))
        found = {one["StudyInstanceUID"]: one for dates in months for one in self._by_date(wanted, dates)}
        return [FoundStudy(uid, one["StudyDate"]) for uid, one in found.items() if self._has(uid, one, wanted.modality)]

    def _by_date(self, wanted: Wanted, dates: Dates) -> list[dict[str, str]]:
        """Answers of a range of dates, asked for in parts where they seem to be cut."""
        keys = {
            "StudyInstanceUID": "",
            "StudyDate": dates.matching(),
            "PatientID": wanted.patient_id,
            "ModalitiesInStudy": wanted.modality,
        }
        answers = self.find("STUDY", keys)
        if not answers.is_cut and (len(answers.found) < SUSPICIOUS or dates.is_one_day):
            return answers.found
        if dates.is_one_day:
            day = f"{dates.first:%Y-%m-%d}"
            raise PeerRefused(f"{self._peer.name} has more studies on {day} than it gives; name the patient")
        parts = dates.parts(max(2, len(answers.found) // EXPECTED))
        return [one for part in parts for one in self._by_date(wanted, part)]

    def _has(self, study_instance_uid: str, study: Mapping[str, str], modality: str) -> bool:
        """Whether a study has a series of that modality.

        Modalities in Study is an optional key (PS3.4 C.6.2.1.2): a peer may ignore it, and not even tell it.
        """
        told = study["ModalitiesInStudy"]
        return modality in told.split("\\") if told else bool(self.series(study_instance_uid, modality))

    def series(self, study_instance_uid: str, modality: str) -> list[str]:
        """Series Instance UIDs of a study's series of that modality.

        Parameters
        ----------
        study_instance_uid
            The study.
        modality
            As in the Modality attribute.

        Raises
        ------
        PeerRefused
            When the peer cannot search.
        PeerUnavailable
            When it gives no answer, or not all of it.
        """
        keys = {"StudyInstanceUID": study_instance_uid, "SeriesInstanceUID": "", "Modality": modality}
        found = self._complete("SERIES", keys)
        return list(dict.fromkeys(one["SeriesInstanceUID"] for one in found if one["Modality"] in {modality, ""}))

    def instances(self, study_instance_uid: str, series_instance_uid: str) -> list[FoundInstance]:
        """Each instance of a series, once.

        Parameters
        ----------
        study_instance_uid, series_instance_uid
            Which series.

        Raises
        ------
        PeerRefused
            When the peer cannot search.
        PeerUnavailable
            When it gives no answer, or not all of it.
        """
        keys = {
            "StudyInstanceUID": study_instance_uid,
            "SeriesInstanceUID": series_instance_uid,
            "SOPInstanceUID": "",
            "SOPClassUID": "",
        }
        found = {one["SOPInstanceUID"]: one["SOPClassUID"] for one in self._complete("IMAGE", keys)}
        told = {uid: sop if is_uid(sop) else "" for uid, sop in found.items()}
        return [FoundInstance(study_instance_uid, series_instance_uid, sop, uid) for uid, sop in told.items()]

    def _complete(self, level: str, keys: Mapping[str, str]) -> list[dict[str, str]]:
        answers = self.find(level, keys)
        if answers.is_cut:
            raise PeerUnavailable(f"{self._peer.name} does not give all answers at the level {level}")
        return answers.found

    def find(self, level: str, keys: Mapping[str, str]) -> Answers:
        """Answers to one C-FIND request.

        Parameters
        ----------
        level
            STUDY, SERIES or IMAGE.
        keys
            Keyword to what it must match; empty: anything, but tell it.

        Raises
        ------
        PeerRefused
            When the peer cannot search.
        PeerUnavailable
            When it gives no answer.
        """
        found: list[dict[str, str]] = []
        unique = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID", "IMAGE": "SOPInstanceUID"}[level]
        for status, identifier in self._responses(identifier_of(level, keys)):
            kind = answer(Service.FIND, status)[0] if status is not None else Answer.OUTAGE
            if kind is Answer.PENDING:
                values = {keyword: value_of(identifier or Dataset(), keyword) for keyword in keys}
                if is_uid(values[unique]):
                    found.append(values)
                else:
                    log.warning("answer_without_uid", peer=self._peer.name, level=level)
            elif kind in {Answer.DONE, Answer.LIMIT}:
                return Answers(found, kind is Answer.LIMIT)
            else:
                raise error(self._peer.name, Service.FIND, status)
        raise error(self._peer.name, Service.FIND, None)

    def _responses(self, identifier: Dataset) -> Iterator[tuple[int | None, Dataset | None]]:
        """Status and identifier of each response; None where none came."""
        try:
            responses = self._association.send_c_find(identifier, StudyRootQueryRetrieveInformationModelFind)
        except RuntimeError as gone:  # it ended since the last query
            raise PeerUnavailable(f"{self._peer.name} gave the association up") from gone
        for status, match in responses:
            yield status.get("Status"), match
