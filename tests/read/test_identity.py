"""Files come in; the UIDs that name them and when their study began must go out."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from builders import instance_file

from hri_node.errors import Unreadable
from hri_node.read.identity import UNDATED, identify

SIZE: dict[str, Any] = {"rows": 4, "columns": 4}


def test_uids_and_time(tmp_path: Path) -> None:
    """SOP Instance, Study Instance, and the beginning of the study."""
    found = identify(instance_file(tmp_path, instance_uid="1.2.3", study_uid="1.2.4", **SIZE))

    assert (found.sop_instance_uid, found.study_instance_uid) == ("1.2.3", "1.2.4")
    assert found.study_began_at == datetime(2025, 1, 2, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize("attributes", [{"StudyDate": None}, {"StudyDate": ""}])
def test_undated_study(tmp_path: Path, attributes: dict[str, Any]) -> None:
    """Without a date the time is the same for every run."""
    assert identify(instance_file(tmp_path, attributes=attributes, **SIZE)).study_began_at == UNDATED


def test_absent_uid_is_refused(tmp_path: Path) -> None:
    """A file that names no study cannot be reported on."""
    with pytest.raises(Unreadable, match="no Study Instance UID"):
        identify(instance_file(tmp_path, attributes={"StudyInstanceUID": None}, **SIZE))
