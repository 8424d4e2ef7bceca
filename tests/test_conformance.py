"""The conformance statement says what the code does."""

from pathlib import Path

import pytest

from hri_node.audit import codes as audit_codes
from hri_node.measure.types import Caution, Reason
from hri_node.read.select import SkipReason
from hri_node.receive.contexts import STORAGE_SOP_CLASSES, TRANSFER_SYNTAXES
from hri_node.report import codes
from hri_node.send.query_outcomes import ANSWERS
from hri_node.tls import CIPHER_SUITES

ROOT = Path(__file__).parent.parent
STATEMENT = (ROOT / "CONFORMANCE.md").read_text()
ALGORITHM = (ROOT / "hri_node" / "measure" / "ALGORITHM.md").read_text()
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("uids", [STORAGE_SOP_CLASSES, TRANSFER_SYNTAXES], ids=["sop-classes", "transfer-syntaxes"])
def test_every_accepted_uid_is_stated(uids: tuple[str, ...]) -> None:
    """What the listener accepts stands in a table."""
    assert [uid for uid in uids if f"| `{uid}` |" not in STATEMENT] == []


def test_every_private_code_is_stated() -> None:
    """Whoever meets a code of ours in a report finds its meaning."""
    ours = [*codes.REASONS.items(), *codes.CAUTIONS.items()]

    rows = [f"| `{code.value}` | `{word.value}` | {code.meaning} |" for word, code in ours]

    assert [row for row in rows if row not in STATEMENT] == []


def test_every_skip_reason_is_stated() -> None:
    """Whoever sees a skipped instance finds its reason."""
    assert [reason for reason in SkipReason if f"`{reason.value}`" not in STATEMENT] == []


def test_every_reason_and_caution_is_explained() -> None:
    """Whoever reads one in a result finds when it is given."""
    words = [*Reason, *Caution]

    assert [word for word in words if f"`{word.value}`" not in ALGORITHM] == []


def test_the_readme_links_to_files_that_exist() -> None:
    """A newcomer follows no dead link."""
    links = [part.split(")")[0] for part in README.split("](")[1:]]

    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_every_status_of_query_and_retrieve_is_stated() -> None:
    """What a pull makes of an answer stands in section 10.3, by its code or by its group."""
    stated = STATEMENT.split("### 10.3")[1].split("### 10.4")[0]
    first = [f"{codes.start:04X}" for codes, *_ in ANSWERS if len(codes) < 0x10000]

    assert [
        code for code in first if not any(word in stated for word in (f"{code}H", f"{code[:2]}xxH", f"{code[0]}xxx"))
    ] == []


def test_every_cipher_suite_and_audit_event_is_stated() -> None:
    """Whoever sets a firewall or an audit repository up finds what comes."""
    suites = {suite for each in CIPHER_SUITES.values() for suite in each}
    events = [code for code in vars(audit_codes).values() if isinstance(code, audit_codes.Coded) and code.meaning]
    told = [event.value for event in events if event.value.startswith(("11010", "11011", "11012", "11013"))]

    assert [suite for suite in suites if suite not in STATEMENT] == []
    assert [value for value in told if value not in STATEMENT] == []
