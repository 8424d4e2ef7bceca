"""Tests of what open pages share: a question is asked once for all of them, and again when its answer is old."""

import anyio
import pytest

from hri_node.errors import Unavailable
from hri_node.web.console import shared
from hri_node.web.console.shared import Renderings, Shared, SharedBy


def test_fifty_pages_ask_once() -> None:
    """Those that come at the same time wait for one answer."""
    asked: list[int] = []
    facts = Shared(lambda: asked.append(1), 60.0)

    async def ask() -> None:
        """All at once."""
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(facts.get)

    anyio.run(ask)

    assert asked == [1]


def test_an_answer_is_asked_for_again_when_it_is_old_or_forgotten() -> None:
    """And not before."""
    counter = iter(range(10))
    old, fresh = Shared(lambda: next(counter), 0.0), Shared(lambda: next(counter), 60.0)

    async def ask() -> list[int]:
        """One after the other."""
        found = [await old.get(), await old.get(), await fresh.get(), await fresh.get()]
        fresh.forget()
        return [*found, await fresh.get()]

    assert anyio.run(ask) == [0, 1, 2, 2, 3]


def test_what_failed_is_asked_again() -> None:
    """The ledger may be back."""
    answers = iter([Unavailable("the ledger does not answer"), "well"])

    def ask() -> str:
        answer = next(answers)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    facts = Shared(ask, 60.0)

    with pytest.raises(Unavailable):
        anyio.run(facts.get)
    assert anyio.run(facts.get) == "well"


def test_each_question_has_its_own_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many, the latest are kept."""
    monkeypatch.setattr(shared, "KEPT", 2)
    asked: list[str] = []
    by_name = SharedBy(lambda name: asked.append(name) or name.upper(), 60.0)

    async def ask() -> list[str]:
        """One after the other."""
        return [await by_name.get(name) for name in ("a", "b", "a", "c", "a", "b")]

    assert anyio.run(ask) == ["A", "B", "A", "C", "A", "B"]
    assert asked == ["a", "b", "c", "b"]


def test_renderings_last_as_long_as_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another answer begins anew; so does what nobody looked at for long."""
    monkeypatch.setattr(shared, "KEPT", 1)
    parts, one, other = Renderings(), object(), object()
    parts.of("queues", one)["part"] = "<p>"

    assert parts.of("queues", one) == {"part": "<p>"}
    assert parts.of("queues", other) == {}
    parts.of("queues", one)["part"] = "<p>"
    parts.of("scanners", one)
    assert parts.of("queues", one) == {}
