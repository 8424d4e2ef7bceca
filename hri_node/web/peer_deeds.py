"""Somebody who may, and what they want of a scanner or destination, come in; it is done, written down, and said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hri_node.asking import Verdict, ask
from hri_node.changes import SetupDesk, Unknown
from hri_node.ledger.destinations import known_states
from hri_node.ledger.states import SetupKind
from hri_node.node import Node
from hri_node.peers import Section, sections_of
from hri_node.routing import SENDER, destination_names
from hri_node.setup import LiveSetup
from hri_node.web.guard import Visitor
from hri_node.web.notebook import Kind, Notebook


@dataclass(frozen=True, slots=True)
class PeerDeeds:
    """What a page and the API may do with scanners and destinations. Every method waits for the ledger or for a peer.

    Attributes
    ----------
    node
        Ledger, settings, clock.
    notebook
        Where it is written down.
    verdicts
        The latest answer of each peer that somebody of this process asked, by kind and name.
    """

    node: Node
    notebook: Notebook
    verdicts: dict[tuple[SetupKind, str], Verdict] = field(default_factory=dict)

    @property
    def desk(self) -> SetupDesk:
        """Where they are set up."""
        return SetupDesk(self.node.ledger, self.node.settings, self.node.clock)

    def pause(self, visitor: Visitor, name: str) -> str:
        """Let nothing go to a destination; what is made meanwhile waits.

        Raises
        ------
        Unknown
            When nobody knows a destination of that name.
        """
        self._known(name)
        self.node.ledger.pause(name, visitor.who, self.node.clock())
        self.notebook.note(visitor, "destination pause", [name], Kind.SETTING)
        return f"{name} is paused: what is made for it waits."

    def resume(self, visitor: Visitor, name: str) -> str:
        """Send to a destination again, at once, also where it was away.

        Raises
        ------
        Unknown
            When nobody knows a destination of that name.
        """
        self._known(name)
        self.node.ledger.resume(name, self.node.clock())
        self.notebook.note(visitor, "destination resume", [name], Kind.SETTING)
        return f"{name} is sent to again."

    def add(self, visitor: Visitor, kind: SetupKind, chosen: Mapping[str, Any]) -> str:
        """Name of a scanner or destination that was not there before.

        Raises
        ------
        WrongKey
            When it cannot work, or is there already.
        """
        name = self.desk.add(kind, chosen, visitor.who)
        self._follow()
        self.notebook.note(visitor, f"{kind} add", [name], Kind.NETWORK)
        return name

    def change(self, visitor: Visitor, kind: SetupKind, name: str, chosen: Mapping[str, Any]) -> None:
        """Set up otherwise what is there.

        Raises
        ------
        Unknown
            When there is none of that name.
        WrongKey
            When it cannot work so.
        """
        self.desk.change(kind, name, chosen, visitor.who)
        self._follow()
        self.verdicts.pop((kind, name), None)
        self.notebook.note(visitor, f"{kind} update", [name], Kind.NETWORK)

    def remove(self, visitor: Visitor, kind: SetupKind, name: str) -> str:
        """Take a scanner or destination away.

        Raises
        ------
        Unknown
            When there is none of that name.
        """
        self.desk.remove(kind, name, visitor.who)
        self._follow()
        self.verdicts.pop((kind, name), None)
        self.notebook.note(visitor, f"{kind} rm", [name], Kind.NETWORK)
        if kind is SetupKind.SCANNER:
            return f"{name} is removed."
        self.node.ledger.forget_destination(name)
        return f"{name} is removed: what waits for it is refused from now on."

    def test(self, visitor: Visitor, kind: SetupKind, name: str) -> Verdict:
        """What a peer answers; one that was away and answers is sent to again.

        Raises
        ------
        Unknown
            When there is none of that name.
        Refused
            When it is a scanner whose address is not known.
        Misconfigured
            When a certificate cannot be used.
        """
        verdict = ask(self._section(kind, name), self.node.settings, self.node.clock(), visitor.who)
        if verdict.answers and kind is SetupKind.DESTINATION:
            self.node.ledger.note_answer(name, self.node.clock())
        self.verdicts[kind, name] = verdict
        self.notebook.note(visitor, f"{kind} echo", [name])
        return verdict

    def forget_destination(self, visitor: Visitor, name: str) -> str:
        """Drop what is known of a destination that is not set up any more.

        Raises
        ------
        Unknown
            When nobody knows one of that name, or it is set up.
        """
        if name in self._names():
            raise Unknown(f"destination {name} is set up: remove it instead")
        self._known(name)
        self.node.ledger.forget_destination(name)
        self.notebook.note(visitor, "destination forget", [name])
        return f"{name} is forgotten."

    def forget_contact(self, visitor: Visitor, ae_title: str, address: str) -> str:
        """Drop what is known of whoever called from somewhere, such as a scanner that was retired."""
        self.node.ledger.forget_contact(ae_title, address)
        self.notebook.note(visitor, "scanner forget", [f"{ae_title}@{address}"])
        return f"{ae_title or 'Whoever called'} from {address} is forgotten until it calls again."

    def _follow(self) -> None:
        """Let this process follow at once; the others do within a second."""
        if isinstance(self.node.live, LiveSetup):
            self.node.live.refresh()

    def _section(self, kind: SetupKind, name: str) -> Section:
        if kind is SetupKind.DESTINATION and name.startswith(SENDER):
            found = sections_of(self.node.setup).get(name)
            if found is None:
                raise Unknown(f"there is no destination {name}")
            return found
        return self.desk.section(kind, name)

    def _names(self) -> tuple[str, ...]:
        return destination_names(self.node.setup.destinations, self.node.setup.scanners)

    def _known(self, name: str) -> None:
        names = known_states(self.node.ledger, self._names())
        if name not in names:
            raise Unknown(f"there is no destination {name}; there is {', '.join(names) or 'none'}")
