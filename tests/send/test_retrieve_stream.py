"""Messages of an association that we requested: nobody takes what another waits for, and no peer fills the memory."""

import pytest
from archives import Holdings, MemoryNode, archive_of
from pynetdicom import build_context
from pynetdicom.dimse_messages import C_GET_RSP, C_STORE_RQ, DIMSEMessage
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind

from hri_node.errors import Refused
from hri_node.send.association import associated
from hri_node.send.query import Announced
from hri_node.send.retrieve_stream import IDENTIFIER_LENGTH_MAX, Inflow, Inflowing, keep


def test_an_answer_is_left_to_whoever_waits_for_it() -> None:
    """Pynetdicom's look for requests of the peer takes none, so that a study cannot get lost from a list."""
    with (
        archive_of(Holdings(), "find") as pacs,
        associated(pacs.peer, [build_context(StudyRootQueryRetrieveInformationModelFind)], 5.0) as association,
    ):
        inflow = Inflow(association, MemoryNode().means.door, lambda: 0, MemoryNode().stop)
        for messages in (association.dimse, inflow):
            messages.msg_queue.put((1, C_STORE()))
            assert messages.get_msg(block=False) == (None, None)
            assert messages.msg_queue.get_nowait()[0] == 1


def test_a_c_store_response_that_nobody_asked_for_is_not_served() -> None:
    """Pynetdicom would take it for a request without a SOP Class."""
    with (
        archive_of(Holdings(), "find") as pacs,
        associated(pacs.peer, [build_context(StudyRootQueryRetrieveInformationModelFind)], 5.0) as association,
    ):
        inflow = Inflow(association, MemoryNode().means.door, lambda: 0, MemoryNode().stop)
        inflow.msg_queue.put((1, C_STORE()))

        assert inflow.get_msg(block=True) == (None, None)


def inflowing(kind: type[DIMSEMessage], node: MemoryNode) -> Inflowing:
    """The dataset of a message of this kind."""
    message = kind()
    return Inflowing(message, lambda _message: node.means.door(Announced("1.2", "1.3", "1.2.840.10008.1.2")))


def test_an_identifier_is_kept_up_to_a_bound() -> None:
    """A response may say which instances failed; a peer that never ends to say so does not fill the memory."""
    dataset, block = inflowing(C_GET_RSP, MemoryNode()), bytes(1024 * 1024)

    for _ in range(8):
        assert dataset.write(block) == len(block)

    assert dataset.tell() <= IDENTIFIER_LENGTH_MAX + len(block)


def test_what_came_after_the_association_ended_is_dropped() -> None:
    """Its instance is not whole, and never will be."""
    node = MemoryNode()
    dataset = inflowing(C_STORE_RQ, node)
    dataset.write(b"first")
    dataset.forget()
    dataset.write(b"second")

    request = C_STORE()
    request.DataSet = dataset
    with pytest.raises(Exception, match="the association ended before the instance did"):
        keep(request)
    assert (node.datasets, node.left) == ({}, 1)


@pytest.mark.parametrize("dataset", [None, inflowing(C_STORE_RQ, MemoryNode())])
def test_a_c_store_without_a_dataset_is_refused(dataset: Inflowing | None) -> None:
    """There is nothing to keep."""
    request = C_STORE()
    request.DataSet = dataset

    with pytest.raises(Refused, match="no dataset"):
        keep(request)
