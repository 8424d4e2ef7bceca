"""Tests of storage commitment's datasets: what is written is read again, and what is neither is refused."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pynetdicom.dsutils import decode, encode

from hri_node.commitment import Instance, Result, read_request, read_result, request_dataset, result_dataset
from hri_node.errors import Unreadable

CLASS = "1.2.840.10008.5.1.4.1.1.6.1"
UIDS = st.from_regex(r"1\.[1-9][0-9]{0,20}", fullmatch=True)
INSTANCES = st.lists(st.tuples(st.just(CLASS), UIDS), unique=True, min_size=1, max_size=5)
REASONS = st.sampled_from([0x0110, 0x0112, 0x0119, 0x0122, 0x0131, 0x0213])


def _through_the_wire(ds: Dataset) -> Dataset:
    """The dataset as a peer reads it."""
    encoded = encode(ds, is_implicit_vr=True, is_little_endian=True)
    assert encoded
    return decode(BytesIO(encoded), is_implicit_vr=True, is_little_endian=True)


@given(UIDS, INSTANCES)
def test_a_request_is_read_as_it_was_written(transaction_uid: str, instances: list[Instance]) -> None:
    """Transaction and instances, in their order."""
    ds = _through_the_wire(request_dataset(transaction_uid, instances))

    assert read_request(ds) == (transaction_uid, tuple(instances))


@given(UIDS, INSTANCES, st.data())
def test_a_result_is_read_as_it_was_written(uid: str, instances: list[Instance], data: st.DataObject) -> None:
    """Whatever share of it failed, and for whatever reason."""
    count = data.draw(st.integers(0, len(instances)))
    failed = tuple((each, data.draw(REASONS)) for each in instances[count:])
    result = Result(uid, tuple(instances[:count]), failed)

    assert read_result(_through_the_wire(result_dataset(result))) == result
    assert result.event_type == (2 if failed else 1)


def test_an_instance_that_is_named_twice_counts_once() -> None:
    """Some scanners repeat themselves."""
    ds = request_dataset("2.25.1", [(CLASS, "1.1"), (CLASS, "1.2"), (CLASS, "1.1")])

    assert read_request(ds)[1] == ((CLASS, "1.1"), (CLASS, "1.2"))


def test_what_is_named_on_both_sides_has_failed() -> None:
    """Nothing is called safe that may not be."""
    ds = result_dataset(Result("2.25.1", ((CLASS, "1.1"), (CLASS, "1.2")), (((CLASS, "1.1"), 0x0112),)))

    assert read_result(ds) == Result("2.25.1", ((CLASS, "1.2"),), (((CLASS, "1.1"), 0x0112),))


@pytest.mark.filterwarnings("ignore:.*for VR UI:UserWarning")
@pytest.mark.parametrize("uid", ["", "1.2.x", "../../etc", "1" * 65])
def test_what_is_no_uid_is_refused(uid: str) -> None:
    """As a transaction, and as an instance."""
    with pytest.raises(Unreadable, match="TransactionUID is missing or no UID"):
        read_request(request_dataset(uid, [(CLASS, "1.1")]))
    with pytest.raises(Unreadable, match="ReferencedSOPInstanceUID is missing or no UID"):
        read_result(result_dataset(Result("2.25.1", ((CLASS, uid),))))
