"""The query string of the search page comes in; a question for the ledger goes out, and what of it made no sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from hri_node.ledger.search_query import Delivered, StudyQuery
from hri_node.ledger.states import StudyState

ID_MAX: Final = 2**31 - 1
"""The largest number that both databases take for an id."""

INDEX_MAX: Final = 1000.0
TEXT_MAX: Final = 120

FIELDS: Final = ("q", "sender", "from", "to", "state", "results", "measured", "lowest", "highest")
"""Of the form."""


Chosen = TypeVar("Chosen", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for, what the form says, and sentences about what cannot be understood."""

    query: StudyQuery
    form: dict[str, str]
    complaints: list[str]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is looked for."""
        return any(self.form.values())


def asked_of(params: Mapping[str, str], *, by_name: bool) -> Asked:
    """What a query string asks.

    Parameters
    ----------
    params
        Of the request.
    by_name
        Whether whoever asks may know names.
    """
    form = {name: params.get(name, "").strip()[:TEXT_MAX] for name in FIELDS}
    told: list[str] = []
    before = params.get("before", "")
    first, last = (_day(form[name], name, told) for name in ("from", "to"))
    form |= {"from": form["from"] if first else "", "to": form["to"] if last else ""}  # browsers show days alone
    query = StudyQuery(
        text=form["q"],
        sender=form["sender"][:16],
        first_date=first,
        last_date=last,
        state=_choice(StudyState, form["state"]),
        delivered=_choice(Delivered, form["results"]),
        is_measured={"yes": True, "no": False}.get(form["measured"]),
        lowest=_number(form["lowest"], "HRI from", told),
        highest=_number(form["highest"], "HRI to", told),
        by_name=by_name,
        before=id_of(before),
    )
    return Asked(query, form, told)


def id_of(text: str) -> int | None:
    """A row's number; None where it is none that could be.

    Parameters
    ----------
    text
        Of an address or a form.
    """
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else 0  # noqa: PLR2004 - digits of ID_MAX
    return number if 0 < number <= ID_MAX else None


def _day(text: str, name: str, told: list[str]) -> str:
    """A day as DICOM writes it (PS3.5 6.2, DA)."""
    if not text:
        return ""
    try:
        return date.fromisoformat(text).strftime("%Y%m%d")
    except ValueError:
        told.append(f"the date {name} is no day such as 2026-01-31")
        return ""


def _number(text: str, name: str, told: list[str]) -> float | None:
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = -1.0
    if 0 <= number <= INDEX_MAX:
        return number
    told.append(f"{name} is no number such as 1.25")
    return None


def _choice(kind: type[Chosen], text: str) -> Chosen | None:
    return kind(text) if text in set(kind) else None
