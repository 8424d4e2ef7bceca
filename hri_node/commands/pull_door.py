"""Instances that a PACS gives us come in; they go through our own intake, and their studies wait for the last one."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Self

from hri_node.node import Node
from hri_node.read.select import skip_reason
from hri_node.receive.hooks import Parties
from hri_node.receive.intake import Incoming, Intake, Named
from hri_node.records import Origin
from hri_node.send.query import Announced, Means

RENEW_S: Final = 5.0
"""How often the ledger hears that a study still comes in; until it has, it is not reported."""


class Doors:
    """The ways into the node, one for each study that comes in.

    Parameters
    ----------
    node
        Whose intake, spool and ledger are used; the ledger is closed at the end.
    origin
        Who hands the instances over.
    stop
        Set when somebody wants the pull to end.
    """

    def __init__(self, node: Node, origin: Origin, stop: threading.Event) -> None:
        settings = node.settings
        quiet_s, size_max_mib = settings.report.study_quiet_s, settings.listener.instance_size_max_mib
        self.intake = Intake(node.spool, node.ledger, skip_reason, lambda _calling: quiet_s, size_max_mib)
        self.arrived: Callable[[int], None] = lambda _count: None
        self._node = node
        self._origin = origin
        self._stop = stop
        self._open: set[str] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._renewal = threading.Thread(target=self._renew, name="renewal", daemon=True)

    def __enter__(self) -> Self:
        self._renewal.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._renewal.join()
        self._node.auditor.close()
        self._node.ledger.close()

    def _renew(self) -> None:
        while not self._closed.wait(RENEW_S):
            with self._lock:
                associations = sorted(self._open)
            if associations:
                self._node.ledger.renew_associations(associations, self._node.clock())

    @contextmanager
    def means(self) -> Iterator[Means]:
        """What a retrieval uses of the node while one study comes in."""
        origin = replace(self._origin, association=f"pull-{uuid.uuid4().hex}")
        brought: Counter[str] = Counter()
        with self._lock:
            self._open.add(origin.association)
        try:
            yield Means(lambda announced: self._begin(announced, origin, brought), self._kept, self.arrived, self._stop)
        finally:
            with self._lock:
                self._open.remove(origin.association)
            self._node.ledger.end_association(origin.association)
            parties = Parties(origin.calling, origin.called, origin.address)
            self._node.auditor.ended(parties, list(brought), brought.total())

    def _kept(self, sop_instance_uids: Sequence[str]) -> set[str]:
        """Those that are safe here."""
        return set(self._node.ledger.kept(sop_instance_uids))

    def _begin(self, announced: Announced | None, origin: Origin, brought: Counter[str]) -> "_Arrival":
        named = Named(announced.sop_class_uid, announced.sop_instance_uid) if announced else None
        incoming = self.intake.begin(named, announced.transfer_syntax_uid if announced else None)
        return _Arrival(incoming, lambda: self._finish(incoming, origin, brought))

    def _finish(self, incoming: Incoming, origin: Origin, brought: Counter[str]) -> None:
        """Make an instance safe, and have the audit trail know."""
        receipt = self.intake.finish(incoming, origin, self._node.clock())
        self._node.auditor.received(receipt)
        brought[receipt.instance.study_instance_uid] += 1


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One instance on its way in."""

    incoming: Incoming
    finish: Callable[[], object]

    def __enter__(self) -> Self:
        self.incoming.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.incoming.__exit__()

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self.incoming.write(data)

    def keep(self) -> None:
        """Make it safe."""
        self.finish()
