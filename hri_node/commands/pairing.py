"""Pictures and label maps come in; which belongs to which goes out, with what stays alone."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hri_node.read.labels import SUFFIXES

FRAME_STEM = re.compile(r"(?P<stem>.+)_(?P<number>\d+)")
"""How `hri-node measure --labels-dir` names the label map of one frame of several."""

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})


@dataclass(frozen=True, slots=True)
class Pair:
    """An image and its label map; `frame_number` (1-based) where the map's name gives one, else None: the only frame.

    `name` is short and, among the pairs, the image's own.
    """

    image: Path
    labels: Path
    name: str
    frame_number: int | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs in the order of their names, and the files that have no counterpart."""

    pairs: list[Pair]
    unpaired: list[Path]


def pair_up(images: Path, labels: Path) -> Pairs:
    """Images and label maps with the same stem; two files are a pair whatever they are called.

    A label map ``STEM_N.png`` belongs to frame N of the DICOM file ``STEM``. Where a stem occurs in several subfolders,
    the image and its map must lie in subfolders of the same name.

    Parameters
    ----------
    images
        Folder or file: PNG, JPEG or DICOM.
    labels
        Folder or file of label maps.
    """
    if images.is_file() and labels.is_file():
        return Pairs([Pair(images, labels, images.stem)], [])
    maps = [path for path in _files(labels) if path.suffix.lower() in SUFFIXES]
    pictures = [path for path in _files(images) if images != labels or path not in maps]
    by_stem: defaultdict[str, list[Path]] = defaultdict(list)
    for path in maps:
        by_stem[path.stem].append(path)
    pairs = []
    for picture in pictures:
        own = [(key, label) for key in (picture.stem, picture.name) for label in by_stem[key]]
        found = _nearest([label for _, label in own], picture.relative_to(_root(images)).parent, _root(labels))
        pairs += [Pair(picture, found, picture.stem)] if found else _frames(picture, maps)
    used = {path for pair in pairs for path in (pair.image, pair.labels)}
    return Pairs(_named(pairs, _root(images)), [path for path in pictures + maps if path not in used])


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))


def _root(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _nearest(candidates: Sequence[Path], folder: Path, root: Path) -> Path | None:
    """The only candidate, or the one in the subfolder of the same name."""
    if len(candidates) > 1:
        candidates = [path for path in candidates if path.relative_to(root).parent == folder]
    return candidates[0] if len(candidates) == 1 else None


def _frames(picture: Path, maps: Sequence[Path]) -> list[Pair]:
    """Pairs of a DICOM file's frames with their own label maps."""
    if picture.suffix.lower() in PICTURE_SUFFIXES:
        return []
    matches = [(path, FRAME_STEM.fullmatch(path.stem)) for path in maps]
    numbered = [
        (int(match["number"]), path)
        for path, match in matches
        if match and match["stem"] in {picture.stem, picture.name}
    ]
    return [Pair(picture, path, path.stem, number) for number, path in sorted(numbered) if number >= 1]


def _named(pairs: Sequence[Pair], root: Path) -> list[Pair]:
    """Pairs whose name occurs twice are told apart by their folders."""
    counts: defaultdict[str, int] = defaultdict(int)
    for pair in pairs:
        counts[pair.name] += 1
    named = [
        pair if counts[pair.name] == 1 else Pair(pair.image, pair.labels, _long_name(pair, root), pair.frame_number)
        for pair in pairs
    ]
    return sorted(named, key=lambda pair: pair.name)


def _long_name(pair: Pair, root: Path) -> str:
    number = f"_{pair.frame_number}" if pair.frame_number else ""
    return "_".join(pair.image.relative_to(root).parts) + number
