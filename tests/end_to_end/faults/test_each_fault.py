"""Each fault strikes while scanners send: nothing acknowledged is lost, nothing is in the PACS twice."""

from collections.abc import Iterator

import pytest
from end_to_end.faults.checks import Archive
from end_to_end.faults.injectors import FAULTS
from end_to_end.faults.rounds import Plan, run_round
from end_to_end.faults.site import SHORT, Site, running_site
from running import require

SEED = 4
PLAN = Plan(studies=3, instances=4, strikes=1, pause_s=(0.1, 1.5))
DISK_MIB = 512

pytestmark = [pytest.mark.peers, pytest.mark.slow]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Archive]]:
    """A node and an Orthanc that go through all the faults, one after the other."""
    require("storescu", "Orthanc")
    with running_site(tmp_path_factory.mktemp("faults"), SEED, SHORT, DISK_MIB) as site:
        yield site, Archive(site.orthanc)


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost_or_doubled(scene: tuple[Site, Archive], name: str) -> None:
    """Every instance answered with success is in the ledger and the spool, and its results are in Orthanc once."""
    site, archive = scene

    line, findings = run_round(site, FAULTS[name], PLAN, archive)

    assert findings.all == [], line
    assert line.acknowledged == line.instances
    assert line.reports == line.instances // PLAN.instances
