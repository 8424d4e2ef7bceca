"""A made object, its study and the settings come in; the names of the destinations that get the object go out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from hri_node.sections import DestinationSettings, OnlySettings, ScannerSettings

SENDER = "sender:"
"""Begins the name of a scanner as a destination; the name of a configured one has no colon."""


@dataclass(frozen=True, slots=True)
class RoutedStudy:
    """What of a study decides where its results go; each set holds the values of all its instances."""

    calling: frozenset[str]
    stations: frozenset[str]
    modalities: frozenset[str]
    outcome: Literal["measured", "not_measurable"]


def destinations_for(
    kind: str, study: RoutedStudy, chosen: Sequence[DestinationSettings], scanners: Sequence[ScannerSettings]
) -> tuple[str, ...]:
    """Names of the destinations that get an object, in the order of the settings.

    Parameters
    ----------
    kind
        sr, seg, sc, pr or pdf.
    study
        What the object was made from.
    chosen
        The configured destinations; each gets what matches every list of its `only`.
    scanners
        The configured scanners; one that sent an instance of the study, and wants results, gets them.
    """
    matching = [to.name for to in chosen if _is_wanted(to.only, kind, study)]
    return (*matching, *(sender_name(one) for one in scanners if one.return_results and one.ae_title in study.calling))


def self_test_destinations(
    kind: str, study: RoutedStudy, chosen: Sequence[DestinationSettings], stores: Collection[str]
) -> tuple[str, ...]:
    """Names of the destinations that get an object of a self-test, in the order of the settings.

    Parameters
    ----------
    kind
        sr, seg, sc, pr or pdf.
    study
        What the object was made from.
    chosen
        The configured destinations; who sent the study does not matter, as nobody did.
    stores
        Names of those that the self-test stores at.
    """
    return tuple(to.name for to in chosen if to.name in stores and takes(to.only, kind, study.outcome))


def takes(only: OnlySettings, kind: str, outcome: str) -> bool:
    """Whether a destination gets objects of this kind of studies that were measured, or were not."""
    return _matches(only.outcome, [outcome]) and _matches(only.kinds, [kind])


def destination_names(chosen: Sequence[DestinationSettings], scanners: Sequence[ScannerSettings]) -> tuple[str, ...]:
    """Every name that `destinations_for` can give."""
    return (*(to.name for to in chosen), *(sender_name(one) for one in scanners if one.return_results))


def sender_name(scanner: ScannerSettings) -> str:
    """Name of a scanner as the destination of what was made from its own images."""
    return SENDER + scanner.ae_title


def _is_wanted(only: OnlySettings, kind: str, study: RoutedStudy) -> bool:
    return (
        _matches(only.calling, study.calling)
        and _matches(only.station, study.stations)
        and _matches(only.modality, study.modalities)
        and takes(only, kind, study.outcome)
    )


def _matches(patterns: Sequence[str], values: Iterable[str]) -> bool:
    """Whether some value fits some pattern; AE titles differ by case (PS3.5 6.2)."""
    return not patterns or any(fnmatchcase(value, pattern) for value in values for pattern in patterns)
