"""What the conformance statement says of DICOMweb is what the code does."""

import re
from pathlib import Path

from hri_node.errors import PeerUnavailable
from hri_node.receive import stow, stow_wanted
from hri_node.receive.statuses import C_STORE_STATUSES
from hri_node.receive.stow_answer import MEDIA_TYPES
from hri_node.send.dicomweb_outcomes import status_failure
from hri_node.web import access, store

STATEMENT = (Path(__file__).parents[2] / "CONFORMANCE.md").read_text(encoding="utf-8")
SERVICE = STATEMENT[STATEMENT.index("#### 5.3.2") : STATEMENT.index("#### 5.3.3")]
STATUSES = STATEMENT[STATEMENT.index("#### 7.3.3") : STATEMENT.index("## 8 Security")]
SERVER, CLIENT = STATUSES.split("What the node makes of a peer's status")


def test_every_status_of_an_answer_is_stated() -> None:
    """And none that is never given."""
    given = {number for module in (stow, store, access) for number in vars(module).values() if type(number) is int}
    given &= set(range(200, 600))

    assert {int(status) for status in re.findall(r"^\| (\d{3}) \|", SERVER, re.MULTILINE)} == given


def test_every_failure_reason_is_stated() -> None:
    """And none that is never given."""
    given = {*C_STORE_STATUSES.values(), stow_wanted.SOP_CLASS_NOT_SUPPORTED, stow_wanted.TRANSFER_SYNTAX_NOT_SUPPORTED}

    assert {int(code, 16) for code in re.findall(r"^\| ([0-9A-F]{4})H \|", SERVER, re.MULTILINE)} == given


def test_every_form_of_an_answer_is_stated() -> None:
    """By each of its names."""
    assert [name for name in MEDIA_TYPES if f"`{name}`" not in SERVICE] == []


def test_what_an_answer_of_an_archive_means_is_stated() -> None:
    """The first row that fits says of each status whether it is an outage."""
    rows = re.findall(r"^\| (?:any other )?(\d)(\d\d|xx) \| .+? \| (\w+) \|$", CLIENT, re.MULTILINE)
    assert rows
    said: dict[int, str] = {}
    for first, rest, consequence in rows:
        numbers = range(int(first) * 100, int(first) * 100 + 100) if rest == "xx" else [int(first + rest)]
        said |= {number: said.get(number, consequence) for number in numbers}

    outages = {status for status in range(400, 600) if isinstance(status_failure("", status), PeerUnavailable)}

    assert {status for status, consequence in said.items() if consequence == "outage"} == outages


def test_the_limit_of_parts_is_stated() -> None:
    """With its number."""
    assert f"{stow.PARTS_MAX} parts" in SERVICE
