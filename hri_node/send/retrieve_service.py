"""An association with a PACS comes in; series are asked for by C-GET or C-MOVE, and what comes over it is taken in."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, cast

import structlog
from pydicom import Dataset
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made when it is imported
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from hri_node.errors import Mismatched, PeerRefused, PeerUnavailable, Refused, Unavailable
from hri_node.records import Peer
from hri_node.send.association import Terms, associated
from hri_node.send.query import Means, Missing
from hri_node.send.query_identifier import identifier_of
from hri_node.send.query_outcomes import Answer, Service, answer, error
from hri_node.send.retrieve_habits import Habits, contexts_of, roles_of
from hri_node.send.retrieve_stream import Inflow, keep

UIDS_MAX: Final = 500
"""SOP Instance UIDs of one request: a list of them must fit into 64 KiB (PS3.5 7.1.2)."""

MESSAGE_ID: Final = 1
SUCCESS, OUT_OF_RESOURCES, NO_MATCH, NOT_UNDERSTOOD = 0x0000, 0xA700, 0xA900, 0xC000
"""Our answers to C-STORE, PS3.4 B.2.3."""

LOOK_S: Final = 1.0
"""How often the ledger is asked what came in over the listener."""

log = structlog.get_logger()


@contextmanager
def retrieving(peer: Peer, habits: Habits, missing: Sequence[Missing], means: Means) -> Iterator["Retrieval"]:
    """An association over which instances can be fetched, by C-GET or C-MOVE.

    Parameters
    ----------
    peer
        Who, where, and the AE titles to use.
    habits
        How instances are fetched from it.
    missing
        What will be fetched.
    means
        What is used of the node.

    Raises
    ------
    PeerRefused
        When the peer offers no way of fetching them.
    PeerUnavailable
        When it cannot be reached.
    """
    retrieval = Retrieval(peer, habits, means, [uid for series in missing for uid in series.sop_instance_uids])
    classes = habits.classes_of(missing)
    handlers: tuple[EventHandlerType, ...] = (
        (evt.EVT_CONN_OPEN, retrieval.connect),
        (evt.EVT_C_STORE, retrieval.take_in),
    )
    terms = Terms(roles_of(habits, classes), handlers)
    try:
        with associated(peer, contexts_of(habits, classes), habits.timeout_s, terms) as association:
            retrieval.begin(association)
            yield retrieval
    finally:
        retrieval.end()


class Retrieval:
    """Requests over one association, and what comes in because of them.

    Parameters
    ----------
    peer, habits, means
        As for `retrieving`.
    wanted
        SOP Instance UIDs.
    """

    def __init__(self, peer: Peer, habits: Habits, means: Means, wanted: Sequence[str]) -> None:
        self._peer = peer
        self._habits = habits
        self._means = means
        self._wanted = wanted
        self._service = Service.GET
        self._inflow: Inflow | None = None
        self._association: Association | None = None
        self._kept_before = len(means.kept(wanted))
        self._looked_at = time.monotonic()
        self._refusals: list[str] = []
        self._full: Unavailable | None = None

    def connect(self, event: Event) -> None:
        """Let the messages of the new connection flow into the node."""
        self._inflow = Inflow(event.assoc, self._means.door, self._signs, self._means.stop)
        event.assoc.dimse = self._inflow

    def begin(self, association: Association) -> None:
        """Choose the service that the peer agreed to.

        Parameters
        ----------
        association
            The one that came about.

        Raises
        ------
        PeerRefused
            When there is none.
        """
        accepted = association.accepted_contexts
        models = {str(context.abstract_syntax) for context in accepted}
        can_store = any(context.as_scp for context in accepted)
        if StudyRootQueryRetrieveInformationModelGet in models and can_store:
            self._service = Service.GET
        elif StudyRootQueryRetrieveInformationModelMove in models:
            self._service = Service.MOVE
        else:
            raise PeerRefused(f"{self._peer.name} does not offer C-GET of these instances")
        assert self._inflow, "the connection is open"
        self._association = association
        self._inflow.cancel = self._cancel

    def end(self) -> None:
        """Forget what stopped half-way."""
        if self._inflow:
            self._inflow.forget()

    @property
    def _model(self) -> str:
        is_get = self._service is Service.GET
        model = StudyRootQueryRetrieveInformationModelGet if is_get else StudyRootQueryRetrieveInformationModelMove
        return str(model)

    def fetch(self, series: Missing) -> str:
        """What went wrong with single instances of a series, in words, or nothing.

        Parameters
        ----------
        series
            What to fetch.

        Raises
        ------
        PeerRefused
            When the peer does not want to give them.
        PeerUnavailable
            When it gave up half-way.
        Unavailable
            When the node can take nothing in at present.
        """
        keys = {"StudyInstanceUID": series.study_instance_uid, "SeriesInstanceUID": series.series_instance_uid}
        if series.is_whole:
            requests = [identifier_of("SERIES", keys)]
        else:
            uids = series.sop_instance_uids
            portions = [uids[start : start + UIDS_MAX] for start in range(0, len(uids), UIDS_MAX)]
            requests = [identifier_of("IMAGE", keys | {"SOPInstanceUID": portion}) for portion in portions]
        words = [self._ask(identifier) for identifier in requests]
        refusals, self._refusals = self._refusals, []
        return "; ".join(dict.fromkeys(filter(None, [*refusals, *words])))

    def _ask(self, identifier: Dataset) -> str:
        """What went wrong with single instances of one request."""
        for status in self._responses(identifier):
            kind, words = answer(self._service, status) if status is not None else (Answer.OUTAGE, "")
            self._look(is_last=kind is not Answer.PENDING)
            if self._full and kind is not Answer.PENDING:
                raise self._full
            if kind is Answer.DONE or (self._refusals and kind is not Answer.PENDING and status is not None):
                return ""  # a peer whose instances we do not want says that it failed: our reason is the better one
            if kind is Answer.PARTIAL:
                return f"{self._peer.name} answered {self._service.value} with 0x{status:04X}, {words}"
            if kind is not Answer.PENDING:
                raise error(self._peer.name, self._service, status)
        raise error(self._peer.name, self._service, None)

    def _responses(self, identifier: Dataset) -> Iterator[int | None]:
        """Status of each response; None where none came."""
        assert self._association, "it has begun"
        try:
            if self._service is Service.GET:
                responses = self._association.send_c_get(identifier, self._model, MESSAGE_ID)
            else:
                to = self._habits.move_to
                responses = self._association.send_c_move(identifier, to, self._model, MESSAGE_ID)
        except RuntimeError as gone:
            raise PeerUnavailable(f"{self._peer.name} gave the association up") from gone
        for status, _ in responses:
            yield status.get("Status")

    def _cancel(self) -> None:
        """Ask the peer to end (PS3.4 C.4.2.2.3, C.4.3.2.3)."""
        if self._association and self._association.is_established:
            self._association.send_c_cancel(MESSAGE_ID, query_model=self._model)

    def take_in(self, event: Event) -> int:
        """Answer C-STORE: success only when the node has the instance."""
        request = cast("C_STORE", event.request)
        uid = str(request.AffectedSOPInstanceUID)
        try:
            keep(request)
        except Unavailable as fault:
            self._full = fault
            assert self._inflow, "it came over it"
            self._inflow.halt()
            return OUT_OF_RESOURCES
        except Refused as fault:
            self._refusals.append(str(fault))
            log.warning("instance_refused", reason=str(fault), sop_instance_uid=uid)
            return NO_MATCH if isinstance(fault, Mismatched) else NOT_UNDERSTOOD
        except Exception:  # outer ring: pynetdicom would answer, and tell nobody
            log.exception("instance_failed", sop_instance_uid=uid)
            self._refusals.append("an unexpected error")
            return NOT_UNDERSTOOD
        self._means.progress(1)
        return SUCCESS

    def _signs(self) -> int:
        """How many came in over our listener, after C-MOVE."""
        return len(self._means.kept(self._wanted)) if self._service is Service.MOVE else 0

    def _look(self, *, is_last: bool) -> None:
        """Tell how many more came in over our listener."""
        if self._service is Service.MOVE and (is_last or time.monotonic() - self._looked_at > LOOK_S):
            kept, before, self._looked_at = self._signs(), self._kept_before, time.monotonic()
            self._means.progress(kept - before)
            self._kept_before = kept
