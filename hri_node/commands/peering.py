"""Keys of a scanner or destination come in from the command line; it is set up, listed, and asked if it answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from hri_node.asking import ask
from hri_node.audit import codes
from hri_node.changes import NAME_KEY, SetupDesk, Unknown
from hri_node.commands.noting import note_act, who
from hri_node.commands.screen import DONE, MISUSED, WORK_FAILED, fail, out, say
from hri_node.keys import put_key
from hri_node.ledger.joblist import JobFilter
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.setups import Setup
from hri_node.ledger.states import JobState, Queue, SetupKind
from hri_node.node import utc_now
from hri_node.routing import SENDER
from hri_node.settings import Settings
from hri_node.setup import open_setup


@dataclass(frozen=True, slots=True)
class PeerDesk:
    """Where the command line sets up scanners or destinations; every change is written down, as the console's are."""

    settings: Settings
    ledger: Ledger
    kind: SetupKind

    def add(self, name: str, keys: Mapping[str, Any], further: Sequence[str]) -> None:
        """One that was not there before."""
        with _refusals():
            chosen = self._chosen({}, {**keys, NAME_KEY[self.kind]: name}, further)
            self._desk.add(self.kind, chosen, who())
        self._note("add", name)
        out.print(f"{self.kind} {name} is set up", markup=False)

    def update(self, name: str, keys: Mapping[str, Any], further: Sequence[str]) -> None:
        """Other keys of one that is there; those that are not named stay."""
        with _refusals():
            chosen = self._chosen(self._desk.find(self.kind, name).chosen, keys, further)
            self._desk.change(self.kind, name, chosen, who())
        self._note("update", name)
        out.print(f"{self.kind} {name} is changed", markup=False)

    def remove(self, name: str) -> None:
        """Take one away, and say what waits for it."""
        with _refusals():
            self._desk.remove(self.kind, name, who())
        self._note("rm", name)
        out.print(f"{self.kind} {name} is removed", markup=False)
        if self.kind is SetupKind.DESTINATION:
            self.ledger.forget_destination(name)
            if waiting := self.ledger.count_jobs(JobFilter(Queue.DELIVER, JobState.WAITING, name)):
                out.print(f"{waiting} objects waited for it: they are refused", markup=False)

    def echo(self, name: str) -> int:
        """Exit code: 0 only if it answers."""
        with _refusals():
            is_sender = self.kind is SetupKind.DESTINATION and name.startswith(SENDER)
            kind = SetupKind.SCANNER if is_sender else self.kind
            section = self._desk.section(kind, name.removeprefix(SENDER) if is_sender else name)
        verdict = ask(section, self.settings, utc_now())
        note_act(self.settings, self.ledger, f"{self.kind} echo", [name], codes.USE_OF_RESTRICTED_FUNCTION)
        if not verdict.answers:
            say(verdict.words)
            return WORK_FAILED
        if self.kind is SetupKind.DESTINATION:
            self.ledger.note_answer(name, utc_now())
        out.print(verdict.words, markup=False)
        return DONE

    def show_scanners(self, *, as_json: bool) -> None:
        """Every scanner that is set up or called, and when its last image came."""
        setups = {one.name: one for one in self.ledger.setups(SetupKind.SCANNER)}
        images, contacts = self.ledger.last_images(), self.ledger.contacts()
        names = list(dict.fromkeys([*setups, *sorted({one.ae_title for one in contacts} | set(images))]))
        if as_json:
            rows = [_plain(name, setups.get(name)) | {"last_image_at": _iso(images.get(name))} for name in names]
            out.print_json(json.dumps(rows))
            return
        table = Table("Scanner", "Host", "Keys", "Last image", "Called from", "Set up by")
        for name in names:
            calls = [f"{one.address}{': ' + one.rejection if one.is_rejected else ''}" for one in contacts]
            mine = [call for call, one in zip(calls, contacts, strict=True) if one.ae_title == name]
            last = f"{images[name]:%Y-%m-%d %H:%M:%S}" if name in images else "-"
            table.add_row(name or "-", *_columns(setups.get(name)), last, "\n".join(mine) or "-", _by(setups.get(name)))
        out.print(table)

    @property
    def _desk(self) -> SetupDesk:
        return SetupDesk(self.ledger, self.settings, utc_now)

    def _chosen(self, before: Mapping[str, Any], keys: Mapping[str, Any], further: Sequence[str]) -> dict[str, Any]:
        """Keys as the settings file would have them: those from before, and on top of them what was said."""
        chosen = deepcopy(dict(before))
        for key, value in keys.items():
            if value is not None:
                put_key(self.kind, chosen, key, str(value).lower() if isinstance(value, bool) else str(value))
        for pair in further:
            key, equals, value = pair.partition("=")
            if not equals:
                fail(f"--set {pair}: needs KEY=VALUE", MISUSED)
            put_key(self.kind, chosen, key.strip(), value)
        return chosen

    def _note(self, what: str, name: str) -> None:
        note_act(self.settings, self.ledger, f"{self.kind} {what}", [name], codes.NETWORK_CONFIGURATION)


def desk_of(settings: Settings, kind: SetupKind) -> PeerDesk:
    """The desk of the node that these settings describe."""
    ledger, _ = open_setup(settings, utc_now)
    return PeerDesk(settings, ledger, kind)


@contextmanager
def _refusals() -> Iterator[None]:
    """What is not there is a fault of the question."""
    try:
        yield
    except Unknown as error:
        fail(str(error), MISUSED)


def _plain(name: str, setup: Setup | None) -> dict[str, Any]:
    by = {"set_up_by": setup.changed_by, "set_up_at": setup.changed_at.isoformat()} if setup else {}
    return {"ae_title": name, "configured": setup is not None} | (setup.chosen if setup else {}) | by


def _iso(at: Any) -> str | None:  # noqa: ANN401 - a time, or none
    return at.isoformat() if at else None


def _columns(setup: Setup | None) -> tuple[str, str]:
    """Host, and the other keys that are not the default."""
    if setup is None:
        return "-", "not set up"
    chosen = dict(setup.chosen)
    host, port = chosen.pop("host", ""), chosen.pop("port", 104)
    del chosen["ae_title"]
    return f"{host}:{port}" if host else "-", ", ".join(f"{key} {value}" for key, value in chosen.items()) or "-"


def _by(setup: Setup | None) -> str:
    return setup.changed_by if setup else "-"
