"""A DICOMweb peer comes in; an archive that is searched by QIDO-RS and gives its instances by WADO-RS goes out."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

import requests
import structlog
from urllib3.exceptions import HTTPError

from hri_node.errors import PeerUnavailable, Refused
from hri_node.send.dicomweb_outcomes import broken, status_failure
from hri_node.send.dicomweb_session import WebPeer, web_session
from hri_node.send.query import FoundInstance, FoundStudy, Means, Missing, Wanted
from hri_node.send.wado_parts import parts
from hri_node.send.wado_search import WebSearch

ACCEPT: Final = 'multipart/related; type="application/dicom"; transfer-syntax=*'
"""PS3.18 8.7.3.5.2: as the peer has it, converted by nobody."""

BLOCK_BYTES: Final = 256 * 1024

log = structlog.get_logger()


class WebArchive:
    """A PACS that speaks DICOMweb.

    Parameters
    ----------
    peer
        Where, and our credentials there.
    timeout_s
        Longest silence.
    """

    def __init__(self, peer: WebPeer, timeout_s: float) -> None:
        self._peer = peer
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self._peer.name

    def studies(self, wanted: Wanted) -> list[FoundStudy]:
        """Each study that is wanted, once.

        Parameters
        ----------
        wanted
            Dates, patient, modality.
        """
        with web_session(self._peer, self._timeout_s) as session:
            return WebSearch(session, self._peer).studies(wanted)

    def instances(self, study_instance_uid: str, modality: str) -> list[FoundInstance]:
        """Each instance of the study's series of that modality, once.

        Parameters
        ----------
        study_instance_uid, modality
            Which.
        """
        with web_session(self._peer, self._timeout_s) as session:
            search = WebSearch(session, self._peer)
            every = search.series(study_instance_uid, modality)
            return [found for series in every for found in search.instances(study_instance_uid, series)]

    def fetch(self, missing: Sequence[Missing], means: Means) -> str:
        """Let these instances of one study come in; what went wrong with single ones, in words, or nothing.

        Parameters
        ----------
        missing
            By series.
        means
            What is used of the node.

        Raises
        ------
        PeerRefused
            When the peer does not want to give them.
        PeerUnavailable
            When it cannot be reached, or gave up half-way.
        Unavailable
            When the node can take nothing in at present.
        """
        refusals: list[str] = []
        with web_session(self._peer, self._timeout_s) as session:
            for series in missing:
                path = f"studies/{series.study_instance_uid}/series/{series.series_instance_uid}"
                each = [""] if series.is_whole else [f"/instances/{uid}" for uid in series.sop_instance_uids]
                for rest in each:
                    refusals += self._take_in(session, path + rest, means)
        return "; ".join(dict.fromkeys(refusals))

    def _take_in(self, session: requests.Session, path: str, means: Means) -> Iterator[str]:
        """Let every instance of one answer come in; why the node did not want some."""
        url = f"{self._peer.url.rstrip('/')}/{path}"
        try:
            with closing(session.get(url, headers={"Accept": ACCEPT}, stream=True)) as response:
                error = status_failure(self._peer.name, response.status_code)
                if error:
                    raise error
                content_type = response.headers.get("Content-Type", "")
                for part in parts(content_type, response.iter_content(BLOCK_BYTES), self._peer.name):
                    yield from self._keep(part, means)
        except (requests.RequestException, HTTPError, OSError) as fault:
            raise broken(self._peer.name, fault) from fault

    def _keep(self, part: Iterator[bytes], means: Means) -> Iterator[str]:
        """Make one instance safe, or tell why the node does not want it."""
        try:
            with means.door(None) as arrival:
                for block in part:
                    if means.stop.is_set():
                        raise PeerUnavailable(f"{self._peer.name} was asked no further")
                    arrival.write(block)
                arrival.keep()
        except Refused as fault:
            log.warning("instance_refused", reason=str(fault))
            yield str(fault)
        else:
            means.progress(1)
