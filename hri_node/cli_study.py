"""Typer commands of the reader study: `study new`, `import`, `assign`, `serve`, `dcnn`, `export` and others."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from hri_node import settings as all_settings
from hri_node.cli_mending import AsJson, Config
from hri_node.commands.screen import MISUSED, fail

study = typer.Typer(
    help="A reader study: collect images, let readers mark them, compare them with the network.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study.", show_default=False)]
Key = Annotated[Path | None, typer.Option(help="The key, if it does not lie where it was made.")]
Subjects = Annotated[list[str], typer.Argument(metavar="SUBJECT", help="Such as S0001.", show_default=False)]


@study.command()
def new(  # noqa: PLR0913 - each is a decision about the study
    folder: Folder,
    name: Annotated[str, typer.Option(help="Of the study, as its report will say.")],
    readers: Annotated[str, typer.Option(metavar="R1,R2", help="Who marks.")],
    key: Annotated[Path | None, typer.Option(help="Where who is who is kept; left out: beside the folder.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of orders and split; left out: drawn.")] = None,
    sessions: Annotated[int, typer.Option(min=1, max=9, help="How often each reader reads all images.")] = 2,
    interval_days: Annotated[int, typer.Option(min=0, help="Between a complete session and the next one.")] = 28,
    shapes: Annotated[str, typer.Option(help="How readers may mark.")] = "square,polygon,freehand",
    split: Annotated[str, typer.Option(help="Shares of patients: train, validation, test.")] = "0,0,1",
    per: Annotated[Literal["patient", "study"], typer.Option(help="What has one image.")] = "patient",
    choose: Annotated[
        Literal["view", "first"],
        typer.Option(help="Which image: the best view by the network, whatever it measures there, or the first."),
    ] = "view",
    *,
    hide_values: Annotated[bool, typer.Option("--hide-values", help="Readers do not see what they measure.")] = False,
) -> None:
    """Make the folder of a study, and its key apart from it."""
    from hri_node.commands import study_new

    decisions = study_new.Decisions(
        name=name,
        readers=readers,
        key=key,
        seed=seed,
        sessions=sessions,
        interval_days=interval_days,
        shapes=shapes,
        split=split,
        unit=per,
        choose=choose,
        hide_values=hide_values,
    )
    study_new.new_study(folder, decisions)


@study.command(name="import")
def import_images(  # noqa: PLR0913 - each is an option that users rely on
    folder: Folder,
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Further ones of --from-folder.")
    ] = None,
    *,
    from_folder: Annotated[list[Path] | None, typer.Option(exists=True, help="Files, or folders of files.")] = None,
    from_ledger: Annotated[bool, typer.Option("--from-ledger", help="Images that this node has received.")] = False,
    from_pacs: Annotated[str | None, typer.Option(metavar="NAME", help="A destination of the settings.")] = None,
    dates: Annotated[str, typer.Option("--date", metavar="DAY[-DAY]", help="Study date, as 20260101-20260131.")] = "",
    scanner: Annotated[list[str] | None, typer.Option(help="Only what this AE title sent (--from-ledger).")] = None,
    patient: Annotated[str, typer.Option(help="Patient ID; * and ? stand for any (--from-pacs).")] = "",
    parallel: Annotated[int, typer.Option(min=1, max=16, help="Studies at once (--from-pacs).")] = 1,
    mm_per_px: Annotated[
        str | None, typer.Option(metavar="ROW[,COLUMN]", help="Spacing of uncalibrated pictures.")
    ] = None,
    key: Key = None,
    config: Config = None,
) -> None:
    """Take images in, de-identified, one of a patient; run again, it goes on where it ended."""
    from hri_node.commands import measuring, study_import, study_sources

    if sum((bool(from_folder), from_ledger, bool(from_pacs))) != 1:
        fail("one of --from-folder, --from-ledger and --from-pacs is needed", MISUSED)
    wishes = study_import.Wishes(key, measuring.spacing_of(mm_per_px))
    cohort = study_sources.Cohort(dates, tuple(scanner or ()), patient, parallel)
    if from_folder:
        paths = [*from_folder, *(more or ())]
        code = study_import.import_files(folder, paths, wishes, all_settings.load(config, is_node=False))
    elif from_pacs:
        if not dates:
            fail("--from-pacs needs --date", MISUSED)
        code = study_sources.import_pacs(folder, from_pacs, cohort, wishes, all_settings.load(config))
    else:
        code = study_sources.import_ledger(folder, cohort, wishes, all_settings.load(config))
    raise typer.Exit(code)


@study.command()
def look(folder: Folder, output: Annotated[Path, typer.Option(help="Folder to write to.", show_default=False)]) -> None:
    """Write sheets of all images, to look through: what cannot be read is excluded, and no name may be left on one."""
    from hri_node.commands import study_sheets

    study_sheets.write_sheets(folder, output)


@study.command()
def exclude(
    folder: Folder,
    subjects: Subjects,
    reason: Annotated[str, typer.Option(help="A code of study.toml, such as poor_quality.")],
    note: Annotated[str, typer.Option(help="A line more; nothing that names the patient.")] = "",
) -> None:
    """Leave subjects out, with the reason why; what was marked on them is kept, and counts no more."""
    from hri_node.commands import study_people

    study_people.exclude(folder, subjects, reason, note)


@study.command()
def include(folder: Folder, subjects: Subjects) -> None:
    """Take excluded subjects in again."""
    from hri_node.commands import study_people

    study_people.include(folder, subjects)


@study.command()
def reference(
    folder: Folder,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Grades and demographics.", show_default=False)],
    interval_max: Annotated[
        float | None, typer.Option(min=0, metavar="DAYS", help="Exclude whose interval_days are more; the paper: 31.")
    ] = None,
    key: Key = None,
) -> None:
    """Take in grades and demographics by CSV: column subject or patient_id, then grade, age, sex, or any others."""
    from hri_node.commands import study_reference

    study_reference.add_reference(folder, file, key, interval_max)


@study.command()
def assign(
    folder: Folder,
    reader: Annotated[str | None, typer.Option(help="Make a new link for this reader.")] = None,
    url: Annotated[str, typer.Option(help="Where browsers find the marking tool.")] = "http://localhost:8090",
) -> None:
    """Draw the order of every reader and session, and print the readers' personal links, this once."""
    from hri_node.commands import study_people

    study_people.assign(folder, reader, url)


@study.command()
def status(folder: Folder, *, as_json: AsJson = False) -> None:
    """Show how far the study is, and what to do next."""
    from hri_node.commands import study_status

    study_status.show_status(folder, as_json=as_json)


@study.command()
def dcnn(
    folder: Folder,
    *,
    again: Annotated[bool, typer.Option("--again", help="Also what was measured before.")] = False,
    method: Annotated[Literal["joint", "paper"], typer.Option(help="How the ROIs are placed.")] = "joint",
    config: Config = None,
) -> None:
    """Let the node's network measure the images; exit 3 if any has no index."""
    from hri_node.commands import study_dcnn

    settings = all_settings.load(config, is_node=False)
    raise typer.Exit(study_dcnn.measure_study(folder, method, settings, again=again))


@study.command()
def export(
    folder: Folder, output: Annotated[Path, typer.Option(help="Folder to write to.", show_default=False)]
) -> None:
    """Write readings, marks, label maps, times, exclusions and split as files."""
    from hri_node.commands import study_export

    study_export.export(folder, output)


@study.command()
def report(
    folder: Folder,
    output: Annotated[Path | None, typer.Option(metavar="FILE.html", help="Left out: DIR/report.html.")] = None,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE.pdf", help="Write a PDF, too, or alone.")] = None,
    readings: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", exists=True, help="Readings in the place of the marks.")
    ] = None,
) -> None:
    """Write the report: methods, subjects, agreement, figures, exclusions, versions; the same data, the same file."""
    from hri_node.commands import study_report

    study_report.report(folder, output, pdf, readings)


@study.command()
def demo(
    folder: Folder,
    *,
    count: Annotated[int, typer.Option(min=9, max=9999, help="How many phantoms.")] = 294,
    config: Config = None,
) -> None:
    """Do a whole synthetic study: phantoms, the network, simulated readers, and a report beside the paper's numbers."""
    from hri_node.commands import study_demo

    raise typer.Exit(study_demo.demo(folder, count, all_settings.load(config, is_node=False)))


@study.command()
def serve(  # noqa: PLR0913 - options of the command
    folder: Folder,
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


@study.command()
def reveal(
    folder: Folder,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Such as S0001.", show_default=False)],
    key: Key = None,
) -> None:
    """Print who a subject is, by the key."""
    from hri_node.commands import study_people

    study_people.reveal(folder, subject, key)
