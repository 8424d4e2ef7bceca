"""Simulated readings: the paper's numbers, whatever the seed, and readers' errors for subjects of one's own."""

from pathlib import Path

import numpy as np
import pytest

from hri_node.errors import Refused
from hri_node.study import paper
from hri_node.study.analysis import analysis_of
from hri_node.study.readings import Measure, read_readings
from hri_node.study.reproduction import DIFFERS, Line, reproduction_table, side_by_side
from hri_node.study.simulate import reader_errors, simulated, write_readings


@pytest.mark.parametrize("seed", [0, 1, 2026])
def test_the_papers_tables_are_reproduced(tmp_path: Path, seed: int) -> None:
    """Through the file, all of tables 2 and 3 to the last digit, and of figure 4 what does not contradict them."""
    write_readings(simulated(seed), tmp_path / "readings.csv")
    lines = side_by_side(analysis_of(read_readings(tmp_path / "readings.csv")))

    assert len(lines) == 12 + 15 + 6
    assert [line.what for line in lines if not line.is_same and not line.contradiction] == []
    assert sum(line.is_same for line in lines) == 33 - len(paper.CONTRADICTIONS)
    assert all(line.is_same for line in lines if line.where != "Figure 4")


def test_where_the_paper_contradicts_itself_its_tables_are_kept() -> None:
    """Bias is the difference of table 2's means, to rounding, whatever figure 4 says; the difference is shown."""
    lines = side_by_side(analysis_of(simulated()))
    line = next(line for line in lines if (line.where, line.what) == ("Figure 4", "Liver, R1"))

    assert round(line.found[0], 2) == pytest.approx(66.86 - 66.81)
    assert line.differences[0] == 0.09
    assert "contradicts itself: means of table 2 differ by +0.05" in line.verdict


def test_the_same_seed_gives_the_same_readings() -> None:
    """And another one others, of the same moments."""
    one, again, other = simulated(3), simulated(3), simulated(4)
    series = paper.SERIES[0]

    assert np.array_equal(one.series[series], again.series[series])
    assert not np.array_equal(one.series[series], other.series[series])
    assert one.series[series].mean(axis=0) == pytest.approx(other.series[series].mean(axis=0), abs=0.002)


def test_readings_are_plausible() -> None:
    """Grey levels of 8 bits, and an index as in the paper's cohort of normal to mild fat, with few above 2.5."""
    readings = simulated()
    for series in paper.SERIES:
        assert 5 < readings.series[series].min() < readings.series[series].max() < 255
        index = readings.values(*series, Measure.HRI)
        assert 0.4 < index.min() < index.max() < 4
        assert (index > 2.5).mean() < 0.01


def test_a_difference_without_contradiction_is_said() -> None:
    """A line whose numbers are not the paper's is not called the same."""
    line = Line("Table 2", "Liver", ("mean", "SD"), (66.86, 20.41), (66.864, 20.43), 2)

    assert (line.is_same, line.differences, line.verdict) == (False, (0.0, 0.02), DIFFERS)
    assert reproduction_table((line,)).rows[0][-3:] == ("66.86, 20.43", "0.00, 0.02", DIFFERS)


def test_readers_errors() -> None:
    """Factors around 1 for each reader and session; their logarithms' mean and covariance do not hang on the seed."""
    one, other = reader_errors(294, seed=1), reader_errors(294, seed=2)

    assert list(one) == list(paper.SERIES[:4])
    logs = [np.log(np.concatenate(list(each.values()), axis=1)) for each in (one, other)]
    assert np.cov(logs[0].T) == pytest.approx(np.cov(logs[1].T))
    assert logs[0].mean(axis=0) == pytest.approx(logs[1].mean(axis=0))
    assert np.abs(logs[0].mean(axis=0)).max() < 0.05
    assert 0.05 < logs[0].std(axis=0).min() < logs[0].std(axis=0).max() < 0.2


def test_errors_make_readers_that_agree_as_the_papers(tmp_path: Path) -> None:
    """True levels with the spread of the paper's, read with these errors, give coefficients near the paper's."""
    truth = np.mean([simulated(8).series[each] for each in paper.SERIES[:4]], axis=0)
    lines = ["subject,rater,session,liver,kidney"]
    for (reader, session), factors in reader_errors(294, seed=5).items():
        lines += [
            f"{place},{reader},{session},{liver:.2f},{kidney:.2f}"
            for place, (liver, kidney) in enumerate((truth * factors).tolist())
        ]
    (tmp_path / "readings.csv").write_text("\n".join(lines))

    found = {
        (each.kind, each.of, each.measure): each
        for each in analysis_of(read_readings(tmp_path / "readings.csv")).comparisons
    }
    for printed in paper.ICCS[:12]:
        value = found[printed.kind, printed.of, printed.measure].agreement.paper.estimate.value
        assert value == pytest.approx(printed.value, abs=0.12 if printed.measure is Measure.HRI else 0.05)


def test_too_few_subjects_for_errors() -> None:
    """Eight numbers of each subject cannot be whitened with as few subjects."""
    with pytest.raises(Refused, match="8 subjects, more than 8 needed"):
        reader_errors(8)
