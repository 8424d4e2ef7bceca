"""Health: always an answer, in short, without telling outsiders more than which part fails."""

import threading
import time
from pathlib import Path

import pytest
import requests
from web_node import serving

from hri_node.errors import Unavailable
from hri_node.web import health


def fails() -> None:
    """A part that is away."""
    raise Unavailable("secret host name")


def bug() -> None:
    """A part with a fault nobody foresaw."""
    raise RuntimeError("secret")


def ready(url: str) -> tuple[int, dict[str, str]]:
    """Status and dependencies."""
    answer = requests.get(f"{url}/readyz", timeout=10)
    return answer.status_code, answer.json()["dependencies"]


def test_a_node_with_all_its_parts_is_ready(tmp_path: Path) -> None:
    """Ledger, spool and broker answer; everybody may ask."""
    with serving(tmp_path, checks={"broker": lambda: None}, allowed_addresses=()) as node:
        assert ready(node.url) == (200, {"ledger": "ok", "spool": "ok", "broker": "ok"})
        assert requests.get(f"{node.url}/healthz", timeout=10).status_code == 200


@pytest.mark.parametrize("check", [fails, bug])
def test_a_part_that_fails_makes_it_unready(tmp_path: Path, check: health.Check) -> None:
    """It lives all the same; why the part fails stands in the log only."""
    with serving(tmp_path, checks={"broker": check}) as node:
        answer = requests.get(f"{node.url}/readyz", timeout=10)

        assert (answer.status_code, answer.json()["dependencies"]["broker"]) == (503, "fails")
        assert "secret" not in answer.text
        assert requests.get(f"{node.url}/healthz", timeout=10).status_code == 200


def test_a_part_that_hangs_costs_no_more_than_patience(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is asked for, one thread waits for it."""
    monkeypatch.setattr(health, "PATIENCE_S", 0.1)
    release, started = threading.Event(), []

    def hang() -> None:
        started.append(1)
        release.wait(30)

    with serving(tmp_path, checks={"broker": hang}) as node:
        began = time.monotonic()
        answers = [ready(node.url) for _ in range(3)]
        took_s = time.monotonic() - began
        release.set()

    assert [status for status, _ in answers] == [503] * 3
    assert answers[0][1]["broker"] == "no answer in time"
    assert len(started) == 1
    assert took_s < 5.0


def test_results_are_given_out_again_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks a hundred times a second does not make the node work."""
    monkeypatch.setattr(health, "FRESH_S", 60.0)
    asked: list[int] = []

    with serving(tmp_path, checks={"broker": lambda: asked.append(1)}) as node:
        for _ in range(10):
            ready(node.url)

    assert len(asked) == 1


def test_destinations_are_told_of_and_do_not_count(tmp_path: Path) -> None:
    """A PACS that is down does not stop the node from receiving."""
    asked = threading.Event()

    class Down:
        """A destination that is away."""

        def echo(self) -> None:
            """Note that it was asked."""
            asked.set()
            fails()

    with serving(tmp_path, destinations={"pacs": Down()}) as node:
        first = requests.get(f"{node.url}/readyz", timeout=10)
        assert asked.wait(10)

    assert (first.status_code, first.json()["destinations"]) == (200, {"pacs": "not asked yet"})
