"""A canvas and a sector come in; a box of coloured flow, with the bar of its velocities, is drawn."""

import numpy as np
from PIL import Image

from hri_node.phantom.fields import Floats, smooth_noise
from hri_node.phantom.geometry import Sector
from hri_node.phantom.screen.canvas import Bytes, Canvas
from hri_node.phantom.screen.scale import pixel_of
from hri_node.phantom.screen.style import Colour, Style

BAR_HEIGHT, BAR_WIDTH = 90, 10


def velocity_colours(velocity: Floats) -> Bytes:
    """Red to yellow towards the probe (0..1), blue to cyan away from it (-1..0)."""
    speed = np.clip(np.abs(velocity), 0, 1)[..., None]
    slow, fast = np.array([150.0, 10.0, 10.0]), np.array([255.0, 230.0, 60.0])
    towards = slow + speed * (fast - slow)
    slow, fast = np.array([10.0, 20.0, 150.0]), np.array([70.0, 230.0, 255.0])
    away = slow + speed * (fast - slow)
    return np.asarray(np.where(velocity[..., None] > 0, towards, away), np.uint8)


def draw_colour_box(rng: np.random.Generator, canvas: Canvas, sector: Sector, style: Style) -> None:
    """The outline of the box, blobs of flow inside it, and the bar."""
    depths = np.sort(rng.uniform(0.2, 0.9, 2)) * sector.depth_mm
    middle, half = rng.uniform(-0.4, 0.4) * sector.half_angle, rng.uniform(0.25, 0.5) * sector.half_angle
    depths[1] = max(depths[1], depths[0] + 0.2 * sector.depth_mm)
    angles = (max(middle - half, -0.95 * sector.half_angle), min(middle + half, 0.95 * sector.half_angle))
    depth_mm, angle, inside = sector.beams()
    box = inside & (depth_mm > depths[0]) & (depth_mm < depths[1]) & (angle > angles[0]) & (angle < angles[1])
    shape = (box.shape[0], box.shape[1])
    flow = smooth_noise(rng, shape, (40, 26)) + 0.35 * smooth_noise(rng, shape, (6, 6))
    shown = box & (np.abs(flow) > rng.uniform(0.9, 1.7))
    colour = np.array(canvas.image)
    colour[shown] = velocity_colours(flow[shown] / np.float32(2.6))
    canvas.image.paste(Image.fromarray(colour))
    _outline(canvas, sector, (float(depths[0]), float(min(depths[1], sector.depth_mm))), angles, style.accent)
    draw_velocity_bar(rng, canvas, style)


def draw_velocity_bar(rng: np.random.Generator, canvas: Canvas, style: Style) -> None:
    """The colours of velocities with their greatest value at both ends."""
    corner = canvas.find((BAR_HEIGHT + 24, 34), (40, 560 if rng.random() < 0.5 else 20), reach=400)  # noqa: PLR2004
    if corner is None:
        return
    velocity = np.linspace(1, -1, BAR_HEIGHT, dtype=np.float32)[:, None].repeat(BAR_WIDTH, axis=1)
    canvas.image.paste(Image.fromarray(velocity_colours(velocity)), (int(corner[1]) + 10, int(corner[0]) + 12))
    greatest = f"{rng.uniform(8, 60):.1f}"
    canvas.write(corner, f"+{greatest}", style.ink, 8)
    canvas.write((corner[0] + BAR_HEIGHT + 13, corner[1]), f"-{greatest}", style.ink, 8)


def _outline(
    canvas: Canvas, sector: Sector, depths: tuple[float, float], angles: tuple[float, float], ink: Colour
) -> None:
    """The box's sides along beams, its top and bottom along arcs."""
    fan = np.linspace(*angles, 24, dtype=np.float32)
    for depth in depths:
        rows, columns = pixel_of(sector, depth, fan)
        canvas.pen.line(list(zip(columns.tolist(), rows.tolist(), strict=True)), fill=ink)
    for angle in angles:
        rows, columns = pixel_of(sector, np.asarray(depths, np.float32), angle)
        canvas.pen.line(list(zip(columns.tolist(), rows.tolist(), strict=True)), fill=ink)
