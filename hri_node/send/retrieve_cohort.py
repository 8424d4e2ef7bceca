"""The studies of a cohort come in; one after the other is let in from the archive, and its fate goes out."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Final

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.send.query import Archive, FoundStudy, Means, Wanted, series_of

LOOK_S: Final = 0.5
"""How often the main thread wakes up: a signal that another thread was given is handled then."""

OUTAGES_MAX: Final = 3
"""Studies in a row, each tried as often as it may be: then the archive is down, and the rest is not asked for."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something is tried while the archive is out of order, and the pauses between, in seconds."""

    attempts_max: int
    first_s: float
    max_s: float

    def pauses(self) -> list[float]:
        """Pause after each attempt but the last; it doubles."""
        return [min(self.first_s * 2**number, self.max_s) for number in range(self.attempts_max - 1)]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one study.

    Attributes
    ----------
    study_instance_uid
        Which.
    found, here, fetched
        Instances that the archive has of the modality; those that were here before; those that came in.
    words
        Why some are not here; empty where all are.
    is_outage
        Whether the archive was out of order.
    """

    study_instance_uid: str
    found: int = 0
    here: int = 0
    fetched: int = 0
    words: str = ""
    is_outage: bool = False


def search(archive: Archive, wanted: Wanted, patience: Patience, stop: threading.Event) -> Sequence[FoundStudy]:
    """Each study that is wanted, in the order of their dates.

    Parameters
    ----------
    archive
        Where to look.
    wanted
        Dates, patient, modality.
    patience
        With outages.
    stop
        Ends the pauses.

    Raises
    ------
    PeerRefused
        When the archive cannot search.
    PeerUnavailable
        When it is out of order for longer than the patience lasts.
    """
    for pause_s in patience.pauses():
        try:
            return _sorted(archive.studies(wanted))
        except PeerUnavailable:
            if stop.wait(pause_s):
                break
    return _sorted(archive.studies(wanted))


def _sorted(studies: Sequence[FoundStudy]) -> list[FoundStudy]:
    return sorted(studies, key=lambda study: (study.study_date, study.study_instance_uid))


@dataclass(frozen=True, slots=True)
class Cohort:
    """Studies of one archive, and how they are let in.

    Attributes
    ----------
    archive
        Where they are.
    modality
        Of the series that are wanted.
    means
        What is used of the node while a study comes in.
    patience
        With outages, for each study.
    stop
        Set when somebody wants the pull to end.
    """

    archive: Archive
    modality: str
    means: Callable[[], AbstractContextManager[Means]]
    patience: Patience
    stop: threading.Event

    def fates(self, studies: Sequence[FoundStudy], parallel: int) -> Iterator[Fate]:
        """Fate of each study, as soon as it is known; none of those that are not begun because of an outage or stop.

        Parameters
        ----------
        studies
            To be let in, in this order.
        parallel
            How many at once.

        Raises
        ------
        Unavailable
            When the node can take nothing in at present.
        """
        rest = iter(studies)
        outages = 0
        with ThreadPoolExecutor(parallel, "pull") as pool:
            running = {pool.submit(self.fate, study) for study in islice(rest, parallel)}
            while running:
                done, running = wait(running, LOOK_S, FIRST_COMPLETED)
                for fate in self._results(done):
                    outages = outages + 1 if fate.is_outage else 0
                    yield fate
                if outages < OUTAGES_MAX and not self.stop.is_set():
                    running |= {pool.submit(self.fate, study) for study in islice(rest, len(done))}

    def _results(self, done: set[Future[Fate]]) -> Iterator[Fate]:
        """Results of what has ended; an error ends what runs beside it, too."""
        for future in done:
            try:
                yield future.result()
            except BaseException:
                self.stop.set()
                raise

    def fate(self, study: FoundStudy) -> Fate:
        """What became of one study, after as many attempts as it took.

        Parameters
        ----------
        study
            Which.

        Raises
        ------
        Unavailable
            When the node can take nothing in at present.
        """
        fate = Fate(study.study_instance_uid)
        for pause_s in [*self.patience.pauses(), None]:
            before = fate
            with self.means() as means:
                fate = self._attempt(fate, means)
            is_hopeless = not fate.is_outage and fate.fetched == before.fetched
            if not fate.words or is_hopeless or pause_s is None or self.stop.wait(pause_s):
                break
        return fate

    def _attempt(self, before: Fate, means: Means) -> Fate:
        """Fate after one more attempt: what is here already is not asked for again."""
        uid = before.study_instance_uid
        try:
            found = self.archive.instances(uid, self.modality)
        except (PeerRefused, PeerUnavailable) as error:
            return Fate(uid, before.found, before.here, before.fetched, str(error), isinstance(error, PeerUnavailable))
        if not found:  # an archive that knows of the study, but names nothing in it: nothing to take for complete
            return Fate(uid, words=f"{self.archive.name} names no instance with modality {self.modality} in it")
        uids = [instance.sop_instance_uid for instance in found]
        kept = means.kept(uids)
        here = before.here or len(kept) - before.fetched
        words, is_outage = "", False
        try:
            missing = series_of(found, kept)
            words = self.archive.fetch(missing, means) if missing else ""
        except (PeerRefused, PeerUnavailable) as error:
            words, is_outage = str(error), isinstance(error, PeerUnavailable)
        now = len(means.kept(uids))
        if now == len(uids):
            return Fate(uid, len(uids), here, now - here)
        words = words or f"{self.archive.name} gave {now - here} of {len(uids) - here} instances"
        return Fate(uid, len(uids), here, now - here, words, is_outage)
