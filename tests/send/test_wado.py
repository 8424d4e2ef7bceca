"""QIDO-RS and WADO-RS as their user: pages, filters that are ignored, instances that flow in, every way of failing."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from archives import MemoryNode
from web_peer import Answer, answering

from hri_node.errors import PeerRefused, PeerUnavailable, Refused, SpoolFull, Unavailable
from hri_node.send.dicomweb_session import WebPeer
from hri_node.send.query import Dates, FoundInstance, FoundStudy, Missing, Wanted
from hri_node.send.wado import ACCEPT, WebArchive

WANTED = Wanted(Dates(date(2026, 1, 1), date(2026, 1, 31)), "P 1", "US")
NOTHING = Answer(204)
STUDY = "1.2.1"
ONE = FoundInstance(STUDY, "1.2.1.1", "1.2.3", "1.2.1.1.1")
TWO = FoundInstance(STUDY, "1.2.1.1", "1.2.3", "1.2.1.1.2")
TYPE = 'multipart/related; type="application/dicom"; boundary=cut'


def archive(url: str) -> WebArchive:
    """The archive at a url."""
    return WebArchive(WebPeer("pacs", url), timeout_s=5.0)


def datasets(*values: dict[str, Any]) -> Answer:
    """An answer of these datasets, each key a tag."""
    listed = [
        {tag: {"vr": "CS", "Value": v if isinstance(v, list) else [v]} for tag, v in one.items()} for one in values
    ]
    return Answer(200, json.dumps(listed).encode())


def study(uid: str, *modalities: str) -> dict[str, Any]:
    """A study in an answer."""
    told = {"00080061": list(modalities)} if modalities else {}
    return {"0020000D": uid, "00080020": "20260105", **told}


def instances(*contents: bytes) -> Answer:
    """An answer with instances."""
    body = b"".join(b"--cut\r\nContent-Type: application/dicom\r\n\r\n" + c + b"\r\n" for c in contents) + b"--cut--"
    return Answer(200, body, TYPE)


def fetch(answers: Sequence[Answer], node: MemoryNode, missing: Missing) -> tuple[str, list[str]]:
    """What went wrong with single instances, and what was asked for."""
    with answering(*answers) as peer:
        words = archive(peer.url).fetch([missing], node.means)
        assert all(asked.headers["Accept"] == ACCEPT for asked in peer.asked)
        return words, [asked.path for asked in peer.asked]


def test_studies_are_asked_for_page_after_page() -> None:
    """The next page begins where the last one ended, whatever its length; it ends where nothing new comes."""
    with answering(
        datasets(study("1.2.1", "US"), study("1.2.2", "US")), datasets(study("1.2.3", "US")), NOTHING
    ) as peer:
        found = archive(peer.url).studies(WANTED)

    keys = [parse_qs(urlsplit(asked.path).query) for asked in peer.asked]
    assert found == [FoundStudy(f"1.2.{n}", "20260105") for n in (1, 2, 3)]
    assert [key["offset"] for key in keys] == [["0"], ["2"], ["3"]]
    assert keys[0]["StudyDate"] == ["20260101-20260131"]
    assert (keys[0]["PatientID"], keys[0]["ModalitiesInStudy"]) == (["P 1"], ["US"])


def test_a_server_without_pages_is_asked_twice() -> None:
    """One that ignores the offset gives the same again, which is nothing new."""
    with answering(datasets(study("1.2.1", "US"))) as peer:
        assert len(archive(peer.url).studies(WANTED)) == 1
        assert len(peer.asked) == 2


def test_a_server_that_ignores_the_modality_is_looked_through() -> None:
    """By what it tells of a study; where it tells nothing, by the study's series."""
    told = datasets(study("1.2.1", "CT", "SR"), study("1.2.2"), study("1.2.3"))
    series = [
        datasets({"0020000E": "1.2.2.1", "00080060": "US"}),
        NOTHING,
        datasets({"0020000E": "9", "00080060": "CT"}),
    ]
    with answering(told, NOTHING, *series, NOTHING) as peer:
        assert archive(peer.url).studies(WANTED) == [FoundStudy("1.2.2", "20260105")]


def test_instances_of_the_modalitys_series_are_listed() -> None:
    """With the class of each."""
    series = datasets({"0020000E": "1.2.1.1", "00080060": "US"}, {"0020000E": "1.2.1.2", "00080060": "SR"})
    listed = datasets({"00080018": "1.2.1.1.1", "00080016": "1.2.3"}, {"00080018": "1.2.1.1.2", "00080016": "1.2.3"})
    with answering(series, NOTHING, listed, NOTHING) as peer:
        assert archive(peer.url).instances(STUDY, "US") == [ONE, TWO]


@pytest.mark.parametrize("body", [b'{"a": 1}', b"[1, 2]", b"<html>", b"[", b"\xff\xfe"])
def test_an_answer_that_is_no_list_of_datasets_is_an_outage(body: bytes) -> None:
    """A proxy's page, half an answer."""
    with answering(Answer(200, body)) as peer, pytest.raises(PeerUnavailable, match="sent an answer"):
        archive(peer.url).studies(WANTED)


def test_values_of_the_wrong_kind_are_passed_over() -> None:
    """Whatever JSON a server makes up, a study without a UID is none."""
    odd = [
        {"0020000D": 5},
        {"0020000D": {"Value": "1.2"}},
        {"0020000D": {"Value": [None]}},
        {"0020000D": {"Value": ["../x"]}},
    ]
    with answering(Answer(200, json.dumps(odd).encode())) as peer:
        assert archive(peer.url).studies(WANTED) == []


def test_a_whole_series_is_one_request() -> None:
    """Its instances flow in as they are, one after the other."""
    node = MemoryNode()

    words, asked = fetch([instances(b"first", b"second")], node, Missing((ONE, TWO), is_whole=True))

    assert (words, node.files, node.arrived) == ("", [b"first", b"second"], 2)
    assert asked == ["/dicom-web/studies/1.2.1/series/1.2.1.1"]


def test_the_rest_of_a_series_is_asked_for_one_by_one() -> None:
    """What is here already does not come again."""
    node = MemoryNode()

    _, asked = fetch([instances(b"first"), instances(b"second")], node, Missing((ONE, TWO), is_whole=False))

    assert node.files == [b"first", b"second"]
    assert asked[1] == "/dicom-web/studies/1.2.1/series/1.2.1.1/instances/1.2.1.1.2"


def test_an_instance_the_node_does_not_want_is_told() -> None:
    """The next one comes all the same."""
    node = MemoryNode(bad=Refused("the bytes are no DICOM file"))

    words, _ = fetch([instances(b"first", b"second")], node, Missing((ONE, TWO), is_whole=True))

    assert words == "the bytes are no DICOM file"
    assert (node.arrived, node.left) == (0, 2)


def test_a_full_node_ends_the_retrieval() -> None:
    """The error is the node's own."""
    with pytest.raises(Unavailable, match="no room"):
        fetch([instances(b"first")], MemoryNode(full=SpoolFull("no room")), Missing((ONE,), is_whole=True))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404), PeerRefused),
        (Answer(401), PeerRefused),
        (Answer(406), PeerRefused),
        (Answer(503), PeerUnavailable),
        (Answer(None), PeerUnavailable),
        (Answer(200, b"<html>", "text/html"), PeerUnavailable),
        (Answer(200, b"--cut\r\n\r\nhalf an inst", TYPE), PeerUnavailable),
        (Answer(200, b"--cut\r\n\r\nhalf", TYPE, {"Content-Length": "999", "Connection": "close"}), PeerUnavailable),
        (Answer(200, b"\x1f\x8bno gzip", TYPE, {"Content-Encoding": "gzip"}), PeerUnavailable),
    ],
)
def test_every_failure_is_a_refusal_or_an_outage(answer: Answer, error: type[Exception]) -> None:
    """And nothing half-way is kept."""
    node = MemoryNode()

    with pytest.raises(error, match=r"^pacs"):
        fetch([answer], node, Missing((ONE,), is_whole=True))
    assert node.files == []


def test_whoever_stops_a_retrieval_is_heard() -> None:
    """In the midst of an answer."""
    node = MemoryNode()
    node.stop.set()

    with pytest.raises(PeerUnavailable, match="asked no further"):
        fetch([instances(b"first")], node, Missing((ONE,), is_whole=True))
    assert (node.files, node.left) == ([], 1)
