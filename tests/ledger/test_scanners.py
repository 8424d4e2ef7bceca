"""Tests of `hri_node.ledger.scanners`: what is known of a scanner by its images."""

from datetime import UTC, datetime, timedelta

from imaged import Image, add_image
from ledger_rows import NOW

from hri_node.ledger.ledger import Ledger
from hri_node.ledger.scanners import Tally, Unmeasured, Volume

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def test_a_tally_counts_what_was_measured_and_what_was_not(ledger: Ledger) -> None:
    """Images of one scanner within the time, and the median of their indices."""
    for number, hri in enumerate((1.0, 1.2, 1.9, None)):
        add_image(ledger, Image(number, hri=hri, warnings=("kidney_dark",) if hri == 1.9 else ()))
    add_image(ledger, Image(10, ae_title="US2", hri=3.0))
    add_image(ledger, Image(11, at=NOW + HOUR, hri=3.0))
    add_image(ledger, Image(12, at=NOW - HOUR))

    tally = ledger.scanner_tally("US1", NOW, NOW + HOUR)

    assert tally == Tally(measured=3, not_measurable=1, with_warnings=1, median_hri=1.2)
    assert (tally.images, tally.measurable_share, tally.warnings_share) == (4, 0.75, 1 / 3)


def test_a_time_without_images_has_no_shares(ledger: Ledger) -> None:
    """Nothing is divided by nothing."""
    tally = ledger.scanner_tally("US1", NOW - DAY, NOW)

    assert (tally, tally.measurable_share, tally.warnings_share) == (Tally(), None, None)


def test_days_are_those_of_the_hospital(ledger: Ledger) -> None:
    """A quarter of an hour before midnight is another day than midnight."""
    midnight = datetime(2026, 1, 5).astimezone()
    before = midnight - timedelta(minutes=1)
    for number, (at, hri) in enumerate([(before, 1.1), (before, None), (midnight, 1.3), (midnight, None)]):
        add_image(ledger, Image(number, at=at.astimezone(UTC), hri=hri))

    days = ledger.scanner_days("US1", midnight - DAY, midnight + DAY)

    assert days == {before.date(): Tally(1, 1, 0, 1.1), midnight.date(): Tally(1, 1, 0, 1.3)}


def test_scanners_are_known_by_their_last_image(ledger: Ledger) -> None:
    """Those that sent since some time are named."""
    add_image(ledger, Image(1, ae_title="US2", at=NOW - DAY))
    add_image(ledger, Image(2, ae_title="US1", at=NOW - DAY))
    add_image(ledger, Image(3, ae_title="US1", at=NOW))

    assert ledger.last_images() == {"US1": NOW, "US2": NOW - DAY}
    assert ledger.scanner_titles(NOW - HOUR) == ["US1"]


def test_a_volume_counts_images_and_studies(ledger: Ledger) -> None:
    """Studies by their first image."""
    for number, (study, at) in enumerate([(1, NOW), (1, NOW), (2, NOW), (3, NOW - DAY)]):
        add_image(ledger, Image(number, study=study, at=at))

    assert ledger.scanner_volume("US1", NOW) == Volume(images=3, studies=2)
    assert ledger.scanner_volume("US9", NOW) == Volume(0, 0)


def test_reasons_are_counted_and_the_latest_listed(ledger: Ledger) -> None:
    """The most frequent reason, and the latest image, first."""
    for number, reason in enumerate(("no_kidney", "wrong_view", "wrong_view")):
        add_image(ledger, Image(number, at=NOW + number * HOUR, reason=reason))
    add_image(ledger, Image(7, hri=1.2))

    latest = ledger.latest_unmeasured("US1", NOW, limit=2)

    assert list(ledger.unmeasured_reasons("US1", NOW).items()) == [("wrong_view", 2), ("no_kidney", 1)]
    assert latest == [
        Unmeasured(1, "1.2.3.1.2", "wrong_view", NOW + 2 * HOUR),
        Unmeasured(1, "1.2.3.1.1", "wrong_view", NOW + HOUR),
    ]


def test_days_are_counted_by_the_week(ledger: Ledger) -> None:
    """Under the Monday, with the median of all its images."""
    monday = datetime(2026, 1, 5, 12).astimezone()
    for number, hri in enumerate((1.0, 1.1, 1.6)):
        add_image(ledger, Image(number, at=(monday + number * DAY).astimezone(UTC), hri=hri))

    weeks = ledger.scanner_days("US1", monday - DAY, monday + 7 * DAY, lambda day: day - DAY * day.weekday())

    assert weeks == {monday.date(): Tally(3, 0, 0, 1.1)}
