"""The web role on a port that the system chooses, in a thread, on a real ledger and spool."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests

from hri_node.node import Node, assemble
from hri_node.receive.hooks import SILENT, Witness
from hri_node.settings import Settings
from hri_node.web.app import application
from hri_node.web.health import Check
from hri_node.web.server import WebServer

LOOPBACK = {"host": "127.0.0.1", "port": 0, "allowed_addresses": ("127.0.0.1",)}
CONTENT_TYPE = 'multipart/related; type="application/dicom"; boundary=b'


@dataclass
class Served:
    """A node, and where its web role listens."""

    node: Node
    url: str
    port: int

    def store(self, body: Any, path: str = "studies", **headers: str) -> requests.Response:  # noqa: ANN401 - as requests
        """Answer to a store request."""
        sent = {"Content-Type": CONTENT_TYPE} | {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.post(f"{self.url}/dicom-web/{path}", data=body, headers=sent, timeout=30)


@contextmanager
def serving(
    folder: Path,
    witness: Witness = SILENT,
    checks: Mapping[str, Check] | None = None,
    destinations: Mapping[str, Any] | None = None,
    listener: Mapping[str, Any] | None = None,
    **web: Any,  # noqa: ANN401
) -> Iterator[Served]:
    """Web role on settings of the sections `web` and `listener`; the loopback may store unless said otherwise."""
    settings = Settings(data_dir=folder, spool_reserve_mib=0, web=LOOPBACK | web, listener=dict(listener or {}))
    node = replace(assemble(settings), twins=destinations or {})
    server = WebServer(application(node, witness, checks), settings.web)
    stop = threading.Event()
    thread = threading.Thread(target=server.run, args=(stop,), daemon=True)
    thread.start()
    scheme = "https" if settings.web.tls.certificate else "http"
    try:
        yield Served(node, f"{scheme}://localhost:{server.port}", server.port)
    finally:
        stop.set()
        thread.join(10)
        node.ledger.close()
