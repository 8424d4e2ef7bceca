"""STOW-RS and QIDO-RS as their user: bytes leave as they are, and every answer is a refusal, an outage or success."""

import json
import ssl
from pathlib import Path

import pytest
import trustme
from builders import instance_file
from pydicom import dcmread
from web_peer import Answer, answering

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.sections import TlsSettings
from hri_node.send.destination import Holding, Sent
from hri_node.send.dicomweb import DicomWebDestination
from hri_node.send.dicomweb_session import WebPeer
from hri_node.tls import client_context

SENT = Sent("1.2.840.10008.5.1.4.1.1.88.34", "2.25.1", "2.25.3", "2.25.4")
FOUND = b'[{"00080018": {"vr": "UI", "Value": ["2.25.1"]}}]'
NOTHING = b"[]"


def destination(url: str, proof: str = "auto", **credentials: object) -> DicomWebDestination:
    """Destination at a url."""
    return DicomWebDestination(WebPeer("pacs", url, **credentials), proof, timeout_s=5.0)


def failed(uid: str, reason: int) -> bytes:
    """Body of an answer that says so."""
    item = {"00081155": {"vr": "UI", "Value": [uid]}, "00081197": {"vr": "US", "Value": [reason]}}
    return json.dumps({"00081198": {"vr": "SQ", "Value": [item]}}).encode()


def test_a_file_leaves_as_it_is(tmp_path: Path) -> None:
    """One part of application/dicom, byte by byte the file, and a length that was known before."""
    path = instance_file(tmp_path)
    with answering(Answer(200)) as peer, destination(peer.url).exchange([]) as exchange:
        exchange.store(path)

    (asked,) = peer.asked
    boundary = asked.headers["Content-Type"].rpartition("=")[2].encode()
    assert (asked.method, asked.path) == ("POST", "/dicom-web/studies")
    assert 'type="application/dicom"' in asked.headers["Content-Type"]
    assert asked.body.split(b"\r\n\r\n", 1)[1].split(b"\r\n--" + boundary)[0] == path.read_bytes()
    assert "Transfer-Encoding" not in asked.headers


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (200, None, None),
        (202, None, None),
        (202, 0xA700, PeerUnavailable),
        (202, 0xC000, PeerRefused),
        (200, 0x0110, PeerUnavailable),
        (409, 0xA700, PeerUnavailable),
        (409, 0x0122, PeerRefused),
        (409, 0x0111, None),
        (409, None, PeerRefused),
        (503, None, PeerUnavailable),
        (413, None, PeerRefused),
        (301, None, PeerRefused),
        (None, None, PeerUnavailable),
    ],
)
def test_the_answer_decides(
    tmp_path: Path, status: int | None, reason: int | None, error: type[Exception] | None
) -> None:
    """The instance's own failure reason goes before the status; a duplicate is there."""
    path = instance_file(tmp_path)
    body = failed(dcmread(path).SOPInstanceUID, reason) if reason else b""
    with answering(Answer(status, body)) as peer, destination(peer.url).exchange([]) as exchange:
        if error is None:
            exchange.store(path)
        else:
            with pytest.raises(error, match=r"^pacs"):
                exchange.store(path)


def test_the_failure_of_another_instance_is_not_ours(tmp_path: Path) -> None:
    """Only the item with our SOP Instance UID counts."""
    with answering(Answer(202, failed("1.2.3", 0xC000))) as peer, destination(peer.url).exchange([]) as exchange:
        exchange.store(instance_file(tmp_path))


def test_an_error_quotes_nothing_of_the_answer(tmp_path: Path) -> None:
    """Some servers write the patient's name into it."""
    with (
        answering(Answer(400, b"Pruefung^Baer is bad", "text/plain")) as peer,
        destination(peer.url).exchange([]) as exchange,
        pytest.raises(PeerRefused) as raised,
    ):
        exchange.store(instance_file(tmp_path))

    assert str(raised.value) == "pacs answered 400, bad request"


def test_a_closed_port_is_an_outage(tmp_path: Path) -> None:
    """Nobody there: the same works later."""
    with answering(Answer()) as peer:
        url = peer.url

    with destination(url).exchange([]) as exchange, pytest.raises(PeerUnavailable, match="pacs: it cannot be reached"):
        exchange.store(instance_file(tmp_path))


def test_what_a_query_shows_is_there() -> None:
    """One request at instance level for the whole study."""
    with answering(Answer(200, FOUND)) as peer, destination(peer.url).exchange([]) as exchange:
        proof = exchange.prove([SENT], "2.25.9", overdue=False)

    assert (proof.how, proof.holdings) == ("verified", {"2.25.1": Holding.PRESENT})
    assert [asked.path for asked in peer.asked] == ["/dicom-web/studies/2.25.3/instances"]


def test_what_a_query_does_not_show_is_asked_for_by_name() -> None:
    """A server may cut long results off: an object is absent only when nothing is found under its own UID."""
    answers = [Answer(200, NOTHING), Answer(200, FOUND)]
    with answering(*answers) as peer, destination(peer.url).exchange([]) as exchange:
        proof = exchange.prove([SENT], "2.25.9", overdue=False)

    assert proof.holdings == {"2.25.1": Holding.PRESENT}
    assert peer.asked[1].path.endswith("instances?SOPInstanceUID=2.25.1")


@pytest.mark.parametrize("answers", [[Answer(200, NOTHING)], [Answer(204)], [Answer(404), Answer(200, NOTHING)]])
def test_what_is_not_found_is_absent(answers: list[Answer]) -> None:
    """However the server says that it has nothing; 404 counts where another query is answered."""
    answers += answers
    with answering(*answers) as peer, destination(peer.url).exchange([]) as exchange:
        assert exchange.prove([SENT], "", overdue=False).holdings == {"2.25.1": Holding.ABSENT}


@pytest.mark.parametrize(("proof", "status"), [("auto", 404), ("auto", 501), ("none", 200)])
def test_without_a_query_it_stays_unknown(proof: str, status: int) -> None:
    """Where the server offers none, or the settings want none."""
    with answering(Answer(status)) as peer, destination(peer.url, proof).exchange([]) as exchange:
        found = exchange.prove([SENT], "", overdue=False)

    assert (found.how, found.holdings) == ("delivered", {"2.25.1": Holding.UNKNOWN})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404), PeerRefused),
        (Answer(503), PeerUnavailable),
        (Answer(None), PeerUnavailable),
        (Answer(200, b"<html>Please log in</html>", "text/html"), PeerUnavailable),
        (Answer(200, b"5"), PeerUnavailable),
        (Answer(200, b"[" * 100_000), PeerUnavailable),
    ],
)
def test_a_query_that_fails_proves_nothing(answer: Answer, error: type[Exception]) -> None:
    """It is an error, never an absence: an object would be sent again in vain."""
    with (
        answering(answer) as peer,
        destination(peer.url, "query").exchange([]) as exchange,
        pytest.raises(error),
    ):
        exchange.prove([SENT], "", overdue=False)


def test_results_that_are_no_instances_prove_nothing() -> None:
    """Whatever else stands in the list."""
    content = b'[5, "x", {}, {"00080018": {}}, {"00080018": {"Value": []}}]'
    with answering(Answer(200, content)) as peer, destination(peer.url).exchange([]) as exchange:
        assert exchange.prove([SENT], "", overdue=False).holdings == {"2.25.1": Holding.ABSENT}


def test_an_endless_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than any query can yield is not kept in memory."""
    monkeypatch.setattr("hri_node.send.dicomweb_session.ANSWER_MAX_BYTES", 1000)
    with (
        answering(Answer(200, b"[" + b" " * 2000 + b"]")) as peer,
        destination(peer.url).exchange([]) as exchange,
        pytest.raises(PeerUnavailable),
    ):
        exchange.prove([SENT], "", overdue=False)


def test_echo_asks_for_no_patient() -> None:
    """The cheapest query: a study that nobody has."""
    with answering(Answer(200, NOTHING)) as peer:
        destination(peer.url).echo()

    assert peer.asked[0].path.startswith("/dicom-web/studies?")
    assert "limit=1" in peer.asked[0].path
    assert "StudyInstanceUID=2.25." in peer.asked[0].path


@pytest.mark.parametrize(
    ("proof", "status", "error"),
    [("auto", 404, PeerRefused), ("none", 401, PeerRefused), ("none", 503, PeerUnavailable), ("none", 404, None)],
)
def test_echo_tells_a_wrong_address(proof: str, status: int, error: type[Exception] | None) -> None:
    """A store-only service answers 404 to a query: only there is that no complaint."""
    with answering(Answer(status)) as peer:
        if error is None:
            destination(peer.url, proof).echo()
        else:
            with pytest.raises(error):
                destination(peer.url, proof).echo()


def test_credentials_come_from_files(tmp_path: Path) -> None:
    """Basic with a password in UTF-8, or a bearer token; read anew for each session."""
    password, token = tmp_path / "password", tmp_path / "token"
    password.write_text("geheim-ü\n", encoding="utf-8")
    token.write_text("abc.def\n")
    with answering(Answer(200, NOTHING)) as peer:
        destination(peer.url, username="node", password_file=password).echo()
        destination(peer.url, token_file=token).echo()

    seen = [asked.headers["Authorization"] for asked in peer.asked]
    assert seen == ["Basic bm9kZTpnZWhlaW0tw7w=", "Bearer abc.def"]


def test_credentials_that_cannot_be_read_are_an_outage(tmp_path: Path) -> None:
    """A file that is gone for the moment loses no delivery; its content is in no sentence."""
    with pytest.raises(PeerUnavailable, match="cannot be read"):
        destination("http://localhost:1/", token_file=tmp_path / "gone").echo()


def test_no_credential_is_taken_from_the_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a netrc file nor a proxy variable: only the settings speak."""
    (tmp_path / "netrc").write_text("machine localhost login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with answering(Answer(200, NOTHING)) as peer:
        destination(peer.url).echo()

    assert "Authorization" not in peer.asked[0].headers


def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """Context of a server whose certificate the authority signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def trusting(authority: trustme.CA, folder: Path) -> ssl.SSLContext:
    """Our context as the settings make it: this authority and no other."""
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(file)
    return client_context(TlsSettings(authorities=file))


def test_https_with_the_authority_of_the_settings(tmp_path: Path) -> None:
    """A certificate that it signed is accepted, and no other authority is added to the context on the way."""
    authority = trustme.CA()
    tls = trusting(authority, tmp_path)
    with answering(Answer(200, NOTHING), tls=server_tls(authority)) as peer:
        destination(peer.url, tls=tls).echo()

    assert len(tls.get_ca_certs()) == 1


def test_https_with_another_authority_is_an_outage(tmp_path: Path) -> None:
    """A certificate of somebody else's: nothing is sent, and the sentence says why."""
    with (
        answering(Answer(200), tls=server_tls(trustme.CA())) as peer,
        pytest.raises(PeerUnavailable, match="the peer's certificate"),
    ):
        destination(peer.url, tls=trusting(trustme.CA(), tmp_path)).echo()

    assert peer.asked == []
