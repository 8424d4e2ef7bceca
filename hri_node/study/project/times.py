"""What readers' browsers told of their visits, and the network's timing, come in; seconds per image go out."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from hri_node.study.project.outcomes import ReadingTime
from hri_node.study.project.protocol import DCNN
from hri_node.study.project.records import Event
from hri_node.study.project.results import Results
from hri_node.study.project.tables import AssignmentRow, MarkRow, VisitRow

PAUSE_MAX: Final = timedelta(minutes=5)
"""Whoever shows no sign for longer is away: no more than this counts after the last sign."""

FINISHED: Final = "finished"

Moments = list[tuple[datetime, str]]


class Times(Results):
    """How long raters took."""

    def times(self) -> list[ReadingTime]:
        """How long each rater looked at each image that they finished, by rater, session and subject; the network last.

        Looking is the time from `shown` to `hidden` or to finishing; a browser that was killed counts until its last
        sign of life. The network's time is that of reading, segmenting and measuring one image.
        """
        included, told = self.parts(), self._moments()
        found = [
            ReadingTime(subject, reader, number, looked(moments))
            for (reader, number, subject), moments in told.items()
            if subject in included and reader in self.protocol.readers
        ]
        places = {name: place for place, name in enumerate(self.protocol.readers)}
        found.sort(key=lambda each: (places[each.rater], each.session, each.subject))
        of_dcnn = [(each.subject, each.result["timing_ms"]["total"] / 1000) for each in self.dcnn()]
        return found + [ReadingTime(subject, DCNN, 1, seconds) for subject, seconds in of_dcnn]

    def _moments(self) -> dict[tuple[str, int, str], Moments]:
        """Of every finished image, what happened when."""
        with self.transaction(reading=True) as session:
            finished = session.execute(select(AssignmentRow).where(AssignmentRow.finished_at.is_not(None))).scalars()
            told: dict[tuple[str, int, str], Moments] = {
                (row.reader, row.session, row.subject): [(row.finished_at, FINISHED)]
                for row in finished
                if row.finished_at
            }
            signs: dict[tuple[str, int, str], Moments] = defaultdict(list)
            for visit in session.execute(select(VisitRow)).scalars():
                signs[visit.reader, visit.session, visit.subject].append((visit.at, visit.event))
            for mark in session.execute(select(MarkRow)).scalars():
                signs[mark.reader, mark.session, mark.subject].append((mark.placed_at, Event.ACTIVE))
        return {key: sorted(ends + signs[key]) for key, ends in told.items()}


def looked(moments: Iterable[tuple[datetime, str]]) -> float:
    """Seconds of looking.

    Parameters
    ----------
    moments
        When and what: `Event`, or ``finished``; in order.
    """
    total, since = timedelta(), None
    for at, event in moments:
        if since is not None:
            total += min(at - since, PAUSE_MAX) if event != Event.SHOWN else timedelta()
        since = None if event in {Event.HIDDEN, FINISHED} else at
    return total.total_seconds()
