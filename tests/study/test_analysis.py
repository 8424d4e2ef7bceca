"""A whole study: who is compared with whom, tables, sentences, plain values."""

import json
from types import MappingProxyType

import numpy as np
import pytest
from agreeing import small_study

from hri_node.errors import Refused
from hri_node.study.agreement import agreement_of
from hri_node.study.analysis import analysis_of
from hri_node.study.cells import interval, number, p_value
from hri_node.study.comparison import MEAN, Kind
from hri_node.study.estimate import Estimate
from hri_node.study.plain import plain
from hri_node.study.prose import sentences_of
from hri_node.study.readings import Measure, Readings, Series
from hri_node.study.roc import roc_of
from hri_node.study.simulate import simulated
from hri_node.study.tables import tables_of


def test_who_is_compared() -> None:
    """Sessions of each reader, readers of each session, and the network with the readers' mean and each reading."""
    found = [(each.kind, each.of) for each in analysis_of(small_study()).comparisons if each.measure is Measure.HRI]

    assert found == [
        *((Kind.INTRA, "A"), (Kind.INTRA, "B"), (Kind.INTER, "1"), (Kind.INTER, "2"), (Kind.DCNN, MEAN)),
        *((Kind.DCNN, f"{reader}, session {session}") for reader in "AB" for session in "12"),
    ]


def test_the_index_is_taken_of_each_reading() -> None:
    """The index of a mean of readers is the mean of their indices, not the ratio of their mean grey levels."""
    readings = small_study()
    found = next(each for each in analysis_of(readings).comparisons if (each.of, each.measure) == (MEAN, Measure.HRI))

    ratios = [readings.series[Series(rater, session)] for rater in "AB" for session in "12"]
    mean = np.mean([levels[:, 0] / levels[:, 1] for levels in ratios], axis=0)
    assert found.values[:, 0] == pytest.approx(mean)
    assert found.agreement.paper == agreement_of(found.values).paper


def test_three_readers_three_sessions() -> None:
    """All columns of a comparison together in one coefficient, Bland-Altman for each two."""
    found = analysis_of(small_study(raters=("A", "B", "C"), sessions=3))

    assert found.dcnn is None
    inter = next(each for each in found.comparisons if each.kind is Kind.INTER)
    assert inter.agreement.squares.raters == 3
    assert [(pair.first, pair.second) for pair in inter.pairs] == [("A", "B"), ("A", "C"), ("B", "C")]
    assert {each.kind for each in found.comparisons} == {Kind.INTRA, Kind.INTER}


def test_unequal_sessions_are_told() -> None:
    """Who read once has no intra-observer agreement, and a note says so."""
    readings = small_study()
    series = {key: levels for key, levels in readings.series.items() if key != ("B", "2")}
    found = analysis_of(Readings(readings.subjects, MappingProxyType(series)))

    assert found.notes == ("B, dcnn: one session, so no intra-observer agreement",)
    assert [each.of for each in found.comparisons if each.kind is Kind.INTRA] == ["A"] * 3
    assert [each.of for each in found.comparisons if each.kind is Kind.INTER] == ["1"] * 3


def test_a_network_that_never_changes() -> None:
    """Read twice, it agrees with itself perfectly; the mean of both is what readers are compared with."""
    readings = small_study()
    series = dict(readings.series) | {Series("dcnn", "2"): readings.series[Series("dcnn", "1")]}
    found = analysis_of(Readings(readings.subjects, MappingProxyType(series))).comparisons

    own = next(each for each in found if (each.kind, each.of) == (Kind.INTRA, "dcnn"))
    assert (own.agreement.paper.estimate.value, own.pairs[0].limits.sd) == (1, 0)


@pytest.mark.parametrize(("raters", "dcnn", "network"), [(("A", "DCNN"), None, "DCNN"), (("A", "B"), "B", "B")])
def test_which_rater_is_the_network(raters: tuple[str, ...], dcnn: str | None, network: str) -> None:
    """The one that is called so, in any case, or the one that is named."""
    assert analysis_of(small_study(raters=raters), dcnn).dcnn == network


@pytest.mark.parametrize(
    ("raters", "dcnn", "reason"),
    [
        (("A", "B"), "net", "--dcnn: no rater is called net, there are A, B"),
        (("dcnn", "DCNN"), None, "--dcnn names the one that is"),
        (("A",), None, "one rater in one session: nothing to compare"),
    ],
)
def test_refused(raters: tuple[str, ...], dcnn: str | None, reason: str) -> None:
    """No such rater, two networks, one reading."""
    with pytest.raises(Refused, match=reason):
        analysis_of(small_study(raters=raters, sessions=1), dcnn)


def test_readings_that_do_not_vary_are_named() -> None:
    """Which measure of whom has no variance."""
    readings = small_study(raters=("A", "B"))
    series = {key: np.stack([levels[:, 0], np.full(12, 50.0)], axis=1) for key, levels in readings.series.items()}

    with pytest.raises(Refused, match="kidney of session 1 and session 2: all readings are equal"):
        analysis_of(Readings(readings.subjects, MappingProxyType(series)))


def test_reference_grades() -> None:
    """From each grade on, each rater's and the readers' mean index; the network's area is tested against each."""
    readings = small_study(grades=True)
    found = analysis_of(readings).detections

    assert [(each.grade, each.of) for each in found] == [
        (grade, of) for grade in (1, 2) for of in ("A", "B", "dcnn", MEAN)
    ]
    assert [each.against_dcnn is None for each in found[:4]] == [False, False, True, False]
    assert readings.grades is not None
    assert found[4].roc == roc_of(readings.mean(["A"], Measure.HRI), readings.grades >= 2)


def test_a_grade_that_one_subject_has() -> None:
    """Too rare for a curve: a note, and no row."""
    readings = small_study()
    grades = np.array([2] + [1] * 6 + [0] * 5)
    found = analysis_of(Readings(readings.subjects, readings.series, grades))

    assert {each.grade for each in found.detections} == {1}
    assert found.notes[-1] == "grade 2 or more against less: 1 subject on one side, too few for a ROC curve"


def test_tables_2_and_3_of_the_paper() -> None:
    """The simulated readings print the paper's lines."""
    tables = {table.key: table for table in tables_of(analysis_of(simulated()))}

    assert tables["intraobserver"].rows[0] == (
        "Liver",
        "R1",
        "66.86±20.41",
        "66.81±19.50",
        "0.878 (0.849-0.902)",
        "high",
    )
    assert tables["interobserver"].rows[2] == (
        "HRI",
        "0.681 (0.615-0.738) moderate",
        "0.579 (0.497-0.650) moderate",
        "0.734 (0.676-0.782) high",
    )
    assert tables["bland_altman"].rows[1][3:6] == (
        "-0.13 (-1.05 to 0.80)",
        "-15.96 (-17.55 to -14.38)",
        "15.71 (14.12-17.29)",
    )
    assert len(tables["network"].rows) == 15


@pytest.mark.parametrize("raters", [("A",), ("A", "B"), ("A", "B", "C", "dcnn"), ("A", "dcnn"), ("dcnn", "B")])
@pytest.mark.parametrize("sessions", [1, 2, 3])
@pytest.mark.parametrize("grades", [False, True])
def test_every_table_is_whole(raters: tuple[str, ...], sessions: int, grades: bool) -> None:  # noqa: FBT001
    """Whoever read how often: as many cells in each row as in the header, and sentences for what is compared."""
    readings = small_study(raters=raters, sessions=sessions, grades=grades)
    if len(readings.series) == 1:
        return
    analysis = analysis_of(readings)

    tables = tables_of(analysis)
    assert tables
    assert all(len(row) == len(table.header) for table in tables for row in table.rows)
    assert all(cell for table in tables for row in (table.header, *table.rows) for cell in row)
    assert sentences_of(analysis)
    json.dumps(plain(analysis), allow_nan=False)


def test_sentences() -> None:
    """Coefficients with intervals, the range of the paper's words, and the limits of agreement."""
    found = sentences_of(analysis_of(simulated()))

    assert found[0].startswith(
        "Within R1, between session 1 and session 2: ICC (95% CI) of liver 0.878 (0.849-0.902), right kidney 0.905 "
        "(0.882-0.924) and HRI 0.701 (0.638-0.755), high to excellent agreement. Bias (limits of agreement), session 1"
    )
    assert found[-1].startswith("Between mean of readers and dcnn: ICC (95% CI) of liver 0.919 (0.899-0.935)")


def test_plain_values() -> None:
    """The keys that programs rely on."""
    found = plain(analysis_of(small_study(grades=True)))

    assert (found["subjects"], found["raters"], found["dcnn"]) == (12, ["A", "B", "dcnn"], "dcnn")
    first = found["comparisons"][0]
    assert (first["kind"], first["of"], first["measure"]) == ("intra", "A", "liver")
    assert set(first["icc"]) == {"form", "value", "ci"}
    assert set(first["iccs"]) == {"ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)"}
    assert set(first["bland_altman"][0]) == {
        *("first", "second", "bias", "lower", "upper", "sd", "p", "slope", "ratio"),
    }
    assert first["bland_altman"][0]["ratio"] is None
    assert found["comparisons"][2]["bland_altman"][0]["ratio"]["bias"]["value"] > 0
    assert set(found["roc"][0]) == {
        *("of", "grade", "diseased", "healthy", "auc", "cutoff", "sensitivity", "specificity", "against_dcnn"),
    }


def test_cells() -> None:
    """No minus zero, no dash beside a minus sign, and small p-values told as such."""
    assert (number(-0.001, 2), number(-0.01, 2)) == ("0.00", "-0.01")
    assert interval(Estimate(0.1, -0.05, 0.25)) == "0.100 (-0.050 to 0.250)"
    assert (p_value(0.0002), p_value(0.0412)) == ("<0.001", "0.041")
