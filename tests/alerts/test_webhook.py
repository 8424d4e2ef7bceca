"""Tests of the webhook with a real web service: what it gets, and that its URL is told to nobody."""

import socket
from pathlib import Path

import pytest
from certificates import Authority
from structlog.testing import capture_logs
from told import FULL, NOW, service

from hri_node.alerts.message import Message, message_of
from hri_node.alerts.webhook import Webhook
from hri_node.errors import HriError, Misconfigured, PeerRefused, PeerUnavailable
from hri_node.ledger.alarms import Telling
from hri_node.logs import outline
from hri_node.tls import server_context


def full() -> Message:
    """The disk is full."""
    return message_of("HRI_NODE", [Telling(1, FULL, "raised", "webhook", 0, NOW, None, "")], NOW, "")


def hook(folder: Path, url: str, authorities: Path | None = None) -> Webhook:
    """A webhook with its URL in a file."""
    file = folder / "webhook-url"
    file.write_text(f"{url}\n")
    return Webhook(file, authorities)


def test_an_object_arrives(tmp_path: Path) -> None:
    """As JSON, by a POST."""
    with service() as there:
        words = hook(tmp_path, there.url).send(full())

    assert words == "the webhook answered 200"
    assert there.bodies == [full().plain]
    assert there.headers[0]["Content-Type"] == "application/json"
    assert there.headers[0]["User-Agent"].startswith("hri-node/")


def test_an_address_that_was_changed_holds_at_once(tmp_path: Path) -> None:
    """The file is read each time."""
    with service() as first, service() as second:
        made = hook(tmp_path, first.url)
        made.send(full())
        hook(tmp_path, second.url)
        made.send(full())

    assert (len(first.bodies), len(second.bodies)) == (1, 1)


def test_encrypted(tmp_path: Path) -> None:
    """By a certificate that the hospital signed; to a stranger, nothing is said."""
    authority = Authority(tmp_path)
    with service(server_context(authority.settings(), require_client=False)) as there:
        hook(tmp_path, there.url, authority.file).send(full())
        with pytest.raises(PeerUnavailable, match="certificate is not accepted"):
            hook(tmp_path, there.url).send(full())

    assert len(there.bodies) == 1


@pytest.mark.parametrize(
    ("status", "fault"),
    [(404, PeerRefused), (410, PeerRefused), (302, PeerRefused), (429, PeerUnavailable), (503, PeerUnavailable)],
)
def test_anything_but_success_is_a_failure(tmp_path: Path, status: int, fault: type[HriError]) -> None:
    """And nobody is followed elsewhere."""
    with service() as there, service() as elsewhere:
        there.status, there.location = status, elsewhere.url
        with pytest.raises(fault, match=f"the webhook answered {status}"):
            hook(tmp_path, there.url).send(full())

    assert elsewhere.bodies == []


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return int(closed.getsockname()[1])


@pytest.mark.parametrize("url", [f"http://127.0.0.1:{free_port()}/very-secret", "http://nowhere.invalid/very-secret"])
def test_a_secret_stays_one_when_nobody_is_there(tmp_path: Path, url: str) -> None:
    """Libraries quote it in their words; ours, and what the log makes of theirs, do not."""
    with capture_logs() as logged, pytest.raises(PeerUnavailable, match="does not answer") as caught:
        hook(tmp_path, url).send(full())

    assert "very-secret" not in f"{caught.value} {outline(caught.value)} {logged}"


@pytest.mark.parametrize(
    "url", ["", "very-secret", "ftp://very-secret/x", "http://", "http://[very-secret", "http://a:b/"]
)
def test_what_is_no_url_is_a_fault_of_the_settings(tmp_path: Path, url: str) -> None:
    """Named by the file, not by what stands in it."""
    with pytest.raises(Misconfigured, match=r"alerts\.webhook_file: .* no URL") as caught:
        hook(tmp_path, url).send(full())
    assert "very-secret" not in str(caught.value)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """Is named."""
    with pytest.raises(Misconfigured, match=r"alerts\.webhook_file: .*gone cannot be read"):
        Webhook(tmp_path / "gone").send(full())


def test_a_file_of_authorities_that_is_gone(tmp_path: Path) -> None:
    """Requests raises OSError for it, in words of its own."""
    with service(server_context(Authority(tmp_path).settings(), require_client=False)) as there:
        with pytest.raises(HriError) as caught:
            hook(tmp_path, there.url, tmp_path / "gone").send(full())
        assert "very-secret" not in str(caught.value)


def test_a_service_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is given up after a while."""
    monkeypatch.setattr("hri_node.alerts.webhook.TIMEOUT_S", (1.0, 0.05))
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(PeerUnavailable, match="in time"):
        hook(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}/very-secret").send(full())
