"""The numbers that the paper prints, as it prints them, and where they contradict each other.

References
----------
Cha DI, Kang TW, Min JH, et al. Deep learning-based automated quantification of the hepatorenal index for evaluation
of fatty liver by ultrasonography. Ultrasonography 2021;40:565-574: tables 2 and 3, figures 4 and 5.
"""

from dataclasses import dataclass

from hri_node.study.comparison import Kind
from hri_node.study.readings import Measure, Series

SUBJECTS = 294

READERS = ("R1", "R2")
DCNN = "dcnn"
SESSIONS = ("1", "2")

SERIES = (*(Series(reader, session) for reader in READERS for session in SESSIONS), Series(DCNN, SESSIONS[0]))
"""Two readers, two sessions each, and the network."""

MEAN_DECIMALS = 2
ICC_DECIMALS = 3
LIMIT_DECIMALS = {Measure.LIVER: 2, Measure.KIDNEY: 2, Measure.HRI: 3}
"""To which the paper rounds."""


@dataclass(frozen=True, slots=True)
class PrintedIcc:
    """A coefficient with its 95 % interval: of a reader's sessions, of both readers in a session, or with the DCNN."""

    kind: Kind
    of: str
    measure: Measure
    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class PrintedLimits:
    """Bias and limits of agreement of a reader's first session minus the second (figure 4)."""

    reader: str
    measure: Measure
    bias: float
    upper: float
    lower: float


LIVER, KIDNEY, HRI = Measure
INTRA, INTER, WITH_DCNN = Kind.INTRA, Kind.INTER, Kind.DCNN

MOMENTS: dict[tuple[str, str, Measure], tuple[float, float]] = {
    ("R1", "1", LIVER): (66.86, 20.41),
    ("R1", "2", LIVER): (66.81, 19.50),
    ("R2", "1", LIVER): (64.61, 18.43),
    ("R2", "2", LIVER): (66.07, 19.12),
    ("R1", "1", KIDNEY): (51.57, 17.74),
    ("R1", "2", KIDNEY): (51.70, 19.26),
    ("R2", "1", KIDNEY): (50.24, 16.80),
    ("R2", "2", KIDNEY): (52.58, 16.79),
    ("R1", "1", HRI): (1.35, 0.31),
    ("R1", "2", HRI): (1.33, 0.29),
    ("R2", "1", HRI): (1.33, 0.29),
    ("R2", "2", HRI): (1.29, 0.28),
}
"""Mean and standard deviation, table 2; the paper gives none of the DCNN."""

ICCS = (
    PrintedIcc(INTRA, "R1", LIVER, 0.878, 0.849, 0.902),
    PrintedIcc(INTRA, "R1", KIDNEY, 0.905, 0.882, 0.924),
    PrintedIcc(INTRA, "R1", HRI, 0.701, 0.638, 0.755),
    PrintedIcc(INTRA, "R2", LIVER, 0.935, 0.919, 0.948),
    PrintedIcc(INTRA, "R2", KIDNEY, 0.890, 0.863, 0.911),
    PrintedIcc(INTRA, "R2", HRI, 0.703, 0.641, 0.757),
    PrintedIcc(INTER, "1", LIVER, 0.892, 0.866, 0.913),
    PrintedIcc(INTER, "1", KIDNEY, 0.898, 0.873, 0.918),
    PrintedIcc(INTER, "1", HRI, 0.681, 0.615, 0.738),
    PrintedIcc(INTER, "2", LIVER, 0.920, 0.901, 0.936),
    PrintedIcc(INTER, "2", KIDNEY, 0.874, 0.844, 0.898),
    PrintedIcc(INTER, "2", HRI, 0.579, 0.497, 0.650),
    PrintedIcc(WITH_DCNN, DCNN, LIVER, 0.919, 0.899, 0.935),
    PrintedIcc(WITH_DCNN, DCNN, KIDNEY, 0.916, 0.895, 0.932),
    PrintedIcc(WITH_DCNN, DCNN, HRI, 0.734, 0.676, 0.782),
)
"""Tables 2 and 3."""

LIMITS = (
    PrintedLimits("R1", LIVER, -0.04, 19.28, -19.37),
    PrintedLimits("R1", KIDNEY, -0.13, 15.71, -15.96),
    PrintedLimits("R1", HRI, -0.006, 0.468, -0.479),
    PrintedLimits("R2", LIVER, -1.44, 11.53, -14.42),
    PrintedLimits("R2", KIDNEY, -2.42, 12.13, -16.98),
    PrintedLimits("R2", HRI, 0.042, 0.462, -0.377),
)
"""Captions of figures 4A and 4B."""

CONTRADICTIONS: dict[tuple[str, Measure], str] = {
    ("R1", LIVER): "means of table 2 differ by +0.05, figure 4 says -0.04",
    ("R1", HRI): "means of table 2 differ by +0.02, figure 4 says -0.006; its limits imply an ICC of 0.667 to 0.686, "
    "table 2 says 0.701",
    ("R2", LIVER): "means of table 2 differ by -1.46, figure 4 says -1.44, more than rounding explains",
    ("R2", KIDNEY): "means of table 2 differ by -2.34, figure 4 says -2.42; its limits imply an ICC of 0.893, table 2 "
    "says 0.890",
}
"""Reader and measure to what disagrees within the paper. A test proves each of them from the printed numbers.

Words disagree, too: of the kidney's 0.916 with the DCNN the results say excellent, as the paper's bands have it, and
the discussion high.
"""
