"""DICOM files come in; they are stored at a DICOMweb service as they are, and a query proves that it has them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests
from dicomweb_client import DICOMwebClient
from urllib3.exceptions import HTTPError

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.records import IMPLEMENTATION_CLASS_UID
from hri_node.send.destination import Holding, Proof, Sent
from hri_node.send.dicomweb_answer import UNIDENTIFIED, failure_reasons
from hri_node.send.dicomweb_outcomes import CONFLICT, NOT_OFFERED, broken, status_failure
from hri_node.send.dicomweb_session import FileBody, WebPeer, web_session
from hri_node.send.outcomes import failure
from hri_node.send.scu import TIMEOUT_S, Identity

SOP_INSTANCE_UID: Final = "00080018"
"""PS3.18 Table 10.6.3-5: in every result at instance level."""

NOBODY: Final = IMPLEMENTATION_CLASS_UID
"""A UID that no study has: the cheapest query, and an answer without any patient."""

FAULTS: Final = (requests.RequestException, HTTPError, OSError, ValueError, RecursionError)
"""Whatever a request, or the reading of its answer, may raise."""


class DicomWebExchange:
    """One HTTP session with a DICOMweb service.

    Parameters
    ----------
    session
        With our credentials.
    peer
        Who, and where.
    proof
        ``auto``, ``query`` or ``none``.
    """

    def __init__(self, session: requests.Session, peer: WebPeer, proof: str) -> None:
        self._session = session
        self._peer = peer
        self._proof = proof
        self._client = DICOMwebClient(peer.url.rstrip("/"), session)
        self._client.set_http_retry_params(retry=False)  # whether to ask again is the ledger's to say

    def store(self, path: Path) -> None:
        """Store one object (STOW-RS, PS3.18 10.5), its bytes as they are in the file.

        dicomweb-client's own `store_instances` decodes an instance, encodes it again and keeps the request in memory.

        Parameters
        ----------
        path
            A DICOM file (PS3.10).

        Raises
        ------
        PeerRefused
            When the peer said no to this object, and would say no again.
        PeerUnavailable
            When it could not be reached, gave up half-way or has no room at present.
        Unreadable
            When it is no DICOM file.
        """
        uid = Identity.of(path).sop_instance_uid
        body = FileBody(path)
        headers = {
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={body.boundary}',
            "Accept": "application/dicom+json",
        }
        url = f"{self._client.base_url}/studies"
        try:
            answer = self._session.post(url, data=body, headers=headers, allow_redirects=False)
        except FAULTS as fault:
            raise broken(self._peer.name, fault) from fault
        error = _store_failure(self._peer.name, uid, answer)
        if error:
            raise error

    def prove(self, sent: Sequence[Sent], transaction_uid: str, *, overdue: bool) -> Proof:  # noqa: ARG002 - the port's
        """What the peer has of these objects, by QIDO-RS at instance level (PS3.18 10.6).

        Parameters
        ----------
        sent
            Objects it said to have stored.
        transaction_uid, overdue
            Of storage commitment, which DICOMweb does without.

        Raises
        ------
        PeerRefused
            When the peer offers no query and the settings ask for one, or it does not serve us.
        PeerUnavailable
            When it gave no answer, or cannot tell at present.
        """
        if self._proof != "none":
            try:
                return Proof(self._holdings(sent), "verified")
            except _NotOffered as error:
                if self._proof == "query":
                    raise PeerRefused(str(error)) from error
        return Proof({each.sop_instance_uid: Holding.UNKNOWN for each in sent}, "delivered")

    def echo(self) -> None:
        """Raise unless the peer answers a query; where no query proves anything, any answer of a service will do.

        Raises
        ------
        PeerRefused
            When it does not want to talk to us, or has no such service.
        PeerUnavailable
            When it cannot be reached.
        """
        try:
            self._search(self._client.search_for_studies, limit=1, search_filters={"StudyInstanceUID": NOBODY})
        except _NotOffered:
            if self._proof != "none":
                raise

    def _holdings(self, sent: Sequence[Sent]) -> Mapping[str, Holding]:
        """One query for each study; whatever it does not show is asked for by name before it is called absent."""
        known: set[str] = set()
        for study in dict.fromkeys(each.study_instance_uid for each in sent):
            known |= self._instances(study)
        for each in sent:
            if each.sop_instance_uid not in known:  # a server may cut long results off (PS3.18 8.3.4.4)
                known |= self._instances(each.study_instance_uid, each.sop_instance_uid)
        return {
            each.sop_instance_uid: Holding.PRESENT if each.sop_instance_uid in known else Holding.ABSENT
            for each in sent
        }

    def _instances(self, study: str, instance: str | None = None) -> set[str]:
        """SOP Instance UIDs that the peer has of a study; none where it answers 404 to that and not to every query."""
        filters = {"SOPInstanceUID": instance} if instance else None
        try:
            found = self._search(self._client.search_for_instances, study_instance_uid=study, search_filters=filters)
        except _NotOffered:
            self.echo()
            return set()
        return set(_uids(found))

    def _search(self, search: Callable[..., Any], **criteria: Any) -> list[Any]:  # noqa: ANN401 - dicomweb-client's
        """Results of a query."""
        try:
            found = search(**criteria)
        except requests.HTTPError as fault:
            error = broken(self._peer.name, fault)
            if fault.response is not None and fault.response.status_code in NOT_OFFERED:
                raise _NotOffered(str(error)) from fault
            raise error from fault
        except FAULTS as fault:
            raise broken(self._peer.name, fault) from fault
        if not isinstance(found, list):
            raise PeerUnavailable(f"{self._peer.name}: it sent an answer that is no list of results")
        return found


class DicomWebDestination:
    """A DICOMweb service that objects are stored at, by STOW-RS.

    Parameters
    ----------
    peer
        Who, where, and our credentials.
    proof
        How it is proven that the peer has them: ``auto`` or ``query`` (QIDO-RS), or ``none``.
    timeout_s
        Longest wait for the connection, and longest silence.
    """

    def __init__(self, peer: WebPeer, proof: str = "auto", timeout_s: float = TIMEOUT_S) -> None:
        self._peer = peer
        self._proof = proof
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self._peer.name

    @contextmanager
    def exchange(self, sop_classes: Sequence[tuple[str, str]] = ()) -> Iterator[DicomWebExchange]:  # noqa: ARG002
        """One session for several objects.

        Parameters
        ----------
        sop_classes
            Not needed: DICOMweb negotiates nothing.

        Raises
        ------
        PeerUnavailable
            When our credentials cannot be read.
        """
        with web_session(self._peer, self._timeout_s) as session:
            yield DicomWebExchange(session, self._peer, self._proof)

    def echo(self) -> None:
        """Raise unless the peer answers.

        Raises
        ------
        PeerRefused
            When it does not want to talk to us.
        PeerUnavailable
            When it cannot be reached.
        """
        with self.exchange() as exchange:
            exchange.echo()


class _NotOffered(PeerRefused):
    """The peer has no such service, or none at this address."""


def _store_failure(peer: str, uid: str, answer: requests.Response) -> PeerRefused | PeerUnavailable | None:
    """What the answer to a request with one instance means: its own failure reason goes before the status."""
    error = status_failure(peer, answer.status_code)
    if error is None or answer.status_code == CONFLICT:
        reasons = failure_reasons(answer.content)
        for name in (uid, UNIDENTIFIED):
            if name in reasons:
                return failure(peer, reasons[name])
    return error


def _uids(results: Iterable[Mapping[str, Mapping[str, Sequence[str]]]]) -> Iterator[str]:
    """SOP Instance UID of each result."""
    for result in results:
        try:
            yield str(result[SOP_INSTANCE_UID]["Value"][0])
        except (LookupError, TypeError, AttributeError):
            continue  # no instance: what it says proves nothing
