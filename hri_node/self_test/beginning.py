"""A node and a wish come in; a self-test is written down as begun, and may be carried out by any process."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from hri_node.errors import Refused
from hri_node.ledger.self_tests import Run, Step, Verdict, token_sha256
from hri_node.node import Node
from hri_node.routing import destination_names
from hri_node.self_test.names import fresh_uid, new_title

TIMEOUT_S: Final = 180.0

STALLED_S: Final = 45.0
"""Nobody works on anything of a queue for so long, though something waits: nobody is there. A worker that starts needs
half of it until it has loaded the network."""

TITLES: Final = {
    "images": "Make images",
    "c-store": "Receive by C-STORE",
    "stow": "Receive by STOW-RS",
    "received": "Keep safe",
    "measured": "Measure",
    "reported": "Report",
}
"""The steps up to the destinations, by key."""

START_S: Final = 60.0
"""How much later than it was begun it may be carried out."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants of a self-test.

    Attributes
    ----------
    destinations
        Names of those to see to; None: all; none: ().
    is_stored
        Whether results are stored at all of them, whatever the settings say of each.
    is_kept
        Whether the study stays, to be looked at.
    timeout_s
        How long all of it may take, its cleaning not included.
    stalled_s
        How long a queue may stand still.
    """

    destinations: tuple[str, ...] | None = None
    is_stored: bool = False
    is_kept: bool = False
    timeout_s: float = TIMEOUT_S
    stalled_s: float = STALLED_S


@dataclass(frozen=True, slots=True)
class Begun:
    """A self-test that is written down: how it stands, its bearer token, and the destinations it sees to."""

    run: Run
    token: str
    names: tuple[str, ...]
    wishes: Wishes


def begin(node: Node, wishes: Wishes, who: str) -> Begun:
    """Write down that a self-test begins; whoever carries it out has to do so within half a minute.

    Parameters
    ----------
    node
        Its ledger, and what is set up.
    wishes
        What is wanted.
    who
        Somebody's name.

    Raises
    ------
    Refused
        When another self-test is under way, or a destination is not known.
    Unavailable
        When the ledger does not answer.
    """
    names = _chosen(node, wishes.destinations)
    token, now = secrets.token_urlsafe(32), node.clock()
    until = now + timedelta(seconds=wishes.timeout_s + START_S)
    stores = _stores(node, wishes, names)
    run = Run(new_title(), who, fresh_uid(), token_sha256(token), now, until, now, stores, plan(names, stores))
    node.ledger.begin_self_test(run)
    return Begun(run, token, names, wishes)


def plan(names: Sequence[str], stores: Sequence[str]) -> tuple[Step, ...]:
    """Every step, none of them begun.

    Parameters
    ----------
    names, stores
        Of the destinations to see to, and of those among them that are stored at.
    """
    towards = {f"to:{name}": f"Deliver to {name}" if name in stores else f"Ask {name}" for name in names}
    after = {f"note:{name}": f"Reject at {name}" for name in stores}
    titles = {**TITLES, **towards, "clean": "Clean up", **after}
    return tuple(Step(key, title, Verdict.WAITING) for key, title in titles.items())


def _chosen(node: Node, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Names of destinations that are there, scanners that get their results back among them."""
    known = destination_names(node.setup.destinations, node.setup.scanners)
    for name in wanted or ():
        if name not in known:
            raise Refused(f"there is no destination {name}; there is {', '.join(known) or 'none'}")
    return known if wanted is None else tuple(name for name in known if name in wanted)


def _stores(node: Node, wishes: Wishes, names: Sequence[str]) -> tuple[str, ...]:
    """Names of the destinations that results are stored at: as the settings say of each, or at all; no paused one."""
    paused = {state.name for state in node.ledger.states() if state.paused_at}
    return tuple(
        to.name
        for to in node.setup.destinations
        if to.name in names and to.name not in paused and (wishes.is_stored or to.self_test == "store")
    )
