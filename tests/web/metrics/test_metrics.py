"""Tests of /metrics: names, units and labels as Prometheus asks for, values as the ledger has them, no patient."""

import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from console_node import node_in
from metered import meter_all
from prometheus_client.parser import text_string_to_metric_families
from running import eventually
from starlette.applications import Starlette
from starlette.testclient import TestClient

from hri_node.errors import Unavailable
from hri_node.node import Node
from hri_node.web.metrics.page import Metrics
from hri_node.web.metrics.readings import Reader

PACS = {"name": "pacs", "host": "127.0.0.1", "called": "PACS"}


def metered(folder: Path) -> Node:
    """A node on which every metric has a value."""
    node = node_in(folder, {"destinations": [PACS]})
    meter_all(node.ledger, node.clock())
    return node


def scraped(node: Node, accept: str = "") -> str:
    """What is told to whoever collects."""
    with TestClient(Starlette(routes=Metrics(node, lambda: None, 30.0).routes())) as client:
        answer = client.get("/metrics", headers={"Accept": accept})
    node.ledger.close()
    assert answer.status_code == 200
    return answer.text


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Value by name and labels, of our own."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("hri_node_")
    }


def test_values_are_the_ledgers(tmp_path: Path) -> None:
    """Of everything that is told."""
    found = samples(scraped(metered(tmp_path)))

    expected = {
        ("hri_node_instances", "measured"): 2,
        ("hri_node_instances", "not_measurable"): 1,
        ("hri_node_instances", "waiting"): 0,
        ("hri_node_studies", "reported"): 1,
        ("hri_node_jobs", "report", "waiting"): 1,
        ("hri_node_jobs", "deliver", "failed"): 1,
        ("hri_node_deliveries", "pacs", "failed"): 1,
        ("hri_node_destination_up", "pacs"): 1,
        ("hri_node_queue_paused", "measure"): 0,
        ("hri_node_alarms_raised", "failures"): 1,
        ("hri_node_alarms_raised", "drift"): 0,
        ("hri_node_lookout_up",): 1,
        ("hri_node_ledger_up",): 1,
        ("hri_node_broker_up",): 1,
        ("hri_node_instances_received_total", "US1", "c-store"): 2,
        ("hri_node_received_bytes_total", "SCANNER", "c-store"): 100,
        ("hri_node_rejections_total", "US1"): 3,
        ("hri_node_rejections_total", "(others)"): 1,
        ("hri_node_jobs_ended_total", "measure", "measured"): 2,
        ("hri_node_deliveries_ended_total", "pacs", "committed"): 2,
        ("hri_node_delivery_attempts_total", "pacs", "committed"): 1,
        ("hri_node_frame_duration_seconds_bucket", "0.25"): 0,
        ("hri_node_frame_duration_seconds_bucket", "0.5"): 3,
        ("hri_node_frame_duration_seconds_bucket", "+Inf"): 3,
        ("hri_node_frame_duration_seconds_count",): 3,
        ("hri_node_job_duration_seconds_count", "deliver"): 2,
        ("hri_node_delivery_attempt_duration_seconds_count", "pacs"): 2,
    }
    assert expected.items() <= found.items()
    assert found["hri_node_oldest_job_age_seconds", "report"] > 40
    assert found["hri_node_spool_free_bytes",] > 0
    assert found["hri_node_scanner_last_instance_timestamp_seconds", "US1"] > 0


@pytest.mark.peers
def test_promtool_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    """Prometheus' own checker of names, units and help texts."""
    if not shutil.which("promtool"):
        pytest.skip("prometheus is missing: as root, `make test` installs it")
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=scraped(metered(tmp_path)), text=True, capture_output=True, check=False
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_no_label_names_a_patient_or_grows_without_end(tmp_path: Path) -> None:
    """These labels there are, and no others; no value of a patient's."""
    text = scraped(metered(tmp_path))
    told = re.findall(r"^hri_node_\w+\{(.*)\}", text, re.MULTILINE)
    labels = {label for each in told for label in re.findall(r"(\w+)=", each)}

    assert labels <= {
        "version", "python", "name", "device_uid", "state", "queue", "destination", "kind", "calling_ae_title",
        "service", "outcome", "le",
    }  # fmt: skip
    assert "TEST^ONE" not in text
    assert 'calling_ae_title="X"' not in text


def test_what_a_process_uses_is_told(tmp_path: Path) -> None:
    """Of the web role."""
    assert "process_resident_memory_bytes" in scraped(node_in(tmp_path))


def test_the_newer_format_for_whoever_asks_for_it(tmp_path: Path) -> None:
    """OpenMetrics ends with its mark."""
    text = scraped(node_in(tmp_path), "application/openmetrics-text;version=1.0.0")

    assert text.endswith("# EOF\n")


def test_a_ledger_that_does_not_answer_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is what is known without it."""
    node = node_in(tmp_path)

    def locked(*_arguments: object) -> None:
        raise Unavailable("ledger does not answer: locked")

    monkeypatch.setattr(node.ledger, "loads", locked)
    found = samples(scraped(node))

    assert found["hri_node_ledger_up",] == 0
    assert ("hri_node_jobs", "measure", "waiting") not in found
    assert found["hri_node_spool_free_bytes",] > 0


def test_nobody_waits_until_a_million_rows_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known is told; the counts come when they are there."""
    node, counted = metered(tmp_path), threading.Event()
    rows_by_state = node.ledger.rows_by_state
    monkeypatch.setattr(node.ledger, "rows_by_state", lambda: (counted.wait(30), rows_by_state())[1])
    reader = Reader(node, lambda: None, 0.01)

    first = reader.read().stand
    counted.set()
    eventually(lambda: (stand := reader.read().stand) and stand.totals, 30, "the counts")
    node.ledger.close()

    assert first is not None
    assert first.totals is None
    assert first.loads.queues


def test_many_who_collect_ask_the_ledger_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within five seconds."""
    node, calls = node_in(tmp_path), []
    counters = node.ledger.counters
    monkeypatch.setattr(node.ledger, "counters", lambda: (calls.append(1), counters())[1])

    with TestClient(Starlette(routes=Metrics(node, lambda: None, 30.0).routes())) as client:
        texts = [client.get("/metrics").text for _ in range(5)]
    node.ledger.close()

    assert len(calls) == 1
    assert len({line for text in texts for line in text.splitlines() if line.startswith("hri_node_readings")}) == 1


def test_a_broker_and_a_disk_that_are_gone(tmp_path: Path) -> None:
    """Stop nothing."""
    node = node_in(tmp_path)
    (tmp_path / "spool").rename(tmp_path / "elsewhere")

    def away() -> None:
        raise Unavailable("broker does not answer")

    with TestClient(Starlette(routes=Metrics(node, away, 30.0).routes())) as client:
        found = samples(client.get("/metrics").text)
    node.ledger.close()

    assert found["hri_node_broker_up",] == 0
    assert ("hri_node_spool_free_bytes",) not in found
