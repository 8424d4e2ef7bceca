"""Windows and their scores."""

from dataclasses import replace

import numpy as np
import pytest
from echoes import echoes
from hypothesis import given, settings
from hypothesis import strategies as st
from seen import scene_of

from hri_node.measure.grid import Grid
from hri_node.measure.windows import CELL_MM, Tile, Windows, best_of_cells, find_windows

GRID = Grid((0, 0), (60, 80), (1, 1), (60, 80), (1.0, 1.0))


def tile_of(tissue: np.ndarray, grey: np.ndarray, target: float) -> Tile:
    """A tile on a grid of square millimetres, with rows as depth."""
    grey = grey.astype(np.float32)
    rows, columns = np.indices(tissue.shape, dtype=np.float32)
    return Tile(GRID, grey, grey, rows, columns, tissue, target)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 9999), side=st.sampled_from([7.0, 10.0, 15.0]), least=st.sampled_from([0.3, 0.6]))
def test_every_figure_is_that_of_the_pixels(seed: int, side: float, least: float) -> None:
    """Fraction, mean, spread and depth of each window are what numpy says of the tissue in its square."""
    rng = np.random.default_rng(seed)
    tile = tile_of(rng.random((60, 80)) < rng.uniform(0.3, 0.9), rng.integers(0, 256, (60, 80)), 100.0)

    windows = find_windows(tile, side, least)

    for k in rng.permutation(len(windows))[:5]:
        box = tuple(
            slice(place[k] - size // 2, place[k] - size // 2 + size)
            for place, size in zip((windows.rows, windows.columns), windows.size, strict=True)
        )
        inside = tile.tissue[box]
        levels = tile.grey[box][inside].astype(float)
        assert windows.fraction[k] == pytest.approx(inside.mean())
        assert windows.fraction[k] >= least
        assert windows.mean[k] == pytest.approx(levels.mean())
        assert windows.spread[k] == pytest.approx(levels.std(), abs=1e-3)
        assert windows.depth[k] == pytest.approx(tile.depth[box][inside].mean())
        score = (levels.std() + abs(levels.mean() - 100)) / 100 - 0.5 * inside.mean()
        assert windows.score[k] == pytest.approx(score, abs=1e-4)


@pytest.mark.parametrize("side", [7.0, 10.0, 15.0])
def test_windows_have_the_wanted_side(side: float) -> None:
    """On anisotropic pixels the window is square in millimetres, to the width of a stride."""
    grid = replace(GRID, spacing_mm=(0.4, 0.27))
    everywhere = np.ones((60, 80), np.bool_)
    tile = replace(tile_of(everywhere, np.full((60, 80), 50), 50.0), grid=grid)

    windows = find_windows(tile, side, 0.5)

    assert windows.size[0] * 0.4 == pytest.approx(side, abs=0.6)
    assert windows.size[1] * 0.27 == pytest.approx(side, abs=0.6)


def test_the_best_window_avoids_what_is_uneven_and_off_target() -> None:
    """Of a flat area at the target, a flat one beside it and a speckled one, the first wins."""
    rng = np.random.default_rng(0)
    grey = np.full((60, 80), 50.0)
    grey[:, 27:54] = 60
    grey[:, 54:] = 50 + rng.normal(0, 15, (60, 26))

    windows = find_windows(tile_of(np.ones((60, 80), np.bool_), grey, 50.0), 15.0, 0.6)

    best = windows.columns[windows.score.argmin()]
    assert best + windows.size[1] / 2 <= 27


def test_too_little_tissue_gives_none() -> None:
    """No window that is a third tissue where two thirds are asked for."""
    stripes = np.broadcast_to(np.arange(80) % 3 == 0, (60, 80))

    assert len(find_windows(tile_of(stripes, np.full((60, 80), 50), 50.0), 15.0, 0.6)) == 0


def test_one_window_stands_for_its_cell() -> None:
    """Each cell of depth and width keeps its best window, and none is lost."""
    scene = scene_of(echoes())
    tile = Tile(scene.grid, scene.grey, scene.grey, scene.depth, scene.beam, scene.liver, 80.0)
    windows = find_windows(tile, 15.0, 0.6)

    kept = best_of_cells(windows)

    def cells(chosen: Windows) -> list[tuple[float, float]]:
        return [
            (depth // CELL_MM[0], right // CELL_MM[1]) for depth, right in zip(chosen.depth, chosen.right, strict=True)
        ]

    assert sorted(cells(kept)) == sorted(set(cells(windows)))
    for cell, score in zip(cells(kept), kept.score, strict=True):
        assert score == min(s for c, s in zip(cells(windows), windows.score, strict=True) if c == cell)
