"""OHIF's files and an Orthanc's address come in; a web site on the loopback is up: a viewer of that archive."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

FORWARDED = ("Accept", "Content-Type", "Host")
"""Orthanc writes the host that it was asked for into the addresses it gives out."""

SOURCE = {
    "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
    "sourceName": "orthanc",
    "configuration": {
        "friendlyName": "Orthanc",
        "name": "orthanc",
        "qidoRoot": "/dicom-web",
        "wadoRoot": "/dicom-web",
        "wadoUriRoot": "/wado",
        "qidoSupportsIncludeField": False,
        "imageRendering": "wadors",
        "thumbnailRendering": "wadors",
        "enableStudyLazyLoad": True,
        "supportsWildcard": True,
        "omitQuotationForMultipartRequest": True,
    },
}

CONFIGURATION = {
    "routerBasename": None,
    "extensions": [],
    "modes": [],
    "customizationService": {},
    "showStudyList": True,
    "maxNumberOfWebWorkers": 1,
    "showLoadingIndicator": True,
    "investigationalUseDialog": {"option": "never"},
    "defaultDataSourceName": "orthanc",
    "dataSources": [SOURCE],
}
"""OHIF's own defaults, with our archive and without its question whether one knows that it is for research."""


@contextmanager
def viewer_site(dist: Path, archive: str) -> Iterator[str]:
    """Address of a viewer.

    Parameters
    ----------
    dist
        Folder of OHIF's built files.
    archive
        Address of an Orthanc, whose DICOMweb service appears beside the viewer.
    """
    with socket.socket() as listening, requests.Session() as session:
        listening.bind(("127.0.0.1", 0))
        app = _application(dist, archive, session)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


def _application(dist: Path, archive: str, session: requests.Session) -> Starlette:
    """Return the site."""

    def forward(request: Request) -> Response:
        headers = {name: request.headers[name] for name in FORWARDED if name in request.headers}
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        answer = session.get(archive + path, headers=headers, timeout=30)
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("Content-Type"))

    def configuration(_: Request) -> Response:
        return Response(f"window.config = {json.dumps(CONFIGURATION)};", media_type="text/javascript")

    def page(_: Request) -> Response:
        return FileResponse(dist / "index.html")

    return Starlette(
        routes=[
            Route("/dicom-web/{path:path}", forward),
            Route("/app-config.js", configuration),
            Route("/viewer", page),
            Mount("/", StaticFiles(directory=dist)),
        ]
    )
