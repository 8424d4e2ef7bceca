"""structlog set-up: events come in, one line each goes to stderr; UIDs and codes only, never a patient attribute."""

import logging
import sys
import warnings
from typing import Final

import structlog

QUOTING: Final = ("pynetdicom", "pydicom", "highdicom")
"""Libraries whose log lines and warnings quote attributes; what matters in them is checked by name."""


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
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_arguments: structlog.PrintLogger(sys.stderr),  # whatever stderr is by then
        cache_logger_on_first_use=False,
    )
    # Libraries speak only when something is wrong: pynetdicom at debug level prints whole datasets, patients included.
    logging.basicConfig(
        stream=sys.stderr, level=max(number, logging.WARNING), format="%(levelname)s %(name)s %(message)s"
    )
    for library in QUOTING:
        logging.getLogger(library).setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", module=rf"{library}\b")
