"""Records of a report: sections of paragraphs, tables and figures, whatever they are printed as."""

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure

from hri_node.study.cells import Table
from hri_node.study.overlaps import Distribution
from hri_node.study.readings import Readings

DISCLAIMER = "Research use: it informs, it never diagnoses."


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure.

    Attributes
    ----------
    label
        Such as ``Figure 4A``.
    caption
        Sentences below it.
    alt
        What it shows, for those who cannot see it.
    """

    label: str
    caption: str
    alt: str
    figure: Figure

    def copy(self) -> Figure:
        """The figure as it was made: drawing one settles its layout, so that the next drawing is another one."""
        copied: Figure = pickle.loads(pickle.dumps(self.figure))  # noqa: S301 - our own bytes
        return copied


@dataclass(frozen=True, slots=True)
class Numbered:
    """A table with its label, such as ``Table 2``."""

    label: str
    table: Table


Block = str | Numbered | Picture
"""A paragraph is its text."""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report; `notices` stand above everything else."""

    title: str
    subtitle: str
    notices: tuple[str, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class FromFile:
    """Readings that were not made with the marking tool: of which file, and how many of its subjects are unknown."""

    name: str
    sha256: str
    readings: Readings


@dataclass(frozen=True, slots=True)
class Additions:
    """What a report is made of besides the study itself.

    Attributes
    ----------
    readings
        In the place of the readers' marks; None: the marks count.
    overlaps
        Organ to Jaccard indices of the network against label maps.
    notices, sections
        Sentences at the beginning, and sections before the limits.
    """

    readings: FromFile | None = None
    overlaps: Mapping[str, Distribution] | None = None
    notices: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()


class Labels:
    """Names of tables and figures: the paper's numbers where the paper has the same, S1 and on for the others."""

    def __init__(self) -> None:
        self._further: Iterator[int] = iter(range(1, 10**6))

    def table(self, of_paper: int | None = None) -> str:
        """Label of the next table."""
        return f"Table {of_paper}" if of_paper else f"Table S{next(self._further)}"


def counted(count: int, noun: str) -> str:
    """A number with its noun, in the plural where needed."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(parts: "list[str] | tuple[str, ...]") -> str:
    """Words with commas and an and."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
