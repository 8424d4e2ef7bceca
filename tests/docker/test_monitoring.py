"""Tests of what Prometheus and Grafana are given: every name in a rule or panel is one that the node really tells."""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from console_node import node_in
from metered import meter_all
from prometheus_client.parser import text_string_to_metric_families
from running import eventually, free_port
from starlette.applications import Starlette

from hri_node.console_sections import WebSettings
from hri_node.web.metrics.page import Metrics
from hri_node.web.server import WebServer

DOCKER = Path(__file__).parents[2] / "docker"
PROMETHEUS = DOCKER / "prometheus"
DASHBOARD = DOCKER / "grafana" / "dashboards" / "hri-node.json"

OWN = re.compile(r"\bhri_node_\w+")
VARIABLES = {"$__rate_interval": "1m", "$instance": ".*"}
"""Of Grafana, as it puts them in."""

PACS = {"name": "pacs", "host": "127.0.0.1", "called": "PACS"}


@contextmanager
def telling(folder: Path) -> Iterator[int]:
    """Port of a node on which every metric has a value."""
    node = node_in(folder, {"destinations": [PACS]})
    meter_all(node.ledger, node.clock())
    app = Starlette(routes=Metrics(node, lambda: None, 30.0).routes())
    server, stop = WebServer(app, WebSettings(host="127.0.0.1", port=0)), threading.Event()
    thread = threading.Thread(target=server.run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        stop.set()
        thread.join(10)
        node.ledger.close()


def told(folder: Path) -> dict[str, set[str]]:
    """Labels of every sample that the node tells, by its name."""
    with telling(folder) as port:
        text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    names: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            names.setdefault(sample.name, set()).update(sample.labels)
    return names


def panels() -> list[dict[str, Any]]:
    """Of the dashboard, without headings."""
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def asked(panel: dict[str, Any]) -> list[str]:
    """Expressions of a panel, as Grafana asks them."""
    found = [target["expr"] for target in panel["targets"]]
    for variable, value in VARIABLES.items():
        found = [expression.replace(variable, value) for expression in found]
    return found


def test_every_name_and_label_is_one_that_the_node_tells(tmp_path: Path) -> None:
    """In rules and panels; and every metric of the node is in one of them."""
    names = told(tmp_path)
    rules = (PROMETHEUS / "hri-node.rules.yml").read_text()
    expressions = [*re.findall(r"hri_node_[^\n]*", rules), *(each for panel in panels() for each in asked(panel))]

    for expression in expressions:
        for name, labels in re.findall(r"\b(hri_node_\w+)(?:\{([^}]*)\})?", expression):
            assert name in names, expression
            assert set(re.findall(r"(\w+)[=!]", labels)) <= names[name] | {"instance"}, expression
    used = {name.removesuffix("_bucket") for expression in expressions for name in OWN.findall(expression)}
    own = {name for name in names if name.startswith("hri_node_") and not name.endswith(("_created", "_count", "_sum"))}
    assert {name.removesuffix("_bucket") for name in own} - used == {
        "hri_node_readings_duration_seconds",
        "hri_node_destination_last_answer_timestamp_seconds",
        "hri_node_scanner_last_contact_timestamp_seconds",
    }


def test_the_dashboard_is_one() -> None:
    """Each panel has a place of its own, a title, and asks something."""
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]

    assert len(set(places)) == len(places)
    assert all(panel["title"] and panel["targets"] for panel in panels())
    assert len({panel["id"] for panel in json.loads(DASHBOARD.read_text())["panels"]}) == len(panels()) + 6


def promtool(*arguments: str, folder: Path = PROMETHEUS) -> None:
    """Debian's checker of rules, which finds nothing."""
    if not shutil.which("promtool"):
        pytest.skip("prometheus is missing: as root, `make test` installs it")
    done = subprocess.run(["promtool", *arguments], cwd=folder, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.peers
def test_rules_are_right_and_fire_when_they_should() -> None:
    """By Prometheus' own judgement."""
    promtool("check", "config", "--syntax-only", "prometheus.yml")
    promtool("check", "rules", "hri-node.rules.yml")
    promtool("test", "rules", "hri-node.rules.test.yml")


@contextmanager
def prometheus(folder: Path, port: int) -> Iterator[str]:
    """URL of Debian's Prometheus, with our configuration, which collects from this port every second."""
    if not shutil.which("prometheus"):
        pytest.skip("prometheus is missing: as root, `make test` installs it")
    own = (PROMETHEUS / "prometheus.yml").read_text().replace("localhost:8080", f"127.0.0.1:{port}")
    (folder / "prometheus.yml").write_text(own.replace("15s", "1s"))
    shutil.copy(PROMETHEUS / "hri-node.rules.yml", folder)
    listens = f"127.0.0.1:{free_port()}"
    options = ["--config.file=prometheus.yml", f"--web.listen-address={listens}", "--storage.tsdb.path=tsdb"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["prometheus", *options], cwd=folder, stdout=log, stderr=log)
    try:
        yield f"http://{listens}"
    finally:
        process.terminate()
        process.wait(20)


def answer(url: str, expression: str) -> list[Any]:
    """What Prometheus says to an expression."""
    found = requests.get(f"{url}/api/v1/query", {"query": expression}, timeout=10).json()
    assert found["status"] == "success", (expression, found)
    return list(found["data"]["result"])


def is_up(url: str) -> bool:
    """Whether it has collected several times, so that rates have values."""
    try:
        return [each["value"][1] for each in answer(url, 'count_over_time(up{job="hri-node"}[1m]) >= 4')] != []
    except requests.ConnectionError:
        return False


@pytest.mark.peers
def test_prometheus_collects_and_every_panel_has_an_answer(tmp_path: Path) -> None:
    """A real one, asked as Grafana would; and its rules see what is wrong."""
    with telling(tmp_path) as port, prometheus(tmp_path, port) as url:
        eventually(lambda: is_up(url), 40, "Prometheus' first collections")
        for panel in panels():
            for expression in asked(panel):
                assert answer(url, expression), expression
        (up,) = answer(url, 'up{job="hri-node"}')
        alerts = requests.get(f"{url}/api/v1/rules", timeout=10).json()["data"]["groups"][0]["rules"]

    assert up["value"][1] == "1"
    assert all(rule["health"] == "ok" for rule in alerts)
    assert {rule["name"] for rule in alerts if rule["state"] == "firing"} == set()
