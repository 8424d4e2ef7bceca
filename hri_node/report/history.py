"""Indices of a patient's earlier studies come in, what a report says of them goes out: a section, and a sentence."""

from collections.abc import Iterator, Sequence
from typing import Final

from pydicom import Dataset

from hri_node.records import PriorIndex
from hri_node.report import codes
from hri_node.report.carried import is_valid
from hri_node.report.content import Relation, container, date, number, text, time, uid

INDEX_DECIMALS: Final = 3


def previous_findings(priors: Sequence[PriorIndex]) -> list[Dataset]:
    """Section with the index, date, study and network of each dated earlier study; nothing where there is none.

    It stands beside the measurements, not among them: an earlier index has no place in an image of this study, and
    OHIF shows nothing of a report in which a measurement has none.
    """
    found = [_finding(prior) for prior in dated(priors)]
    return [container(Relation.CONTAINS, codes.PREVIOUS_FINDINGS, found)] if found else []


def latest_words(priors: Sequence[PriorIndex]) -> list[str]:
    """Return what is said of the last of them where a viewer shows sentences; nothing where there is none."""
    return [f"Earlier: {prior.hri:.2f} on {_in_words(prior.study_date)}" for prior in dated(priors)[-1:]]


def dated(priors: Sequence[PriorIndex]) -> list[PriorIndex]:
    """Return those whose date is one: the ledger keeps what a scanner wrote."""
    return [prior for prior in priors if is_valid("DA", prior.study_date)]


def _finding(prior: PriorIndex) -> Dataset:
    """Return one earlier index (TID 300)."""
    value = round(prior.hri, INDEX_DECIMALS), codes.RATIO
    return number(Relation.CONTAINS, codes.PRIOR_INDEX, value, [*_study(prior), *_network(prior)])


def _study(prior: PriorIndex) -> Iterator[Dataset]:
    """Yield when it was, and what it is called."""
    yield date(Relation.HAS_OBS_CONTEXT, codes.STUDY_DATE, prior.study_date)
    if is_valid("TM", prior.study_time):
        yield time(Relation.HAS_OBS_CONTEXT, codes.STUDY_TIME, prior.study_time)
    if is_valid("UI", prior.study_instance_uid):
        yield uid(Relation.HAS_OBS_CONTEXT, codes.STUDY_INSTANCE_UID, prior.study_instance_uid)


def _network(prior: PriorIndex) -> Iterator[Dataset]:
    """Yield name and version of the network that segmented then (TID 4019)."""
    name, _, version = prior.algorithm.rpartition(" ")
    if name:
        yield text(Relation.HAS_CONCEPT_MOD, codes.ALGORITHM_NAME, name)
    if version:
        yield text(Relation.HAS_CONCEPT_MOD, codes.ALGORITHM_VERSION, version)


def _in_words(day: str) -> str:
    """Return a date as people read it everywhere (ISO 8601)."""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"
