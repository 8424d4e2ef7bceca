"""Decisions about subjects and readers come in from the command line; a study keeps them, and links go out, once."""

import getpass
from datetime import UTC, datetime
from pathlib import Path

from hri_node.commands.screen import MISUSED, fail, out
from hri_node.errors import Refused
from hri_node.study.project.key import open_key
from hri_node.study.project.lock import alone
from hri_node.study.project.store import Study, open_study
from hri_node.web.reader.app import reader_path


def exclude(folder: Path, subjects: list[str], reason: str, note: str) -> None:
    """Leave subjects out.

    Parameters
    ----------
    folder
        Of the study.
    subjects
        Which.
    reason
        Code of the protocol's.
    note
        A line more.
    """
    study = open_study(folder)
    if reason not in study.protocol.reasons:
        known = "\n".join(f"  {code}: {sentence}" for code, sentence in study.protocol.reasons.items())
        fail(f"--reason: {reason!r} is none of the protocol's:\n{known}", MISUSED)
    for subject in subjects:
        study.exclude(subject, reason, _who(), datetime.now(UTC), note)
    _told(study)


def include(folder: Path, subjects: list[str]) -> None:
    """Take subjects in again.

    Parameters
    ----------
    folder
        Of the study.
    subjects
        Which.
    """
    study = open_study(folder)
    for subject in subjects:
        study.include(subject, datetime.now(UTC))
    _told(study)


def _told(study: Study) -> None:
    """Parts are drawn anew while nobody reads."""
    study.draw_split()
    out.print(f"{len(study.included())} subjects are included", highlight=False)


def _who() -> str:
    """Who is at the command line, for the log of exclusions."""
    try:
        return getpass.getuser()[:64]
    except (KeyError, OSError):
        return "command line"


def assign(folder: Path, reader: str | None, url: str) -> None:
    """Draw the orders, and print a link for every reader who has none; with `reader`, a new one for that reader.

    Parameters
    ----------
    folder
        Of the study.
    reader
        Whose link is lost.
    url
        Where the readers' browsers find the marking tool.
    """
    study = open_study(folder)
    if reader is not None and reader not in study.protocol.readers:
        fail(f"--reader: {reader!r} is none of {', '.join(study.protocol.readers)}", MISUSED)
    with alone(folder):
        study.assign()
        linked = study.linked()
        wanted = [reader] if reader else [each for each in study.protocol.readers if linked.get(each) is None]
        links = {each: study.new_link(each, datetime.now(UTC)) for each in wanted}
    total = len(study.included())
    if not links:
        out.print(f"{total} images are assigned; every reader has a link. A lost one: --reader NAME", highlight=False)
        return
    out.print(f"{total} images for each reader and session. Personal links, shown this once:", highlight=False)
    for name, secret in links.items():
        link = f"{url.rstrip('/')}{reader_path(secret)}"
        out.print(f"{name}: {link}", markup=False, highlight=False, soft_wrap=True)


def reveal(folder: Path, subject: str, key_file: Path | None) -> None:
    """Print who a subject is; only whoever has the key can.

    Parameters
    ----------
    folder
        Of the study.
    subject
        Which.
    key_file
        Where the key lies, where not where the protocol says.

    Raises
    ------
    Refused
        When the key does not know such a subject.
    """
    protocol = open_study(folder).protocol
    key = open_key(key_file or protocol.key_path(folder), protocol.study_id)
    row = next((each for each in key.rows() if each.subject == subject), None)
    if row is None:
        raise Refused(f"the key knows no subject {subject[:16]!r}")
    named = {
        "Patient ID": row.patient_id,
        "Issuer": row.issuer_of_patient_id,
        "Name": row.patient_name,
        "Study date": row.study_date,
        "Study Instance UID": row.study_instance_uid,
        "SOP Instance UID": row.sop_instance_uid,
        "Frame": row.frame_number,
        "Found": row.file,
    }
    for name, value in named.items():
        if value:
            out.print(f"{name}: {value}", markup=False, highlight=False, soft_wrap=True)
