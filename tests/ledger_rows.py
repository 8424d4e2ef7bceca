"""Nothing comes in, records of instances that never were go out: for tests of the ledger and of what stands on it."""

from datetime import UTC, datetime

from hri_node.records import Instance, Origin

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def an_instance(uid: str = "1.2.3", study: str = "1.2", sha256: str = "aa") -> Instance:
    """An ultrasound instance that arrived at NOW."""
    return Instance(
        sop_instance_uid=uid,
        sop_class_uid="1.2.840.10008.5.1.4.1.1.6.1",
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        study_instance_uid=study,
        series_instance_uid="1.2.9",
        modality="US",
        patient_id="P1",
        patient_name="TEST^ONE",
        accession_number="A1",
        study_date="20260102",
        station_name="US1",
        spool_key=f"instances/{sha256}.dcm",
        size_bytes=100,
        sha256=sha256,
        received_at=NOW,
        origin=Origin("SCANNER", "HRI_NODE", "127.0.0.1", "c-store"),
    )
