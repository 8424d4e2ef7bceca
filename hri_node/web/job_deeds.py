"""Somebody who may, and what they want of queues and jobs, come in; it is done, written down, and said."""

from collections.abc import Sequence
from dataclasses import dataclass

from hri_node.errors import Refused
from hri_node.ledger.joblist import AGAIN, ASIDE, JobFilter
from hri_node.ledger.states import JobState, Queue
from hri_node.node import Node
from hri_node.web.guard import Visitor
from hri_node.web.notebook import Kind, Notebook


@dataclass(frozen=True, slots=True)
class JobDeeds:
    """What a page and the API may do with queues and jobs. Every method waits for the ledger, and answers a sentence.

    Attributes
    ----------
    node
        Ledger and clock.
    notebook
        Where it is written down.
    """

    node: Node
    notebook: Notebook

    def pause_queue(self, visitor: Visitor, queue: Queue) -> str:
        """Begin no job of a queue any more; what is under way ends."""
        self.node.ledger.pause_queue(queue, visitor.who, self.node.clock())
        self.notebook.note(visitor, "queue pause", [queue.value], Kind.SETTING)
        return f"Queue {queue} is paused: what runs ends, nothing else is begun."

    def resume_queue(self, visitor: Visitor, queue: Queue) -> str:
        """Begin jobs of a queue again."""
        self.node.ledger.resume_queue(queue)
        self.notebook.note(visitor, "queue resume", [queue.value], Kind.SETTING)
        return f"Queue {queue} goes on."

    def retry(self, visitor: Visitor, job_ids: Sequence[str]) -> str:
        """Do jobs again.

        Raises
        ------
        Refused
            When there is no such job, or what it needs was removed; then none is changed.
        """
        with_ids = _some(job_ids)
        try:
            self.node.ledger.retry(with_ids, self.node.clock())
        except KeyError as error:
            raise _no_such(error) from error
        self.notebook.note(visitor, "jobs retry", with_ids)
        return _said(len(with_ids), "due again")

    def discard(self, visitor: Visitor, job_ids: Sequence[str]) -> str:
        """Set jobs aside: their rows stay, nobody works on them.

        Raises
        ------
        Refused
            When there is no such job; then none is changed.
        """
        with_ids = _some(job_ids)
        try:
            self.node.ledger.discard(with_ids, self.node.clock())
        except KeyError as error:
            raise _no_such(error) from error
        self.notebook.note(visitor, "jobs discard", with_ids)
        return _said(len(with_ids), "set aside")

    def retry_matching(self, visitor: Visitor, chosen: JobFilter) -> str:
        """Do all jobs again that match, as far as their files are there.

        Raises
        ------
        Refused
            When they are neither failed nor discarded.
        """
        if chosen.state not in AGAIN:
            raise Refused("only failed or discarded jobs are done again all at once")
        count = self.node.ledger.retry_matching(chosen, self.node.clock())
        self.notebook.note(visitor, "jobs retry", [_in_words(chosen, count)])
        return _said(count, "due again")

    def discard_matching(self, visitor: Visitor, chosen: JobFilter) -> str:
        """Set all jobs aside that match.

        Raises
        ------
        Refused
            When they are neither failed nor waiting.
        """
        if chosen.state not in ASIDE:
            raise Refused("only failed or waiting jobs are set aside all at once")
        count = self.node.ledger.discard_matching(chosen, self.node.clock())
        self.notebook.note(visitor, "jobs discard", [_in_words(chosen, count)])
        return _said(count, "set aside")

    def complete(self, visitor: Visitor, study_id: int) -> str:
        """Report a study as it is, though images may still come or wait to be measured.

        Raises
        ------
        Refused
            When it is reported already, or there is none.
        """
        if not self.node.ledger.force(study_id, self.node.clock()):
            raise Refused(f"study {study_id} is not open: there is nothing to complete")
        self.notebook.note(visitor, "jobs complete", [f"{Queue.REPORT}-{study_id}"])
        return f"Study {study_id} is reported as it is; what is measured later makes a new revision."


def _some(job_ids: Sequence[str]) -> list[str]:
    if not job_ids:
        raise Refused("no job was chosen")
    return list(dict.fromkeys(job_ids))


def _no_such(error: KeyError) -> Refused:
    return Refused(f"there is no job {error.args[0]}: nothing was changed")


def _said(count: int, what: str) -> str:
    return f"1 job is {what}." if count == 1 else f"{count:,} jobs are {what}."


def _in_words(chosen: JobFilter, count: int) -> str:
    towards = f" to {chosen.destination}" if chosen.destination else ""
    assert chosen.state, "whoever changes all says which"
    return f"{count} of {chosen.queue}: all {JobState(chosen.state)}{towards}"
