"""Tests of mail with a real SMTP server: encrypted and not, with a login, refused in every way."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from pydantic import ValidationError
from told import FULL, NOW, PASSWORD, USER, mailbox

from hri_node.alerts.mail import Mail
from hri_node.alerts.message import Message, message_of
from hri_node.console_sections import AlertSettings
from hri_node.errors import HriError, Misconfigured, PeerRefused, PeerUnavailable
from hri_node.ledger.alarms import Telling
from hri_node.tls import server_context

TO = ("anna@hospital.example", "Böb <bob@hospital.example>")


def full() -> Message:
    """The disk is full."""
    return message_of("HRI_NODE", [Telling(1, FULL, "raised", "mail", 0, NOW, None, "")], NOW, "https://node/alerts")


def chosen(port: int, **changes: Any) -> AlertSettings:  # noqa: ANN401 - settings
    """Settings for a mail server on this machine."""
    values = {"mail_to": TO, "mail_from": "hri-node <node@hospital.example>", "smtp_host": "127.0.0.1"}
    return AlertSettings(**{**values, "smtp_port": port, "smtp_security": "none", **changes})


def test_a_letter_arrives() -> None:
    """For everybody, from whom the settings say, as what it is: the word of a machine."""
    with mailbox() as box:
        words = Mail(chosen(box.port)).send(full())

    (letter,) = box.letters
    assert words == "the mail server took it for 2 people"
    assert box.recipients == [["anna@hospital.example", "bob@hospital.example"]]
    assert letter["Subject"] == "[HRI_NODE] Disk full: spool"
    assert letter["To"] == "anna@hospital.example, Böb <bob@hospital.example>"
    assert letter["Message-ID"] == f"<{full().id}@hospital.example>"
    assert (letter["Auto-Submitted"], letter["Date"]) == ("auto-generated", "Sun, 01 Mar 2026 12:00:00 +0000")
    assert letter.get_content().replace("\r\n", "\n") == full().text


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not see TLS that is there from the start
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted_and_logged_in(tmp_path: Path, security: str) -> None:
    """With the password of a file, to a server whose certificate the hospital signed."""
    authority, password = Authority(tmp_path), tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    context = server_context(authority.settings(), require_client=False)
    secrets = {"smtp_username": USER, "smtp_password_file": password, "authorities": authority.file}

    with mailbox(context, at_once=security == "tls", login=True) as box:
        Mail(chosen(box.port, smtp_security=security, **secrets)).send(full())

    assert box.encrypted == [True]


def test_a_stranger_gets_no_password(tmp_path: Path) -> None:
    """A server whose certificate nobody signed whom we know is told nothing."""
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    context = server_context(Authority(tmp_path).settings(), require_client=False)
    own = chosen(0, smtp_security="starttls", smtp_username=USER, smtp_password_file=password)

    with mailbox(context, login=True) as box, pytest.raises(PeerUnavailable, match="the peer's certificate"):
        Mail(own.model_copy(update={"smtp_port": box.port})).send(full())
    assert box.letters == []


@pytest.mark.parametrize(
    ("password", "fault", "words"),
    [("guessed", PeerRefused, r"refuses our login \(535\)"), ("gueßed", Misconfigured, "must be ASCII")],
)
def test_a_wrong_password_is_said_in_a_sentence(
    tmp_path: Path, password: str, fault: type[HriError], words: str
) -> None:
    """Which does not hold it."""
    authority, file = Authority(tmp_path), tmp_path / "password"
    file.write_text(password)
    own = {"smtp_username": USER, "smtp_password_file": file, "authorities": authority.file}

    with mailbox(server_context(authority.settings(), require_client=False), login=True) as box:
        with pytest.raises(fault, match=words) as caught:
            Mail(chosen(box.port, smtp_security="starttls", **own)).send(full())
        assert password not in str(caught.value)


def test_nothing_goes_without_the_encryption_that_is_asked_for() -> None:
    """A server that offers none gets no letter."""
    with mailbox() as box, pytest.raises(PeerRefused, match="does not offer what the settings ask for"):
        Mail(chosen(box.port, smtp_security="starttls")).send(full())
    assert box.letters == []


@pytest.mark.parametrize(
    ("answers", "fault", "words"),
    [
        ({"DATA": "451 come later"}, PeerUnavailable, r"does not take our mail \(451\)"),
        ({"DATA": "554 no"}, PeerRefused, r"does not take our mail \(554\)"),
        ({"anna@hospital.example": "550 who", "bob@hospital.example": "550 who"}, PeerRefused, r"none of .* \(550\)"),
        ({"anna@hospital.example": "450 later", "bob@hospital.example": "450 later"}, PeerUnavailable, r"\(450\)"),
    ],
)
def test_refusals_and_delays_are_told_apart(answers: dict[str, str], fault: type[HriError], words: str) -> None:
    """By the code of the reply."""
    with mailbox() as box:
        box.answers |= answers
        with pytest.raises(fault, match=words):
            Mail(chosen(box.port)).send(full())


def test_somebody_who_left_keeps_it_from_nobody_else() -> None:
    """And the words say so."""
    with mailbox() as box:
        box.answers["anna@hospital.example"] = "550 left the hospital"
        words = Mail(chosen(box.port)).send(full())

    assert words == "the mail server took it for 1 of 2 people"
    assert box.recipients == [["bob@hospital.example"]]


def test_nobody_there() -> None:
    """In a sentence that names the server."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(PeerUnavailable, match=rf"mail server 127\.0\.0\.1:{port} does not answer: Connection refused"):
        Mail(chosen(port)).send(full())


def test_something_else_there() -> None:
    """A server that hangs up at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        port = server.getsockname()[1]
        server.listen(0)

        def hang_up() -> None:
            server.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(PeerUnavailable, match=r"hung up, fell silent|does not answer"):
            Mail(chosen(port)).send(full())
        thread.join()


@pytest.mark.parametrize("changes", [{"mail_to": ("nobody",)}, {"mail_to": ("a@b.example, c",)}, {"mail_from": "x y"}])
def test_what_is_no_address_is_a_fault_of_the_settings(changes: dict[str, Any]) -> None:
    """Before anybody is called."""
    with pytest.raises(Misconfigured, match="no mail address"):
        Mail(chosen(1, **changes)).send(full())


def test_a_password_file_that_is_gone(tmp_path: Path) -> None:
    """Is named by its setting."""
    with mailbox() as box, pytest.raises(Misconfigured, match=r"alerts\.smtp_password_file: .* cannot be read"):
        Mail(chosen(box.port, smtp_username=USER, smtp_password_file=tmp_path / "gone")).send(full())


def test_mail_needs_a_server() -> None:
    """The settings say so at the start."""
    with pytest.raises(ValidationError, match="mail_to needs smtp_host and mail_from"):
        AlertSettings(mail_to=TO)


def test_where_it_goes_in_words() -> None:
    """For the console; without the password's file."""
    words = Mail(chosen(25, smtp_security="starttls", smtp_username=USER)).words

    assert words.startswith("to anna@hospital.example, Böb <bob@hospital.example> through 127.0.0.1:25, encrypted by")
