"""Identities of stored objects come in; what the peer has of them, by commitment or by query, goes out."""

import time
from collections.abc import Sequence
from typing import Final

import structlog
from pynetdicom import build_context
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made when it is imported

from hri_node.commitment import NO_SUCH_INSTANCE, Result
from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.records import Peer
from hri_node.send.commitment import accepts_commitment, commitment_context, request_commitment
from hri_node.send.destination import Holding, Proof, Sent
from hri_node.send.line import Line
from hri_node.send.proof_query import accepts_query, find_instances, query_context

REPORT_WAIT_S: Final = 1.0
REPORT_WAIT_MIN_S: Final = 0.05
"""How long a report is awaited over the same association, for a peer that answers so, and for one that never did."""

UNSERVED_S: Final = 600.0
"""For so long a way of asking that led nowhere is not tried again, where the settings demand none."""

HANG_UPS_MAX: Final = 3
"""Who hangs up on a question so often, and never answered it, does not serve it. Less may be an outage, which must not
end deliveries without proof."""

SILENCE: Final = 0.9
"""Share of the time-out after which an association that ended is one that timed out, not one the peer hung up on."""

log = structlog.get_logger()


class Prover:
    """Asks one peer what it has, and remembers what it does not serve.

    Parameters
    ----------
    peer
        For the sentence of an error.
    proof
        ``auto``: commitment, else query, else nothing; ``commitment``; ``query``; ``none``.
    report_wait_s
        How long a report is awaited over the same association.
    """

    def __init__(self, peer: Peer, proof: str, report_wait_s: float = REPORT_WAIT_S) -> None:
        self._peer = peer
        self._proof = proof
        self._wait_s = self._wait_max_s = report_wait_s
        self._unserved: dict[str, float] = {}
        self._hang_ups: dict[str, int] = {}
        self._answered: set[str] = set()

    def contexts(self) -> list[PresentationContext]:
        """What has to be negotiated besides storage; a commitment that does not come is replaced by a query."""
        if self._proof == "none":
            return []
        return [query_context()] if self._proof == "query" else [commitment_context(), query_context()]

    def prove(self, line: Line, sent: Sequence[Sent], transaction_uid: str, *, is_overdue: bool) -> Proof:
        """What the peer has of these objects.

        Parameters
        ----------
        line
            To the peer; `contexts` were proposed.
        sent
            Objects the peer said to have stored.
        transaction_uid
            Names the request for storage commitment, if one is made.
        is_overdue
            Whether a commitment was asked for before and did not come in time.

        Raises
        ------
        PeerRefused
            When the peer has no such service, or does not serve us.
        PeerUnavailable
            When it gave no answer, or cannot tell at present.
        """
        failures: list[PeerRefused | PeerUnavailable] = []
        for way in self._order(line, is_overdue=is_overdue):
            answer = self._asked(way, line, sent, transaction_uid)
            if isinstance(answer, Proof):
                self._answered.add(way)
                self._learn(way, answer, is_overdue=is_overdue)
                return answer
            failures.append(answer)
        for failure in failures:
            if isinstance(failure, PeerUnavailable) or self._proof != "auto":
                raise failure
        if self._proof in {"auto", "none"}:
            return Proof({each.sop_instance_uid: Holding.UNKNOWN for each in sent}, "delivered")
        raise PeerRefused(f"{self._peer.name} offers no way to ask what it has, as proof = {self._proof} wants")

    def _order(self, line: Line, *, is_overdue: bool) -> list[str]:
        """Ways of asking that the settings allow and the peer offers, the best first."""
        wanted = {
            "none": [],
            "query": ["query"],
            "commitment": ["query", "commitment"] if is_overdue else ["commitment"],
            "auto": ["query", "commitment"] if is_overdue else ["commitment", "query"],
        }[self._proof]
        offered = {"commitment": accepts_commitment(line.association), "query": accepts_query(line.association)}
        return [way for way in wanted if offered[way] and not (self._proof == "auto" and self._is_unserved(way))]

    def _asked(
        self, way: str, line: Line, sent: Sequence[Sent], transaction_uid: str
    ) -> Proof | PeerRefused | PeerUnavailable:
        """What came of one way of asking; where another may be tried, the line is open for it."""
        began_s = time.monotonic()
        try:
            if way == "commitment":
                return self._by_commitment(line, sent, transaction_uid)
            return Proof(find_instances(line.association, self._peer, sent), "verified")
        except PeerRefused as error:
            failure: PeerRefused | PeerUnavailable = error
        except PeerUnavailable as error:
            was_silent = line.is_cut and time.monotonic() - began_s > SILENCE * line.timeout_s
            if self._proof != "auto" or was_silent:
                raise
            failure = PeerRefused(str(error)) if line.is_cut and self._hangs_up_on(way) else error
        if isinstance(failure, PeerRefused):
            self._set_aside(way, str(failure))
        if line.is_cut:
            line.renew([build_context(Verification), *self.contexts()])
        return failure

    def _by_commitment(self, line: Line, sent: Sequence[Sent], transaction_uid: str) -> Proof:
        """What the peer reports over this association; pending, where it takes its time."""
        line.reports.expect(transaction_uid)
        request_commitment(line.association, self._peer, sent, transaction_uid)
        result = line.reports.wait(transaction_uid, self._wait_s)
        self._wait_s = self._wait_max_s if result else max(self._wait_s / 4, REPORT_WAIT_MIN_S)
        if result is None:
            return Proof({each.sop_instance_uid: Holding.PENDING for each in sent}, "committed")
        return self._reported(line, sent, result)

    def _reported(self, line: Line, sent: Sequence[Sent], result: Result) -> Proof:
        """What a report says; where an object may be there although it is not committed to, the peer is asked."""
        committed = {uid for _, uid in result.committed}
        reasons = {uid: reason for (_, uid), reason in result.failed}
        holdings = {each.sop_instance_uid: Holding.PENDING for each in sent}  # a report may leave one out
        holdings |= {uid: Holding.PRESENT for uid in holdings if uid in committed}
        holdings |= {uid: Holding.ABSENT for uid in holdings if uid in reasons}
        unclear = [each for each in sent if reasons.get(each.sop_instance_uid, NO_SUCH_INSTANCE) != NO_SUCH_INSTANCE]
        if not (unclear and accepts_query(line.association)):
            return Proof(holdings, "committed")
        return Proof({**holdings, **find_instances(line.association, self._peer, unclear)}, "verified")

    def _learn(self, way: str, proof: Proof, *, is_overdue: bool) -> None:
        """Ask no more for commitments that do not come, where the peer can be asked for what it has."""
        if way == "query" and is_overdue and Holding.PRESENT in proof.holdings.values():
            self._set_aside("commitment", f"{self._peer.name} did not report on a storage commitment in time")

    def _set_aside(self, way: str, words: str) -> None:
        """Do without a way of asking for a while, and say so."""
        if self._proof == "auto":
            self._unserved[way] = time.monotonic()
            log.warning("proof_unavailable", destination=self._peer.name, way=way, reason=words, for_s=UNSERVED_S)

    def _hangs_up_on(self, way: str) -> bool:
        """Whether the peer, which hung up on this question, does so as a rule."""
        self._hang_ups[way] = self._hang_ups.get(way, 0) + 1
        return self._hang_ups[way] >= HANG_UPS_MAX and way not in self._answered

    def _is_unserved(self, way: str) -> bool:
        return time.monotonic() - self._unserved.get(way, -UNSERVED_S) < UNSERVED_S
