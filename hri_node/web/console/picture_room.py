"""The node comes in; what makes pictures goes out, loaded when the first one is asked for, and why there may be none.

Decoding and drawing take 15 MiB that a web role without visitors does not need.
"""

from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Final, Protocol

from hri_node.errors import Refused, Unavailable
from hri_node.ledger.instances import MeasuredFrame
from hri_node.ledger.tables import InstanceRow
from hri_node.node import Node

GONE: Final = 410
NOT_FOUND: Final = 404
AWAY: Final = 503


class Removed(Refused):
    """A picture, or a result, that retention removed."""


class PictureMaker(Protocol):
    """What `pictures.Pictures` does."""

    def frame(self, row: InstanceRow, number: int, *, only_sector: bool) -> bytes:
        """A frame at its own size."""

    def outlines(self, row: InstanceRow, frame: MeasuredFrame) -> bytes:
        """Its masks."""

    def overlay(self, row: InstanceRow, frame: MeasuredFrame, *, only_sector: bool) -> bytes:
        """Both, with the values."""


@dataclass
class PictureRoom:
    """Where pictures are made.

    Attributes
    ----------
    node
        Its spool.
    """

    node: Node

    @cached_property
    def maker(self) -> PictureMaker:
        """What makes them."""
        maker: PictureMaker = import_module("hri_node.web.console.pictures").Pictures(self.node)
        return maker


def status_of(error: Refused | Unavailable) -> int:
    """HTTP status of what cannot be had.

    Parameters
    ----------
    error
        As it was raised.
    """
    if isinstance(error, Removed):
        return GONE
    return NOT_FOUND if isinstance(error, Refused) else AWAY
