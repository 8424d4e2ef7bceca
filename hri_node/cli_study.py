"""Typer commands about a reader study: `study`."""

from pathlib import Path
from typing import Annotated

import typer

study = typer.Typer(help="A reader study as the paper's: images, readers, sessions, results.", no_args_is_help=True)

StudyDir = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study.", show_default=False)]


@study.command()
def serve(  # noqa: PLR0913 - options of the command
    folder: StudyDir,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0: every network card.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: one that is free.")] = 8090,
    certificate: Annotated[Path | None, typer.Option(help="PEM file: browsers come by HTTPS then.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM file of the certificate's key.")] = None,
    public_url: Annotated[str, typer.Option(help="How browsers reach it, where a proxy stands between.")] = "",
) -> None:
    """Let readers mark the images in their browsers, until Ctrl-C."""
    from hri_node.commands import study_serving

    study_serving.serve(folder, study_serving.settings_of(host, port, certificate, key, public_url))
