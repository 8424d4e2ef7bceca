"""The folder of a study comes in; the one study of it goes out."""

from pathlib import Path

from hri_node.errors import Misconfigured
from hri_node.study.project.database import FILE_NAME as DATABASE
from hri_node.study.project.database import StudyDatabase
from hri_node.study.project.files import write_file
from hri_node.study.project.protocol import FILE_NAME, Protocol, read_protocol, write_protocol
from hri_node.study.project.subjects import DICOM, IMAGES
from hri_node.study.project.times import Times

__all__ = ["Study", "create_study", "open_study"]


class Study(Times):
    """A study at rest: subjects, images, readers, marks, results. Safe to be used by several threads and processes.

    Parameters
    ----------
    folder
        Of the study.
    protocol
        As its `study.toml` has it.
    is_new
        Make the tables.
    """

    def __init__(self, folder: Path, protocol: Protocol, *, is_new: bool = False) -> None:
        super().__init__(folder, is_new=is_new)
        self.protocol = protocol


def open_study(folder: Path) -> Study:
    """The study in a folder.

    Raises
    ------
    Misconfigured
        When there is none, its protocol is wrong, or it is of another version.
    """
    return Study(folder, read_protocol(folder))


def create_study(folder: Path, protocol: Protocol) -> Study:
    """A new study; the protocol is written last, so that a folder that has one is a whole study.

    Raises
    ------
    Misconfigured
        When the folder holds something already.
    """
    refuse_others(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (IMAGES, DICOM):
        (folder / name).mkdir(exist_ok=True)
    for rest in folder.glob(f"{DATABASE}*"):  # of a making that was killed
        rest.unlink()
    StudyDatabase(folder, is_new=True).close()
    write_file(folder / FILE_NAME, write_protocol(protocol).encode())
    return Study(folder, protocol)


def refuse_others(folder: Path) -> None:
    """Refuse a folder that holds anything but the beginning of a study without a protocol.

    Parameters
    ----------
    folder
        Where a study is to be.

    Raises
    ------
    Misconfigured
        When it holds something else.
    """
    if folder.exists() and not folder.is_dir():
        raise Misconfigured(f"{folder} is no folder")
    names = {each.name for each in folder.iterdir()} if folder.exists() else set()
    others = {name for name in names if name not in {IMAGES, DICOM} and not name.startswith(DATABASE)}
    if others or any(any((folder / name).iterdir()) for name in names & {IMAGES, DICOM}):
        raise Misconfigured(f"{folder} exists already and is not empty")
