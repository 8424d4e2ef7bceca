"""A ledger of a million instances comes in; milliseconds of every kind of search go out, as the API answers them.

There is no other program whose search this is: the peer is the goal, 100 ms for 95 of 100 questions. Both databases are
asked; besides, how long the overview's facts take there, and how many instances a second arrive with all that there.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from time import perf_counter

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from big_ledger import NOW, Size, accession, fill, person  # noqa: E402 - after the path is set
from console_node import SOMEBODY, Visited  # noqa: E402
from ledger_rows import an_instance  # noqa: E402
from postgres import PostgresServer  # noqa: E402
from starlette.applications import Starlette  # noqa: E402
from starlette.testclient import TestClient  # noqa: E402

from hri_node.ledger.ledger import Ledger, open_ledger  # noqa: E402
from hri_node.node import Node  # noqa: E402
from hri_node.settings import Settings  # noqa: E402
from hri_node.spool import Spool  # noqa: E402
from hri_node.web.console.console import Console  # noqa: E402
from hri_node.web.console.rendering import Pages  # noqa: E402
from hri_node.web.notebook import Notebook  # noqa: E402

GOAL_MS = 100.0
ROUNDS = 20
ARRIVALS = 400

YEARS = Size()
"""A million instances."""

Figure = dict[str, object]


def questions(size: Size) -> dict[str, Callable[[int], dict[str, object]]]:
    """Parameters of the n-th question of each kind: other values each time, as people ask.

    Parameters
    ----------
    size
        Of the ledger.
    """

    def study(round_number: int) -> int:
        return 1 + round_number * 7919 % size.studies

    def family(round_number: int) -> str:
        return person(study(round_number))[0].partition("^")[0]

    def day(round_number: int) -> str:
        return f"{NOW - timedelta(days=round_number * 17 % 360):%Y-%m-%d}"

    return {
        "newest": lambda _: {},
        "page_far_back": lambda n: {"before": study(n)},
        "patient_id": lambda n: {"patient": person(study(n))[1]},
        "family_name": lambda n: {"q": family(n)},
        "beginning_of_names": lambda n: {"q": family(n)[:1]},
        "two_beginnings": lambda n: {"q": f"{family(n)[:2]} {person(study(n + 1))[0].partition('^')[2][:1]}"},
        "name_of_nobody": lambda n: {"q": f"{family(n)[:2]} xylophon"},
        "accession": lambda n: {"accession": accession(study(n))},
        "all_accessions": lambda _: {"accession": "a26"},
        "uid": lambda n: {"q": f"2.25.2.{study(n) * size.images}"},
        "sender": lambda n: {"sender": f"US_{n % 12 + 1}"},
        "sender_of_nothing": lambda _: {"sender": "NOBODY"},
        "day": lambda n: {"first_date": day(n), "last_date": day(n)},
        "year": lambda _: {"first_date": "2025-01-01", "last_date": "2026-12-31"},
        "reported": lambda _: {"state": "reported"},
        "failed": lambda _: {"state": "failed"},
        "discarded": lambda _: {"state": "discarded"},
        "results_refused": lambda _: {"results": "failed"},
        "results_waiting": lambda _: {"results": "waiting"},
        "not_measured": lambda _: {"measured": False},
        "rare_index": lambda n: {"hri_min": 2.79 - n / 1000},
        "index_of_nobody": lambda _: {"hri_min": 9.0},
        "all_at_once": lambda n: {"q": family(n)[:1], "sender": f"US_{n % 12 + 1}", "measured": True, "hri_min": 1.0},
        "what_excludes_itself": lambda _: {"state": "nothing_to_report", "measured": True},
    }


def bench(size: Size = YEARS, rounds: int = ROUNDS) -> dict[str, Figure]:
    """Lines of the table, for SQLite and, where it is installed, for PostgreSQL.

    Parameters
    ----------
    size
        Of the ledger.
    rounds
        How often each question is asked.
    """
    found: dict[str, Figure] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spool").mkdir()
        found |= _figures("sqlite", f"sqlite:///{folder / 'ledger.sqlite'}", (folder, size, rounds))
        server = PostgresServer()
        try:
            found |= _figures("postgresql", server.ledger_url(), (folder, size, rounds))
        finally:
            server.remove()
    return found


def _figures(database: str, url: str, how: tuple[Path, Size, int]) -> dict[str, Figure]:
    """Lines of one database."""
    folder, size, rounds = how
    ledger = open_ledger(url)
    try:
        fill(ledger, size)
        found = {f"search_{database}_{name}": value for name, value in searches(ledger, folder, (size, rounds)).items()}
        return found | {f"arrivals_{database}_million": _rate(arrivals_per_s(ledger))}
    finally:
        ledger.close()


def searches(ledger: Ledger, folder: Path, how: tuple[Size, int]) -> dict[str, Figure]:
    """Median and 95th percentile of each kind, and of all together, and of the overview.

    Parameters
    ----------
    ledger, folder
        What is asked; where the spool is.
    how
        Size of the ledger, and how often each kind is asked.
    """
    size, rounds = how
    found, everything = {}, []
    with asking(ledger, folder) as client:
        for name, question in questions(size).items():
            spent = [_ask_ms(client, question(number)) for number in range(rounds)]
            found |= {f"{name}_p50": _ms(statistics.median(spent)), f"{name}_p95": _ms(_p95(spent), GOAL_MS)}
            everything += spent
        overview = []
        for _ in range(rounds):
            began = perf_counter()
            ledger.loads(["pacs"], NOW.replace(tzinfo=UTC))
            ledger.counts_by_hour(NOW.replace(tzinfo=UTC) - timedelta(hours=24))
            overview.append(1000 * (perf_counter() - began))
    return found | {"all_p95": _ms(_p95(everything), GOAL_MS), "overview_p95": _ms(_p95(overview), GOAL_MS)}


@contextmanager
def asking(ledger: Ledger, folder: Path) -> Iterator[TestClient]:
    """A program that asks the API of a node with this ledger.

    Parameters
    ----------
    ledger, folder
        What is asked; where the spool is.
    """
    node = Node(Settings(data_dir=folder), ledger, Spool(folder / "spool"), {}, clock=lambda: NOW.replace(tzinfo=UTC))
    routes = Console(node, Pages("HRI_NODE"), lambda: None).routes()
    app = Visited(Starlette(routes=routes), SOMEBODY, Notebook(ledger, node.auditor, node.clock))
    with TestClient(app) as client:
        yield client


def arrivals_per_s(ledger: Ledger) -> float:
    """How many instances a second one thread adds, twenty to a study.

    Parameters
    ----------
    ledger
        To which they come.
    """
    coming = [
        replace(an_instance(f"2.25.8.{number}", f"2.25.9.{number // 20}"), patient_name=f"Late^Number{number // 20}")
        for number in range(ARRIVALS)
    ]
    began = perf_counter()
    for instance in coming:
        ledger.add_instance(instance, None, 30.0)
    return ARRIVALS / (perf_counter() - began)


def _ask_ms(client: TestClient, question: dict[str, object]) -> float:
    """How long one question takes, in milliseconds."""
    began = perf_counter()
    answer = client.get("/api/studies", params=question)  # type: ignore[arg-type]  # texts, numbers and truth values
    spent = 1000 * (perf_counter() - began)
    assert answer.status_code == 200, answer.text
    return spent


def _p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def _ms(value: float, goal: float | None = None) -> Figure:
    return {"value": value, "unit": "ms", "peer": goal, "ratio": None if goal is None else value / goal}


def _rate(value: float) -> Figure:
    return {"value": value, "unit": "instances/s", "peer": None, "ratio": None}


def main() -> None:
    """Print every line."""
    for name, figure in bench().items():
        print(f"{name:45} {figure['value']:9.1f} {figure['unit']}")  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
