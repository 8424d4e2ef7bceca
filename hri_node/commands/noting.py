"""What somebody changed at the command line comes in; the ledger's acts and the audit trail have it."""

import getpass
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from hri_node.audit.codes import Coded
from hri_node.commands.auditing import note
from hri_node.ledger.acts import Acts
from hri_node.settings import Settings


def who() -> str:
    """Who sits at the command line, as the system names them."""
    name = str(os.getuid())
    with suppress(KeyError, OSError):  # a container's user may have no name
        name = getpass.getuser()
    return f"{name} (command line)"


def note_act(settings: Settings, ledger: Acts, what: str, names: Sequence[str], kind: Coded) -> None:
    """Write it down twice, as the console does.

    Parameters
    ----------
    settings
        Where the audit trail goes.
    ledger
        For the console's page.
    what
        Such as ``scanner add``.
    names
        Of what it was done to.
    kind
        Of the alert in the audit trail.

    Raises
    ------
    Misconfigured
        When the audit trail cannot be kept.
    """
    ledger.note_act(who(), what, ", ".join(names), datetime.now(UTC))
    note(settings, what, names, kind=kind)
