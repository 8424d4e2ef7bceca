"""Tests of the rules that say which destination gets which object."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hri_node.routing import RoutedStudy, destination_names, destinations_for, self_test_destinations
from hri_node.sections import DestinationSettings, OnlySettings, ScannerSettings

STUDY = RoutedStudy(frozenset({"US_ROOM1"}), frozenset({"LOGIQ"}), frozenset({"US"}), "measured")

titles = st.text("AB_1", min_size=1, max_size=6)
studies = st.builds(
    RoutedStudy,
    calling=st.frozensets(titles, min_size=1, max_size=3),
    stations=st.frozensets(titles, max_size=2),
    modalities=st.frozensets(st.sampled_from(["US", "CT"]), min_size=1),
    outcome=st.sampled_from(["measured", "not_measurable"]),
)
rules = st.builds(
    OnlySettings,
    calling=st.lists(titles.map(lambda title: title + "*"), max_size=2).map(tuple),
    station=st.lists(titles, max_size=2).map(tuple),
    modality=st.lists(st.sampled_from(["US", "CT", "*"]), max_size=2).map(tuple),
    outcome=st.lists(st.sampled_from(["measured", "not_measurable"]), max_size=2).map(tuple),
    kinds=st.lists(st.sampled_from(["sr", "seg", "sc"]), max_size=2).map(tuple),
)
kinds = st.sampled_from(["sr", "seg", "sc"])


def a_destination(name: str = "pacs", only: OnlySettings | None = None) -> DestinationSettings:
    """A PACS with rules."""
    return DestinationSettings(name=name, host="127.0.0.1", called="PACS", only=only or OnlySettings())


def a_scanner(ae_title: str, **options: bool) -> ScannerSettings:
    """A scanner that may be called."""
    return ScannerSettings(ae_title=ae_title, host="127.0.0.1", **options)


@pytest.mark.parametrize(
    ("rule", "is_wanted"),
    [
        ({}, True),
        ({"calling": ["US_*"]}, True),
        ({"calling": ["us_*"]}, False),
        ({"calling": ["CT_*", "US_ROOM?"]}, True),
        ({"station": ["LOGIQ"], "modality": ["US"]}, True),
        ({"station": ["LOGIQ"], "modality": ["MR"]}, False),
        ({"outcome": ["not_measurable"]}, False),
        ({"outcome": ["measured", "not_measurable"]}, True),
        ({"kinds": ["seg", "sc"]}, False),
        ({"kinds": ["sr"]}, True),
    ],
)
def test_a_destination_gets_what_matches_every_list(rule: dict[str, Any], is_wanted: bool) -> None:  # noqa: FBT001
    """An empty list matches all; patterns are a shell's; case counts."""
    to = a_destination(only=OnlySettings(**rule))

    assert destinations_for("sr", STUDY, [to], []) == (("pacs",) if is_wanted else ())


def test_a_study_of_two_scanners_matches_by_either() -> None:
    """One of its images is enough."""
    study = RoutedStudy(frozenset({"US_ROOM1", "CART"}), frozenset(), frozenset({"US"}), "measured")
    to = a_destination(only=OnlySettings(calling=("CART",)))

    assert destinations_for("seg", study, [to], []) == ("pacs",)


def test_a_study_without_station_name_matches_no_pattern_of_stations() -> None:
    """What is not known is not what was asked for, whatever `*` means to a shell."""
    study = RoutedStudy(frozenset({"A"}), frozenset(), frozenset({"US"}), "measured")

    assert destinations_for("sr", study, [a_destination(only=OnlySettings(station=("*",)))], []) == ()


def test_results_return_to_the_scanners_that_sent_and_want_them() -> None:
    """Neither to one that sent nothing nor to one that did not ask."""
    scanners = [
        a_scanner("US_ROOM1", return_results=True),
        a_scanner("US_ROOM2", return_results=True),
        a_scanner("US_ROOM3"),
    ]

    assert destinations_for("sr", STUDY, [a_destination()], scanners) == ("pacs", "sender:US_ROOM1")
    assert destination_names([a_destination()], scanners) == ("pacs", "sender:US_ROOM1", "sender:US_ROOM2")


def test_what_a_self_test_made_goes_where_it_says_by_kind_and_outcome_alone() -> None:
    """Rules about scanners, stations and modalities do not matter: nobody sent it."""
    picky = a_destination("picky", OnlySettings(calling=("US_*",), station=("LOGIQ",), modality=("MR",)))
    only_sr = a_destination("sr", OnlySettings(kinds=("sr",)))
    only_failures = a_destination("failures", OnlySettings(outcome=("not_measurable",)))
    chosen = [a_destination(), picky, only_sr, only_failures]
    stores = {"picky", "sr", "failures", "gone"}

    assert self_test_destinations("sr", STUDY, chosen, stores) == ("picky", "sr")
    assert self_test_destinations("seg", STUDY, chosen, stores) == ("picky",)


@given(kind=kinds, study=studies)
def test_a_destination_without_rules_gets_everything(kind: str, study: RoutedStudy) -> None:
    """Whatever the study, whatever the object."""
    assert destinations_for(kind, study, [a_destination()], []) == ("pacs",)


@given(kind=kinds, study=studies, rule=rules)
def test_rules_add_up(kind: str, study: RoutedStudy, rule: OnlySettings) -> None:
    """An object goes where it would go by each list of the rules alone."""
    alone = [OnlySettings(**{name: patterns}) for name, patterns in rule]

    both = destinations_for(kind, study, [a_destination(only=rule)], [])

    assert bool(both) == all(destinations_for(kind, study, [a_destination(only=one)], []) for one in alone)


@given(kind=kinds, study=studies, given_rules=st.lists(rules, max_size=4))
def test_destinations_do_not_depend_on_each_other(kind: str, study: RoutedStudy, given_rules: list[Any]) -> None:
    """Several get what each would get if it were the only one, in the order of the settings."""
    all_of_them = [a_destination(f"pacs{number}", rule) for number, rule in enumerate(given_rules)]

    apart = [name for to in all_of_them for name in destinations_for(kind, study, [to], [])]

    assert list(destinations_for(kind, study, all_of_them, [])) == apart
