"""The folder of a site comes in; its frames, cut to their sector, with the labels that are known, go out.

The folder holds ``images`` (PNG or JPEG, any size) and ``labels`` (PNG label maps of the same size: 0 background,
1 liver, 2 kidney), paired by the stem of their names. An image may lack its label map.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from hri_node.errors import Refused
from hri_node.measure.outline import look_for
from hri_node.phantom.ranges import Kind
from hri_node.read.labels import read_labels
from hri_node.read.picture import is_picture, read_picture
from models.icnet.data import UNKNOWN_KIND, Bytes, Phantoms, cut_labels
from models.icnet.trial import ORGANS

IMAGES, LABELS = "images", "labels"


@dataclass(frozen=True, slots=True)
class SiteFrame:
    """One frame of a site.

    Attributes
    ----------
    image, labels
        Its files; None without a label map.
    pixels, known
        Grey levels and label map on the network's frame, shape (256, 320).
    """

    image: Path
    labels: Path | None
    pixels: Bytes
    known: Bytes | None


def read_site(folder: Path) -> list[SiteFrame]:
    """Every frame of a site, in the order of their names.

    Parameters
    ----------
    folder
        Laid out as told above.

    Raises
    ------
    Refused
        A folder is missing or empty, a file cannot be read, or images and label maps do not belong together.
    """
    for name in (IMAGES, LABELS):
        if not (folder / name).is_dir():
            raise Refused(f"{folder} has no folder {name}")
    images = _by_stem(path for path in (folder / IMAGES).iterdir() if path.is_file() and is_picture(path))
    labels = _by_stem((folder / LABELS).glob("*.png"))
    if not images:
        raise Refused(f"{folder / IMAGES} holds no PNG or JPEG picture")
    alone = sorted(labels.keys() - images.keys())
    if alone:
        raise Refused(f"label map {alone[0]}.png has no image of that name in {folder / IMAGES}")
    pairs = [(image, labels.get(stem)) for stem, image in sorted(images.items())]
    return [_read(*pair) for pair in track(pairs, "site's frames", console=Console(stderr=True))]


def _by_stem(paths: Iterable[Path]) -> dict[str, Path]:
    """Files by the stem of their names, which must differ."""
    found: dict[str, Path] = {}
    for path in paths:
        if path.stem in found:
            raise Refused(f"{path} and {found[path.stem].name} bear one name: which is which cannot be told")
        found[path.stem] = path
    return found


def _read(image: Path, labels: Path | None) -> SiteFrame:
    """One frame, cut as the node cuts it."""
    frame = read_picture(image)
    outline = look_for(frame.seen, None, frame.coloured)
    if labels is None:
        return SiteFrame(image, None, outline.picture, None)
    values = read_labels(labels)
    if values.shape != outline.pixels.shape:
        raise Refused(f"label map {labels.name} has shape {values.shape}, its image {outline.pixels.shape}")
    strange = sorted(set(np.unique(values).tolist()) - {0, *ORGANS.values()})
    if strange:
        raise Refused(f"label map {labels.name} has the value {strange[0]}; 0, 1 (liver) and 2 (kidney) are known")
    return SiteFrame(image, labels, outline.picture, cut_labels(values.astype(np.uint8), outline.canonical))


def parted(frames: Sequence[SiteFrame], prefix: str | None) -> tuple[list[SiteFrame], list[SiteFrame]]:
    """Frames to learn from, and those left out, whose names begin with `prefix`.

    Parameters
    ----------
    frames
        All of a site.
    prefix
        Of one subject, say; None leaves nothing out.

    Raises
    ------
    Refused
        No frame remains, or none with a label map is left out.
    """
    if prefix is None:
        return list(frames), []
    out = [frame for frame in frames if frame.image.stem.startswith(prefix)]
    kept = [frame for frame in frames if not frame.image.stem.startswith(prefix)]
    if not kept:
        raise Refused(f"every frame's name begins with {prefix}: none remains to learn from")
    if all(frame.known is None for frame in out):
        raise Refused(f"no frame with a label map has a name that begins with {prefix}")
    return kept, out


def labelled_views(frames: Sequence[SiteFrame]) -> Phantoms | None:
    """The frames that have a label map, as training takes them; None without such.

    Parameters
    ----------
    frames
        Of a site. Who outlined both organs took the frame for a hepatorenal view, who outlined neither for none of
        ours; of which view a kidney alone is, left or right, is not known.
    """
    pairs = [(frame.pixels, frame.known) for frame in frames if frame.known is not None]
    if not pairs:
        return None
    labels = np.stack([known for _, known in pairs])
    liver, kidney = ((labels == value).any(axis=(1, 2)) for value in ORGANS.values())
    conditions = [liver & kidney, liver, ~kidney]
    kinds = [list(Kind).index(kind) for kind in (Kind.HEPATORENAL, Kind.LIVER, Kind.OTHER)]
    named = np.select(conditions, kinds, UNKNOWN_KIND).astype(np.uint8)
    return Phantoms(np.stack([pixels for pixels, _ in pairs]), labels, named)
