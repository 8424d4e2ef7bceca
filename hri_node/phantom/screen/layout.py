"""Nothing comes in; the screens of eight invented families of scanners, as data, go out."""

from dataclasses import dataclass

Span = tuple[float, float]
"""Lowest and highest value of a uniform draw."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text.

    Attributes
    ----------
    words
        Which vocabulary (see `words`).
    row, column
        Where its corner is, in shares of the screen.
    align
        Which corner that is: ``left`` or ``right``.
    lines
        Fewest and most lines.
    across
        One line after the other in a row instead of a column.
    """

    words: str
    row: float
    column: float
    align: str = "left"
    lines: tuple[int, int] = (1, 1)
    across: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """What a family of scanners shows where; places are (row, column) in shares of the screen.

    Attributes
    ----------
    logo
        Place, or None: this family has none.
    bar
        Place, height and width in pixels of the grey bar; None without.
    ruler
        ``edge_right``, ``edge_left`` (of the screen), ``beside_right``, ``beside_left`` (of the sector),
        ``along_right``, ``along_left`` (dots that follow the sector's side), or empty.
    numbers
        Whether the ruler has numbers.
    mark
        Shape of the probe's orientation mark.
    panels
        Sides that have a menu or thumbnails, with their width in pixels.
    header
        Height in pixels of a band on top, 0 without.
    backdrop
        Grey of the screen around the picture.
    boxed
        The backdrop ends at a box around the sector, which is black.
    pixel_font
        Letters of an old scanner.
    letters
        Height of the letters in pixels.
    colours
        Inks besides white that it uses.
    """

    blocks: tuple[Block, ...]
    logo: tuple[float, float] | None = None
    bar: tuple[float, float, int, int] | None = None
    ruler: str = "edge_right"
    numbers: bool = False
    mark: str = "disc"
    panels: tuple[tuple[str, int], ...] = ()
    header: int = 0
    backdrop: Span = (0, 0)
    boxed: bool = False
    pixel_font: bool = False
    letters: tuple[int, int] = (8, 11)
    colours: tuple[str, ...] = ()
    share: float = 1.0


BIG_CART = Layout(
    logo=(0.01, 0.01),
    blocks=(
        Block("name", 0.01, 0.16, lines=(1, 2)),
        Block("clock", 0.01, 0.99, "right", (1, 2)),
        Block("indices", 0.08, 0.99, "right", (1, 3)),
        Block("settings", 0.24, 0.99, "right", (4, 9)),
        Block("preset", 0.92, 0.02, lines=(1, 2)),
    ),
    bar=(0.12, 0.02, 90, 9),
    ruler="edge_right",
    mark="disc",
    colours=("yellow", "cyan"),
)
"""A: logo and name on top, a column of settings at the right, the bar at the upper left."""

LEFT_COLUMN = Layout(
    logo=None,
    blocks=(
        Block("name", 0.01, 0.02),
        Block("clock", 0.01, 0.99, "right"),
        Block("indices", 0.04, 0.99, "right", (1, 2)),
        Block("settings", 0.13, 0.01, lines=(5, 10)),
        Block("depth", 0.95, 0.98, "right"),
    ),
    bar=(0.12, 0.955, 80, 8),
    ruler="beside_right",
    numbers=True,
    mark="ring",
    header=22,
    backdrop=(0, 8),
    colours=("cyan", "orange"),
)
"""B: a band with the name, a column of settings at the left, the ruler close to the sector."""

WIDE_PANELS = Layout(
    logo=(0.015, 0.02),
    blocks=(
        Block("name", 0.01, 0.22),
        Block("clock", 0.01, 0.99, "right"),
        Block("settings", 0.1, 0.99, "right", (3, 8)),
        Block("preset", 0.95, 0.3),
    ),
    bar=(0.3, 0.97, 110, 7),
    ruler="beside_left",
    mark="triangle",
    panels=(("left", 96), ("bottom", 52)),
    header=26,
    backdrop=(18, 46),
    boxed=True,
    letters=(7, 9),
    colours=("yellow", "orange", "green"),
    share=1.2,
)
"""C: a 16:10 screen with a menu at the left and thumbnails at the bottom, dark grey around the picture."""

LIGHT_GREY = Layout(
    logo=(0.01, 0.86),
    blocks=(
        Block("name", 0.01, 0.02, lines=(1, 2)),
        Block("settings", 0.2, 0.02, lines=(4, 8)),
        Block("soft_keys", 0.96, 0.03, lines=(4, 6), across=True),
        Block("indices", 0.06, 0.99, "right", (1, 2)),
    ),
    bar=(0.16, 0.93, 100, 10),
    ruler="along_right",
    mark="square",
    panels=(("right", 70),),
    header=24,
    backdrop=(120, 205),
    boxed=True,
    colours=("cyan",),
    share=0.7,
)
"""D: light grey around a black picture, a panel at the right, dots along the sector's side."""

PORTABLE = Layout(
    logo=(0.93, 0.88),
    blocks=(
        Block("name", 0.01, 0.01),
        Block("clock", 0.04, 0.01),
        Block("preset", 0.12, 0.02, lines=(1, 2)),
        Block("indices", 0.12, 0.99, "right", (1, 2)),
        Block("soft_keys", 0.95, 0.02, lines=(3, 5), across=True),
        Block("depth", 0.9, 0.99, "right"),
    ),
    bar=None,
    ruler="edge_right",
    numbers=False,
    mark="dash",
    backdrop=(0, 0),
    letters=(10, 14),
    colours=("yellow", "green"),
    share=1.3,
)
"""E: a portable: large letters, few of them, soft keys in the lowest line."""

OLD_SCREEN = Layout(
    logo=(0.92, 0.02),
    blocks=(
        Block("name", 0.01, 0.03, lines=(1, 2)),
        Block("clock", 0.01, 0.97, "right", (1, 2)),
        Block("settings", 0.3, 0.02, lines=(3, 6)),
        Block("preset", 0.9, 0.97, "right", (1, 2)),
    ),
    bar=(0.55, 0.03, 128, 12),
    ruler="beside_left",
    mark="arrow",
    pixel_font=True,
    letters=(10, 10),
    backdrop=(0, 14),
    colours=("yellow",),
)
"""F: an old 4:3 screen with letters made of dots and a thick bar at the lower left."""

THUMBNAILS = Layout(
    logo=(0.01, 0.01),
    blocks=(
        Block("name", 0.01, 0.12, lines=(1, 2)),
        Block("clock", 0.01, 0.85, "right"),
        Block("settings", 0.14, 0.02, lines=(3, 7)),
        Block("indices", 0.06, 0.85, "right", (1, 3)),
        Block("depth", 0.95, 0.02),
    ),
    bar=(0.12, 0.83, 70, 8),
    ruler="along_left",
    mark="triangle",
    panels=(("right", 84),),
    backdrop=(0, 30),
    letters=(7, 10),
    colours=("orange", "cyan"),
    share=0.9,
)
"""G: stored pictures down the right side, dots along the left side of the sector."""

BARE = Layout(blocks=(), ruler="", share=1.2)
"""H: what research exports leave: the sector and little else."""

LAYOUTS = {
    "A": BIG_CART,
    "B": LEFT_COLUMN,
    "C": WIDE_PANELS,
    "D": LIGHT_GREY,
    "E": PORTABLE,
    "F": OLD_SCREEN,
    "G": THUMBNAILS,
    "H": BARE,
}
"""By the name of the family."""
