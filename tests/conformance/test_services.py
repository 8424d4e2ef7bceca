"""What the statement says of contexts and statuses is what the tables of the code say."""

from pydicom.uid import ExplicitVRLittleEndian

from hri_node.conformance.samples import made_objects
from hri_node.conformance.services import (
    accepted_contexts_table,
    delivery_contexts_table,
    pull_contexts_table,
    report_contexts_table,
)
from hri_node.conformance.statuses import (
    http_statuses_table,
    query_statuses_table,
    rejections_table,
    store_statuses_table,
)
from hri_node.conformance.uids import name_of
from hri_node.receive.commitment import commitment_contexts
from hri_node.receive.contexts import STORAGE_SOP_CLASSES, supported_contexts


def test_every_context_of_the_acceptor_is_in_its_table() -> None:
    """Those of storage in one row."""
    accepted = {str(each.abstract_syntax) for each in (*supported_contexts(), *commitment_contexts())}

    others = accepted - set(STORAGE_SOP_CLASSES)

    assert len(accepted_contexts_table().splitlines()) == 2 + len(others) + 1
    assert [uid for uid in others if f"`{uid}` |" not in accepted_contexts_table()] == []


def test_every_created_class_is_proposed_in_the_syntax_it_is_made_in() -> None:
    """The only one."""
    made = {(str(each.ds.SOPClassUID), str(each.ds.file_meta.TransferSyntaxUID)) for each in made_objects()}

    rows = delivery_contexts_table()

    assert {syntax for _, syntax in made} == {ExplicitVRLittleEndian}
    assert [
        uid for uid, _ in made if f"`{uid}` | Explicit VR Little Endian `{ExplicitVRLittleEndian}` |" not in rows
    ] == []


def test_roles_that_are_proposed_are_told() -> None:
    """Where the node opens the association, and is the provider."""
    assert "| SCP | SCP/SCU Role Selection: SCP |" in report_contexts_table()
    assert "| SCP | SCP/SCU Role Selection: SCP |" in pull_contexts_table()


def test_statuses_are_written_as_the_standard_writes_them() -> None:
    """One by one, or by their group."""
    assert "| A7xx | out of resources | outage |" in store_statuses_table()
    assert "| any other | failure | refusal |" in store_statuses_table()
    assert (
        "| A702 | C-GET | out of resources: the sub-operations could not be performed | outage |"
        in query_statuses_table()
    )
    assert "| any other 4xx | refused | refusal |" in http_statuses_table()
    assert "| service user | 7 | called AE title not recognised | refusal |" in rejections_table()


def test_every_uid_has_a_name() -> None:
    """Also what pydicom does not know yet; retired ones say so."""
    assert [uid for uid in STORAGE_SOP_CLASSES if name_of(uid) == uid] == []
    assert name_of("1.2.840.10008.5.1.4.1.1.6") == "Ultrasound Image Storage (Retired)"
    assert name_of("1.2.3") == "1.2.3"
