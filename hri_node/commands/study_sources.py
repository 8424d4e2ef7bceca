"""Days of the node's ledger, or of a PACS, come in; the images of a cohort are taken into a study."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from hri_node.commands import pulling
from hri_node.commands.auditing import note
from hri_node.commands.screen import DONE, say
from hri_node.commands.study_found import Found, from_ledger
from hri_node.commands.study_import import Wishes, take_in
from hri_node.errors import Misconfigured
from hri_node.ledger.ledger import open_ledger
from hri_node.node import utc_now
from hri_node.settings import Settings
from hri_node.setup import open_setup
from hri_node.spool import Spool
from hri_node.study.project.store import open_study

MODE = 0o700
"""Of the folder in which a PACS' images lie for a while, names and all."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Which images; `dates` are ``DAY[-DAY]`` or nothing, `scanners` AE titles or none."""

    dates: str = ""
    scanners: tuple[str, ...] = ()
    patient: str = ""
    parallel: int = 1


def import_ledger(folder: Path, cohort: Cohort, wishes: Wishes, settings: Settings) -> int:
    """Exit code after images that the node has are in a study.

    Parameters
    ----------
    folder
        Of the study.
    cohort
        Which images.
    wishes
        Key and size of pixels.
    settings
        Of the node.
    """
    study = open_study(folder)
    found = _of_ledger(cohort, settings)
    note(settings, "study import", [study.protocol.name])
    return take_in(folder, found, wishes, settings)


def _of_ledger(cohort: Cohort, settings: Settings) -> list[Found]:
    """The images that a ledger has."""
    first = last = ""
    if cohort.dates:
        dates = pulling.wanted_of(cohort.dates, "", "US").dates
        first, last = f"{dates.first:%Y%m%d}", f"{dates.last:%Y%m%d}"
    ledger = open_ledger(settings.ledger_address)
    try:
        images = ledger.cohort(first, last, cohort.scanners)
    finally:
        ledger.close()
    return list(from_ledger(Spool(settings.spool_folder), images)) if settings.spool_folder.is_dir() else []


def import_pacs(folder: Path, source: str, cohort: Cohort, wishes: Wishes, settings: Settings) -> int:
    """Exit code after images of a PACS are in a study.

    They come into a node of their own beside the key, by the same door as any pull, and that node is gone afterwards:
    nothing of them is measured by this node, or reported. An interrupted import goes on where it ended.

    Parameters
    ----------
    folder
        Of the study.
    source
        Name of a destination of the settings.
    cohort
        Which images.
    wishes
        Key and size of pixels.
    settings
        Of the node.
    """
    protocol = open_study(folder).protocol
    key = wishes.key or protocol.key_path(folder)
    aside = _private_node(key.with_name(f".{key.name}.incoming"), settings)
    wanted = pulling.wanted_of(cohort.dates, cohort.patient, "US")
    code = pulling.pull(source, wanted, pulling.Wishes(cohort.parallel, dry_run=False, as_json=False), aside)
    if code != DONE:
        say("nothing was taken into the study: the same command goes on where this one ended")
        return code
    found = _of_ledger(Cohort(), aside)
    note(settings, "study import", [protocol.name])
    code = take_in(folder, found, wishes, settings)
    if code == DONE:
        shutil.rmtree(aside.data_dir)
    return code


def _private_node(data_dir: Path, settings: Settings) -> Settings:
    """Settings of a node without scanners, whose data lie where nobody else looks; its PACS are this node's."""
    try:
        data_dir.mkdir(MODE, exist_ok=True)
        os.chmod(data_dir, MODE)  # noqa: PTH101 - whatever the process's mask is
    except OSError as error:
        raise Misconfigured(f"folder {data_dir} cannot be made: {error.strerror}") from error
    ledger, live = open_setup(settings, utc_now)
    destinations = live.destinations
    ledger.close()
    own = {"data_dir": data_dir, "spool_dir": None, "ledger_url": "", "scanners": (), "destinations": destinations}
    return settings.model_copy(update=own)
