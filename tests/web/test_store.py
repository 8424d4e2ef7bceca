"""STOW-RS over real connections: what is answered 200 is safe, and every other request gets the answer it deserves."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests
from builders import part10, ultrasound_instance
from pydicom.uid import generate_uid
from running import eventually
from structlog.testing import capture_logs
from web_node import Served, serving

from hri_node.errors import Unavailable
from hri_node.ledger.tables import InstanceRow, OpenAssociationRow
from hri_node.receive.hooks import Parties
from hri_node.receive.intake import Intake

STUDY = "1.2.826.0.1.3680043.8.498.1"


def instance(**options: Any) -> bytes:  # noqa: ANN401 - the fields of Source
    """A small DICOM file."""
    return part10(ultrasound_instance(**{"rows": 8, "columns": 8, "study_uid": STUDY} | options))


def multipart(*files: bytes) -> bytes:
    """Body of a store request."""
    return b"".join([*(b"--b\r\nContent-Type: application/dicom\r\n\r\n" + file + b"\r\n" for file in files), b"--b--"])


def rows(node: Served) -> list[InstanceRow]:
    """What the ledger has."""
    with node.node.ledger.transaction(reading=True) as session:
        return list(session.query(InstanceRow))


def open_requests(node: Served) -> int:
    """Requests that the ledger takes for open."""
    with node.node.ledger.transaction(reading=True) as session:
        return session.query(OpenAssociationRow).count()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A web role that the tests share."""
    with serving(tmp_path_factory.mktemp("web")) as node:
        yield node


def test_what_is_answered_200_is_safe(served: Served) -> None:
    """Row and bytes are there, with where they came from; nothing stays open."""
    file = instance(instance_uid="1.2.3.1")

    answer = served.store(multipart(file))

    (row,) = [row for row in rows(served) if row.sop_instance_uid == "1.2.3.1"]
    kept = served.node.spool.read(row.spool_key)
    named = answer.json()["00081199"]["Value"][0]["00081155"]["Value"]
    assert (answer.status_code, answer.headers["Content-Type"], named) == (200, "application/dicom+json", ["1.2.3.1"])
    assert kept[-64:] == file[-64:]
    assert (row.calling_ae_title, row.address, row.service) == ("STOW-RS", "127.0.0.1", "stow-rs")
    assert open_requests(served) == 0


def test_the_answer_as_xml(served: Served) -> None:
    """Where the sender wants it, by header field or by query parameter."""
    by_header = served.store(multipart(instance()), Accept="application/dicom+xml")
    by_query = served.store(multipart(instance()), "studies?accept=application/dicom%2Bxml")

    for answer in (by_header, by_query):
        assert answer.headers["Content-Type"] == "application/dicom+xml"
        assert ET.fromstring(answer.content).tag.endswith("NativeDicomModel")  # noqa: S314 - our own


@pytest.mark.parametrize(
    ("path", "status"), [(f"studies/{STUDY}", 200), (f"studies/{generate_uid()}", 409), ("studies/no-uid", 400)]
)
def test_the_study_of_the_address_counts(served: Served, path: str, status: int) -> None:
    """Its instances are stored, those of another study are not."""
    assert served.store(multipart(instance()), path).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "application/dicom"}, 415),
        ({"Content_Type": 'multipart/related; type="application/dicom+json"; boundary=b'}, 415),
        ({"Content_Type": "multipart/form-data; boundary=b"}, 415),
        ({"Content_Type": "multipart/related; boundary=b"}, 200),
        ({"Content_Type": 'multipart/related; type="application/dicom"'}, 400),
        ({"Content_Type": 'multipart/related; type="application/dicom"; boundary=other'}, 400),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Accept": "text/html"}, 406),
        ({"Accept": "text/html, */*;q=0.1"}, 200),
    ],
)
def test_headers_decide(served: Served, headers: dict[str, str], status: int) -> None:
    """Before a byte of the body is read, where they can."""
    assert served.store(multipart(instance()), **headers).status_code == status


def test_a_body_in_chunks_without_a_length_is_taken(served: Served) -> None:
    """As dicomweb-client sends long ones."""
    body = multipart(instance(), instance())

    assert served.store(iter([body[:100], body[100:]])).status_code == 200


def test_a_slash_at_the_end_does_no_harm(served: Served) -> None:
    """A redirect would have the body sent twice, and most senders would lose it."""
    assert served.store(multipart(instance()), "studies/").status_code == 200


def test_a_slow_disk_holds_up_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one request waits for it, the node answers others."""
    release, waiting = threading.Event(), threading.Event()
    finish = Intake.finish

    def slow(*arguments: Any) -> object:  # noqa: ANN401 - as finish
        waiting.set()
        release.wait(30)
        return finish(*arguments)

    monkeypatch.setattr(Intake, "finish", slow)
    with serving(tmp_path) as node:
        sender = threading.Thread(target=node.store, args=(multipart(instance()),))
        sender.start()
        assert waiting.wait(10)
        answer = requests.get(f"{node.url}/healthz", timeout=5)
        release.set()
        sender.join()

    assert answer.ok


def test_a_stranger_need_not_send_its_body(tmp_path: Path) -> None:
    """Whoever asks before it sends (RFC 9110 10.1.1) is told no, not to continue."""
    with (
        serving(tmp_path, allowed_addresses=()) as node,
        socket.create_connection(("127.0.0.1", node.port)) as stranger,
    ):
        header = "Host: h\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n"
        stranger.sendall(f"POST /dicom-web/studies HTTP/1.1\r\n{header}\r\n".encode())

        assert stranger.recv(1000).startswith(b"HTTP/1.1 403 ")


def test_other_methods_and_addresses_are_not_offered(served: Served) -> None:
    """The node stores; it gives nothing out."""
    assert requests.get(f"{served.url}/dicom-web/studies", timeout=10).status_code == 405
    assert requests.post(f"{served.url}/dicom-web", timeout=10).status_code == 404


def test_the_answer_to_a_long_body_that_is_not_wanted_arrives(served: Served) -> None:
    """A sender that writes on gets the answer, not a reset connection."""
    answer = served.store(iter([bytes(1 << 20)] * 20), Content_Type="application/octet-stream")

    assert answer.status_code == 415


def test_strangers_are_turned_away(tmp_path: Path) -> None:
    """401 where a token would open, 403 where nothing would; the witness hears of it."""
    tokens = tmp_path / "tokens"
    tokens.write_text("SCANNER_1:0123456789abcdef\n")
    with serving(tmp_path, allowed_addresses=(), token_file=tokens) as node:
        stranger = node.store(multipart(instance()))
        known = node.store(multipart(instance()), Authorization="Bearer 0123456789abcdef")

        assert (stranger.status_code, stranger.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert known.status_code == 200
        assert [row.calling_ae_title for row in rows(node)] == ["SCANNER_1"]


class Listening:
    """A witness that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def admitted(self, parties: Parties) -> None:
        """Keep it."""
        self.heard.append(("admitted", parties))

    def rejected(self, parties: Parties, reason: str) -> None:
        """Keep it."""
        self.heard.append(("rejected", parties, reason))

    def received(self, receipt: object) -> None:
        """Keep that there was one."""
        del receipt
        self.heard.append(("received",))

    def ended(self, parties: Parties, studies: list[str], instances: int) -> None:
        """Keep it."""
        self.heard.append(("ended", parties, studies, instances))


def test_the_witness_hears_of_all(tmp_path: Path) -> None:
    """Who came, what was received, what was transferred in all; and who was turned away."""
    witness = Listening()
    us = Parties("STOW-RS", "HRI_NODE", "127.0.0.1")
    with serving(tmp_path, witness) as node:
        node.store(multipart(instance()))
    with serving(tmp_path, witness, allowed_addresses=()) as node:
        assert node.store(multipart(instance())).status_code == 403

    assert witness.heard[:3] == [("admitted", us), ("received",), ("ended", us, [STUDY], 1)]
    assert witness.heard[3][0] == "rejected"


def begin_request(node: Served, body: bytes, length: int = 1_000_000) -> socket.socket:
    """Connection over which a request has begun and not ended."""
    connection = socket.create_connection(("127.0.0.1", node.port), timeout=10)
    header = 'Host: h\r\nContent-Type: multipart/related; type="application/dicom"; boundary=b\r\n'
    connection.sendall(f"POST /dicom-web/studies HTTP/1.1\r\n{header}Content-Length: {length}\r\n\r\n".encode() + body)
    return connection


def test_a_study_counts_as_open_while_its_request_lasts(tmp_path: Path) -> None:
    """Until the sender ends or hangs up; what was whole is safe, what was half is gone."""
    with serving(tmp_path) as node:
        connection = begin_request(node, multipart(instance(), instance())[:-100])
        eventually(lambda: open_requests(node) == 1, 10, "the first instance's row")
        connection.close()
        eventually(lambda: open_requests(node) == 0, 10, "the end of the request")

        assert len(rows(node)) == 1
        assert list((tmp_path / "spool" / "incoming").iterdir()) == []


def test_open_requests_are_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the ledger would drop them as those of a killed process."""
    monkeypatch.setattr("hri_node.web.store.RENEW_S", 0.05)
    renewed: list[list[str]] = []
    with serving(tmp_path) as node:
        monkeypatch.setattr(node.node.ledger, "renew_associations", lambda names, _now: renewed.append(names))
        with begin_request(node, multipart(instance(), instance())[:-100]):
            eventually(lambda: len(renewed) > 1, 10, "the renewal")

    assert len(renewed[0]) == 1


def test_a_sender_that_falls_silent_is_dropped(tmp_path: Path) -> None:
    """It keeps no place, and is told."""
    with serving(tmp_path, idle_timeout_s=0.2) as node, begin_request(node, b"--b\r\n") as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 408 ")


def test_a_sender_that_is_too_fast_is_read_more_slowly(tmp_path: Path) -> None:
    """Ten instances at four a second, of which one second's worth may come at once: it takes a second and a half."""
    body = multipart(*(instance() for _ in range(10)))
    with serving(tmp_path, listener={"rate_max_per_s": 4.0}) as node:
        began = time.monotonic()
        answer = node.store(body)

    assert (answer.status_code, time.monotonic() - began >= 1.4) == (200, True)


def test_more_requests_than_allowed_are_told_to_come_later(tmp_path: Path) -> None:
    """503 with Retry-After, and the place is free again afterwards."""
    with serving(tmp_path, requests_max=1) as node:
        first = begin_request(node, multipart(instance(), instance())[:-100])
        eventually(lambda: open_requests(node) == 1, 10, "the first request's row")
        busy = node.store(multipart(instance()))
        first.close()
        eventually(lambda: open_requests(node) == 0, 10, "the end of the first request")

        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "10")
        assert node.store(multipart(instance())).status_code == 200


def test_an_outage_is_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger is away: nothing was promised, and the answer says when to come again."""
    with serving(tmp_path) as node:

        def away(*_: object) -> None:
            raise Unavailable("ledger does not answer")

        monkeypatch.setattr(node.node.ledger, "add_instance", away)
        answer = node.store(multipart(instance(), instance()))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0xA700]


def test_a_fault_of_ours_is_500(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender gets an answer, and it does not tell more."""

    def bug(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(Intake, "finish", bug)
    answer = served.store(multipart(instance()))

    assert (answer.status_code, answer.content) == (500, b"")


def test_requests_at_once_do_not_mix(served: Served) -> None:
    """Eight senders, each with its own instances: every answer names its own."""
    answers: dict[int, set[str]] = {}

    def send(number: int) -> None:
        body = multipart(*(instance(instance_uid=f"1.2.4.{number}.{n}") for n in range(1, 4)))
        values = served.store(body).json()["00081199"]["Value"]
        answers[number] = {item["00081155"]["Value"][0] for item in values}

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {number: {f"1.2.4.{number}.{n}" for n in range(1, 4)} for number in range(8)}


def test_no_log_names_the_patient(served: Served) -> None:
    """Neither from the instance nor from a query string."""
    with capture_logs() as events:
        served.store(multipart(instance()), "studies?PatientName=Secret")
        served.store(multipart(instance()[:300]), "studies?PatientName=Secret")

    text = json.dumps(events)
    assert "store_request" in text
    assert re.findall("Secret|SYNTHETIC-1|Pr.fung|ACC001", text) == []
