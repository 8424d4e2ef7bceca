"""A request for the destinations comes in; how each stands goes out; people pause, resume and test them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hri_node.asking import Verdict
from hri_node.ledger.destinations import DestinationState
from hri_node.ledger.loads import Load
from hri_node.ledger.setups import Setup
from hri_node.ledger.states import Role, SetupKind
from hri_node.node import Node
from hri_node.peers import Section, sections_of
from hri_node.routing import SENDER
from hri_node.sections import DestinationSettings, OnlySettings, ScannerSettings
from hri_node.web.console.asked import fields_of, said, visitor_of
from hri_node.web.console.asking_peers import Tests
from hri_node.web.console.facts import Facts
from hri_node.web.console.phrases import kind_words
from hri_node.web.console.rendering import Pages, back_to, go_on
from hri_node.web.console.shared import Renderings, Shared
from hri_node.web.guard import Visitor, needs
from hri_node.web.peer_deeds import PeerDeeds

FRESH_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How one destination stands.

    Attributes
    ----------
    name
        Its own, or ``sender:`` and the AE title of a scanner that gets its results back.
    state, load
        What is known of it, and what is on its way there.
    section
        As it is set up; None where it was, once.
    setup
        Who did that; None for a scanner.
    verdict
        What it said when somebody asked it last.
    """

    name: str
    state: DestinationState
    load: Load
    section: Section | None = None
    setup: Setup | None = None
    verdict: Verdict | None = None

    @property
    def scanner(self) -> str:
        """AE title of the scanner that it is; empty for any other destination."""
        return self.name.removeprefix(SENDER) if self.name.startswith(SENDER) else ""

    @property
    def address(self) -> str:
        """How objects get there, and where that is."""
        return address_words(self.section) if self.section else ""

    @property
    def rules(self) -> list[str]:
        """What it gets."""
        if isinstance(self.section, ScannerSettings):
            return [f"what was made of the images of {self.section.ae_title}"]
        return rules_words(self.section.only) if self.section else []


class DestinationPages:
    """``/destinations``.

    Parameters
    ----------
    pages
        Templates.
    node
        Of this process.
    facts
        What the overview shows.
    deeds
        What people may do.
    """

    def __init__(self, pages: Pages, node: Node, facts: Shared[Facts], deeds: PeerDeeds) -> None:
        self._pages = pages
        self._node = node
        self._facts = facts
        self._deeds = deeds
        self._known = Shared(self._find, FRESH_S)
        self._parts = Renderings()
        self._tests = Tests(deeds)

    def routes(self) -> list[BaseRoute]:
        """Its addresses."""
        return [
            Route("/destinations", self.page),
            Route("/destinations/pause", self.pause, methods=["POST"]),
            Route("/destinations/resume", self.resume, methods=["POST"]),
            Route("/destinations/forget", self.forget, methods=["POST"]),
            Route("/destinations/test", self.test, methods=["POST"]),
        ]

    @needs(Role.VIEWER)
    async def page(self, request: Request) -> Response:
        """Destinations, or the live part of the page."""
        facts, known = await self._facts.get(), await self._known.get()
        standings = list(_standings(known, facts, self._deeds.verdicts))
        context = {"now": facts.at, "standings": standings}
        return self._pages.page(request, "destinations.html", context, kept=self._parts.of("", facts, known))

    @needs(Role.OPERATOR)
    async def pause(self, request: Request) -> Response:
        """Let nothing go to a destination."""
        return await self._done(request, self._deeds.pause)

    @needs(Role.OPERATOR)
    async def resume(self, request: Request) -> Response:
        """Send to a destination again, at once."""
        return await self._done(request, self._deeds.resume)

    @needs(Role.OPERATOR)
    async def forget(self, request: Request) -> Response:
        """Drop what is known of a destination that was removed."""
        return await self._done(request, self._deeds.forget_destination)

    @needs(Role.OPERATOR)
    async def test(self, request: Request) -> Response:
        """Ask a destination whether it answers."""
        return self._back(request, await self._tests.sentence(request, SetupKind.DESTINATION))

    async def _done(self, request: Request, deed: Callable[[Visitor, str], str]) -> Response:
        name = (await fields_of(request)).get("name", "")
        return self._back(request, await said(deed, visitor_of(request), name))

    def look_again(self) -> None:
        """Show what is, as somebody changed something."""
        self._facts.forget()
        self._known.forget()

    def _back(self, request: Request, words: str) -> Response:
        self.look_again()
        return go_on(request, back_to(request, "/destinations"), words)

    def _find(self) -> "Known":
        """What the ledger knows of destinations."""
        ledger = self._node.ledger
        sections = sections_of(self._node.setup)
        states = {state.name: state for state in ledger.states()}
        gone = [name for name in states if name not in sections]
        left = ledger.loads(gone, self._node.clock()).destinations if gone else {}
        setups = {one.name: one for one in ledger.setups(SetupKind.DESTINATION)}
        return Known(sections, setups, states, left)


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of destinations: as they are set up, by whom, how they stand, what is left of others."""

    sections: Mapping[str, Section]
    setups: Mapping[str, Setup]
    states: Mapping[str, DestinationState]
    left: Mapping[str, Load]


def _standings(known: Known, facts: Facts, verdicts: Mapping[tuple[SetupKind, str], Verdict]) -> Iterator[Standing]:
    """Every destination: what is set up in its order, then what was once."""
    for name in (*known.sections, *known.left):
        yield Standing(
            name,
            known.states.get(name, DestinationState(name)),
            facts.loads.get(name) or known.left.get(name, Load()),
            known.sections.get(name),
            known.setups.get(name),
            verdicts.get((SetupKind.DESTINATION, name)),
        )


def address_words(section: Section) -> str:
    """How a peer is reached; no secret is in it.

    Parameters
    ----------
    section
        As it is set up.
    """
    if isinstance(section, DestinationSettings) and section.protocol == "dicomweb":
        parts = urlsplit(section.url)
        return f"STOW-RS to {parts._replace(netloc=parts.netloc.rpartition('@')[2]).geturl()}"
    called = section.ae_title if isinstance(section, ScannerSettings) else section.called
    return f"C-STORE to {called} at {section.host}:{section.port}{', encrypted' if section.tls else ''}"


def rules_words(only: OnlySettings) -> list[str]:
    """What a destination gets, a rule a piece.

    Parameters
    ----------
    only
        Its rules.
    """
    said_of = {
        "calling": ("from", only.calling),
        "station": ("from station", only.station),
        "modality": ("of modality", only.modality),
        "outcome": ("of studies that are", [each.replace("_", " ") for each in only.outcome]),
    }
    kinds = [" or ".join(kind_words(kind) for kind in only.kinds)] if only.kinds else []
    rules = [f"{words} {' or '.join(values)}" for words, values in said_of.values() if values]
    return [*kinds, *rules] or ["everything"]
