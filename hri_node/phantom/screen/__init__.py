"""What a scanner shows: grey map, filters, furniture around and over the sector, and how an export spoils it."""

from hri_node.phantom.screen.display import DisplayMap, display_map, scan_convert
from hri_node.phantom.screen.furniture import furnish

__all__ = ["DisplayMap", "display_map", "furnish", "scan_convert"]
