"""Typer commands, each a few lines: arguments come in, exit codes that users rely on go out."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from hri_node import __version__
from hri_node import settings as all_settings
from hri_node.cli_agreement import agreement, sample_size
from hri_node.cli_alerts import alert
from hri_node.cli_mending import AsJson, Config, destination, jobs
from hri_node.cli_people import token, user
from hri_node.cli_setup import queue, scanner
from hri_node.cli_study import study
from hri_node.cli_testing import self_test
from hri_node.commands.screen import MISUSED, UNREADABLE, WORK_FAILED, fail, out, say
from hri_node.errors import HriError, Misconfigured, Unreadable
from hri_node.ledger.states import Queue
from hri_node.logs import guard
from hri_node.measure.types import Options

cli = typer.Typer(
    help="Measures the hepatorenal index on B-mode ultrasound. Research use: it informs, it never diagnoses.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
cli.add_typer(jobs, name="jobs")
cli.add_typer(destination, name="destination")
cli.add_typer(scanner, name="scanner")
cli.add_typer(study, name="study")
cli.add_typer(queue, name="queue")
cli.add_typer(alert, name="alert")
cli.add_typer(user, name="user")
cli.add_typer(token, name="token")
cli.command()(agreement)
cli.command()(sample_size)
cli.command(name="self-test")(self_test)

Paths = Annotated[list[Path], typer.Argument(help="Files or folders.", exists=True, show_default=False)]


def run() -> None:
    """The command line; an error of ours is one sentence on stderr."""
    guard()
    try:
        cli()
    except HriError as error:
        say(str(error))
        is_unreadable = isinstance(error, Unreadable)
        sys.exit(MISUSED if isinstance(error, Misconfigured) else UNREADABLE if is_unreadable else WORK_FAILED)


@cli.command()
def version() -> None:
    """Print the version."""
    out.print(__version__)


@cli.command()
def up(
    *,
    demo: Annotated[bool, typer.Option("--demo", help="With a built-in PACS and a synthetic study.")] = False,
    config: Config = None,
) -> None:
    """Run every role of the node, with embedded Redis and SQLite."""
    from hri_node.commands import demo as demonstration
    from hri_node.commands import roles

    if demo:
        raise typer.Exit(demonstration.run())
    settings = all_settings.load(config)
    with roles.supervised(settings, config) as supervisor:
        code = supervisor.run(roles.until_told_to_stop())
    raise typer.Exit(code)


@cli.command()
def listen(config: Config = None) -> None:
    """Receive instances by C-STORE."""
    from hri_node.commands import listening

    listening.run_listener(all_settings.load(config))


@cli.command()
def web(config: Config = None) -> None:
    """Receive instances by STOW-RS, and tell of the node's health."""
    from hri_node.commands import web as serving

    serving.run_web(all_settings.load(config))


@cli.command()
def sweep(config: Config = None) -> None:
    """Queue whatever is due."""
    from hri_node.commands import roles

    roles.run_sweep(all_settings.load(config))


@cli.command()
def worker(
    queues: Annotated[str, typer.Option(help="Some of measure,report,deliver.")] = "measure,report,deliver",
    config: Config = None,
) -> None:
    """Work on queues."""
    from hri_node.commands import working

    names = [name.strip() for name in queues.split(",")]
    if not set(names) <= set(Queue):
        fail(f"--queues: {queues} must be some of {', '.join(Queue)}", MISUSED)
    working.run_worker(all_settings.load(config), [Queue(name) for name in names])


@cli.command()
def check(config: Config = None) -> None:
    """Validate the settings and ask every part whether it answers; exit 0 only if all do."""
    from hri_node.commands import checking

    raise typer.Exit(checking.check(all_settings.load(config)))


@cli.command()
def status(*, as_json: AsJson = False, config: Config = None) -> None:
    """Show queues, destinations, free space and the studies of the last 24 hours."""
    from hri_node.commands import ledger

    ledger.show_status(all_settings.load(config), as_json=as_json)


@cli.command()
def send(
    paths: Paths,
    to: Annotated[str, typer.Option(help="HOST:PORT")],
    called: Annotated[str, typer.Option(help="AE title of the peer.")],
    calling: Annotated[str, typer.Option(help="Our AE title.")] = "HRI_SEND",
) -> None:
    """Store DICOM files at a node or PACS, for trying it out; exit 1 if any was not accepted."""
    from hri_node.commands import sending

    raise typer.Exit(sending.send(paths, to, called, calling))


@cli.command(name="import")
def import_files(paths: Paths, config: Config = None) -> None:
    """Take files in as if they had been received; exit 4 if any was not readable."""
    from hri_node.commands import sending

    raise typer.Exit(sending.take_in(paths, all_settings.load(config)))


@cli.command()
def pull(  # noqa: PLR0913 - each is an option that users rely on
    source: Annotated[str, typer.Option("--from", help="Name of a destination of the settings.")],
    dates: Annotated[str, typer.Option("--date", metavar="DAY[-DAY]", help="Study date, as 20260101-20260131.")],
    patient: Annotated[str, typer.Option(help="Patient ID; * and ? stand for any characters.")] = "",
    modality: Annotated[str, typer.Option(help="Of the series to fetch.")] = "US",
    parallel: Annotated[int, typer.Option(min=1, max=16, help="Studies at once.")] = 1,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count the studies of each day.")] = False,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Fetch studies from a PACS, to be measured; the reports go where the destinations' rules send them.

    What is here already is not fetched again: an interrupted pull goes on when it is run again. Exit 1 if any failed.
    """
    from hri_node.commands import pulling

    wanted = pulling.wanted_of(dates, patient, modality)
    wishes = pulling.Wishes(parallel, dry_run, as_json)
    raise typer.Exit(pulling.pull(source, wanted, wishes, all_settings.load(config)))


@cli.command()
def measure(  # noqa: PLR0913 - each is an option that users rely on
    paths: Paths,
    *,
    as_json: AsJson = False,
    mm_per_px: Annotated[
        str | None, typer.Option(metavar="ROW[,COLUMN]", help="Spacing of uncalibrated pictures.")
    ] = None,
    frame: Annotated[int | None, typer.Option(min=1, help="Only this frame (1-based); left out: all.")] = None,
    labels_dir: Annotated[
        Path | None, typer.Option(help="Write label maps: 0 background, 1 liver, 2 right kidney.")
    ] = None,
    overlay_dir: Annotated[Path | None, typer.Option(help="Write pictures with contours, ROIs and values.")] = None,
    dicom_dir: Annotated[Path | None, typer.Option(help="Write SR, SEG and picture of DICOM input.")] = None,
    any_view: Annotated[bool, typer.Option("--any-view", help="Measure even where the view check says no.")] = False,
    method: Annotated[Literal["joint", "paper"], typer.Option(help="How the ROIs are placed.")] = "joint",
    config: Config = None,
) -> None:
    """Measure DICOM, PNG or JPEG files; no node, no queue."""
    from hri_node.commands import measuring

    spacing_mm = measuring.spacing_of(mm_per_px)
    settings = all_settings.load(config, is_node=False)
    wishes = measuring.Wishes(as_json, spacing_mm, frame, labels_dir, overlay_dir, dicom_dir, settings.report)
    chosen = settings.measure
    options = Options(method, any_view, chosen.strict_spacing, chosen.dynamic_range_db)
    means = measuring.load_means(settings, options)
    raise typer.Exit(measuring.measure_paths(paths, means, wishes))


@cli.command()
def evaluate(  # noqa: PLR0913 - each is an option that users rely on
    images: Annotated[Path, typer.Argument(help="Folder or file: PNG, JPEG or DICOM.", exists=True)],
    labels: Annotated[Path, typer.Argument(help="Label maps, paired by stem.", exists=True)],
    *,
    as_json: AsJson = False,
    label_values: Annotated[
        str | None, typer.Option("--map", metavar="liver=1,kidney=4", help="Values in the maps; else liver=1,kidney=2.")
    ] = None,
    pictures: Annotated[Path | None, typer.Option(help="Write found and true contours, the worst image first.")] = None,
    mm_per_px: Annotated[
        str | None, typer.Option(metavar="ROW[,COLUMN]", help="Spacing of uncalibrated pictures.")
    ] = None,
    config: Config = None,
) -> None:
    """Compare what the node finds with label maps: Jaccard index, Dice, distance of the borders."""
    from hri_node.commands import evaluate as evaluation
    from hri_node.commands import measuring

    classes, spacing_mm = evaluation.classes_of(label_values), measuring.spacing_of(mm_per_px)
    means = measuring.load_means(all_settings.load(config, is_node=False), Options())
    wishes = evaluation.Wishes(as_json, classes, spacing_mm, pictures)
    raise typer.Exit(evaluation.evaluate_paths(images, labels, means, wishes))


@cli.command()
def phantom(
    out_dir: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write to.", show_default=False)],
    count: Annotated[int, typer.Option(min=1)],
    seed: Annotated[int, typer.Option(min=0)] = 0,
    *,
    dicom: Annotated[bool, typer.Option("--dicom", help="DICOM files as well.")] = False,
) -> None:
    """Write synthetic views, label maps and truth.jsonl."""
    from hri_node.commands import phantoms

    phantoms.write(out_dir, count, seed, dicom=dicom)


@cli.command()
def conformance(
    *,
    output: Annotated[Path | None, typer.Option(help="File to write; left out: stdout.", dir_okay=False)] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Of the settings the node is shipped with.")] = False,
    config: Config = None,
) -> None:
    """Print the DICOM conformance statement (PS3.2) of this installation, as Markdown."""
    from hri_node.conformance import statement

    chosen = statement.defaults() if defaults else all_settings.load(config, is_node=False)
    statement.write(chosen, output)
