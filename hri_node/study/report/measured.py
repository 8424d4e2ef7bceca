"""A study comes in; tables of what else was measured go out: time per image, Jaccard indices, failures, versions."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from hri_node.study.cells import Table, interval, number, percent
from hri_node.study.overlaps import LOW, Distribution
from hri_node.study.project.outcomes import ReadingTime, Version
from hri_node.study.project.protocol import DCNN
from hri_node.study.project.records import DcnnResult
from hri_node.study.report.content import counted, listed


def times_table(times: Sequence[ReadingTime]) -> Table:
    """Seconds per image, of every rater and session.

    Parameters
    ----------
    times
        Of finished images.
    """
    found: dict[tuple[str, int], list[float]] = {}
    for each in times:
        found.setdefault((each.rater, each.session), []).append(each.seconds)
    rows = []
    for (rater, session), seconds in found.items():
        decimals = 3 if rater == DCNN else 1
        low, middle, high = (number(float(each), decimals) for each in np.percentile(seconds, (0, 50, 100)))
        rows.append((
            rater,
            str(session),
            str(len(seconds)),
            number(float(np.mean(seconds)), decimals),
            middle,
            low,
            high,
        ))
    header = ("Rater", "Session", "Images", "Mean, s", "Median, s", "Shortest, s", "Longest, s")
    notes = (
        "Of a reader: from showing an image to finishing it, less pauses; none counts more than five minutes.",
        f"Of {DCNN}: reading, segmenting and measuring a stored image.",
    )
    return Table("times", "Time per image", header, tuple(rows), notes)


def timing_sentence(results: Sequence[DcnnResult]) -> str:
    """As the paper tells its network's time.

    Parameters
    ----------
    results
        Of the network, one at least.
    """
    ms = np.array([each.result["timing_ms"]["total"] for each in results])
    mean, low, high = (number(float(each), 0) for each in (ms.mean(), ms.min(), ms.max()))
    return f"The mean time for automatic HRI calculation by the network was {mean} ms (range, {low} to {high} ms)."


def failures(results: Sequence[DcnnResult]) -> str:
    """Which images have no index, and why.

    Parameters
    ----------
    results
        Of the network.
    """
    lost = [each for each in results if each.result["hri"] is None]
    if not lost:
        return f"The network had an index for all {counted(len(results), 'image')}."
    reasons = Counter(", ".join(each.result["reasons"]).replace("_", " ") for each in lost)
    said = listed([f"{reason} ({count})" for reason, count in sorted(reasons.items())])
    return f"The network had no index for {len(lost)} of {counted(len(results), 'image')}: {said}."


def overlap_table(overlaps: Mapping[str, Distribution]) -> Table:
    """How well the network found the organs.

    Parameters
    ----------
    overlaps
        Organ to its Jaccard indices.
    """
    rows = tuple(
        (
            {"liver": "Liver", "kidney": "Right kidney"}.get(organ, organ),
            str(each.count),
            interval(each.mean),
            number(each.sd, 3),
            f"{number(each.minimum, 3)} to {number(each.maximum, 3)}",
            *(number(each.quantiles[share], 3) for share in (0.05, 0.50, 0.95)),
            percent(each.low),
        )
        for organ, each in overlaps.items()
    )
    header = ("Organ", "Images", "Mean (95% CI)", "SD", "Range", "5%", "50%", "95%", f"Below {LOW:.2f}, %")
    notes = (
        "Jaccard index of the network's organ and that of the label map: intersection over union, 1 is best.",
        "The paper has 0.894 of the kidney, 1% of them below 0.70, and 0.766 of the liver, on its own 294 images.",
    )
    return Table("jaccard", "Segmentation: Jaccard index against label maps", header, rows, notes)


def versions_table(versions: Sequence[Version]) -> Table:
    """What took part.

    Parameters
    ----------
    versions
        Of the study.
    """
    rows = tuple((each.what, each.version, each.detail or "-") for each in versions)
    return Table("versions", "Programs and networks", ("What", "Version", "Detail"), rows)
