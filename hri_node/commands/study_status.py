"""A study comes in; how far it is, and what to do next, goes out."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

from hri_node.commands.screen import out
from hri_node.study.project.fates import SENTENCES, Fate
from hri_node.study.project.protocol import DCNN
from hri_node.study.project.records import SessionState
from hri_node.study.project.store import Study, open_study


def show_status(folder: Path, *, as_json: bool) -> None:
    """Print how far a study is.

    Parameters
    ----------
    folder
        Of the study.
    as_json
        One JSON object.
    """
    study = open_study(folder)
    state = status_of(study, datetime.now(UTC))
    if as_json:
        out.print_json(json.dumps(state))
        return
    out.print(flow_table(study))
    out.print(_reader_table(state))
    dcnn = state["dcnn"]
    if dcnn["measured"] + dcnn["not_measurable"]:
        failed = f", {dcnn['not_measurable']} without an index" if dcnn["not_measurable"] else ""
        out.print(f"Network: {dcnn['measured']} of {dcnn['images']} images measured{failed}", highlight=False)
    out.print(f"Next: {state['next']}", markup=False, highlight=False, soft_wrap=True)


def flow_table(study: Study) -> Table:
    """What became of images, and of subjects."""
    flow, table = study.flow(), Table("", "Images", "Subjects", title=study.protocol.name)
    table.add_row("Found", str(flow.images), str(flow.subjects))
    for fate, count in flow.unusable.items():
        table.add_row(SENTENCES[Fate(fate)], str(-count), "")
    if flow.not_chosen:
        table.add_row("Another image of the subject was chosen", str(-flow.not_chosen), "")
    table.add_row("Chosen, one of a subject", str(flow.chosen), "")
    for reason, count in flow.excluded.items():
        table.add_row(study.protocol.reasons.get(reason, reason), "", str(-count))
    table.add_section()
    parts = ", ".join(f"{part} {count}" for part, count in flow.parts.items())
    table.add_row(f"Included ({parts})" if len(flow.parts) > 1 else "Included", "", str(flow.included))
    return table


def status_of(study: Study, now: datetime) -> dict[str, Any]:
    """How far a study is, in plain values.

    Parameters
    ----------
    study
        Which.
    now
        Present time.
    """
    linked = study.linked()
    seconds: dict[tuple[str, int], list[float]] = {}
    for each in study.times():
        seconds.setdefault((each.rater, each.session), []).append(each.seconds)
    readers = [
        {
            "reader": reader,
            "has_link": linked.get(reader) is not None,
            "sessions": [
                _session(state, seconds.get((reader, state.number), [])) for state in study.sessions(reader, now)
            ],
        }
        for reader in study.protocol.readers
    ]
    flow, results = study.flow(), study.dcnn()
    measured = sum(each.result["hri"] is not None for each in results)
    times = seconds.get((DCNN, 1), [])
    dcnn = {
        "images": flow.included,
        "measured": measured,
        "not_measurable": len(results) - measured,
        "median_s": round(median(times), 3) if times else None,
    }
    state = {"name": study.protocol.name, "flow": asdict(flow), "readers": readers, "dcnn": dcnn}
    return state | {"next": _next(state)}


def _session(state: SessionState, seconds: list[float]) -> dict[str, Any]:
    return {
        "session": state.number,
        "done": state.done,
        "total": state.total,
        "is_open": state.is_open,
        "locked_until": state.locked_until.isoformat(timespec="seconds") if state.locked_until else None,
        "waits_for_session": state.waits_for,
        "median_s": round(median(seconds), 1) if seconds else None,
    }


def _next(state: dict[str, Any]) -> str:
    """What to do next, in a sentence."""
    sessions = [(reader, each) for reader in state["readers"] for each in reader["sessions"]]
    lost = [reader["reader"] for reader in state["readers"] if not reader["has_link"]]
    reading = [f"{reader['reader']} (session {each['session']})" for reader, each in sessions if each["is_open"]]
    locked = sorted((each["locked_until"], reader["reader"]) for reader, each in sessions if each["locked_until"])
    dcnn = state["dcnn"]
    is_measured = dcnn["measured"] + dcnn["not_measurable"] >= dcnn["images"]
    steps = (
        (not state["flow"]["included"], "import images (study import)."),
        (
            any(not each["total"] for _, each in sessions),
            "look through the images (study look), exclude what cannot be read, give out the links (study assign).",
        ),
        (bool(lost), f"give {', '.join(lost)} a link (study assign)."),
        (bool(reading), f"{', '.join(reading)} can read (study serve)."),
        (not is_measured, "let the network measure the images (study dcnn)."),
        (bool(locked), "wait: " + "".join(f"{reader} goes on at {until}; " for until, reader in locked)[:-2] + "."),
        (True, "everything is read (study report)."),
    )
    return next(sentence for holds, sentence in steps if holds)


def _reader_table(state: dict[str, Any]) -> Table:
    table = Table("Reader", "Session", "Done", "Median time", "State")
    for reader in state["readers"]:
        for each in reader["sessions"]:
            seconds = "-" if each["median_s"] is None else f"{each['median_s']:g} s"
            done = f"{each['done']} of {each['total']}"
            table.add_row(reader["reader"], str(each["session"]), done, seconds, _words(each))
    return table


def _words(session: dict[str, Any]) -> str:
    if not session["total"]:
        return "not assigned"
    if session["is_open"]:
        return "open"
    if session["locked_until"]:
        return f"locked until {session['locked_until']}"
    if session["waits_for_session"]:
        return f"waits for session {session['waits_for_session']}"
    return "complete"
