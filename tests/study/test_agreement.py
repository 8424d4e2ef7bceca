"""Intraclass correlation coefficients: published and foreign numbers, ends of the range, refusals."""

import warnings

import numpy as np
import pingouin
import pytest
from agreeing import pairs_with
from pandas import DataFrame

from hri_node.errors import Refused
from hri_node.study.agreement import Form, agreement_of, band_of, interval_of
from hri_node.study.bland_altman import limits_of
from hri_node.study.estimate import Values
from hri_node.study.paper import ICCS

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
"""Table 2 of Shrout and Fleiss (1979): six subjects, four judges."""

PSYCH = {
    Form.ONE_WAY: (0.16574177, -0.132932325, 0.72256006, 1.7946785, 0.16476880834),
    Form.AGREEMENT: (0.28976378, 0.018786513, 0.76108437, 11.0272480, 0.00013456652),
    Form.CONSISTENCY: (0.71484071, 0.342464765, 0.94585826, 11.0272480, 0.00013456652),
    Form.ONE_WAY_MEAN: (0.44279713, -0.884442155, 0.91241542, 1.7946785, 0.16476880834),
    Form.AGREEMENT_MEAN: (0.62005055, 0.071136815, 0.92723204, 11.0272480, 0.00013456652),
    Form.CONSISTENCY_MEAN: (0.90931554, 0.675674714, 0.98589168, 11.0272480, 0.00013456652),
}
"""What ICC() of R's package psych 2.2.9 says of them: value, lower, upper, F, p."""

LABELS = {"ICC1": "ICC(1,1)", "ICC2": "ICC(A,1)", "ICC3": "ICC(C,1)"} | {
    f"ICC{number}k": f"ICC({letter},k)" for number, letter in enumerate("1AC", start=1)
}
"""Older names of pingouin's rows."""

READER_2_LIVER = pairs_with((64.61, 66.05), (18.43, 19.12), 6.6199)
READER_1_KIDNEY = pairs_with((51.57, 51.70), (17.74, 19.26), 8.0791)
"""What table 2 and figure 4 of the paper say of them."""


def as_four(readings: Values, form: Form) -> tuple[float, ...]:
    """A coefficient and its interval to four decimals."""
    found = agreement_of(readings).iccs[form].estimate
    return tuple(round(each, 4) for each in (found.value, found.lower, found.upper))


def pingouins(readings: Values) -> dict[str, tuple[float, ...]]:
    """Value, interval, F and p of pingouin, by our names of the forms, whatever its version calls them."""
    rows, columns = np.indices(readings.shape).reshape(2, -1)
    frame = DataFrame({"subject": rows, "rater": columns, "reading": readings.ravel()})
    if "round.column.CI95" in pingouin.options:
        pingouin.options["round.column.CI95"] = 8
    with warnings.catch_warnings():
        # It calls pandas as older versions liked it.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = pingouin.intraclass_corr(frame, "subject", "rater", "reading")
    interval = "CI95" if "CI95" in found else "CI95%"
    return {
        LABELS.get(row["Type"], row["Type"]): (row["ICC"], *row[interval], row["F"], row["pval"])
        for _, row in found.iterrows()
    }


def test_shrout_and_fleiss() -> None:
    """The classic table gives the six published coefficients, and R's intervals and F tests."""
    found = agreement_of(SHROUT_FLEISS).iccs

    assert [round(found[form].estimate.value, 2) for form in Form] == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    for form, numbers in PSYCH.items():
        icc = found[form]
        ours = (icc.estimate.value, icc.estimate.lower, icc.estimate.upper, icc.f, icc.p)
        assert ours == pytest.approx(numbers, rel=1e-7)


def test_fixture_a_reader_2_liver() -> None:
    """A reader with a bias: the forms part, and only the one-way form is what the paper prints."""
    assert as_four(READER_2_LIVER, Form.ONE_WAY) == (0.9352, 0.9192, 0.9481)
    assert as_four(READER_2_LIVER, Form.AGREEMENT) == (0.9353, 0.9170, 0.9494)
    assert as_four(READER_2_LIVER, Form.CONSISTENCY) == (0.9379, 0.9225, 0.9503)
    assert as_four(READER_2_LIVER, Form.ONE_WAY_MEAN)[0] == 0.9665
    assert round(agreement_of(READER_2_LIVER).paper.f, 2) == 29.87
    limits = limits_of(*READER_2_LIVER.T)
    assert (limits.lower.value, limits.upper.value) == pytest.approx((-14.415, 11.535), abs=1e-4)


def test_fixture_b_reader_1_kidney() -> None:
    """A reader without bias: the forms agree to three decimals."""
    assert as_four(READER_1_KIDNEY, Form.ONE_WAY) == (0.9051, 0.8821, 0.9238)
    assert as_four(READER_1_KIDNEY, Form.AGREEMENT) == (0.9051, 0.8820, 0.9238)
    assert as_four(READER_1_KIDNEY, Form.CONSISTENCY) == (0.9048, 0.8817, 0.9236)


@pytest.mark.parametrize("printed", ICCS, ids=lambda each: f"{each.kind}-{each.of}-{each.measure}")
def test_fixture_c_printed_intervals(printed) -> None:  # noqa: ANN001 - a coefficient of the paper
    """The interval of each of the paper's 15 coefficients is that of the one-way form, but for rounding."""
    found = interval_of(printed.value, 294)

    assert (found.lower, found.upper) == pytest.approx((printed.lower, printed.upper), abs=0.001)


@pytest.mark.parametrize("readings", [READER_2_LIVER, READER_1_KIDNEY, SHROUT_FLEISS[:, :3]])
def test_pingouin_says_the_same(readings: Values) -> None:
    """All six forms with interval, F and p, by another program."""
    found = agreement_of(readings).iccs

    theirs = pingouins(readings)
    assert set(theirs) == set(Form)
    for form, numbers in theirs.items():
        icc = found[Form(form)]
        ours = (icc.estimate.value, icc.estimate.lower, icc.estimate.upper, icc.f, icc.p)
        assert ours == pytest.approx(numbers, rel=1e-4, abs=1e-4)


def test_perfect_agreement() -> None:
    """Readings that are all equal within a subject: 1, without doubt, in every form."""
    readings = np.repeat([[0.1], [0.7], [3.3], [2.9]], 3, axis=1)

    for icc in agreement_of(readings).iccs.values():
        assert (icc.estimate.value, icc.estimate.lower, icc.estimate.upper) == (1, 1, 1)
        assert (icc.f, icc.p) == (float("inf"), 0)


def test_a_constant_offset_is_consistent_but_not_in_agreement() -> None:
    """The second rater reads 5 more: consistency 1, agreement less."""
    truth = np.array([10.0, 20, 30, 40, 55])
    found = agreement_of(np.stack([truth, truth + 5], axis=1)).iccs

    assert found[Form.CONSISTENCY].estimate.value == 1
    assert found[Form.AGREEMENT].estimate.lower < found[Form.AGREEMENT].estimate.value < 1


def test_subjects_that_differ_less_than_their_readings() -> None:
    """Coefficients and intervals below 0; found by trying at random."""
    found = agreement_of([[0, 8], [0, 8], [3, 4.5]]).iccs

    for form in (Form.ONE_WAY, Form.AGREEMENT, Form.CONSISTENCY):
        estimate = found[form].estimate
        assert -1 <= estimate.lower <= estimate.value <= estimate.upper < 0


@pytest.mark.parametrize(
    ("readings", "reason"),
    [
        (np.full((5, 2), 7.3), "all readings are equal"),
        (np.tile([1.0, 2.0], (5, 1)), "subjects do not differ"),
        ([[1, 2], [3, float("nan")], [5, 6]], "1 of 6 readings are missing or infinite"),
        ([[1, 2], [3, float("inf")], [5, 6]], "1 of 6 readings are missing or infinite"),
        ([[1, 2], [3, 4]], "2 subjects in the readings, at least 3 needed"),
        ([[1], [2], [3]], "1 rater in the readings, at least 2 needed"),
        ([1, 2, 3], "1 axes, 2 needed"),
    ],
)
def test_refused(readings: Values, reason: str) -> None:
    """What has no coefficient is refused with a sentence that says why."""
    with pytest.raises(Refused, match=reason):
        agreement_of(readings)


def test_bands_of_the_paper() -> None:
    """0.701 is high, as the paper has it; 0.916 excellent; below 0 poor."""
    assert [band_of(value) for value in (-0.2, 0.5, 0.579, 0.7, 0.701, 0.898, 0.905, 0.916)] == [
        *("poor", "poor", "moderate", "moderate", "high", "high", "excellent", "excellent"),
    ]


def test_within_sd_and_repeatability() -> None:
    """Standard error of measurement is the root of half the mean squared difference of two readings."""
    found = agreement_of(READER_1_KIDNEY)

    difference = READER_1_KIDNEY[:, 0] - READER_1_KIDNEY[:, 1]
    assert found.within_sd == pytest.approx(np.sqrt(np.mean(difference**2) / 2))
    assert found.repeatability == pytest.approx(1.96 * np.sqrt(np.mean(difference**2)))


@pytest.mark.parametrize("form", [Form.ONE_WAY, Form.AGREEMENT, Form.CONSISTENCY])
def test_intervals_cover_the_truth(form: Form) -> None:
    """Of 600 studies of raters and subjects drawn anew, about 95 % of the intervals hold the true coefficient."""
    drawn = np.random.default_rng(11)
    rater_sd = {Form.ONE_WAY: 0.0, Form.AGREEMENT: 0.5, Form.CONSISTENCY: 0.5}[form]
    truth = 4 / (4 + 1 + (rater_sd**2 if form is Form.AGREEMENT else 0))
    hits = 0
    for _ in range(600):
        subjects, raters = drawn.normal(0, 2, (30, 1)), drawn.normal(0, rater_sd, (1, 3))
        found = agreement_of(subjects + raters + drawn.normal(0, 1, (30, 3))).iccs[form].estimate
        hits += found.lower <= truth <= found.upper

    # Four standard errors of a share of 95 % in 600 are 3.6 %.
    assert hits / 600 == pytest.approx(0.95, abs=0.036)
