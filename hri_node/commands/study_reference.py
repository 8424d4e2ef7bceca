"""A CSV file of grades and demographics comes in; a study knows them by subject afterwards, and nothing else of it."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hri_node.commands.screen import out, say
from hri_node.errors import Refused
from hri_node.study.csv_rows import Row, rows_of, shown
from hri_node.study.project.key import Key, open_key
from hri_node.study.project.results import GRADE
from hri_node.study.project.store import Study, open_study

SUBJECT, PATIENT, ISSUER, STUDY_UID = "subject", "patient_id", "issuer_of_patient_id", "study_instance_uid"
"""Columns that say whose a line is: the first, or the second (with the third or fourth where they are needed)."""

DAYS: Final = "interval_days"
"""Column: days between the exam and the reference, either way."""

INTERVAL: Final = "interval"
"""Reason of whoever has too many of them."""

BY: Final = "hri-node study reference"

NAMING: Final = re.compile(
    r".*(name|birth|address|phone|mail|mrn|insurance|ssn|accession|number|case|zip|post|_uid|date|comment|remark).*"
    r"|(.*[_ ])?id"
)
"""Columns that would name people, or days of theirs."""

FIELD_FORM: Final = re.compile(r"[a-z][a-z0-9_ /%().-]{0,63}")

NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

DECIMAL_COMMA: Final = re.compile(r"[+-]?\d*,\d+", re.ASCII)

TEXT_MAX: Final = 40

TEXTS_MAX: Final = 12
"""More different texts in a column are no groups: they may be names."""

FIELDS_MAX: Final = 100

ABSENT: Final = frozenset({"", "na", "n/a", "nan", "-"})
"""What stands for a value that is not there."""

GRADES: Final = {digit: digit for digit in "0123456789"} | {
    "none": "0",
    "normal": "0",
    "s0": "0",
    "mild": "1",
    "s1": "1",
    "moderate": "2",
    "s2": "2",
    "severe": "3",
    "s3": "3",
}
"""What grades of fat are called, and the digit that stands for each: 0 is none."""

Values = dict[str, dict[str, float | str]]


def add_reference(folder: Path, file: Path, key_file: Path | None, days_max: float | None = None) -> None:
    """Take a reference file in, all of it or nothing.

    Parameters
    ----------
    folder
        Of the study.
    file
        CSV in UTF-8: ``subject`` or ``patient_id``, then any of ``grade``, ``age``, ``sex``, …
    key_file
        Where the key lies, where not where the protocol says.
    days_max
        Exclude whose `DAYS` are more; None: nobody.

    Raises
    ------
    Refused
        Something is not as it should be; one sentence with file and line, that names no patient.
    """
    study = open_study(folder)
    fields = _fields(file)
    if days_max is not None and DAYS not in fields:
        raise Refused(f"{file.name}, line 1: --interval-max needs a column {DAYS}")
    is_by_subject = SUBJECT in _columns(file)
    key = None if is_by_subject else open_key(key_file or study.protocol.key_path(folder), study.protocol.study_id)
    values, unknown = _read(file, fields, _Names(study, key))
    study.put_reference(values)
    if days_max is not None:
        _exclude_late(study, values, days_max)
    if unknown:
        say(f"{unknown} lines are of nobody in the study and were left out")
    missing = sum(each not in values for each in study.included())
    out.print(f"{len(values)} subjects have {', '.join(fields)}; {missing} of the included ones are not in {file.name}")


def _exclude_late(study: Study, values: Values, days_max: float) -> None:
    """Leave out whose reference is too far from the exam, as the paper does beyond a month."""
    fallen = {each.subject for each in study.exclusions()}
    late = {subject: fields[DAYS] for subject, fields in values.items() if subject not in fallen and DAYS in fields}
    for subject, days in sorted(late.items()):
        if isinstance(days, float) and abs(days) > days_max:
            study.exclude(subject, INTERVAL, BY, datetime.now(UTC), f"{days:g} days, at most {days_max:g}")
    study.draw_split()


def _columns(file: Path) -> list[str]:
    """Names in the header, as `rows_of` will compare them."""
    try:
        text = file.read_bytes()[: 2**16].decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise Refused(f"{file.name}: cannot be read ({error.strerror})") from error
    line = next((line for line in text.splitlines() if line.strip(", \t")), "")
    return [cell.strip().casefold() for cell in next(csv.reader(io.StringIO(line)), [])]


def _fields(file: Path) -> list[str]:
    """Columns that hold values; refused, where one would name people."""
    columns = _columns(file)
    if SUBJECT not in columns and PATIENT not in columns:
        next(rows_of(file, (SUBJECT,)), None)  # says what is wrong with the file, if more is
    fields = [name for name in columns if name not in {SUBJECT, PATIENT, ISSUER, STUDY_UID, ""}]
    for name in fields:
        if NAMING.fullmatch(name):
            raise Refused(f"{file.name}, line 1: column {shown(name)} may name people or days of theirs: leave it out")
        if not FIELD_FORM.fullmatch(name):
            raise Refused(f"{file.name}, line 1: column {shown(name)} must be letters, digits and _, 64 at most")
    if not 0 < len(fields) <= FIELDS_MAX:
        raise Refused(f"{file.name}, line 1: {len(fields)} columns of values, 1 to {FIELDS_MAX} needed")
    return fields


class _Names:
    """Whose a line is.

    Parameters
    ----------
    study
        Knows its subjects.
    key
        Who they are; None where the file itself says subjects.
    """

    def __init__(self, study: Study, key: Key | None) -> None:
        self._subjects = set(study.subjects())
        self._by_patient: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
        self.is_by_subject = key is None
        for row in key.rows() if key else ():
            if row.subject in self._subjects:
                own = row.subject, row.issuer_of_patient_id, row.study_instance_uid
                self._by_patient[row.patient_id].add(own)

    def subject(self, row: Row) -> str | None:
        """The subject of a line; None where the study has none like it."""
        if self.is_by_subject:
            if not row[SUBJECT]:
                raise row.refused("subject is empty")
            return row[SUBJECT] if row[SUBJECT] in self._subjects else None
        if not row[PATIENT]:
            raise row.refused("patient_id is empty")
        issuer, uid = row.get(ISSUER, ""), row.get(STUDY_UID, "")
        found = {
            subject
            for subject, own_issuer, own_uid in self._by_patient.get(row[PATIENT], ())
            if issuer in {"", own_issuer} and uid in {"", own_uid}
        }
        if len(found) > 1:
            raise row.refused(f"the study has {len(found)} subjects like this: give {ISSUER} or {STUDY_UID}, too")
        return next(iter(found), None)


def _read(file: Path, fields: Sequence[str], names: _Names) -> tuple[Values, int]:
    """Values by subject, and how many lines are of nobody."""
    needed = (SUBJECT,) if names.is_by_subject else (PATIENT,)
    rows = list(rows_of(file, needed, [*fields, ISSUER, STUDY_UID]))
    kinds = {name: _is_number(rows, name) for name in fields}
    lines: dict[str, int] = {}
    values: Values = {}
    unknown = 0
    for row in rows:
        subject = names.subject(row)
        if subject is None:
            unknown += 1
            continue
        if subject in lines:
            raise row.refused(f"this subject a second time, after line {lines[subject]}")
        lines[subject] = row.line
        values[subject] = {name: _value(row, name, is_number=kinds[name]) for name in fields if _is_there(row[name])}
    return values, unknown


def _is_there(text: str) -> bool:
    return text.casefold() not in ABSENT


def _is_number(rows: Sequence[Row], name: str) -> bool:
    """Whether a column holds numbers; of texts, there must be few. A grade is a text, even where it is a digit."""
    if name == GRADE or not any(NUMBER.fullmatch(row[name]) for row in rows):
        first: Mapping[str, Row] = {row[name]: row for row in reversed(rows) if _is_there(row[name])}
        if len(first) > TEXTS_MAX:
            row = sorted(first.values(), key=lambda each: each.line)[TEXTS_MAX]
            raise row.refused(f"{name} has more than {TEXTS_MAX} different texts: it may name people")
        return False
    return True


def _value(row: Row, name: str, *, is_number: bool) -> float | str:
    text = row[name]
    if is_number or DECIMAL_COMMA.fullmatch(text):
        if not NUMBER.fullmatch(text):
            comma = ' with "." as decimal mark' if "," in text else ""
            raise row.refused(f"{name} is no number; one{comma} needed")
        return float(text)
    if name == GRADE:
        grade = GRADES.get(text.casefold().removeprefix("grade").strip())
        if grade is None:
            raise row.refused("grade must be a digit, S0 to S3, or normal, mild, moderate, severe")
        return grade
    if len(text) > TEXT_MAX or not text.isprintable():
        raise row.refused(f"{name} has {len(text)} characters, at most {TEXT_MAX} printable ones needed")
    return text
