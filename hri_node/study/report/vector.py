"""A figure comes in; it is drawn on a page of a PDF, lines as lines and letters as outlines."""

from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Transform, TransformedPath
from numpy.typing import NDArray
from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

POINTS_PER_INCH = 72.0

CAPS = {"butt": 0, "round": 1, "projecting": 2}
JOINS = {"miter": 0, "round": 1, "bevel": 2}


def draw_figure(canvas: Canvas, figure: Figure) -> None:
    """Draw a figure with its lower left corner at the canvas' origin, a point of it a point of the page.

    Parameters
    ----------
    canvas
        Moved and scaled to where the figure is to be.
    figure
        Its resolution is 72 dots per inch afterwards.
    """
    figure.set_dpi(POINTS_PER_INCH)
    figure.draw(_Renderer(canvas, figure))


class _Renderer(RendererBase):
    """Draws on a canvas; what is not a path, Matplotlib makes into paths itself."""

    def __init__(self, canvas: Canvas, figure: Figure) -> None:
        super().__init__()
        self._canvas = canvas
        self.width, self.height = (float(each) for each in figure.get_size_inches() * POINTS_PER_INCH)

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size of the figure in points."""
        return self.width, self.height

    def flipy(self) -> bool:
        """Return whether rows are counted from the top."""
        return False

    def points_to_pixels(self, points: Any) -> Any:  # noqa: ANN401 - as the base has it
        """Return points: they are the unit here."""
        return points

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None) -> None:  # noqa: ANN401, N803 - as the base has it
        """Stroke and fill a path."""
        canvas = self._canvas
        canvas.saveState()
        self._clip(gc)
        is_stroked, is_filled = gc.get_linewidth() > 0, rgbFace is not None
        alpha = gc.get_alpha()
        if is_stroked:
            self._pen(gc, alpha)
        if is_filled:
            face = alpha if gc.get_forced_alpha() or len(rgbFace) < 4 else float(rgbFace[3])  # noqa: PLR2004 - with alpha
            canvas.setFillColor(Color(*(round(float(each), 4) for each in rgbFace[:3]), alpha=face))
        box = None if is_filled else (-1.0, -1.0, self.width + 1, self.height + 1)
        drawn = self._outline(path.cleaned(transform, clip=box, simplify=False, remove_nans=True))
        if is_stroked or is_filled:
            canvas.drawPath(drawn, stroke=int(is_stroked), fill=int(is_filled), fillMode=1)
        canvas.restoreState()

    def _pen(self, gc: GraphicsContextBase, alpha: float) -> None:
        canvas, line = self._canvas, gc.get_rgb()
        canvas.setStrokeColor(Color(*(round(float(each), 4) for each in line[:3]), alpha=alpha))
        canvas.setLineWidth(round(float(gc.get_linewidth()), 3))
        canvas.setLineCap(CAPS[str(gc.get_capstyle())])
        canvas.setLineJoin(JOINS[str(gc.get_joinstyle())])
        offset, dashes = gc.get_dashes()
        canvas.setDash([] if dashes is None else np.round(np.asarray(dashes, float), 3).tolist(), offset or 0)

    def _clip(self, gc: GraphicsContextBase) -> None:
        """Within a rectangle, and within a path."""
        box = gc.get_clip_rectangle()
        if box is not None:
            rectangle = self._canvas.beginPath()
            rectangle.rect(*(round(float(each), 3) for each in box.bounds))
            self._canvas.clipPath(rectangle, stroke=0, fill=0)
        path, transform = gc.get_clip_path()
        if path is not None:
            outline: Any = path.get_fully_transformed_path() if isinstance(path, TransformedPath) else path
            whole = outline if isinstance(path, TransformedPath) else outline.transformed(transform or Affine2D())
            self._canvas.clipPath(self._outline(whole), stroke=0, fill=0)

    def _outline(self, path: Path) -> Any:  # noqa: ANN401 - of ReportLab, which has no types
        """The path in the terms of a page."""
        drawn = self._canvas.beginPath()
        at = (0.0, 0.0)
        for vertices, code in path.iter_segments(simplify=False, curves=True):
            points = _points(vertices)
            if code == Path.MOVETO:
                drawn.moveTo(*points[0])
            elif code == Path.LINETO:
                drawn.lineTo(*points[0])
            elif code == Path.CURVE3:
                drawn.curveTo(*_raised(at, points[0]), *_raised(points[1], points[0]), *points[1])
            elif code == Path.CURVE4:
                drawn.curveTo(*points[0], *points[1], *points[2])
            elif code == Path.CLOSEPOLY:
                drawn.close()
                continue
            at = points[-1] if points else at
        return drawn


def _points(vertices: NDArray[np.float64]) -> list[tuple[float, float]]:
    return [(round(float(x), 3), round(float(y), 3)) for x, y in np.reshape(vertices, (-1, 2))]


def _raised(end: tuple[float, float], control: tuple[float, float]) -> tuple[float, float]:
    """A control point of a quadratic curve as one of the cubic curve that looks the same."""
    return round(end[0] + 2 / 3 * (control[0] - end[0]), 3), round(end[1] + 2 / 3 * (control[1] - end[1]), 3)
