"""Questions and wishes of programs about scanners and destinations come in; they are told, set up, paused and asked."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, HTTPException, Query

from hri_node.changes import NAME_KEY, Unknown
from hri_node.ledger.destinations import known_states
from hri_node.ledger.setups import Setup
from hri_node.ledger.states import Role, SetupKind
from hri_node.node import Node
from hri_node.section_reading import WrongKey
from hri_node.web.api.asking import ADMIN, OPERATOR, Asker, Noting
from hri_node.web.api.jobs import Said
from hri_node.web.api.peer_models import Answered, Contact, Day, Destination, Keys, Peer, Scanner, Span
from hri_node.web.api.problems import BAD_REQUEST, NOT_FOUND
from hri_node.web.api.queues import Load
from hri_node.web.guard import Visitor, needs
from hri_node.web.notebook import Notebook
from hri_node.web.peer_deeds import PeerDeeds


def peers_router(node: Node) -> APIRouter:
    """``/destinations``, ``/scanners`` and ``/contacts``.

    Parameters
    ----------
    node
        Its ledger and settings.
    """
    router = APIRouter(tags=["scanners and destinations"])
    _add_reading(router, node)
    _add_acts(router, node)
    _add_setting_up(router, node)
    return router


def _add_reading(router: APIRouter, node: Node) -> None:
    @router.get("/destinations")
    @needs(Role.VIEWER)
    def destinations() -> list[Destination]:
        """Every destination: what is set up, what is on its way there, whether it answers."""
        states = known_states(node.ledger, list(node.destinations))
        loads = node.ledger.loads(list(states), node.clock()).destinations
        setups = {one.name: one for one in node.ledger.setups(SetupKind.DESTINATION)}
        return [
            Destination(
                name=name,
                setup=_peer(setups.get(name)),
                paused_at=state.paused_at,
                paused_by=state.paused_by,
                outages=state.failures,
                not_before=state.not_before,
                last_answer_at=state.last_answer_at,
                last_error=state.detail if state.failures else "",
                load=Load.model_validate(loads[name], from_attributes=True),
            )
            for name, state in states.items()
        ]

    @router.get("/scanners")
    @needs(Role.VIEWER)
    def scanners() -> list[Scanner]:
        """Every scanner that is set up, or that images came from."""
        setups = {one.name: one for one in node.ledger.setups(SetupKind.SCANNER)}
        images = node.ledger.last_images()
        names = dict.fromkeys([*setups, *images])
        return [Scanner(ae_title=n, setup=_peer(setups.get(n)), last_image_at=images.get(n)) for n in names]

    @router.get("/contacts")
    @needs(Role.VIEWER)
    def contacts() -> list[Contact]:
        """Whoever called, and who was turned away and why."""
        return [
            Contact(last_image_at=each.last_instance_at, **{name: getattr(each, name) for name in _CONTACT})
            for each in node.ledger.contacts()
        ]

    @router.get("/scanners/{ae_title:path}/days")
    @needs(Role.VIEWER)
    def days(ae_title: str, span: Annotated[Span, Query()]) -> list[Day]:
        """How a scanner measured, by day: for drift."""
        now = node.clock()
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        found = node.ledger.scanner_days(ae_title, midnight - timedelta(days=span.days - 1), now)
        return [
            Day(
                day=day,
                images=tally.images,
                measured=tally.measured,
                with_warnings=tally.with_warnings,
                median_hri=tally.median_hri,
            )
            for day, tally in found.items()
        ]


_CONTACT: Final = ("ae_title", "address", "last_seen_at", "is_rejected", "rejections", "rejection")


def _add_acts(router: APIRouter, node: Node) -> None:
    @router.post("/destinations/{name:path}/{act}", **OPERATOR)
    @needs(Role.OPERATOR)
    def hold(name: str, act: Literal["pause", "resume", "echo"], asker: Asker, noting: Noting) -> Answered | Said:
        """Let nothing go there any more; send again, at once; or ask it whether it answers."""
        deeds = PeerDeeds(node, noting)
        with_name = asker, name
        try:
            if act == "echo":
                return _asked(deeds, asker, SetupKind.DESTINATION, name)
            return Said(said=deeds.pause(*with_name) if act == "pause" else deeds.resume(*with_name))
        except Unknown as error:
            raise HTTPException(NOT_FOUND, str(error)) from None

    @router.post("/scanners/{ae_title:path}/echo", **OPERATOR)
    @needs(Role.OPERATOR)
    def ask(ae_title: str, asker: Asker, noting: Noting) -> Answered:
        """Ask a scanner whether it answers."""
        try:
            return _asked(PeerDeeds(node, noting), asker, SetupKind.SCANNER, ae_title)
        except Unknown as error:
            raise HTTPException(NOT_FOUND, str(error)) from None


def _add_setting_up(router: APIRouter, node: Node) -> None:
    def put(kind: SetupKind, name: str, keys: Keys, by: tuple[Visitor, Notebook]) -> Said:
        deeds = PeerDeeds(node, by[1])
        try:
            if any(one.name == name for one in node.ledger.setups(kind)):
                deeds.change(by[0], kind, name, keys.keys)
                return Said(said=f"{name} is changed.")
            deeds.add(by[0], kind, {**keys.keys, NAME_KEY[kind]: name})
        except WrongKey as error:
            raise HTTPException(BAD_REQUEST, str(error)) from None
        return Said(said=f"{name} is set up.")

    def remove(kind: SetupKind, name: str, by: tuple[Visitor, Notebook]) -> Said:
        try:
            return Said(said=PeerDeeds(node, by[1]).remove(by[0], kind, name))
        except Unknown as error:
            raise HTTPException(NOT_FOUND, str(error)) from None

    @router.put("/destinations/{name:path}", **ADMIN)
    @needs(Role.ADMIN)
    def put_destination(name: str, keys: Keys, asker: Asker, noting: Noting) -> Said:
        """Set a destination up, or change it; what cannot work changes nothing."""
        return put(SetupKind.DESTINATION, name, keys, (asker, noting))

    @router.put("/scanners/{ae_title:path}", **ADMIN)
    @needs(Role.ADMIN)
    def put_scanner(ae_title: str, keys: Keys, asker: Asker, noting: Noting) -> Said:
        """Set a scanner up, or change it; one with a host may send from there."""
        return put(SetupKind.SCANNER, ae_title, keys, (asker, noting))

    @router.delete("/destinations/{name:path}", **ADMIN)
    @needs(Role.ADMIN)
    def remove_destination(name: str, asker: Asker, noting: Noting) -> Said:
        """Remove a destination; what waits for it is refused."""
        return remove(SetupKind.DESTINATION, name, (asker, noting))

    @router.delete("/scanners/{ae_title:path}", **ADMIN)
    @needs(Role.ADMIN)
    def remove_scanner(ae_title: str, asker: Asker, noting: Noting) -> Said:
        """Remove a scanner."""
        return remove(SetupKind.SCANNER, ae_title, (asker, noting))


def _asked(deeds: PeerDeeds, asker: Visitor, kind: SetupKind, name: str) -> Answered:
    verdict = deeds.test(asker, kind, name)
    return Answered(said=verdict.words, answers=verdict.answers, ms=round(verdict.ms, 1))


def _peer(setup: Setup | None) -> Peer | None:
    if setup is None:
        return None
    return Peer(
        name=setup.name,
        keys=setup.chosen,
        changed_at=setup.changed_at,
        changed_by=setup.changed_by,
        is_of_file=setup.is_of_file,
    )
