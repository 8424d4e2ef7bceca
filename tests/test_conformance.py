"""The conformance statement says what the code does."""

import re
from pathlib import Path

import pytest
from pynetdicom import AE

from hri_node.audit import codes as audit_codes
from hri_node.conformance.configuration import LISTS, defaults, keys
from hri_node.conformance.markdown import HEADING, anchor
from hri_node.conformance.samples import KINDS, made_objects
from hri_node.conformance.statement import statement
from hri_node.measure.types import Caution, Reason
from hri_node.read.select import SkipReason
from hri_node.receive import commitment
from hri_node.receive.contexts import STORAGE_SOP_CLASSES, TRANSFER_SYNTAXES
from hri_node.receive.statuses import C_STORE_STATUSES, SUCCESS
from hri_node.receive.storing import UNEXPECTED
from hri_node.report import codes
from hri_node.tls import CIPHER_SUITES

ROOT = Path(__file__).parent.parent
STATEMENT = (ROOT / "CONFORMANCE.md").read_text(encoding="utf-8")
ALGORITHM = (ROOT / "hri_node" / "measure" / "ALGORITHM.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Return what stands between a heading and the next one of its kind or above."""
    signs = heading.partition(" ")[0]
    start = STATEMENT.index(f"\n{heading}") + len(heading)
    end = re.compile(rf"^#{{1,{len(signs)}}} ", re.MULTILINE).search(STATEMENT, start)
    return STATEMENT[start : end.start() if end else None]


def stated(text: str, *, after: str) -> set[int]:
    """Return the hexadecimal statuses in the first cells of the first table after some words."""
    table = re.search(r"(?:^\|.*\n)+", text[text.index(after) :], re.MULTILINE)
    assert table
    cells = [row.split("|")[1] for row in table[0].splitlines()]
    return {int(code, 16) for cell in cells for code in re.findall(r"\b([0-9A-F]{4})H", cell)}


def test_the_statement_is_what_the_code_gives() -> None:
    """`make conformance` writes it anew; what differs is told by the first line."""
    pairs = zip(STATEMENT.splitlines(), statement(defaults()).splitlines(), strict=False)

    assert [pair for pair in pairs if pair[0] != pair[1]][:1] == []
    assert statement(defaults()) == STATEMENT, "run `make conformance`"


def test_chapters_are_those_of_the_standard() -> None:
    """PS3.2 Annex N, in its order; F is ours."""
    chapters = [words for signs, words in HEADING.findall(STATEMENT) if signs == "##"]

    assert [words.removeprefix("Annex ").split(" ")[0] for words in chapters] == [*"12345678", *"ABCDEF"]


def test_every_link_in_the_statement_resolves() -> None:
    """An integrator finds things fast."""
    names = [anchor(words) for _, words in HEADING.findall(STATEMENT)]
    links = re.findall(r"\]\(#([^)]+)\)", STATEMENT)

    assert len(names) == len(set(names))
    assert len(links) > len(names) / 2
    assert [link for link in links if link not in names] == []


@pytest.mark.parametrize("uids", [STORAGE_SOP_CLASSES, TRANSFER_SYNTAXES], ids=["sop-classes", "transfer-syntaxes"])
def test_every_accepted_uid_is_stated_by_name(uids: tuple[str, ...]) -> None:
    """What the listener accepts stands in a table, and nothing else does."""
    rows = dict(re.findall(r"^\| `([\d.]+)` \| (.+?) \|", section("## Annex F"), re.MULTILINE))

    assert [uid for uid in uids if rows.get(uid, uid) == uid] == []
    assert set(rows) == {*STORAGE_SOP_CLASSES, *TRANSFER_SYNTAXES}


def test_every_created_class_is_stated() -> None:
    """Of every kind of object, one or more."""
    made = {(each.kind, str(each.ds.SOPClassUID)) for each in made_objects()}

    assert {kind for kind, _ in made} == set(KINDS)
    assert [uid for kind, uid in made if f"| `{uid}` | `{kind}` |" not in section("### 1.1")] == []


def test_every_private_code_is_stated() -> None:
    """Whoever meets a code of ours in a report finds its meaning."""
    ours = [*codes.REASONS.items(), *codes.CAUTIONS.items()]

    rows = [f"| `{code.value}` | `{word.value}` | {code.meaning} |" for word, code in ours]

    assert [row for row in rows if row not in STATEMENT] == []
    assert [code for code in codes.private_concepts() if f"| `{code.value}` | " not in section("## Annex E")] == []


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


def test_every_key_of_the_settings_is_stated() -> None:
    """With its default; those of tables that may be repeated, too."""
    wanted = [key for key, _ in keys(defaults())] + [key for one in LISTS.values() for key in one.model_fields]

    assert [key for key in wanted if f"| `{key}` | " not in section("## 6")] == []


def test_every_status_of_c_store_is_stated() -> None:
    """And none that is never given."""
    given = {SUCCESS, UNEXPECTED, *C_STORE_STATUSES.values()}

    assert stated(section("#### 7.3.2"), after="answers C-STORE with") == given


def test_every_status_of_a_commitment_is_stated() -> None:
    """As it is asked for, and as it is reported."""
    common = {commitment.SUCCESS, commitment.NO_SUCH_SOP_INSTANCE, commitment.INVALID_ARGUMENT_VALUE}
    common.add(commitment.PROCESSING_FAILURE)

    assert stated(section("#### 7.3.2"), after="answers N-ACTION") == common | {commitment.NO_SUCH_ACTION}
    assert stated(section("#### 7.3.2"), after="answers N-EVENT-REPORT") == common | {commitment.NO_SUCH_EVENT_TYPE}


def test_every_cipher_suite_and_audit_event_is_stated() -> None:
    """Whoever sets a firewall or an audit repository up finds what comes."""
    suites = {suite for each in CIPHER_SUITES.values() for suite in each}
    events = [code for code in vars(audit_codes).values() if isinstance(code, audit_codes.Coded) and code.meaning]
    told = [event.value for event in events if event.value.startswith(("11010", "11011", "11012", "11013"))]

    assert [suite for suite in suites if suite not in STATEMENT] == []
    assert [value for value in told if value not in STATEMENT] == []


def test_the_longest_pdu_of_a_requestor_is_stated() -> None:
    """It is pynetdicom's, not ours."""
    assert f"| {AE().maximum_pdu_size} bytes; a PDU beyond" in section("### 7.1")
