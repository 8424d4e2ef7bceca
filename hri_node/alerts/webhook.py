"""A message comes in; a web service has it as a JSON object, or a sentence says why not. Its URL is a secret."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies

from hri_node import __version__
from hri_node.alerts.mail import secret
from hri_node.alerts.message import Message
from hri_node.errors import HriError, Misconfigured, PeerRefused, PeerUnavailable

SETTING: Final = "alerts.webhook_file"
TIMEOUT_S: Final = (5.0, 10.0)
"""For the connection, and for the answer."""

LATER: Final = frozenset({408, 425, 429})
"""Answers that will be another one later, besides those of servers that are out of order."""

SERVER_ERROR: Final = 500
OK, MULTIPLE_CHOICES = 200, 300


class Webhook:
    """The webhook of a node.

    Parameters
    ----------
    file
        Holds the URL in its first line; read anew each time.
    authorities
        Who signed the service's certificate; None: whom the machine trusts.
    """

    name = "webhook"

    def __init__(self, file: Path, authorities: Path | None = None) -> None:
        self._file = file
        self._authorities = authorities

    @property
    def words(self) -> str:
        """Where it goes, in words."""
        return f"to the address in {self._file}, which is a secret"

    def send(self, message: Message) -> str:
        """POST a message as a JSON object (`Message.plain`); says in words what was answered.

        Parameters
        ----------
        message
            What to tell.

        Raises
        ------
        PeerUnavailable
            When the service does not answer, or says to come later.
        PeerRefused
            When it answers anything but success.
        Misconfigured
            When there is no URL in the file.
        """
        url = self._url()
        try:
            answer = self._post(url, message)
        except ValueError as error:
            raise Misconfigured(f"{SETTING}: what stands in {self._file} is no URL") from error
        except requests.exceptions.SSLError as error:
            raise PeerUnavailable("the webhook's certificate is not accepted, or it speaks no TLS of ours") from error
        except requests.Timeout as error:
            raise PeerUnavailable("the webhook does not answer in time") from error
        except OSError as error:  # every other one of Requests, whose words quote the URL
            raise PeerUnavailable("the webhook does not answer") from error
        if not OK <= answer < MULTIPLE_CHOICES:
            raise _fault(answer)
        return f"the webhook answered {answer}"

    def _post(self, url: str, message: Message) -> int:
        """HTTP status of the answer, whose body nobody reads."""
        with requests.Session() as session:
            session.trust_env = False  # no credentials of the machine's; its proxies, yes: such services are outside
            session.proxies = get_environ_proxies(url)
            session.headers["User-Agent"] = f"hri-node/{__version__}"
            verify = str(self._authorities) if self._authorities else True
            sent = session.post(
                url, json=message.plain, timeout=TIMEOUT_S, allow_redirects=False, verify=verify, stream=True
            )
            with sent:
                return sent.status_code

    def _url(self) -> str:
        found = secret(self._file, SETTING)
        try:
            parts = urlsplit(found)
        except ValueError as error:
            raise Misconfigured(f"{SETTING}: what stands in {self._file} is no URL") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Misconfigured(f"{SETTING}: what stands in {self._file} is no URL of http or https")
        return found


def _fault(status: int) -> HriError:
    words = f"the webhook answered {status}"
    return PeerUnavailable(words) if status >= SERVER_ERROR or status in LATER else PeerRefused(words)
