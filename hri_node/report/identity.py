"""What was analysed by whom comes in, names go out: derived UIDs, equipment, algorithm, and the dates of an object."""

import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID, uuid5

from highdicom import AlgorithmIdentificationSequence, ContributingEquipment
from pydicom import Dataset

from hri_node import __version__
from hri_node.records import Algorithm
from hri_node.report import codes
from hri_node.report.context import MODEL_NAME, ReportContext
from hri_node.report.source import Source

NAMESPACE = UUID("c42bc6cc-2c0a-40c7-821f-ac12e7a128da")
"""Ours, drawn once and never to change: it makes the derived UIDs of this project unlike anybody else's."""

_SERIAL_LENGTH = 16
"""Characters of the weights' SHA-256 that serve as serial number."""


class Equipment(TypedDict):
    """General Equipment (PS3.3 C.7.5.1) as highdicom's constructors name it."""

    manufacturer: str
    manufacturer_model_name: str
    software_versions: str
    device_serial_number: str


def derived_uid(kind: str, *parts: str | int) -> str:
    """UID that is the same wherever and whenever it is derived from the same things.

    Parameters
    ----------
    kind
        What is named: ``sr``, ``seg``, ``series-sr``, …
    parts
        Everything that tells it from others of its kind.

    Returns
    -------
    str
        ``2.25.`` and a UUID of version 5 as an integer, at most 44 characters.

    References
    ----------
    PS3.5 B.2, UUID derived UID; RFC 4122 section 4.3.
    """
    # JSON, so that no separator inside a part can make two lists of parts alike.
    return f"2.25.{uuid5(NAMESPACE, json.dumps([kind, *parts])).int}"


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes the objects of a report: the network, this program and its settings."""

    algorithm: Algorithm
    context: ReportContext

    def series_uid(self, kind: str, source: Source) -> str:
        """Return the Series Instance UID: one series per study, kind of result and network."""
        return derived_uid(f"series-{kind}", source.study_uid, self.algorithm.device_uid)

    def uid(self, kind: str, *parts: str | int) -> str:
        """Return the UID of something that this network, program and parameters see in a source."""
        context = self.context
        return derived_uid(
            kind, *parts, *astuple(self.algorithm), __version__, context.manufacturer, context.parameters
        )

    def frame_uid(self, kind: str, source: Source, *choices: str | bool) -> str:
        """Return the SOP Instance UID of an object about one frame: other content, other UID.

        Parameters
        ----------
        kind
            What is named: ``seg``, ``sc``, ``pr``.
        source
            The frame. Other frames of the study, and a later revision of its report, change nothing.
        choices
            Fields of the context, besides those of every object, that this kind of object follows from.
        """
        return self.uid(kind, *self._content(source), *choices)

    def study_uid(self, kind: str, sources: Sequence[Source]) -> str:
        """Return the SOP Instance UID of an object about all `sources` of a study: other content, other UID."""
        about = sorted(self._content(source) for source in sources)
        context = asdict(self.context) | {"created": sources[0].stamp(self.context.created)}
        return self.uid(kind, json.dumps([about, context], sort_keys=True))

    def moment(self, source: Source) -> datetime:
        """Return when an object about one frame was made: when the frame was measured, or else with the report."""
        return source.image.measured_at or self.context.created

    def tracking_uid(self, field: str, source: Source) -> str:
        """Return the Tracking UID that a segment and its measurement group share."""
        return self.uid(f"tracking-{field}", *source.key)

    @property
    def serial_number(self) -> str:
        """Device Serial Number: the beginning of the weights' hash."""
        return self.algorithm.sha256[:_SERIAL_LENGTH]

    @property
    def equipment(self) -> Equipment:
        """What makes the objects: this program, serial-numbered by the weights of its network."""
        return {
            "manufacturer": self.context.manufacturer,
            "manufacturer_model_name": MODEL_NAME,
            "software_versions": __version__,
            "device_serial_number": self.serial_number,
        }

    def _content(self, source: Source) -> tuple[str | int, ...]:
        """Return what the content of every object about one frame follows from."""
        return *source.key, source.fingerprint, source.stamp(self.moment(source))

    def contributing(self) -> list[ContributingEquipment]:
        """Return the network as contributing equipment, with the Device UID that IHE AI Results asks for."""
        item = ContributingEquipment(
            manufacturer=self.context.manufacturer,
            purpose_of_reference=codes.PROCESSING_EQUIPMENT,
            manufacturer_model_name=self.algorithm.name,
            software_versions=self.algorithm.version,
            device_serial_number=self.serial_number,
            contribution_description="Segmentation for the hepatorenal index",
        )
        item.DeviceUID = self.algorithm.device_uid
        return [item]

    def algorithm_sequence(self) -> AlgorithmIdentificationSequence:
        """Return the Algorithm Identification Macro (PS3.3 table 10-19)."""
        return AlgorithmIdentificationSequence(
            name=self.algorithm.name,
            family=codes.ARTIFICIAL_INTELLIGENCE,
            version=self.algorithm.version,
            source=self.context.manufacturer,
            parameters={"weights sha256": self.algorithm.sha256, "measuring": self.context.parameters},
        )


def finish(made: Dataset, source: Source, moment: datetime) -> None:
    """Give an object the patient and study of its source, and `moment` for every date highdicom took from the clock.

    Parameters
    ----------
    made
        An object built from proxies, references still to be corrected (see `source.cite`).
    source
        The image, or the first of several, that it is about.
    moment
        When it was made. Dates are written on the source's clock, because an offset holds for the whole object, Study
        Time included (PS3.3 C.12.1.1.8).
    """
    made.copy_patient_and_study_information(source.proxy)
    for keyword in ("PatientName", "ReferringPhysicianName", "SpecificCharacterSet", "TimezoneOffsetFromUTC"):
        if keyword in source.header:
            # Not set but replaced: the element that is there may be the proxy's own.
            made.add(source.header[keyword])
    local = source.local(moment)
    for prefix, suffix in (("InstanceCreation", ""), ("Content", ""), ("", "OfSecondaryCapture")):
        if f"{prefix}Date{suffix}" in made:
            setattr(made, f"{prefix}Date{suffix}", f"{local:%Y%m%d}")
            setattr(made, f"{prefix}Time{suffix}", f"{local:%H%M%S}")
    for item in made.ContributingEquipmentSequence:
        if item.PurposeOfReferenceCodeSequence[0].CodeValue == codes.PROCESSING_EQUIPMENT.value:
            item.ContributionDateTime = source.stamp(moment)
