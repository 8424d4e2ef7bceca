"""A node and a wish come in; a study of phantoms goes through everything, is cleaned up after, and verdicts go out."""

import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from hri_node.errors import Refused
from hri_node.ledger.self_tests import Run, Step, token_sha256
from hri_node.node import Node
from hri_node.records import SELF_TEST_PATIENT_ID
from hri_node.routing import destination_names
from hri_node.self_test import cleaning, going_out, going_through
from hri_node.self_test.coming_in import Caller, by_c_store, by_stow, received
from hri_node.self_test.going_out import Way
from hri_node.self_test.images import Image, write_images
from hri_node.self_test.journal import Journal
from hri_node.self_test.names import fresh_uid, new_title
from hri_node.self_test.patience import STALLED_S, Patience

TIMEOUT_S: Final = 180.0

SETTLE_S: Final = 30.0
"""How long the end waits for a worker that is at the study still, even where the time is up."""

AT_ONCE: Final = 8
"""Destinations that are seen to at the same time."""

BEFORE: Final = "A step before it failed."
KEPT: Final = "The study is kept, as was asked: for a day, or until the next self-test."


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants of a self-test.

    Attributes
    ----------
    destinations
        Names of those to see to; None: all; none: ().
    is_stored
        Whether results are stored at all of them, whatever the settings say of each.
    is_kept
        Whether the study stays, to be looked at.
    timeout_s
        How long all of it may take, its cleaning not included.
    stalled_s
        How long a queue may stand still.
    """

    destinations: tuple[str, ...] | None = None
    is_stored: bool = False
    is_kept: bool = False
    timeout_s: float = TIMEOUT_S
    stalled_s: float = STALLED_S


def run_self_test(node: Node, wishes: Wishes, who: str, tell: Callable[[Step], None] = lambda _step: None) -> Run:
    """The verdicts on every step, once all is done and cleaned up.

    Parameters
    ----------
    node
        Of this process; its listener, web role and workers are others.
    wishes
        What is wanted.
    who
        Somebody's name.
    tell
        Called with each step as it begins and ends.

    Raises
    ------
    Refused
        When another self-test is under way, or a destination is not known.
    Unavailable
        When the ledger does not answer.
    """
    names = chosen(node, wishes.destinations)
    token, now = secrets.token_urlsafe(32), node.clock()
    until = now + timedelta(seconds=wishes.timeout_s)
    run = Run(new_title(), who, fresh_uid(), token_sha256(token), now, until, now, _stores(node, wishes, names))
    node.ledger.begin_self_test(run)
    journal = Journal(node.ledger, run, node.clock, tell)
    with journal.alive(), tempfile.TemporaryDirectory(prefix="hri-self-test-") as folder:
        try:
            cleaning.clean_up(node, kept_too=True)  # what others left behind
            _Test(node, journal, wishes, Path(folder)).go(token, names)
        finally:
            _clean(node, journal, is_kept=wishes.is_kept)
    return journal.run


def chosen(node: Node, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Names of destinations that are there, scanners that get their results back among them.

    Raises
    ------
    Refused
        When one is not.
    """
    known = destination_names(node.setup.destinations, node.setup.scanners)
    for name in wanted or ():
        if name not in known:
            raise Refused(f"there is no destination {name}; there is {', '.join(known) or 'none'}")
    return known if wanted is None else tuple(name for name in known if name in wanted)


def _stores(node: Node, wishes: Wishes, names: Sequence[str]) -> tuple[str, ...]:
    """Names of the destinations that results are stored at: as the settings say of each, or at all; no paused one."""
    paused = {state.name for state in node.ledger.states() if state.paused_at}
    return tuple(
        to.name
        for to in node.setup.destinations
        if to.name in names and to.name not in paused and (wishes.is_stored or to.self_test == "store")
    )


class _Test:
    """The steps up to the destinations, each of which needs those before it."""

    def __init__(self, node: Node, journal: Journal, wishes: Wishes, folder: Path) -> None:
        self._node = node
        self._journal = journal
        self._folder = folder
        self._patience = Patience(node, time.monotonic() + wishes.timeout_s, wishes.stalled_s)
        self._images: list[Image] = []
        self._sent: list[Image] = []

    @property
    def _uid(self) -> str:
        return self._journal.run.study_instance_uid

    def go(self, token: str, names: Sequence[str]) -> None:
        """Do every step.

        Parameters
        ----------
        token
            Bearer token of STOW-RS requests.
        names
            Of the destinations to see to.
        """
        is_going = self._one_by_one((("images", "Make images", self._make),), is_going=True)
        for key, title, work in (  # two doors: one may be shut while the other is open
            ("c-store", "Receive by C-STORE", partial(self._come_in, token, by_c_store, 0)),
            ("stow", "Receive by STOW-RS", partial(self._come_in, token, by_stow, 1)),
        ):
            self._one_by_one(((key, title, work),), is_going=is_going)
        rest = (
            ("received", "Keep", self._keep),
            ("measured", "Measure", self._measure),
            ("reported", "Report", self._report),
        )
        self._one_by_one(rest, is_going=bool(self._sent))
        self._go_out(names)

    def _one_by_one(self, steps: Sequence[tuple[str, str, Callable[[], str]]], *, is_going: bool) -> bool:
        """Whether all steps were passed; after one that was not, the others are left out."""
        for key, title, work in steps:
            if is_going:
                is_going = self._journal.do(key, title, work)
            else:
                self._journal.skip(key, title, BEFORE)
        return is_going

    def _make(self) -> str:
        self._images = write_images(self._folder, self._uid, self._node.clock())
        count = len(self._images)
        return (
            f"{count} synthetic images of liver and right kidney, whose index is known; patient {SELF_TEST_PATIENT_ID}."
        )

    def _come_in(self, token: str, door: Callable[[Node, Caller, Image], str], index: int) -> str:
        token_file = self._folder / "token"
        token_file.write_text(token)
        words = door(self._node, Caller(self._journal.run.name, self._uid, token_file), self._images[index])
        self._sent.append(self._images[index])
        return words

    def _keep(self) -> str:
        return received(self._node, self._node.ledger.seen_of(self._uid), self._sent)

    def _measure(self) -> str:
        return going_through.measured(self._node, self._patience, self._sent, self._uid)

    def _report(self) -> str:
        return going_through.reported(self._node, self._patience, self._sent, self._uid)

    def _go_out(self, names: Sequence[str]) -> None:
        """See to every destination, to several at a time."""
        seen = self._node.ledger.seen_of(self._uid)
        made = {row.kind: row.sop_class_uid for row in seen.current} if seen else {}
        way = Way(self._node, self._uid, made or dict(going_out.USUAL))
        with ThreadPoolExecutor(AT_ONCE, "self-test") as pool:
            list(pool.map(lambda name: self._see_to(way, name, is_reported=bool(made)), names))

    def _see_to(self, way: Way, name: str, *, is_reported: bool) -> None:
        """One destination: it is stored at, or only asked."""
        key, title = f"to:{name}", f"Deliver to {name}"
        if name not in self._journal.run.stores:
            self._journal.do(key, f"Ask {name}", lambda: going_out.asked(way, name))
        elif is_reported:
            self._journal.do(key, title, lambda: going_out.delivered(way, self._patience, name))
        else:
            self._journal.skip(key, title, f"{BEFORE} There is nothing to deliver.")


def _clean(node: Node, journal: Journal, *, is_kept: bool) -> None:
    """The last steps: whatever came before, nothing of the study stays."""
    if is_kept:
        journal.skip("clean", "Clean up", KEPT)
        journal.change(ended_at=node.clock(), is_kept=True)
        return
    until = time.monotonic() + SETTLE_S

    def remove() -> str:
        cleaning.settle(node, journal.run, until)
        journal.change(owed=cleaning.owed_notes(node, journal.run))
        words = cleaning.forget(node, journal.run)
        journal.change(is_forgotten=True)
        return words

    journal.do("clean", "Clean up", remove)
    for name, key in list(journal.run.owed.items()):
        if journal.do(f"note:{name}", f"Reject at {name}", partial(cleaning.send_note, node, name, key)):
            journal.change(owed={other: each for other, each in journal.run.owed.items() if other != name})
            node.spool.remove(key, node.spool.now() + timedelta(seconds=1))
    journal.change(ended_at=node.clock())
