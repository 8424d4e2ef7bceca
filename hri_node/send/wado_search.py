"""What somebody wants comes in as QIDO-RS requests; the studies and instances that match go out."""

from collections.abc import Mapping
from typing import Any, Final

import requests

from hri_node.errors import PeerUnavailable
from hri_node.send.dicomweb_outcomes import broken, status_failure
from hri_node.send.dicomweb_session import WebPeer
from hri_node.send.query import FoundInstance, FoundStudy, Wanted, is_uid

PAGE: Final = 100
"""Answers asked for at a time. A server may give fewer: the next page begins where the last one ended."""

ANSWERS_MAX: Final = 50_000
"""To one query; a peer that always finds something new is not asked for ever."""

JSON: Final = "application/dicom+json"
STUDY_DATE, MODALITIES, MODALITY = "00080020", "00080061", "00080060"
STUDY, SERIES, CLASS, INSTANCE = "0020000D", "0020000E", "00080016", "00080018"
"""Keys of the JSON model (PS3.18 Annex F)."""


class WebSearch:
    """Queries over one HTTP session.

    Parameters
    ----------
    session
        With the peer's credentials.
    peer
        Where, and its name for the sentence of an error.
    """

    def __init__(self, session: requests.Session, peer: WebPeer) -> None:
        self._session = session
        self._peer = peer

    def studies(self, wanted: Wanted) -> list[FoundStudy]:
        """Each study that is wanted, once.

        Parameters
        ----------
        wanted
            Dates, patient, modality.

        Raises
        ------
        PeerRefused
            When the peer cannot search.
        PeerUnavailable
            When it gives no answer.
        """
        patient = {"PatientID": wanted.patient_id} if wanted.patient_id else {}
        keys = {
            "StudyDate": wanted.dates.matching(),
            "ModalitiesInStudy": wanted.modality,
            "includefield": MODALITIES,
        }
        found = self._find("studies", keys | patient, STUDY)
        return [
            FoundStudy(uid, _first(study, STUDY_DATE))
            for uid, study in found.items()
            if self._has(uid, study, wanted.modality)
        ]

    def _has(self, study_instance_uid: str, study: Mapping[str, Any], modality: str) -> bool:
        """Whether a study has a series of that modality; a peer may ignore what was asked for, or not tell."""
        told = _values(study, MODALITIES)
        return modality in told if told else bool(self.series(study_instance_uid, modality))

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
            When it gives no answer.
        """
        found = self._find(f"studies/{study_instance_uid}/series", {"Modality": modality}, SERIES)
        return [uid for uid, series in found.items() if _first(series, MODALITY) in {modality, ""}]

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
            When it gives no answer.
        """
        found = self._find(f"studies/{study_instance_uid}/series/{series_instance_uid}/instances", {}, INSTANCE)
        return [
            FoundInstance(study_instance_uid, series_instance_uid, _first(one, CLASS), uid)
            for uid, one in found.items()
        ]

    def _find(self, path: str, keys: Mapping[str, str], unique: str) -> dict[str, Mapping[str, Any]]:
        """Answers by UID, page after page until one brings nothing new (PS3.18 8.3.4.4)."""
        found: dict[str, Mapping[str, Any]] = {}
        told = 0
        while True:
            page = self._page(path, {**keys, "limit": str(PAGE), "offset": str(told)})
            before, told = len(found), told + len(page)
            found |= {uid: one for one in page if is_uid(uid := _first(one, unique))}
            if len(found) == before:
                return found
            if len(found) > ANSWERS_MAX:
                raise PeerUnavailable(f"{self._peer.name} has more than {ANSWERS_MAX} answers to one query")

    def _page(self, path: str, keys: Mapping[str, str]) -> list[Mapping[str, Any]]:
        """One answer; servers say in several ways that there is nothing."""
        url = f"{self._peer.url.rstrip('/')}/{path}"
        try:
            response = self._session.get(url, params=keys, headers={"Accept": JSON})
            error = status_failure(self._peer.name, response.status_code)
            if error:
                raise error
            answers = response.json() if response.content.strip() else []
        except RecursionError as fault:
            raise PeerUnavailable(f"{self._peer.name} sent an answer that is nested too deeply") from fault
        except (requests.RequestException, OSError, ValueError) as fault:
            raise broken(self._peer.name, fault) from fault
        if not isinstance(answers, list) or not all(isinstance(one, dict) for one in answers):
            raise PeerUnavailable(f"{self._peer.name} sent an answer that is no list of datasets")
        return answers


def _values(dataset: Mapping[str, Any], key: str) -> list[str]:
    """Values of an attribute; none where it is missing or malformed."""
    element = dataset.get(key)
    values = element.get("Value") if isinstance(element, dict) else None
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _first(dataset: Mapping[str, Any], key: str) -> str:
    return next(iter(_values(dataset, key)), "")
