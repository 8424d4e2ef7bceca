"""A database URL comes in; the one ledger of the node goes out."""

from hri_node.ledger.acts import Acts
from hri_node.ledger.alarms import Alarms
from hri_node.ledger.associations import Associations
from hri_node.ledger.cohorts import Cohorts
from hri_node.ledger.commitments import Commitments
from hri_node.ledger.contacts import Contacts
from hri_node.ledger.counters import Counters
from hri_node.ledger.deliveries import Deliveries
from hri_node.ledger.destinations import Destinations
from hri_node.ledger.duties import Duties
from hri_node.ledger.forgetting import Forgetting
from hri_node.ledger.history import History
from hri_node.ledger.instances import Instances
from hri_node.ledger.joblist import JobLists
from hri_node.ledger.marks import Marks
from hri_node.ledger.overview import Overviews
from hri_node.ledger.queues import Queues
from hri_node.ledger.retention import Retention
from hri_node.ledger.scanners import Scanners
from hri_node.ledger.search import Search
from hri_node.ledger.self_tests import SelfTests
from hri_node.ledger.sessions import Sessions
from hri_node.ledger.setups import Setups
from hri_node.ledger.standing import Standing
from hri_node.ledger.story import Stories
from hri_node.ledger.studies import Studies
from hri_node.ledger.study_acts import StudyActs
from hri_node.ledger.today import Today
from hri_node.ledger.tokens import Tokens


class Ledger(
    Instances,
    Studies,
    Deliveries,
    Commitments,
    Associations,
    Destinations,
    History,
    Cohorts,
    Retention,
    Overviews,
    Search,
    Stories,
    Marks,
    StudyActs,
    JobLists,
    Today,
    Tokens,
    Sessions,
    Acts,
    Setups,
    Queues,
    Contacts,
    Scanners,
    SelfTests,
    Forgetting,
    Standing,
    Alarms,
    Counters,
    Duties,
):
    """State at rest: every instance, study, result and delivery, and what becomes of it.

    A method is one transaction; it is committed when the method returns. Built with the database's URL.
    """


def open_ledger(url: str) -> Ledger:
    """The ledger behind a URL, its schema brought up to date.

    Raises
    ------
    Misconfigured
        When the database cannot be opened or is of a later version.
    """
    ledger = Ledger(url)
    ledger.migrate()
    return ledger
