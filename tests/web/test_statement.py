"""What the conformance statement says of DICOMweb is what the code does."""

import re
from pathlib import Path

from hri_node.errors import PeerUnavailable
from hri_node.receive import stow, stow_wanted
from hri_node.receive.statuses import C_STORE_STATUSES
from hri_node.receive.stow_answer import MEDIA_TYPES
from hri_node.send.dicomweb_outcomes import status_failure
from hri_node.web import access, store

STATEMENT = (Path(__file__).parents[2] / "CONFORMANCE.md").read_text()
SERVER = STATEMENT[STATEMENT.index("### 9.1") : STATEMENT.index("### 9.2")]
CLIENT = STATEMENT[STATEMENT.index("### 9.3") :]


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
    assert [name for name in MEDIA_TYPES if f"`{name}`" not in SERVER] == []


def test_what_an_answer_of_an_archive_means_is_stated() -> None:
    """Each 4xx that is named is an outage, each 5xx that is excepted is a refusal."""
    outages = re.search(r"^\| ([\d, ]+), 5xx but (\d+) and (\d+) \| outage", CLIENT, re.MULTILINE)
    assert outages
    named = {int(status) for status in outages[1].split(",")} | set(range(500, 600)) - {
        int(outages[2]),
        int(outages[3]),
    }

    assert {status for status in range(400, 600) if isinstance(status_failure("", status), PeerUnavailable)} == named


def test_the_limit_of_parts_is_stated() -> None:
    """With its number."""
    assert f"{stow.PARTS_MAX:,} parts" in SERVER
