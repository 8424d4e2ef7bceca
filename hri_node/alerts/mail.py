"""A message comes in; an SMTP server has it, for everybody whom the settings name, or a sentence says why not."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Final

import structlog

from hri_node import tls
from hri_node.alerts.message import Message
from hri_node.console_sections import AlertSettings
from hri_node.errors import HriError, Misconfigured, PeerRefused, PeerUnavailable
from hri_node.sections import TlsSettings

TIMEOUT_S: Final = 10.0
"""For each step of the dialogue."""

PERMANENT: Final = 500
"""RFC 5321 4.2.1: replies from here on will not change by themselves."""

log = structlog.get_logger()


class Mail:
    """The mail of a node.

    Parameters
    ----------
    settings
        Section ``alerts``: who gets it, from whom, through which server.
    """

    name = "mail"

    def __init__(self, settings: AlertSettings) -> None:
        self._settings = settings

    @property
    def words(self) -> str:
        """Where it goes, in words."""
        chosen = self._settings
        security = {"starttls": "encrypted by STARTTLS", "tls": "encrypted", "none": "not encrypted"}
        login = f", logged in as {chosen.smtp_username}" if chosen.smtp_username else ""
        server = f"{chosen.smtp_host}:{chosen.smtp_port}"
        return f"to {', '.join(chosen.mail_to)} through {server}, {security[chosen.smtp_security]}{login}"

    def send(self, message: Message) -> str:
        """Hand a message to the server; says in words what it did with it.

        Parameters
        ----------
        message
            What to tell.

        Raises
        ------
        PeerUnavailable
            When the server does not answer, or says to come later.
        PeerRefused
            When it refuses us, our encryption, or everybody whom the message is for.
        Misconfigured
            When the password's or the authorities' file cannot be read, or an address is none.
        """
        made = self._letter(message)
        with _told(f"{self._settings.smtp_host}:{self._settings.smtp_port}"), self._session() as session:
            refused = session.send_message(made)
        people = len(self._settings.mail_to)
        if refused:
            log.warning("mail_refused_for_some", refused=len(refused), people=people)
            return f"the mail server took it for {people - len(refused)} of {people} people"
        return f"the mail server took it for {people} {'person' if people == 1 else 'people'}"

    def _letter(self, message: Message) -> EmailMessage:
        made = EmailMessage(policy=SMTP)
        try:
            made["From"] = self._settings.mail_from
            made["To"] = ", ".join(self._settings.mail_to)
            addresses: tuple[Address, ...] = (*made["From"].addresses, *made["To"].addresses)
        except (ValueError, IndexError) as error:
            raise Misconfigured("alerts.mail_from or alerts.mail_to holds something that is no mail address") from error
        if len(addresses) != 1 + len(self._settings.mail_to) or not all(each.domain for each in addresses):
            raise Misconfigured("alerts.mail_from or alerts.mail_to holds something that is no mail address")
        made["Subject"] = f"[{message.node}] {message.heading}"
        made["Date"] = format_datetime(message.at)
        made["Message-ID"] = f"<{message.id}@{parseaddr(self._settings.mail_from)[1].rpartition('@')[2]}>"
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is told to a machine
        made.set_content(message.text)
        return made

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A dialogue with the server, encrypted and logged in as the settings say."""
        chosen = self._settings
        address = chosen.smtp_host, chosen.smtp_port
        context = tls.client_context(TlsSettings(authorities=chosen.authorities), name="alerts")
        made = (
            smtplib.SMTP_SSL(*address, timeout=TIMEOUT_S, context=context)
            if chosen.smtp_security == "tls"
            else smtplib.SMTP(*address, timeout=TIMEOUT_S)
        )
        with made as session:
            if chosen.smtp_security == "starttls":
                session.starttls(context=context)
            if chosen.smtp_username:
                session.login(chosen.smtp_username, secret(chosen.smtp_password_file, "alerts.smtp_password_file"))
            yield session


def secret(file: Path | None, setting: str) -> str:
    """First line of a file that holds a secret; empty where there is no file.

    Parameters
    ----------
    file
        Of the settings.
    setting
        Its key.

    Raises
    ------
    Misconfigured
        When it cannot be read.
    """
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{setting}: {file} cannot be read") from error


@contextmanager
def _told(server: str) -> Iterator[None]:
    """What goes wrong with a mail server, in a sentence. None quotes what the server said beyond its code."""
    name = f"mail server {server}"
    try:
        yield
    except UnicodeError as error:  # smtplib knows no other names and passwords
        raise Misconfigured("alerts: smtp_username and the password must be ASCII") from error
    except smtplib.SMTPAuthenticationError as error:
        raise PeerRefused(f"{name} refuses our login ({error.smtp_code})") from error
    except smtplib.SMTPNotSupportedError as error:
        raise PeerRefused(f"{name} does not offer what the settings ask for: STARTTLS, or a login") from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
        raise _fault(codes[-1], f"{name} takes mail for none of alerts.mail_to ({codes[-1]})") from error
    except smtplib.SMTPResponseException as error:
        raise _fault(error.smtp_code, f"{name} does not take our mail ({error.smtp_code})") from error
    except smtplib.SMTPException as error:
        raise PeerUnavailable(f"{name} hung up, fell silent, or does not speak SMTP") from error
    except ssl.SSLError as error:
        raise PeerUnavailable(f"{name}: {tls.trouble(error)}") from error
    except OSError as error:
        raise PeerUnavailable(f"{name} does not answer: {error.strerror or 'no answer in time'}") from error


def _fault(code: int, words: str) -> HriError:
    return PeerRefused(words) if code >= PERMANENT else PeerUnavailable(words)
