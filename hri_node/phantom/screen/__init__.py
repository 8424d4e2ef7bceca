"""What a scanner shows: grey map, filters, furniture around and over the sector, and how an export spoils it."""

from hri_node.phantom.screen.canvas import Screen
from hri_node.phantom.screen.display import DisplayMap, display_map, scan_convert
from hri_node.phantom.screen.enhance import enhance
from hri_node.phantom.screen.export import degrade, finish
from hri_node.phantom.screen.furniture import furnish
from hri_node.phantom.screen.greymap import lut
from hri_node.phantom.screen.other import Picture, other_screen, side_by_side
from hri_node.phantom.screen.style import Style, draw_style
from hri_node.phantom.screen.warp import Warp

__all__ = [
    "DisplayMap",
    "Picture",
    "Screen",
    "Style",
    "Warp",
    "degrade",
    "display_map",
    "draw_style",
    "enhance",
    "finish",
    "furnish",
    "lut",
    "other_screen",
    "scan_convert",
    "side_by_side",
]
