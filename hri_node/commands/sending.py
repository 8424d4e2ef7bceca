"""Files come in; they are stored at a peer, or taken in by the node itself."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from hri_node.commands.hooking import intake_of
from hri_node.commands.screen import DONE, MISUSED, UNREADABLE, WORK_FAILED, fail, out, progress, say
from hri_node.errors import Refused, Unreadable
from hri_node.node import assemble
from hri_node.receive.hooks import Parties
from hri_node.receive.intake import PIECE, Intake, Receipt
from hri_node.records import AE_TITLE_LENGTH_MAX, Origin, Peer
from hri_node.send.files import FileOutcome, files_under, send_files
from hri_node.settings import Settings

PORT_MAX = 65535


def send(paths: Sequence[Path], to: str, called: str, calling: str) -> int:
    """Exit code after storing every DICOM file at a peer."""
    files = files_under(paths)
    peer = _peer(to, called, calling)
    with progress("sending", len(files)) as advance:

        def show(outcome: FileOutcome) -> None:
            advance()
            if not outcome.accepted:
                say(f"{outcome.path}: {outcome.words}")

        tally = send_files(files, peer, show)
    out.print(f"{tally.accepted} accepted, {tally.refused} not")
    return WORK_FAILED if tally.refused or not files else DONE


def take_in(paths: Sequence[Path], settings: Settings) -> int:
    """Exit code after taking every DICOM file in as if it had been received."""
    files = files_under(paths)
    node = assemble(settings)
    intake = intake_of(node)
    origin = Origin("IMPORT", settings.listener.ae_title, "localhost", "import")
    refused, studies = 0, set()
    with progress("importing", len(files)) as advance:
        for path in files:
            try:
                receipt = _take_in(intake, path, origin, node.clock())
                node.auditor.received(receipt)
                studies.add(receipt.instance.study_instance_uid)
            except Refused as error:
                refused += 1
                say(f"{path}: {error}")
            advance()
    node.auditor.ended(Parties(origin.calling, origin.called, origin.address), sorted(studies), len(files) - refused)
    node.auditor.close()
    out.print(f"{len(files) - refused} taken in, {refused} refused")
    return UNREADABLE if refused else DONE


def _take_in(intake: Intake, path: Path, origin: Origin, now: datetime) -> Receipt:
    """Receipt of one file, which never lies in memory as a whole."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {error.strerror}") from error
    with file, intake.begin() as incoming:
        while piece := file.read(PIECE):
            incoming.write(piece)
        return intake.finish(incoming, origin, now)


def _peer(to: str, called: str, calling: str) -> Peer:
    host, _, port = to.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= PORT_MAX:
        fail(f"--to: {to!r} must be HOST:PORT", MISUSED)
    for title in (called, calling):
        if not 0 < len(title) <= AE_TITLE_LENGTH_MAX or not title.isascii():
            fail(f"AE title {title!r} must have 1 to {AE_TITLE_LENGTH_MAX} ASCII characters", MISUSED)
    return Peer(called, host, int(port), called, calling)
