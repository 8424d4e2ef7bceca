"""The precision that a reader study shall reach comes in; how many subjects it needs goes out."""

from dataclasses import dataclass

from rich.text import Text

from hri_node.commands.screen import DONE, MISUSED, fail, out
from hri_node.errors import Refused
from hri_node.study.sample_size import subjects_by_bonett, subjects_for_icc, subjects_for_limits


@dataclass(frozen=True, slots=True)
class Precision:
    """What the caller of `hri-node sample-size` asked for: of a coefficient, of limits of agreement, or of both."""

    icc: float | None
    width: float
    raters: int
    sd: float | None
    half_width: float | None


def tell(wanted: Precision) -> int:
    """Exit code after telling how many subjects are needed.

    Parameters
    ----------
    wanted
        Precision of a coefficient, of limits of agreement, or of both.
    """
    if (wanted.sd is None) != (wanted.half_width is None):
        fail("--sd and --half-width belong together", MISUSED)
    if wanted.icc is None and wanted.sd is None:
        fail("--icc, or --sd and --half-width needed", MISUSED)
    try:
        sentences = [*_of_icc(wanted), *_of_limits(wanted)]
    except Refused as error:
        fail(str(error), MISUSED)
    for sentence in sentences:
        out.print(Text(sentence))
    return DONE


def _of_icc(wanted: Precision) -> list[str]:
    if wanted.icc is None:
        return []
    exact = subjects_for_icc(wanted.icc, wanted.width, wanted.raters)
    bonett = subjects_by_bonett(wanted.icc, wanted.width, wanted.raters)
    asked = f"an ICC(1,1) of {wanted.icc:g} with a 95% interval of width {wanted.width:g}, {wanted.raters} raters"
    return [f"{exact} subjects for {asked} (Bonett's formula: {bonett})"]


def _of_limits(wanted: Precision) -> list[str]:
    if wanted.sd is None or wanted.half_width is None:
        return []
    count = subjects_for_limits(wanted.sd, wanted.half_width)
    return [f"{count} subjects for limits of agreement within ±{wanted.half_width:g}, differences of SD {wanted.sd:g}"]
