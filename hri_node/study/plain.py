"""An analysis comes in; plain values for JSON go out."""

import math
from typing import Any

from hri_node.study.agreement import PAPER_FORM, Icc
from hri_node.study.analysis import Analysis, Detection
from hri_node.study.bland_altman import Limits
from hri_node.study.comparison import Comparison, Pair
from hri_node.study.estimate import CONFIDENCE, Estimate, Proportion
from hri_node.study.prose import sentences_of


def plain(analysis: Analysis) -> dict[str, Any]:
    """What `hri-node agreement --json` prints.

    Keys: ``subjects``, ``left_out``, ``raters``, ``sessions``, ``dcnn`` (name or null), ``confidence``, ``notes``,
    ``sentences``; ``means``: rater, session, measure (``liver``, ``kidney``, ``hri``), mean, sd; ``comparisons``: kind
    (``intra``, ``inter``, ``dcnn``), of, measure, columns, ``icc`` (that of the paper), band, ``iccs`` (every form with
    f, df1, df2, p), within_sd, repeatability, ``bland_altman`` (of each two columns: first, second, bias, lower, upper,
    sd, p, slope, and of the index ``ratio``); ``roc``: of, grade, diseased, healthy, auc, cutoff (Youden's), its
    sensitivity and specificity, and the area's difference ``against_dcnn``. An estimate is
    ``{"value", "ci": [lower, upper]}``; what is infinite or does not exist is null.

    Parameters
    ----------
    analysis
        Of the readings.
    """
    readings = analysis.readings
    return {
        "subjects": len(readings.subjects),
        "left_out": readings.left_out,
        "raters": list(readings.raters),
        "sessions": list(readings.sessions),
        "dcnn": analysis.dcnn,
        "confidence": CONFIDENCE,
        "notes": list(analysis.notes),
        "sentences": list(sentences_of(analysis)),
        "means": [
            {"rater": each.rater, "session": each.session, "measure": each.measure, "mean": each.mean, "sd": each.sd}
            for each in analysis.means
        ],
        "comparisons": [_comparison(each) for each in analysis.comparisons],
        "roc": [_detection(each) for each in analysis.detections],
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    agreement = comparison.agreement
    return {
        "kind": comparison.kind,
        "of": comparison.of,
        "measure": comparison.measure,
        "columns": list(comparison.columns),
        "icc": {"form": PAPER_FORM, **_estimate(agreement.paper.estimate)},
        "band": agreement.paper.band,
        "iccs": {form: _icc(icc) for form, icc in agreement.iccs.items()},
        "within_sd": agreement.within_sd,
        "repeatability": agreement.repeatability,
        "bland_altman": [_pair(pair) for pair in comparison.pairs],
    }


def _icc(icc: Icc) -> dict[str, Any]:
    return {**_estimate(icc.estimate), "f": _finite(icc.f), "df1": icc.df1, "df2": icc.df2, "p": icc.p}


def _pair(pair: Pair) -> dict[str, Any]:
    own = {"first": pair.first, "second": pair.second, **_limits(pair.limits)}
    return {**own, "ratio": _limits(pair.ratio) if pair.ratio else None}


def _limits(limits: Limits) -> dict[str, Any]:
    slope = {**_estimate(limits.slope.estimate), "p": limits.slope.p} if limits.slope else None
    return {
        "bias": _estimate(limits.bias),
        "lower": _estimate(limits.lower),
        "upper": _estimate(limits.upper),
        "sd": limits.sd,
        "p": limits.p,
        "slope": slope,
    }


def _detection(detection: Detection) -> dict[str, Any]:
    roc, other = detection.roc, detection.against_dcnn
    return {
        "of": detection.of,
        "grade": detection.grade,
        "diseased": roc.diseased,
        "healthy": roc.healthy,
        "auc": _estimate(roc.area),
        "cutoff": roc.best.value,
        "sensitivity": _proportion(roc.best.sensitivity),
        "specificity": _proportion(roc.best.specificity),
        "against_dcnn": {**_estimate(other.estimate), "z": _finite(other.z), "p": other.p} if other else None,
    }


def _proportion(proportion: Proportion) -> dict[str, Any]:
    return {"count": proportion.count, "total": proportion.total, **_estimate(proportion.share)}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {"value": _finite(estimate.value), "ci": [_finite(estimate.lower), _finite(estimate.upper)]}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
