"""Chance comes in; what a scanner's screen looks like, all of it decided, goes out."""

from dataclasses import dataclass, field

import numpy as np

from hri_node.phantom.fields import Floats
from hri_node.phantom.screen.greymap import FAMILIES, lut
from hri_node.phantom.screen.layout import LAYOUTS, Layout
from hri_node.phantom.screen.warp import IDENTITY, Warp, draw_flip, draw_frame

Colour = tuple[int, int, int]

COLOURS: dict[str, Colour] = {
    "white": (235, 235, 235),
    "yellow": (250, 225, 70),
    "cyan": (90, 215, 235),
    "orange": (250, 165, 60),
    "green": (90, 220, 110),
}
"""Inks of scanners."""

ODDS = {
    "text": 1.0,
    "logo": 0.8,
    "bar": 0.6,
    "ticks": 0.8,
    "mark": 0.7,
    "focus": 0.5,
    "panels": 0.75,
    "calipers": 0.25,
    "body_mark": 0.35,
    "biopsy_guide": 0.05,
    "colour_box": 0.08,
    "roi_boxes": 0.05,
    "annotation": 0.1,
    "ecg": 0.02,
}
"""How often a screen shows something, where its family can (overlays of the domain randomisation's table)."""

BARE_ODDS = {"ticks": 0.15, "mark": 0.15, "calipers": 0.1}
"""The same for exports that leave hardly anything."""

PLAIN = frozenset({"text", "bar", "ticks"})
"""Furniture of a screen such as the paper's."""

OVER_THE_PICTURE = frozenset({"calipers", "biopsy_guide", "colour_box", "roi_boxes", "annotation", "ecg"})
"""Furniture that may cover the sector."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a scanner does to its grey levels before it shows them.

    Attributes
    ----------
    kind
        ``median`` of 3 by 3, ``adaptive`` (smooth where the grey is even, as it is where it is not: the "speckle
        reduction" of vendors), ``unsharp`` (edge enhancement), or ``none``.
    amount
        0..1, how much of the filtered picture is mixed in.
    lateral
        Smoothing across the beams, standard deviation in samples.
    persistence
        0..0.6, weight of the frames before: speckle moves a little from frame to frame, tissue does not.
    """

    kind: str = "none"
    amount: float = 0.0
    lateral: float = 0.0
    persistence: float = 0.0


@dataclass(frozen=True, slots=True)
class Degradation:
    """What storing, grabbing and exporting a picture loses.

    Attributes
    ----------
    scale
        The picture was once this much smaller, 0.4..1.
    interlace
        Pixels by which odd rows lag: a field of video.
    blur
        Standard deviation along the rows, in pixels: the bandwidth of a cable.
    ringing
        0..0.5, overshoot at edges along the rows.
    bits
        Grey levels that survive, 6..8.
    pedestal
        Level of black; white falls as much, as in video that was never expanded.
    jpeg
        Quality 40..95, or 0 for none.
    """

    scale: float = 1.0
    interlace: float = 0.0
    blur: float = 0.0
    ringing: float = 0.0
    bits: int = 8
    pedestal: int = 0
    jpeg: int = 0


@dataclass(frozen=True, slots=True)
class Style:
    """A screen: the machine that made it and what became of the picture afterwards.

    Attributes
    ----------
    family
        Key of `layout.LAYOUTS`.
    furniture
        What is shown, of the keys of `ODDS`.
    ink, accent
        Colours of the text and of marks and calipers.
    letters
        Height of the letters in pixels.
    backdrop
        Grey of the screen around the picture.
    tint
        Colour of the grey map: ``sepia``, ``blue`` or empty; `tint_strength` 0..1.
    grey_map, grey_strength
        Family and strength of `greymap.lut`.
    flip
        The picture mirrored or turned over in its place; sides then mean something else.
    frame
        What an export did to the whole screen, furniture and all.
    """

    family: str = "A"
    furniture: frozenset[str] = PLAIN
    ink: Colour = COLOURS["white"]
    accent: Colour = COLOURS["white"]
    letters: int = 9
    backdrop: int = 0
    tint: str = ""
    tint_strength: float = 0.0
    grey_map: str = "linear"
    grey_strength: float = 0.0
    flip: Warp = IDENTITY
    frame: Warp = IDENTITY
    filters: Filters = field(default_factory=Filters)
    degradation: Degradation = field(default_factory=Degradation)

    @property
    def layout(self) -> Layout:
        """The family's screen."""
        return LAYOUTS[self.family]

    @property
    def table(self) -> Floats:
        """The grey map: 256 levels, for `DisplayMap`."""
        return lut(self.grey_map, self.grey_strength)

    def shows(self, name: str) -> bool:
        """Whether this piece of furniture is on the screen."""
        return name in self.furniture


def draw_style(rng: np.random.Generator, *, plain: bool = False) -> Style:
    """The style of one screen.

    Parameters
    ----------
    rng
        Where chance comes from.
    plain
        A clean screen such as the paper's: text, bar and ruler in grey, no filter, flip or loss.
    """
    if plain:
        grey = int(rng.integers(150, 256))
        return Style(str(rng.choice(["A", "B", "E"])), ink=(grey,) * 3, accent=(grey,) * 3)
    names = sorted(LAYOUTS)
    shares = np.array([LAYOUTS[name].share for name in names])
    family = str(rng.choice(names, p=shares / shares.sum()))
    layout = LAYOUTS[family]
    odds = ODDS if layout.blocks else BARE_ODDS
    chances = rng.random(len(ODDS))
    inks = [*["white"] * 5, *layout.colours]
    tinted = rng.random() < 0.08  # noqa: PLR2004 - of the table
    return Style(
        family,
        frozenset(name for name, chance in zip(ODDS, chances, strict=True) if chance < odds.get(name, 0)),
        _shade(rng, COLOURS[str(rng.choice(inks))]),
        _shade(rng, COLOURS[str(rng.choice([*inks[3:], "yellow", "green", "cyan"]))]),
        int(rng.integers(layout.letters[0], layout.letters[1] + 1)),
        int(rng.uniform(*layout.backdrop)),
        str(rng.choice(["sepia", "blue"])) if tinted else "",
        float(rng.uniform(0.3, 1)),
        str(rng.choice(FAMILIES, p=[0.36, 0.2, 0.16, 0.16, 0.12])),
        float(rng.uniform(0.2, 1)),
        draw_flip(rng),
        draw_frame(rng),
        draw_filters(rng),
        draw_degradation(rng),
    )


def draw_filters(rng: np.random.Generator) -> Filters:
    """Filters of one scanner: half of them use one that is made for speckle."""
    kind = str(rng.choice(["none", "median", "adaptive", "unsharp"], p=[0.3, 0.15, 0.35, 0.2]))
    amount, lateral, persistence = rng.uniform((0.2, 0.4, 0.1), (1, 1.6, 0.6))
    smooth, persist = rng.random(2) < 0.3  # noqa: PLR2004 - three in ten
    return Filters(kind, float(amount), float(lateral) if smooth else 0.0, float(persistence) if persist else 0.0)


def draw_degradation(rng: np.random.Generator) -> Degradation:
    """Losses of one export: a third of them has none, and few have more than two."""
    if rng.random() < 0.33:  # noqa: PLR2004 - a third
        return Degradation()
    small, laced, blurred, rings, banded, lifted, packed = (
        bool(hit) for hit in rng.random(7) < (0.3, 0.05, 0.2, 0.15, 0.1, 0.12, 0.6)
    )
    return Degradation(
        scale=float(rng.uniform(0.4, 1)) if small else 1.0,
        interlace=float(rng.uniform(0.5, 2.5)) if laced else 0.0,
        blur=float(rng.uniform(0.4, 1.5)) if blurred else 0.0,
        ringing=float(rng.uniform(0.1, 0.5)) if rings else 0.0,
        bits=int(rng.integers(6, 8)) if banded else 8,
        pedestal=int(rng.integers(2, 17)) if lifted else 0,
        jpeg=int(rng.integers(40, 96)) if packed else 0,
    )


def _shade(rng: np.random.Generator, colour: Colour) -> Colour:
    """The same colour, as bright as somebody set the screen."""
    share = rng.uniform(0.7, 1.08)
    red, green, blue = (int(min(255, share * channel)) for channel in colour)
    return red, green, blue
