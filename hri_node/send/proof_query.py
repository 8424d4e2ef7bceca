"""Identities of stored objects come in; a peer is asked for each by C-FIND, and what it has goes out."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from pydicom import Dataset
from pynetdicom import build_context
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made when it is imported
    StudyRootQueryRetrieveInformationModelFind,
)

from hri_node.errors import PeerUnavailable
from hri_node.records import Peer
from hri_node.send.destination import Holding, Sent
from hri_node.send.query_outcomes import Answer, Service, answer, error

UIDS_AT_ONCE: Final = 100
"""In one list of UIDs; with explicit VR, a UI value has at most 64 KiB (PS3.5 7.1.2)."""


MATCHES_MAX: Final = 1000
"""For one list of UIDs; a peer that ignores the list may name its whole series."""


def query_context() -> PresentationContext:
    """What has to be negotiated to ask for instances."""
    return build_context(StudyRootQueryRetrieveInformationModelFind)


def accepts_query(association: Association) -> bool:
    """Whether the peer may be asked over this association."""
    accepted = [context.abstract_syntax for context in association.accepted_contexts]
    return StudyRootQueryRetrieveInformationModelFind in accepted


def find_instances(association: Association, peer: Peer, sent: Sequence[Sent]) -> Mapping[str, Holding]:
    """Which of these objects the peer names when it is asked, by SOP Instance UID.

    Parameters
    ----------
    association
        With `peer`, which accepted `query_context`.
    peer
        For the sentence of an error.
    sent
        Objects to ask for.

    Raises
    ------
    PeerRefused
        When the peer does not serve us.
    PeerUnavailable
        When it gives no answer, or cannot search at present.
    """
    found: set[str] = set()
    for some in _of_one_series(sent):
        found |= _asked(association, peer, some)
        if len(some) > 1:  # a peer may not know lists of UIDs (PS3.4 C.2.2.2.2): it is asked for the others by itself
            for each in some:
                found |= set() if each.sop_instance_uid in found else _asked(association, peer, [each])
    return {
        each.sop_instance_uid: Holding.PRESENT if each.sop_instance_uid in found else Holding.ABSENT for each in sent
    }


def _of_one_series(sent: Sequence[Sent]) -> Iterator[Sequence[Sent]]:
    """Objects of one series each: without relational queries the keys above the level have one value (PS3.4 C.4.1)."""

    def series(each: Sent) -> tuple[str, str]:
        return each.study_instance_uid, each.series_instance_uid

    for _, members in groupby(sorted(sent, key=series), series):
        together = list(members)
        for start in range(0, len(together), UIDS_AT_ONCE):
            yield together[start : start + UIDS_AT_ONCE]


def _asked(association: Association, peer: Peer, some: Sequence[Sent]) -> set[str]:
    """SOP Instance UIDs of the matches of one query, whatever else the peer may have named."""
    query = Dataset()
    query.QueryRetrieveLevel = "IMAGE"
    query.StudyInstanceUID = some[0].study_instance_uid
    query.SeriesInstanceUID = some[0].series_instance_uid
    query.SOPInstanceUID = [each.sop_instance_uid for each in some]
    if not association.is_established:
        raise PeerUnavailable(f"{peer.name} gave the association up")
    found: set[str] = set()
    status: int | None = None
    answers = association.send_c_find(query, StudyRootQueryRetrieveInformationModelFind)
    for number, (response, match) in enumerate(answers, 1):
        status = response.get("Status")
        if number > MATCHES_MAX:
            association.abort()
            raise PeerUnavailable(f"{peer.name} has more matches than {MATCHES_MAX} for {len(some)} instances")
        if status is None:
            association.abort()  # it is of no further use; where the peer hung up, pynetdicom may not have noticed yet
        elif match is not None:
            found.add(str(match.get("SOPInstanceUID", "")))
    meaning = answer(Service.FIND, status)[0] if status is not None else Answer.OUTAGE
    if meaning is Answer.DONE or (meaning is Answer.LIMIT and len(some) > 1):  # those left out are asked for one by one
        return found
    if meaning is Answer.LIMIT:
        raise PeerUnavailable(f"{peer.name} is out of resources to say what it has")
    raise error(peer.name, Service.FIND, status)
