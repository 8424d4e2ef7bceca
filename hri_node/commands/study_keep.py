"""Judged images of one patient come in; the chosen one, de-identified, lies in the study, and every one is counted."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hri_node.commands.study_found import Found
from hri_node.commands.study_look import Judged, Usable
from hri_node.deidentify.profile import deidentified
from hri_node.errors import Unreadable
from hri_node.masks import picture_png
from hri_node.read.guard import foreign
from hri_node.read.instance import open_instance
from hri_node.read.picture import is_picture
from hri_node.study.project.fates import Fate, NewSubject, Source
from hri_node.study.project.files import write_file
from hri_node.study.project.key import Key, KeyRow
from hri_node.study.project.records import ImageInfo
from hri_node.study.project.store import Study
from hri_node.study.project.subjects import DICOM, IMAGES

OURS: Final = re.compile(r"\.?S[0-9]{4,}\.(png|json|dcm)(\.[0-9a-f]{32})?")
"""Names of the files that are written here."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The images of one subject: what they have in common, and what was found of each, in order."""

    name: tuple[str, ...]
    images: tuple[Found, ...]


class Keeper:
    """Whoever puts subjects into a study; the only one, while its lock is held.

    A subject is written in an order that a kill cannot spoil: first who it is, into the key; then its files; at last
    the rows, all at once. Files without a row are nobody's, and are written again.

    Parameters
    ----------
    study, key
        Where subjects go, and who they are.
    """

    def __init__(self, study: Study, key: Key) -> None:
        self._study = study
        self._key = key
        self._known = study.sources()
        self._pixels = {source.pixels for source in self._known.values() if source.pixels}
        self._with_image = {info.subject for info in study.images(excluded=True)}
        self._rows = {row.unit: row for row in key.rows()}
        self._subjects = set(study.subjects())

    def is_known(self, found: Found) -> bool:
        """Whether an image was counted before."""
        return self._name(found) in self._known

    def _name(self, found: Found) -> str:
        """The same bytes of the same patient are one image; under another patient's name they are a double."""
        return self._key.hashed("source", found.sha256, *found.patient)

    def order(self, unit: Unit) -> str:
        """By which the units of an import are put in order: their numbers tell nothing about them."""
        return self._key.hashed("order", *unit.name)

    def strays(self, images: Sequence[Found], now: datetime) -> None:
        """Count images of nobody, which cannot be read."""
        new = {self._name(found): found for found in images if not self.is_known(found)}
        sources = [Source(name, "", Fate.UNREADABLE) for name in new]
        if sources:
            self._study.add_strays(sources, now)
        self._known |= {source.name: source for source in sources}

    def put(self, unit: Unit, judged: Sequence[Judged], now: datetime) -> str:
        """The subject, in the study with the first of its best images, if there is one.

        Parameters
        ----------
        unit
            Which.
        judged
            Its images that were not counted before, in order.
        now
            Present time.
        """
        judged = [self._unless_double(each, judged[:place]) for place, each in enumerate(judged)]
        unit_hash = self._key.hashed("unit", *unit.name)
        row = self._rows.get(unit_hash)
        subject = row.subject if row else self._next()
        judged, chosen = self._choose(subject, judged)
        shown = chosen.judged if chosen else judged[0]
        written = _key_row(subject, shown, unit_hash)
        if row is None or (chosen is not None and row != written):
            self._key.add(written)
            self._rows[unit_hash] = written
        image = self._keep(subject, chosen) if chosen else None
        sources = tuple(self._source(each, is_chosen=chosen is not None and each is chosen.judged) for each in judged)
        patient = self._key.hashed("patient", *unit.images[0].patient)
        self._study.add_subject(NewSubject(subject, patient, sources, image), now)
        self._subjects.add(subject)
        self._with_image |= {subject} if image else set()
        self._known |= {source.name: source for source in sources}
        self._pixels |= {source.pixels for source in sources if source.pixels}
        return subject

    def _choose(self, subject: str, judged: Sequence[Judged]) -> tuple[list[Judged], "_Chosen | None"]:
        """The images, those that turn out to be unreadable as such, and the best of the others."""
        images = list(judged)
        while subject not in self._with_image:
            usable = [each for each in images if each.usable]
            if not usable:
                break
            best = max(usable, key=lambda each: each.usable.view if each.usable else 0.0)
            assert best.usable is not None, "it was looked for"
            try:
                return images, _Chosen(best, best.usable, self._instance(subject, best.found, best.usable))
            except Unreadable:
                images[images.index(best)] = replace(best, fate=Fate.UNREADABLE, usable=None)
        return images, None

    def _unless_double(self, each: Judged, before: Sequence[Judged]) -> Judged:
        """A duplicate where the same pixels came before."""
        is_double = each.digest and (
            self._digest(each) in self._pixels or each.digest in {other.digest for other in before}
        )
        return replace(each, fate=Fate.DUPLICATE, usable=None) if is_double and each.usable else each

    def _digest(self, each: Judged) -> str:
        return self._key.hashed("pixels", each.digest) if each.digest else ""

    def _source(self, each: Judged, *, is_chosen: bool) -> Source:
        return Source(self._name(each.found), self._digest(each), Fate.CHOSEN if is_chosen else each.fate)

    def _next(self) -> str:
        """The next number that neither the study nor its key has: either may know more, after a kill or a lost line."""
        numbers = [int(name[1:]) for name in (*self._subjects, *(row.subject for row in self._rows.values()))]
        return f"S{max(numbers, default=0) + 1:04d}"

    def _instance(self, subject: str, found: Found, usable: Usable) -> bytes | None:
        """The de-identified instance, where the source is one."""
        if found.path is None or is_picture(found.path):
            return None
        with foreign("instance cannot be de-identified"):
            return deidentified(open_instance(found.path).header, usable.picture, subject, self._key.new_uid)

    def _keep(self, subject: str, chosen: "_Chosen") -> ImageInfo:
        """The chosen image's files, on the disk."""
        usable = chosen.usable
        png = picture_png(usable.picture.pixels)
        info = ImageInfo(
            subject=subject,
            path=self._study.image_path(subject),
            rows=usable.picture.pixels.shape[0],
            columns=usable.picture.pixels.shape[1],
            spacing_mm=usable.picture.spacing_mm,
            spacing_source=usable.spacing_source,
            family=usable.family,
            sha256=hashlib.sha256(png).hexdigest(),
        )
        self._study.keep_image(info, png)
        if chosen.instance is not None:
            write_file(self._study.folder / DICOM / f"{subject}.dcm", chosen.instance)
        return info

    def sweep(self) -> int:
        """Number of files removed that no subject has: of an import that was killed."""
        rest = [
            path
            for name in (IMAGES, DICOM)
            for path in (self._study.folder / name).iterdir()
            if OURS.fullmatch(path.name) and (path.name.startswith(".") or path.stem not in self._with_image)
        ]
        for path in rest:
            path.unlink()
        return len(rest)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """An image that is read from here on, and its de-identified instance, where it was one."""

    judged: Judged
    usable: Usable
    instance: bytes | None


def _key_row(subject: str, shown: Judged, unit_hash: str) -> KeyRow:
    """Who a subject is."""
    found = shown.found
    return KeyRow(
        subject=subject,
        patient_id=found.person.patient_id,
        issuer_of_patient_id=found.person.issuer_of_patient_id,
        patient_name=found.person.patient_name,
        study_instance_uid=found.study_instance_uid,
        series_instance_uid=found.series_instance_uid,
        sop_instance_uid=found.sop_instance_uid,
        frame_number=str(shown.usable.frame_number) if shown.usable else "",
        study_date=found.study_date,
        file=found.label,
        unit=unit_hash,
    )
