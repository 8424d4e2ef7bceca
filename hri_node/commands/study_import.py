"""Folders, days of the ledger, or a PACS, come in; a study has their images, and what became of each, afterwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from hri_node import __version__
from hri_node.commands.measuring import load_means
from hri_node.commands.screen import DONE, WORK_FAILED, fail, out, progress, say
from hri_node.commands.study_found import Found, Ignored, files_of, from_files
from hri_node.commands.study_keep import Keeper, Unit
from hri_node.commands.study_look import Judge
from hri_node.commands.study_status import flow_table
from hri_node.measure.types import Options
from hri_node.settings import Settings
from hri_node.study.project.key import open_key
from hri_node.study.project.lock import alone
from hri_node.study.project.store import Study, open_study


@dataclass(frozen=True, slots=True)
class Wishes:
    """How images are taken in: the key, where it is not where the protocol says, and the size of pixels of pictures."""

    key: Path | None = None
    mm_per_px: tuple[float, float] | None = None


def import_files(folder: Path, paths: Sequence[Path], wishes: Wishes, settings: Settings) -> int:
    """Exit code after the images of files and folders are in a study.

    Parameters
    ----------
    folder
        Of the study.
    paths
        Files and folders.
    wishes
        Key and size of pixels.
    settings
        Name the network.
    """
    ignored, files = Ignored(), files_of(paths)
    with progress("looking for images", len(files)) as advance:
        found = list(from_files(files, ignored, advance))
    if ignored.count:
        say(f"{ignored.count} files are no images and were left out")
    return take_in(folder, found, wishes, settings)


def take_in(folder: Path, found: Sequence[Found], wishes: Wishes, settings: Settings) -> int:
    """Exit code after images are in a study; the same images again change nothing, so that an import can be repeated.

    Parameters
    ----------
    folder
        Of the study.
    found
        The images.
    wishes
        Key and size of pixels.
    settings
        Name the network, which chooses by view.
    """
    study = open_study(folder)
    key = open_key(wishes.key or study.protocol.key_path(folder), study.protocol.study_id)
    if not found:
        fail("there is no image to import", WORK_FAILED)
    with alone(folder):
        keeper = Keeper(study, key)
        keeper.sweep()
        keeper.strays([each for each in found if not each.is_owned], datetime.now(UTC))
        try:
            _take_in(study, keeper, found, _judge(study, wishes, settings))
        except KeyboardInterrupt:
            say("stopped; the same command goes on where it ended")
            return WORK_FAILED
        finally:
            study.draw_split()
        study.put_facts({"version hri-node": __version__})
    out.print(flow_table(study))
    return DONE


def _judge(study: Study, wishes: Wishes, settings: Settings) -> Judge:
    """Whoever looks at the images, with the network where it chooses."""
    chosen = settings.measure
    options = Options(chosen.method, chosen.any_view, chosen.strict_spacing, chosen.dynamic_range_db)
    means = load_means(settings, options) if study.protocol.choose == "view" else None
    return Judge(means, wishes.mm_per_px)


def _take_in(study: Study, keeper: Keeper, found: Sequence[Found], judge: Judge) -> None:
    """Every unit with an image that was not counted before, one after the other."""
    units = sorted(_units(found, study.protocol.unit), key=keeper.order)
    with progress("importing", len(units)) as advance:
        for unit in units:
            new = [each for each in unit.images if not keeper.is_known(each)]
            if new:
                judged = [judge.look(each if judge.means else replace(each, frame_number=None)) for each in new]
                keeper.put(unit, judged, datetime.now(UTC))
            advance()


def _units(found: Iterable[Found], kind: str) -> list[Unit]:
    """The images by subject, each once, in order."""
    units: dict[tuple[str, ...], dict[str, Found]] = {}
    for each in sorted((one for one in found if one.is_owned), key=lambda one: one.place):
        units.setdefault(each.unit(kind), {}).setdefault(each.sha256, each)
    return [Unit(name, tuple(images.values())) for name, images in units.items()]
