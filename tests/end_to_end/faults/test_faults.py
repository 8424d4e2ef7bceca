"""Each fault strikes while scanners send: nothing acknowledged is lost, nothing is in the PACS twice."""

from collections.abc import Iterator

import pytest
from end_to_end.faults.catalogue import FAULTS
from end_to_end.faults.checks import Archive, examine, leftovers
from end_to_end.faults.injectors import Scene
from end_to_end.faults.rounds import Plan, run_round
from end_to_end.faults.scanners import Account, Scanners
from end_to_end.faults.sites import SHORT, Site, running_site
from end_to_end.faults.wire import Line
from running import eventually, require

from hri_node.ledger.states import JobState, Queue
from hri_node.ledger.tables import StudyRow

SEED = 4
PLAN = Plan(studies=3, instances=4, strikes=1, pause_s=(0.1, 0.5))
VIEWS = 6
DISK_MIB = 512
IN_THE_MIDDLE = (
    "measuring process killed",
    "measuring worker killed",
    "Redis killed and emptied",
    "whole node killed",
)
"""What strikes when one image of a study is measured and others are not."""

pytestmark = [pytest.mark.peers, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node and an Orthanc that go through all the faults, one after the other."""
    require("storescu", "Orthanc")
    with running_site(tmp_path_factory.mktemp("faults"), SEED, SHORT, DISK_MIB) as running:
        yield running


@pytest.fixture(scope="module")
def archive(site: Site) -> Archive:
    """What the Orthanc holds."""
    return Archive(site.orthanc)


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in IN_THE_MIDDLE])
def test_nothing_is_lost_or_doubled(site: Site, archive: Archive, name: str) -> None:
    """Every instance answered with success is in the ledger and the spool, and its results are in Orthanc once."""
    line, findings = run_round(site, FAULTS[name], PLAN, archive)

    assert findings.all == [], line
    assert line.acknowledged == line.instances
    assert line.reports == line.studies


def send_views(site: Site) -> Account:
    """Account of one study of several views, all of it acknowledged."""
    account = Account()
    scanners = Scanners(site.corpus, site.node, account, senders=1)
    scanners.send(site.corpus.study(VIEWS, views=VIEWS), patience_s=60)
    scanners.finish()
    return account


def measured(site: Site, account: Account) -> int:
    """How many of its instances are measured."""
    done = {job.subject for job in site.node.ledger.jobs(Queue.MEASURE, JobState.DONE, limit=VIEWS)}
    return len(done & set(account.samples))


def study_of(site: Site, account: Account) -> StudyRow:
    """Row of the account's only study."""
    jobs = site.node.ledger.jobs(Queue.REPORT)
    (uid,) = {sample.study_uid for sample in account.samples.values()}
    return site.node.ledger.study(next(int(job.job_id.partition("-")[2]) for job in jobs if job.subject == uid))


@pytest.mark.parametrize("name", IN_THE_MIDDLE)
def test_in_the_middle_of_a_study(site: Site, archive: Archive, name: str) -> None:
    """Some images are measured, others are not: all are, in one report, which no later one replaces."""
    account = send_views(site)
    eventually(lambda: measured(site, account), 60, "the first measurement")

    FAULTS[name].inject(Scene(site, Scanners(site.corpus, site.node, account, senders=1)))

    assert site.settle() is not None
    assert examine(site, account, archive).all == []
    assert study_of(site, account).revision == 1


def test_a_pacs_that_is_away_repeats_no_measurement(site: Site, archive: Archive) -> None:
    """Deliveries wait, every try is written down, each image is measured once, and all arrives at last."""
    site.wire.put(Line.CLOSED)
    account = send_views(site)

    def tried() -> bool:
        waiting = [job for job in site.node.ledger.jobs(Queue.DELIVER) if job.state == JobState.WAITING]
        return len(waiting) == 1 + 2 * VIEWS and min(job.attempts for job in waiting) >= 3

    eventually(tried, 60, "three tries of every object")
    site.wire.put(Line.GOOD)
    assert site.settle() is not None
    assert examine(site, account, archive).all == []
    jobs = [job for job in site.node.ledger.jobs(Queue.MEASURE, limit=VIEWS) if job.subject in account.samples]
    assert {job.attempts for job in jobs} == {1}


def test_nobody_leaves_half_a_file_behind(site: Site) -> None:
    """After all that, a new start among it, no file lies in the spool that was never finished."""
    assert leftovers(site) == []
