"""Commands of the reader study: agreement of readings, and how many subjects a study needs."""

from pathlib import Path
from typing import Annotated

import typer

from hri_node.cli_mending import AsJson


def agreement(
    readings: Annotated[
        Path,
        typer.Argument(
            metavar="READINGS.csv",
            help="Columns subject,rater,session,liver,kidney, perhaps grade.",
            exists=True,
            dir_okay=False,
        ),
    ],
    *,
    as_json: AsJson = False,
    figures: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write figures (PNG, SVG), their data, and tables.", file_okay=False),
    ] = None,
    dcnn: Annotated[
        str | None, typer.Option(metavar="NAME", help="The rater that is the network; left out: dcnn, if there is one.")
    ] = None,
    skip_incomplete: Annotated[
        bool, typer.Option("--skip-incomplete", help="Leave out subjects of which a reading is missing.")
    ] = False,
) -> None:
    """Tell how well readers and network agree: ICCs, Bland-Altman, the paper's tables 2 and 3.

    Exit 4 if the file is not as it should be.
    """
    from hri_node.commands import agreement as agreeing

    wishes = agreeing.Wishes(as_json, figures, dcnn, skip_incomplete)
    raise typer.Exit(agreeing.agree(readings, wishes))


def sample_size(
    icc: Annotated[float | None, typer.Option(help="Coefficient that is expected.", show_default=False)] = None,
    width: Annotated[float, typer.Option(help="Its 95% interval, from end to end.")] = 0.1,
    raters: Annotated[int, typer.Option(help="Readings of each subject.")] = 2,
    sd: Annotated[
        float | None, typer.Option(help="Expected SD of the differences of two readings.", show_default=False)
    ] = None,
    half_width: Annotated[
        float | None, typer.Option(help="From a limit of agreement to the end of its 95% interval.", show_default=False)
    ] = None,
) -> None:
    """Tell how many subjects a reader study needs, for an ICC or for limits of agreement of a certain precision."""
    from hri_node.commands import sample_size as sizing

    raise typer.Exit(sizing.tell(sizing.Precision(icc, width, raters, sd, half_width)))
