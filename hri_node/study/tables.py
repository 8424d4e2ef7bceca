"""An analysis comes in; its tables, in text, go out: the paper's tables 2 and 3, and what stands behind them."""

from hri_node.study.agreement import PAPER_FORM, Form
from hri_node.study.analysis import Analysis
from hri_node.study.cells import (
    ICC_DECIMALS,
    LIMIT_DECIMALS,
    NAMES,
    Table,
    interval,
    number,
    p_value,
    percent,
    spread,
)
from hri_node.study.comparison import Comparison, Kind, name_of_mean
from hri_node.study.readings import Measure

HRI = "HRI, hepatorenal index"
ICC = f"ICC, intraclass correlation coefficient, form {PAPER_FORM} (one-way random, single reading)"
CI = "CI, confidence interval"
SD = "SD, standard deviation"
BANDS = "Agreement: poor up to 0.50, moderate up to 0.70, high up to 0.90, excellent above"

NONE = "-"
"""A cell without a number."""


def tables_of(analysis: Analysis) -> tuple[Table, ...]:
    """Every table that has rows.

    Parameters
    ----------
    analysis
        Of the readings.
    """
    makers = (_intraobserver, _interobserver, _with_dcnn, _limits, _ratios, _forms, _detections)
    return tuple(table for table in (maker(analysis) for maker in makers) if table.rows)


def main_comparisons(analysis: Analysis) -> list[Comparison]:
    """Those of the paper; each single reading beside the network's has a table of its own.

    Parameters
    ----------
    analysis
        Of the readings.
    """
    own = {Kind.INTRA: analysis.readings.raters, Kind.INTER: analysis.readings.sessions}
    own[Kind.DCNN] = (name_of_mean(analysis.readers),) if analysis.readers else ()
    return [each for each in analysis.comparisons if each.of in own[each.kind]]


def _chosen(analysis: Analysis, kind: Kind) -> dict[tuple[str, Measure], Comparison]:
    return {(each.of, each.measure): each for each in analysis.comparisons if each.kind is kind}


def _intraobserver(analysis: Analysis) -> Table:
    """Table 2 of the paper, with a line for each rater."""
    found = _chosen(analysis, Kind.INTRA)
    sessions = analysis.readings.sessions
    moments = {(each.rater, each.session, each.measure): spread(each.mean, each.sd) for each in analysis.means}
    rows = []
    for measure in Measure:
        for rater in analysis.readings.raters:
            cells = [moments.get((rater, session, measure), NONE) for session in sessions]
            own = found.get((rater, measure))
            icc = [interval(own.agreement.paper.estimate), own.agreement.paper.band] if own else [NONE, NONE]
            rows.append((NAMES[measure], rater, *cells, *icc))
    header = ("Measure", "Rater", *(f"Session {session}" for session in sessions), "ICC (95% CI)", "Agreement")
    title = "Intraobserver agreement: brightness of liver and right kidney, and HRI"
    notes = ("Values are mean±SD; brightness in grey levels.", _abbreviations(HRI, ICC, CI, SD), f"{BANDS}.")
    return Table("intraobserver", title, header, tuple(rows), notes)


def _interobserver(analysis: Analysis) -> Table:
    """Table 3 of the paper."""
    between, network = _chosen(analysis, Kind.INTER), _chosen(analysis, Kind.DCNN)
    sessions = [session for session in analysis.readings.sessions if (session, Measure.HRI) in between]
    mean = name_of_mean(analysis.readers) if analysis.readers else ""
    columns = [between[session, Measure.HRI].columns for session in sessions]
    header = [f"Session {session}: {_joined(each)}" for session, each in zip(sessions, columns, strict=True)]
    header += [f"{mean[:1].upper()}{mean[1:]} and {analysis.dcnn}"] if network else []
    rows = []
    for measure in Measure:
        own = [between[session, measure] for session in sessions]
        own += [network[mean, measure]] if network else []
        cells = [f"{interval(each.agreement.paper.estimate)} {each.agreement.paper.band}" for each in own]
        if cells:
            rows.append((NAMES[measure], *cells))
    title = "Interobserver agreement: ICC (95% CI)"
    mean_note = ["With the network, each reader's mean over the sessions is taken, and the mean of these."]
    notes = (*mean_note[: len(network)], _abbreviations(HRI, ICC, CI), f"{BANDS}.")
    return Table("interobserver", title, ("Measure", *header), tuple(rows), notes)


def _with_dcnn(analysis: Analysis) -> Table:
    """Each reading beside the network's."""
    rows = tuple(
        (
            NAMES[each.measure],
            each.of,
            interval(each.agreement.paper.estimate),
            each.agreement.paper.band,
            interval(each.pairs[0].limits.bias, LIMIT_DECIMALS[each.measure]),
            _from_to(each),
        )
        for each in sorted(analysis.comparisons, key=lambda each: list(Measure).index(each.measure))
        if each.kind is Kind.DCNN
    )
    header = ("Measure", "Readings", "ICC (95% CI)", "Agreement", "Bias (95% CI)", "Limits of agreement")
    notes = (f"Bias is the readings' value minus that of {analysis.dcnn}.", _abbreviations(HRI, ICC, CI), f"{BANDS}.")
    return Table("network", f"Agreement with {analysis.dcnn}", header, rows, notes)


def _from_to(comparison: Comparison) -> str:
    limits, decimals = comparison.pairs[0].limits, LIMIT_DECIMALS[comparison.measure]
    return f"{number(limits.lower.value, decimals)} to {number(limits.upper.value, decimals)}"


def _limits(analysis: Analysis) -> Table:
    """What the captions of figure 4 tell, with intervals."""
    rows = []
    for each in main_comparisons(analysis):
        decimals = LIMIT_DECIMALS[each.measure]
        for pair in each.pairs:
            limits = pair.limits
            cells = [interval(value, decimals) for value in (limits.bias, limits.lower, limits.upper)]
            slope = [number(limits.slope.estimate.value, 3), p_value(limits.slope.p)] if limits.slope else [NONE, NONE]
            rows.append((_place(each), NAMES[each.measure], f"{pair.first} − {pair.second}", *cells, *slope))
    header = (
        *("Comparison", "Measure", "Difference", "Bias (95% CI)", "Lower limit (95% CI)", "Upper limit (95% CI)"),
        *("Slope", "P of slope"),
    )
    notes = (
        "Limits of agreement are bias ± 1.96 SD of the differences; slope is that of the difference on the mean.",
        _abbreviations(HRI, CI, SD),
    )
    return Table("bland_altman", "Bland-Altman limits of agreement", header, tuple(rows), notes)


def _ratios(analysis: Analysis) -> Table:
    """Limits of the index's ratio, for its differences grow with its size."""
    rows = tuple(
        (
            _place(each),
            f"{pair.first} / {pair.second}",
            *(interval(value) for value in (pair.ratio.bias, pair.ratio.lower, pair.ratio.upper)),
        )
        for each in main_comparisons(analysis)
        for pair in each.pairs
        if pair.ratio
    )
    header = ("Comparison", "Ratio of HRI", "Bias (95% CI)", "Lower limit (95% CI)", "Upper limit (95% CI)")
    notes = ("Bland-Altman analysis of logarithms, transformed back.", _abbreviations(HRI, CI))
    return Table("ratios", "Limits of agreement of the HRI as a ratio", header, rows, notes)


def _forms(analysis: Analysis) -> Table:
    """Every form of the coefficient."""
    rows = []
    for each in main_comparisons(analysis):
        cells = [interval(each.agreement.iccs[form].estimate) for form in Form]
        own = LIMIT_DECIMALS[each.measure]
        sizes = [number(each.agreement.within_sd, own), number(each.agreement.repeatability, own)]
        rows.append((_place(each), NAMES[each.measure], *cells, *sizes))
    header = ("Comparison", "Measure", *(form.value for form in Form), "Within-subject SD", "Repeatability")
    notes = (
        "One-way (1), absolute agreement (A) and consistency (C), of one reading (,1) and of the mean of all (,k).",
        "Repeatability: 95% of pairs of readings of a subject differ by less, 1.96 √2 × within-subject SD.",
        _abbreviations(HRI, "ICC, intraclass correlation coefficient (95% CI)", CI, SD),
    )
    return Table("icc_forms", "Intraclass correlation coefficients by form", header, tuple(rows), notes)


def _detections(analysis: Analysis) -> Table:
    """How well the index tells the reference grades."""
    rows = tuple(
        (
            f"≥{each.grade} ({each.roc.diseased} of {each.roc.diseased + each.roc.healthy})",
            each.of,
            interval(each.roc.area),
            p_value(each.against_dcnn.p) if each.against_dcnn else NONE,
            f"≥{each.roc.best.value:.{ICC_DECIMALS}f}",
            percent(each.roc.best.sensitivity),
            percent(each.roc.best.specificity),
        )
        for each in analysis.detections
    )
    versus = f"P against {analysis.dcnn}" if analysis.dcnn else "P"
    header = ("Grade", "HRI of", "AUC (95% CI)", versus, "Cut-off", "Sensitivity, %", "Specificity, %")
    notes = (
        "AUC, area under the ROC curve, with DeLong's interval and paired test; shares with Wilson's interval.",
        "Cut-off of the largest Youden index: chosen on the same subjects, it flatters sensitivity and specificity.",
        _abbreviations(HRI, CI, "ROC, receiver operating characteristic"),
    )
    return Table("roc", "HRI against the reference grade", header, rows, notes)


def _place(comparison: Comparison) -> str:
    """Which comparison a row is about."""
    if comparison.kind is Kind.INTRA:
        return f"Within {comparison.of}"
    return f"Session {comparison.of}" if comparison.kind is Kind.INTER else f"With {comparison.columns[1]}"


def _joined(names: tuple[str, ...]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]])


def _abbreviations(*terms: str) -> str:
    return "; ".join(sorted(terms)) + "."
