"""structlog set-up: events come in, one line each goes to stderr; UIDs and codes only, never a patient attribute."""

import contextlib
import logging
import sys
import threading
import traceback
import warnings
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

import structlog

from hri_node.errors import HriError

QUOTING: Final = ("pynetdicom", "pydicom", "highdicom", "dicomweb_client", "urllib3", "python_multipart")
"""Libraries whose log lines and warnings quote attributes, or whatever a peer sent; what matters in them is checked by
name."""

_FRAMES_MAX: Final = 12
_CAUSES_MAX: Final = 5


class _Stderr(StringIO):
    """Whatever stderr is by then. A line that it cannot take is dropped: a full disk under a log stops nobody."""

    def write(self, text: str, /) -> int:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


_STDERR: Final = _Stderr()


def set_up(level: str = "info", *, as_json: bool = False) -> None:
    """Send structlog's and the standard library's events to stderr.

    Parameters
    ----------
    level
        ``debug``, ``info``, ``warning`` or ``error``.
    as_json
        One JSON object per line instead of text for people.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=28)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_outline,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_arguments: structlog.PrintLogger(_STDERR),
        cache_logger_on_first_use=False,
    )
    # Libraries speak only when something is wrong: pynetdicom at debug level prints whole datasets, patients included.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Outlining("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler])
    _quieten()


def guard() -> None:
    """Make this process say nothing about patients, before it has settings, and when an error is caught by nobody."""
    _quieten()
    warnings.showwarning = _tell_warning
    sys.excepthook = lambda _kind, error, _traceback: _tell_uncaught(error)
    threading.excepthook = lambda of: _tell_uncaught(of.exc_value)


def _quieten() -> None:
    """Silence the libraries that quote attributes."""
    for library in QUOTING:
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
        warnings.filterwarnings("ignore", module=rf"{library}\b")


def outline(error: BaseException | None) -> str:
    """An error and its causes by type and place, in one line, without the words of libraries.

    `ValueError: invalid literal 'DOE^JANE'`, or a database that repeats the row it did not like: whatever came in may
    stand in a message. Sentences of our own do not quote it, and the system's are about files and connections.

    Parameters
    ----------
    error
        As it was caught.
    """
    parts: list[str] = []
    while error is not None and len(parts) < _CAUSES_MAX:
        said = f": {error}" if isinstance(error, HriError) else ""
        if isinstance(error, OSError) and error.strerror:
            said = f": {error.strerror}"
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_MAX:]
        places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
        parts.append(f"{type(error).__qualname__}{said} at {' < '.join(places) or 'no place'}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "; caused by ".join(parts)


def _with_outline(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Processor: an exception becomes its outline."""
    info = event.pop("exc_info", None)
    if info:
        error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else sys.exc_info()[1]
        event["error"] = outline(error)
    return event


class _Outlining(logging.Formatter):
    """Lines of libraries, with the outline of an exception in place of its words."""

    def formatException(  # noqa: N802 - logging's name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Outline of an exception.

        Parameters
        ----------
        ei
            As `sys.exc_info` gives it.
        """
        return outline(ei[1])


def _tell_warning(  # noqa: PLR0913 - what Python hands over
    message: Warning | str,  # noqa: ARG001 - it may quote what came in, even one that is charged to a line of ours
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    """In place of Python's own words about a warning."""
    _STDERR.write(f"{category.__name__} at {Path(filename).name}:{lineno}\n")


def _tell_uncaught(error: BaseException | None) -> None:
    """In place of Python's own words about an error that nobody caught."""
    if not isinstance(error, KeyboardInterrupt | SystemExit | None):
        _STDERR.write(f"unexpected error: {outline(error)}\n")
