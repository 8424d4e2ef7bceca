"""What happens at the node comes in, as the witness of its doors and of its deliveries; audit messages go out."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socket import gethostname

from hri_node.audit import codes
from hri_node.audit.codes import Coded
from hri_node.audit.message import Message, Participant, Subject
from hri_node.audit.parties import WITHHELD, Transfer, ourselves, peer, user
from hri_node.audit.persons import PersonTrail, alert
from hri_node.audit.pump import Pump
from hri_node.ledger.states import Addition
from hri_node.receive.hooks import Parties
from hri_node.receive.intake import Receipt


@dataclass
class _Arrival:
    """What has come of one study from one peer since the last message about it."""

    sop_classes: Counter[str] = field(default_factory=Counter)
    patient_id: str = ""
    is_new: bool = False


class Auditor(PersonTrail):
    """The audit trail of one process. No method waits, and none raises.

    Parameters
    ----------
    ae_title
        The node's.
    pumps
        Where messages go; none: nothing is written.
    patient_ids
        Whether messages name the patient.
    clock
        Present time.
    """

    def __init__(
        self,
        ae_title: str,
        pumps: Sequence[Pump] = (),
        *,
        patient_ids: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ae_title = ae_title
        self._pumps = tuple(pumps)
        self._patient_ids = patient_ids
        self._clock = clock
        self._lock = threading.Lock()
        self._arrivals: dict[tuple[Parties, str], _Arrival] = {}

    def started(self, role: str) -> None:
        """The process began to serve (PS3.15 A.5.3.1).

        Parameters
        ----------
        role
            Of the node, as its command names it.
        """
        self._application(codes.APPLICATION_START, role)

    def stopped(self, role: str) -> None:
        """The process is about to end.

        Parameters
        ----------
        role
            Of the node.
        """
        self._application(codes.APPLICATION_STOP, role)

    def admitted(self, parties: Parties) -> None:
        """Nothing is written: PS3.15 A.5.3.11 expects failures only, and each transfer names its peer.

        Parameters
        ----------
        parties
            Who called whom, from where.
        """

    def rejected(self, parties: Parties, reason: str) -> None:
        """A peer was turned away, by the allowlist, for want of room or by TLS (PS3.15 A.5.3.11).

        Parameters
        ----------
        parties
            Who called whom, from where; the titles are empty where TLS failed.
        reason
            In words.
        """
        who = [self._we(is_requestor=False), peer(parties.calling, parties.address, is_requestor=True)]
        node = alert(parties.address or parties.calling, codes.SECURITY_RESOURCE, reason)
        self._write(Message(codes.SECURITY_ALERT, "E", who, [node], codes.NODE_AUTHENTICATION, reason))

    def received(self, receipt: Receipt) -> None:
        """An instance is safe; its association's message tells of it.

        Parameters
        ----------
        receipt
            Of the intake.
        """
        if not self._pumps:
            return
        instance = receipt.instance
        origin = instance.origin
        parties = Parties(origin.calling, origin.called, origin.address)
        with self._lock:
            arrival = self._arrivals.setdefault((parties, instance.study_instance_uid), _Arrival())
            arrival.sop_classes[instance.sop_class_uid] += 1
            arrival.patient_id = instance.patient_id
            arrival.is_new |= receipt.addition is not Addition.SAME

    def ended(self, parties: Parties, study_instance_uids: Sequence[str], instances: int) -> None:
        """An association, a request or a retrieval ended: one message for each study (PS3.15 A.5.3.7).

        Parameters
        ----------
        parties
            Who sent to whom, from where.
        study_instance_uids
            What came.
        instances
            How many in all.
        """
        who = [
            peer(parties.calling, parties.address, codes.SOURCE_ROLE, is_requestor=True),
            self._we(codes.DESTINATION_ROLE, is_requestor=False),
        ]
        for uid in study_instance_uids:
            with self._lock:
                arrival = self._arrivals.pop((parties, uid), None)
            if arrival is None:  # another association of this peer has told of its classes already
                arrival = _Arrival(Counter({"": instances} if len(study_instance_uids) == 1 else {}))
            transfer = Transfer(uid, arrival.sop_classes, arrival.patient_id)
            action = "C" if arrival.is_new else "R"
            self._write(Message(codes.INSTANCES_TRANSFERRED, action, who, self._subjects(transfer)))

    def exporting(self, to: Parties, transfer: Transfer) -> None:
        """Objects of a study are about to leave (PS3.15 A.5.3.3).

        Parameters
        ----------
        to
            Our AE title, the destination's (or its URL), and its host.
        transfer
            What will go.
        """
        self._write(Message(codes.BEGIN_TRANSFERRING, "E", self._towards(to), self._subjects(transfer)))

    def exported(self, to: Parties, transfer: Transfer, trouble: str = "") -> None:
        """Objects of a study have left, or have not; a batch that ended both ways makes two messages (A.5.2).

        Parameters
        ----------
        to
            As `exporting` has it.
        transfer
            What went, or did not.
        trouble
            Why it did not, in words; empty: it did.
        """
        who, what = self._towards(to), self._subjects(transfer)
        self._write(Message(codes.INSTANCES_TRANSFERRED, "R", who, what, trouble=trouble))

    def queried(self, to: Parties, sop_class_uid: str, identifier: bytes, transfer_syntax_uid: str = "") -> None:
        """A peer was asked for studies (PS3.15 A.5.3.10). The question may name a patient: it is kept where IDs are.

        Parameters
        ----------
        to
            Our AE title, the peer's (or its URL), and its host.
        sop_class_uid
            Of the query; empty for QIDO-RS.
        identifier, transfer_syntax_uid
            The question as it was encoded; for QIDO-RS the query string and no transfer syntax.
        """
        question = Subject(
            sop_class_uid or "QIDO-RS",
            codes.SOP_CLASS_UID,
            codes.SYSTEM_OBJECT,
            codes.REPORT,
            query=identifier if self._patient_ids else WITHHELD.encode(),
            details={"TransferSyntax": transfer_syntax_uid} if transfer_syntax_uid else {},
        )
        self._write(Message(codes.QUERY, "E", self._towards(to), [question]))

    def deleted(self, study_instance_uid: str, patient_id: str) -> None:
        """A study is gone from the node with all that was made of it, as a self-test's is (PS3.15 A.5.3.8).

        Parameters
        ----------
        study_instance_uid, patient_id
            Of the study.
        """
        who, gone = [self._we(is_requestor=True)], Transfer(study_instance_uid, Counter(), patient_id)
        self._write(Message(codes.STUDY_DELETED, "D", who, self._subjects(gone)))

    def close(self) -> None:
        """Hand over what waits, for a few seconds at most."""
        for pump in self._pumps:
            pump.close()

    def _application(self, kind: Coded, role: str) -> None:
        us = self._we(codes.APPLICATION, is_requestor=False)
        named = Participant(f"{us.user_id} hri-node {role}", us.is_requestor, us.role, us.ae_titles, us.address)
        self._write(Message(codes.APPLICATION_ACTIVITY, "E", [named, user(codes.APPLICATION_LAUNCHER)], kind=kind))

    def _we(self, role: Coded | None = None, *, is_requestor: bool) -> Participant:
        return ourselves(self._ae_title, role, is_requestor=is_requestor)

    def _towards(self, to: Parties) -> list[Participant]:
        """We, and whom we called."""
        destination = peer(to.called, to.address, codes.DESTINATION_ROLE, is_requestor=False)
        return [self._we(codes.SOURCE_ROLE, is_requestor=True), destination]

    def _subjects(self, transfer: Transfer) -> list[Subject]:
        return transfer.subjects(patient_ids=self._patient_ids)

    def _write(self, message: Message) -> None:
        """Hand a message to every outlet; the node goes on whatever comes of it."""
        if self._pumps:
            xml = message.to_xml(f"{self._ae_title}@{gethostname()}", self._clock())
            for pump in self._pumps:
                pump.put(xml)
