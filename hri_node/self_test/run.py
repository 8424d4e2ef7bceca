"""A node and a wish come in; a study of phantoms goes through everything, is cleaned up after, and verdicts go out."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from hri_node.ledger.self_tests import Run, Step
from hri_node.node import Node
from hri_node.records import SELF_TEST_PATIENT_ID
from hri_node.self_test import cleaning, going_out, going_through
from hri_node.self_test.beginning import Begun, Wishes, begin
from hri_node.self_test.coming_in import Caller, by_c_store, by_stow, received
from hri_node.self_test.going_out import Way
from hri_node.self_test.images import Image, write_images
from hri_node.self_test.journal import Journal
from hri_node.self_test.patience import Patience

SETTLE_S: Final = 30.0
"""How long the end waits for a worker that is at the study still, even where the time is up."""

AT_ONCE: Final = 8
"""Destinations that are seen to at the same time."""

BEFORE: Final = "A step before it failed."
KEPT: Final = "The study is kept, as was asked: for a day, or until the next self-test."


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
    return carry_out(node, begin(node, wishes, who), tell)


def carry_out(node: Node, begun: Begun, tell: Callable[[Step], None] = lambda _step: None) -> Run:
    """The same for a self-test that was begun.

    Parameters
    ----------
    node
        Of this process.
    begun
        From `beginning.begin`.
    tell
        Called with each step as it begins and ends.

    Raises
    ------
    Unavailable
        When the ledger does not answer.
    """
    journal = Journal(node.ledger, begun.run, node.clock, tell)
    with journal.alive(), tempfile.TemporaryDirectory(prefix="hri-self-test-") as folder:
        try:
            cleaning.clean_up(node, kept_too=True)  # what others left behind
            _Test(node, journal, begun.wishes, Path(folder)).go(begun.token, begun.names)
        finally:
            _clean(node, journal, is_kept=begun.wishes.is_kept)
    return journal.run


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
        is_made = self._one_by_one({"images": self._make}, is_going=True)
        self._one_by_one({"c-store": partial(self._come_in, token, by_c_store, 0)}, is_going=is_made)
        self._one_by_one({"stow": partial(self._come_in, token, by_stow, 1)}, is_going=is_made)  # another door
        rest = {"received": self._keep, "measured": self._measure, "reported": self._report}
        self._one_by_one(rest, is_going=bool(self._sent))
        self._go_out(names)

    def _one_by_one(self, steps: Mapping[str, Callable[[], str]], *, is_going: bool) -> bool:
        """Whether all steps were passed; after one that was not, the others are left out."""
        for key, work in steps.items():
            if is_going:
                is_going = self._journal.do(key, work)
            else:
                self._journal.skip(key, BEFORE)
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
        key = f"to:{name}"
        if name not in self._journal.run.stores:
            self._journal.do(key, lambda: going_out.asked(way, name))
        elif is_reported:
            self._journal.do(key, lambda: going_out.delivered(way, self._patience, name))
        else:
            self._journal.skip(key, f"{BEFORE} There is nothing to deliver.")


def _clean(node: Node, journal: Journal, *, is_kept: bool) -> None:
    """The last steps: whatever came before, nothing of the study stays."""
    until = time.monotonic() + SETTLE_S

    def remove() -> str:
        cleaning.settle(node, journal.run, until)
        journal.change(owed=cleaning.owed_notes(node, journal.run))
        words = cleaning.forget(node, journal.run)
        journal.change(is_forgotten=True)
        return words

    if is_kept:
        journal.skip("clean", KEPT)
    else:
        journal.do("clean", remove)
    for name in journal.run.stores:
        _reject(node, journal, name, is_kept=is_kept)
    journal.change(ended_at=node.clock(), is_kept=is_kept)


def _reject(node: Node, journal: Journal, name: str, *, is_kept: bool) -> None:
    """Tell one destination that what it took is rejected."""
    key, note = f"note:{name}", journal.run.owed.get(name)
    if note is None:
        journal.skip(key, KEPT if is_kept else "Nothing of it was stored there.")
    elif journal.do(key, partial(cleaning.send_note, node, name, note)):
        journal.change(owed={other: each for other, each in journal.run.owed.items() if other != name})
        node.spool.remove(note, node.spool.now() + timedelta(seconds=1))
