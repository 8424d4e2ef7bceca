"""Settings come in; the conformance statement of the installation that they describe goes out, as Markdown."""

import re
import sys
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from hri_node.conformance import configuration, objects, security, services, statuses, terms
from hri_node.conformance.configuration import defaults
from hri_node.conformance.facts import facts
from hri_node.conformance.markdown import contents
from hri_node.errors import Misconfigured
from hri_node.settings import Settings

__all__ = ["defaults", "statement", "write"]

OVERVIEW: Final = "1-overview.md"
"""The table of contents is chapter 2: it comes after this one."""

CHAPTERS: Final = (
    "3-introduction.md",
    "4-implementation.md",
    "5-services.md",
    "6-configuration.md",
    "7-network.md",
    "8-security.md",
    "A-objects.md",
    "B-content.md",
    "C-security.md",
    "D-mapping.md",
    "E-codes.md",
    "F-received.md",
)

PLACE: Final = re.compile(r"\{\{([^{}]+)\}\}")
"""A name in the text, in whose place comes what the code says."""

TABLES: Final[Mapping[str, Callable[[Settings], str]]] = {
    "created": services.created_table,
    "destinations": configuration.destinations_table,
    "ports": configuration.ports_table,
    "scanners": configuration.scanners_table,
    "tls profiles": security.profiles_table,
    "accepted contexts": lambda _: services.accepted_contexts_table(),
    "attributes pr": lambda _: objects.attributes_table("pr"),
    "attributes pdf": lambda _: objects.attributes_table("pdf"),
    "attributes sc": lambda _: objects.attributes_table("sc"),
    "attributes seg": lambda _: objects.attributes_table("seg"),
    "attributes shared": lambda _: objects.shared_attributes_table(),
    "attributes sr": lambda _: objects.attributes_table("sr"),
    "cautions": lambda _: terms.cautions_table(),
    "delivery contexts": lambda _: services.delivery_contexts_table(),
    "destination keys": lambda _: configuration.list_table("destinations"),
    "dimse-n statuses": lambda _: statuses.dimse_n_statuses_table(),
    "http statuses": lambda _: statuses.http_statuses_table(),
    "mapped": lambda _: objects.mapped_table(),
    "private codes": lambda _: terms.private_codes_table(),
    "public codes": lambda _: terms.public_codes_table(),
    "pull contexts": lambda _: services.pull_contexts_table(),
    "query statuses": lambda _: statuses.query_statuses_table(),
    "reasons": lambda _: terms.reasons_table(),
    "rejections": lambda _: statuses.rejections_table(),
    "report contexts": lambda _: services.report_contexts_table(),
    "scanner keys": lambda _: configuration.list_table("scanners"),
    "schemes": lambda _: terms.schemes_table(),
    "segments": lambda _: objects.segments_table(),
    "services": lambda _: services.services_table(),
    "sr failed": lambda _: objects.failed_report_table(),
    "sr measured": lambda _: objects.measured_report_table(),
    "storage classes": lambda _: services.storage_classes_table(),
    "store statuses": lambda _: statuses.store_statuses_table(),
    "transfer syntaxes": lambda _: services.transfer_syntaxes_table(),
    "verification syntaxes": lambda _: services.verification_syntaxes(),
}
"""What stands for a name of the text, where it is more than a word."""

SETTINGS: Final = "settings"
"""Begins a name; sections follow."""


def statement(settings: Settings) -> str:
    """The whole statement; the same settings give the same text.

    Parameters
    ----------
    settings
        Of the installation.
    """
    said = facts(settings)

    def place(found: re.Match[str]) -> str:
        name = found[1]
        if name in TABLES:
            return TABLES[name](settings)
        first, *sections = name.split()
        return configuration.settings_table(settings, *sections) if first == SETTINGS else said[name]

    overview, rest = _text(OVERVIEW), "\n".join(map(_text, CHAPTERS))
    listed = contents(overview + rest)
    return PLACE.sub(place, f"{overview}\n## 2 Table of contents\n\n{listed}\n\n{rest}")


def write(settings: Settings, output: Path | None) -> None:
    """Write the statement, or print it.

    Parameters
    ----------
    settings
        Of the installation.
    output
        The file; None: stdout.

    Raises
    ------
    Misconfigured
        When the file cannot be written.
    """
    text = statement(settings)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"--output: {output} cannot be written: {error.strerror}") from error


def _text(name: str) -> str:
    """A chapter."""
    return (files("hri_node.conformance") / "text" / name).read_text(encoding="utf-8")
