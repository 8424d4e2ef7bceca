"""The silhouette of an echo region in, the fan of a convex or phased probe out: apex, face and sides."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.sides import BAND, Envelope, Line, envelope_of, side_lines, upright
from hri_node.measure.types import Mask

Floats = NDArray[np.float64]

TILT_DEG_MAX = 6.0
"""A fan stands upright on the screen; two sides less symmetrical than this are not the two sides."""

INSIDE_FRACTION_MIN = 0.82
FILLED_FRACTION_MIN = 0.30
"""A fan holds nearly all echo, and echo fills at least this part of it (shadows and dark edges take the rest)."""

SCORE_GOOD = 1.9
"""Two sides, face and bottom that are mostly seen have this much; a fan with less is looked for everywhere."""

SCORE_MIN = 1.0
"""A fan of which less is seen is an accident."""

MEETING_BONUS = 0.15
"""Two sides are better than one and its mirror image that show as much."""

AXES = 48
"""Columns that are tried as the middle of a fan of which one side is dark."""

OUTSIDE_COST = 1.3
"""What echoes beside the fan cost against those on its sides."""

BESIDE_MAX = 15.0
"""Traces up to this many blocks beside a fan speak against it."""

FACE_SHARE = 0.6
"""The face is the nearest arc with this part of the echoes of the fullest one at least: layers below follow it."""

BELOW_MAX = (0.03, 0.15)
BOTTOM_SHARE = 0.3
"""With more of the outline than the first below the fullest bottom arc, that arc is not the bottom; where it holds such
a share of the outline, what is below (up to the second) is text."""


@dataclass(frozen=True, slots=True)
class Fan:
    """An upright annular sector, in millimetres from the top left corner of the picture.

    Attributes
    ----------
    apex_mm
        (down, right) of the point where all beams meet; usually above the picture.
    near_mm, far_mm
        Distance of the probe's face and of the deepest echo from the apex.
    half_angle
        Half the opening, radians.
    seen
        How much of its sides, face and bottom is seen, 0..4.
    """

    apex_mm: tuple[float, float]
    near_mm: float
    far_mm: float
    half_angle: float
    seen: float = 4.0

    def mask(self, shape: tuple[int, int], spacing_mm: tuple[float, float], margin_mm: float = 0.0) -> Mask:
        """True inside the fan, widened by `margin_mm`, on a grid of `shape` and `spacing_mm`."""
        down = np.arange(shape[0]) * spacing_mm[0] - self.apex_mm[0]
        inner, outer = max(0.0, self.near_mm - margin_mm), self.far_mm + margin_mm
        half = down * np.tan(self.half_angle) + margin_mm / np.cos(self.half_angle)
        half = np.minimum(half, np.sqrt(np.maximum(outer**2 - down**2, 0)))
        half[(down > outer) | (half < 0)] = -spacing_mm[1]
        hole = np.sqrt(np.maximum(inner**2 - down**2, 0))
        hole[down >= inner] = -spacing_mm[1]
        # Each row is one run of pixels less another one: whole numbers, so that a large picture takes no longer.
        columns = np.arange(shape[1], dtype=np.int16)[np.newaxis, :]
        mask = self._run(half, columns, spacing_mm[1], closed=True)
        rows = np.flatnonzero(down < inner)
        if len(rows):
            top = slice(int(rows[0]), int(rows[-1]) + 1)
            mask[top] &= ~self._run(hole[top], columns, spacing_mm[1], closed=False)
        return mask

    def _run(self, half: Floats, columns: NDArray[np.int16], spacing: float, *, closed: bool) -> Mask:
        """Pixels at most `half` mm beside the axis; less than that where not `closed`."""
        nudge = 1e-6 if closed else -1e-6
        first = np.ceil((self.apex_mm[1] - half) / spacing - nudge).clip(-1, 32767).astype(np.int16)[:, np.newaxis]
        last = np.floor((self.apex_mm[1] + half) / spacing + nudge).clip(-1, 32767).astype(np.int16)[:, np.newaxis]
        return np.asarray((columns >= first) & (columns <= last))


def fit_fan(body: Mask, spacing_mm: tuple[float, float], traces: Mask | None = None) -> Fan | None:
    """Fan that an echo region belongs to, or None.

    The sides are the straight lines on which many of the outermost echoes lie. Where they meet is the apex; where one
    of them is dark, the apex is the point of the other about which the face and the bottom are arcs.

    Parameters
    ----------
    body
        Echo region, shape (rows, columns).
    spacing_mm
        (row, column) distance of its pixels.
    traces
        The body and all that is not quite black around it, such as a thin bright face; by default the body.
    """
    if body.any(axis=1).sum() < 16 or body.any(axis=0).sum() < 16:  # noqa: PLR2004 - too few points for a line
        return None
    step = spacing_mm[1]
    outlines = envelope_of(body, spacing_mm), envelope_of(body if traces is None else traces, spacing_mm)
    if upright(outlines[0].left, step) and upright(outlines[0].right, step):
        return None
    left, right = _sides_of(outlines, step)
    meeting, mirrored = _meeting(left, right), _mirrored(left, right, [_face_middle(outlines[1])])
    apexes = np.array([*meeting, *mirrored]).reshape(-1, 3)
    scores = _scores(apexes, outlines, spacing_mm)
    scores[: len(meeting)] += MEETING_BONUS
    if scores.max(initial=0) < SCORE_GOOD:
        axes = np.linspace(outlines[0].columns[0], outlines[0].columns[-1], AXES).tolist()
        more = np.array(_mirrored(left[:1], right[:1], axes)).reshape(-1, 3)
        apexes = np.concatenate([apexes, more])
        scores = np.concatenate([scores, _scores(more, outlines, spacing_mm)])
    for best in np.argsort(-scores)[:4]:
        fan = _fan(body, outlines, spacing_mm, apexes[best]) if scores[best] >= SCORE_MIN else None
        if fan:
            return replace(fan, seen=float(scores[best]))
    return None


def _sides_of(outlines: tuple[Envelope, Envelope], step: float) -> tuple[list[Line], list[Line]]:
    """Lines that may be the left and the right (mirrored) side."""
    points = [
        (outline.down[seen], sign * edge[seen])
        for outline in outlines
        for sign, edge, seen in ((1, outline.left, outline.left_seen), (-1, outline.right, outline.right_seen))
    ]
    left, right = (
        side_lines(
            np.concatenate([points[k][0], points[k + 2][0]]), np.concatenate([points[k][1], points[k + 2][1]]), step
        )
        for k in range(2)
    )
    return left, right


def _face_middle(outline: Envelope) -> float:
    """Column halfway between the corners of the probe's face, which are the topmost echoes."""
    return float(outline.left[:3].min() + outline.right[:3].max()) / 2


def _meeting(left: list[Line], right: list[Line]) -> list[tuple[float, float, float]]:
    """(down, across, half angle) where a left and a right side of about the same angle meet."""
    found = []
    for one in left:
        for other in right:
            angles = np.arctan(one.slope), np.arctan(other.slope)
            if abs(np.rad2deg(angles[0] - angles[1])) <= TILT_DEG_MAX:
                down = (one.offset + other.offset) / (one.slope + other.slope)
                found.append((down, one.offset - one.slope * down, (angles[0] + angles[1]) / 2))
    return found


def _mirrored(left: list[Line], right: list[Line], axes: list[float]) -> list[tuple[float, float, float]]:
    """(down, across, half angle) where a side meets a vertical axis."""
    found = []
    for sign, lines in ((1, left), (-1, right)):
        found += [
            ((line.offset - sign * axis) / line.slope, axis, float(np.arctan(line.slope)))
            for line in lines
            for axis in axes
        ]
    return found


def _scores(apexes: Floats, outlines: tuple[Envelope, Envelope], spacing_mm: tuple[float, float]) -> Floats:
    """How much of each fan's two sides, face and bottom is seen, less the echoes beside it."""
    down, across, angle = (apexes[:, [k]] for k in range(3))
    score = np.zeros(len(apexes))
    body = outlines[0]
    for sign in (1, -1):
        shares = []
        for outline in outlines:
            edge, seen = (outline.left, outline.left_seen) if sign > 0 else (outline.right, outline.right_seen)
            inwards = (sign * (edge - across) + (outline.down - down) * np.tan(angle)) / spacing_mm[1]
            shares.append((np.abs(inwards[:, seen]) <= BAND).sum(axis=1) / len(seen))
            # What is far beside the echoes is text; what is near is a faint part of them.
            beside = inwards < -2 * BAND if outline is body else (inwards < -2 * BAND) & (inwards > -BESIDE_MAX)
            score -= OUTSIDE_COST * beside.mean(axis=1)
        score += np.maximum(*shares)
    for face in (True, False):
        shares = []
        for outline in outlines:
            edge, seen = (outline.top, outline.top > 0) if face else (outline.bottom, outline.bottom_seen)
            aside = outline.columns - across
            within = (np.abs(aside) < (edge - down) * np.tan(angle)) & seen
            shares.append(_fullest(np.hypot(edge - down, aside) / max(spacing_mm), within))
        score += np.maximum(*shares)
    return np.where(body.down[0] - down[:, 0] > -2 * spacing_mm[0], score, -np.inf)


def _fullest(radius: Floats, counted: Mask) -> Floats:
    """Largest share of points that lie in a ring two blocks wide, one share per row of `radius`."""
    if radius.size == 0:
        return np.zeros(len(radius))
    places = radius.astype(np.intp)
    width = int(places.max()) + 2
    keys = (places + width * np.arange(len(radius))[:, np.newaxis])[counted]
    counts = np.bincount(keys, minlength=width * len(radius)).reshape(len(radius), width)
    return np.asarray((counts[:, :-1] + counts[:, 1:]).max(axis=1) / radius.shape[1])


def _fan(body: Mask, outlines: tuple[Envelope, Envelope], spacing_mm: tuple[float, float], apex: Floats) -> Fan | None:
    """Complete a fan with its face and depth; None where the echoes do not fit it."""
    down, across, angle = (float(value) for value in apex)
    step = max(spacing_mm)
    faces, bottoms = [], []
    for outline in outlines:
        aside, top, bottom = outline.columns - across, outline.top - down, outline.bottom - down
        faces.append(np.hypot(top, aside)[np.abs(aside) <= 0.9 * top * np.tan(angle)])
        bottoms.append(np.hypot(bottom, aside)[np.abs(aside) <= bottom * np.tan(angle) + step])
    if min(len(faces[0]), len(bottoms[0])) == 0:
        return None
    fan = Fan((down, across), _near(np.concatenate(faces), step), _far(bottoms[0], bottoms[1], step), angle)
    whole = fan.mask(body.shape, spacing_mm, margin_mm=2 * step)
    inside, filled = float(whole[body].mean()), float(body[whole].mean())
    return fan if inside >= INSIDE_FRACTION_MIN and filled >= FILLED_FRACTION_MIN else None


def _near(face: Floats, step: float) -> float:
    """Radius of the nearest ring that many of the topmost echoes share."""
    counts = np.bincount((face / step).astype(np.intp))
    rings = np.convolve(counts, [1, 1])
    first = int(np.argmax(rings >= FACE_SHARE * rings.max()))
    # The next ring may hold more of the same arc.
    first += int(first + 1 < len(rings) and rings[first + 1] > rings[first])
    return float(np.median(face[np.abs(face / step - first) <= 1]))


def _far(depths: Floats, traces: Floats, step: float) -> float:
    """Radius of the ring that most of the lowest echoes share, or of the deepest echoes where no ring stands out."""
    both = np.concatenate([depths, traces])
    rings = np.convolve(np.bincount((both / step).astype(np.intp)), [1, 1])
    last = int(rings.argmax())
    ring = both[np.abs(both / step - last) <= 1]
    below = np.mean(depths > (last + 2) * step)
    stands_out = below <= BELOW_MAX[0] or (below <= BELOW_MAX[1] and len(ring) >= BOTTOM_SHARE * len(both))
    return float(np.median(ring) if stands_out else np.percentile(depths, 99)) + step / 2
