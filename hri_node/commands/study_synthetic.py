"""Analyses of a synthetic study come in; sections that only it has go out: its truth, and the paper's numbers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hri_node.study import paper
from hri_node.study.analysis import Analysis
from hri_node.study.cells import Table, number
from hri_node.study.comparison import Kind
from hri_node.study.readings import Measure
from hri_node.study.report.content import Block, Numbered, Section
from hri_node.study.report.plates import plates
from hri_node.study.reproduction import Line, reproduction_table, side_by_side
from hri_node.study.tables import tables_of

MATCHED = "matched"


def truth_section(analysis: Analysis) -> Section:
    """How far the network is from what is known of the phantoms.

    Parameters
    ----------
    analysis
        Of the raters ``truth`` and the network.
    """
    index = next(each for each in analysis.comparisons if each.measure is Measure.HRI)
    truth, found = index.values.T
    off = 100 * np.abs(found / truth - 1)
    mean, median = number(float(off.mean()), 1), number(float(np.median(off)), 1)
    text = (
        "Each phantom's true levels are those of its tissue at the depths where liver and cortex are both seen, "
        f"without speckle, shadow or borders; the true HRI is their ratio. On {len(truth)} phantoms, the network's "
        f"HRI is off by {mean}% on average (median {median}%); its correlation with the truth is "
        f"{number(float(np.corrcoef(truth, found)[0, 1]), 3)}. Simulated readers have no part in this. Label maps "
        "hold organs also where a shadow hides them, which lowers the Jaccard indices."
    )
    table = next(table for table in tables_of(analysis) if table.key == "network")
    rows = tuple(row for row in table.rows if index.columns[0] in row)
    shown = replace(table, key="truth", title="Agreement of the network with the phantoms' known truth", rows=rows)
    pictures = [
        replace(picture, label=f"Figure T{place}") for place, picture in enumerate(plates(analysis, of_network=True), 1)
    ]
    blocks: tuple[Block, ...] = (text, Numbered("Table T1", shown), *pictures)
    return Section("Network and known truth", blocks)


def reproduction(analysis: Analysis) -> Section:
    """The paper's numbers beside those of readings that are constructed to have its moments.

    Parameters
    ----------
    analysis
        Of `simulate.simulated`.
    """
    lines = side_by_side(analysis)
    coefficients = [line for line in lines if line.names[0] == "ICC"]
    same = sum(line.is_same for line in coefficients)
    text = (
        f"The paper prints {len(coefficients)} intraclass correlation coefficients with intervals, but no reading. "
        f"For this table, readings of {len(analysis.readings.subjects)} subjects by two readers in two sessions and a "
        "network are constructed so that their means, standard deviations and coefficients are those that the paper "
        "prints, and, within its rounding, such that the intervals of ICC(1,1) round to the printed ones; they are "
        "no measurements, neither of patients nor of phantoms. The statistics of hri-node are then computed from "
        f"these readings alone: {same} of {len(coefficients)} coefficients are the paper's with both limits, to the "
        "last digit."
    )
    rest = reproduction_table(tuple(line for line in lines if line not in coefficients))
    blocks = (text, Numbered("Table R1", coefficient_table(coefficients)), Numbered("Table R2", rest))
    return Section("The paper's numbers, reproduced", blocks)


def coefficient_table(lines: Sequence[Line]) -> Table:
    """Coefficients as the paper prints them, and as reproduced.

    Parameters
    ----------
    lines
        Those of `side_by_side` that are about coefficients.
    """
    rows = tuple(
        (line.where, line.what, _cell(line.printed), _cell(line.found), _verdict(line, printed))
        for line, printed in zip(lines, paper.ICCS, strict=True)
    )
    header = ("In the paper", "Of", "Paper: ICC (95% CI)", "Reproduced: ICC (95% CI)", "Verdict")
    notes = (
        "Matched: coefficient and both limits are the paper's, rounded to its three decimals.",
        "Where the paper contradicts itself, readings have the coefficient of its tables.",
    )
    return Table("coefficients", "The paper's 15 coefficients and those reproduced", header, rows, notes)


def _cell(numbers: Sequence[float]) -> str:
    value, lower, upper = (number(each, paper.ICC_DECIMALS) for each in numbers)
    return f"{value} ({lower}-{upper})"


def _verdict(line: Line, printed: paper.PrintedIcc) -> str:
    said = MATCHED if line.is_same else f"differs by {', '.join(number(each, 3) for each in line.differences)}"
    against = paper.CONTRADICTIONS.get((printed.of, printed.measure)) if printed.kind is Kind.INTRA else None
    return f"{said}; the paper contradicts itself: {against}" if against else said
