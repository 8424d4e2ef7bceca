"""Images with label maps come in; how well the node finds the organs, per image and in all, goes out."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from hri_node.commands.pairing import PICTURE_SUFFIXES, Pair, pair_up
from hri_node.commands.scores import Score, image_table, summary, summary_table
from hri_node.commands.screen import DONE, MISUSED, UNREADABLE, fail, out, progress, say
from hri_node.errors import Unreadable
from hri_node.masks import KIDNEY_LABEL, LIVER_LABEL, label_map, picture_png
from hri_node.measure.overlap import overlap_of
from hri_node.measuring import Looked, Means, Source, look_at, measure_source
from hri_node.read.frames import frame_count
from hri_node.read.identity import identify
from hri_node.read.labels import read_labels
from hri_node.read.picture import read_picture
from hri_node.report.compare import compared

CLASSES = {"liver": LIVER_LABEL, "kidney": KIDNEY_LABEL}
"""As `hri-node measure --labels-dir` writes them."""

VALUE_MAX = 65535

NAMED_MAX = 10
"""So many files without counterpart are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller of `hri-node evaluate` asked for: output, label values, spacing and pictures."""

    as_json: bool = False
    classes: dict[str, int] = field(default_factory=lambda: dict(CLASSES))
    mm_per_px: tuple[float, float] | None = None
    pictures_dir: Path | None = None


def classes_of(text: str | None) -> dict[str, int]:
    """Label values of the organs out of ``liver=1,kidney=4``; an organ that is not named is not evaluated."""
    if text is None:
        return dict(CLASSES)
    classes: dict[str, int] = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        if name not in CLASSES or name in classes or not value.isdecimal() or not 0 < int(value) <= VALUE_MAX:
            fail(f"--map: {part.strip()!r} must be liver or kidney, = and its value in the maps, as liver=1", MISUSED)
        classes[name] = int(value)
    if len(set(classes.values())) < len(classes):
        fail(f"--map: {text!r} gives two organs the same value", MISUSED)
    return classes


def evaluate_paths(images: Path, labels: Path, means: Means, wishes: Wishes) -> int:
    """Exit code after evaluating every image that has a label map.

    Parameters
    ----------
    images
        Folder or file: PNG, JPEG or DICOM.
    labels
        Folder or file of label maps.
    means
        The network, and how to measure.
    wishes
        What to write, and how to read the maps.
    """
    paired = pair_up(images, labels)
    if paired.unpaired:
        say(_sentence(paired.unpaired))
    if not paired.pairs:
        fail(f"no image in {images} has a label map of the same stem in {labels}", MISUSED)
    if wishes.pictures_dir:
        wishes.pictures_dir.mkdir(parents=True, exist_ok=True)
    scores = _scores(paired.pairs, means, wishes)
    unreadable = len(paired.pairs) - len(scores)
    if wishes.pictures_dir:
        _rank(wishes.pictures_dir, scores)
    totals = summary(scores, len(paired.unpaired), unreadable)
    if wishes.as_json:
        print(json.dumps({"summary": totals}), flush=True)  # noqa: T201 - JSON lines, which rich would wrap
    else:
        out.print(image_table(scores), summary_table(totals))
    return UNREADABLE if unreadable else DONE


def _scores(pairs: Sequence[Pair], means: Means, wishes: Wishes) -> list[Score]:
    """Every image that can be read; the others are named."""
    scores = []
    with progress("evaluating", len(pairs)) as advance:
        for pair in pairs:
            try:
                scores.append(_score(pair, means, wishes))
            except Unreadable as error:
                say(f"{pair.image}: {error}")
            advance()
    return scores


def _sentence(unpaired: Sequence[Path]) -> str:
    """One sentence about files that have no counterpart."""
    names = ", ".join(path.name for path in unpaired[:NAMED_MAX])
    more = f" and {len(unpaired) - NAMED_MAX} more" if len(unpaired) > NAMED_MAX else ""
    return f"without counterpart and left out: {names}{more}"


def _score(pair: Pair, means: Means, wishes: Wishes) -> Score:
    """One image, measured as the node does, against its label map."""
    looked = next(_looked(pair, means, wishes.mm_per_px))
    labels = read_labels(pair.labels)
    if labels.shape != looked.frame.pixels.shape:
        sizes = [f"{shape[0]} x {shape[1]}" for shape in (labels.shape, looked.frame.pixels.shape)]
        raise Unreadable(f"label map {pair.labels.name} has {sizes[0]} pixels, its image {sizes[1]}")
    truth = {name: labels == value for name, value in wishes.classes.items()}
    # As the node writes it: where both organs are found, a pixel is kidney, for in the truth it is one of the two.
    written = label_map(looked.masks)
    found = {name: written == CLASSES[name] for name in truth}
    score = Score(
        name=pair.name,
        image=str(pair.image),
        labels=str(pair.labels),
        frame_number=looked.frame.frame_number,
        outcome=looked.result.outcome,
        reasons=looked.result.reasons,
        hri=looked.result.hri,
        classes={name: overlap_of(found[name], truth[name], looked.result.spacing_mm) for name in truth},
    )
    if wishes.as_json:
        print(json.dumps(score.to_json()), flush=True)  # noqa: T201 - JSON lines, which rich would wrap
    if wishes.pictures_dir:
        picture = compared(looked.frame.pixels, found, truth, _lines(score))
        _path(wishes.pictures_dir, score).write_bytes(picture_png(picture))
    return score


def _looked(pair: Pair, means: Means, mm_per_px: tuple[float, float] | None) -> Iterator[Looked]:
    """The image's frame, measured."""
    if pair.image.suffix.lower() in PICTURE_SUFFIXES:
        began = perf_counter()
        frame = read_picture(pair.image, mm_per_px)
        yield look_at(frame, Source(str(pair.image), None, pair.image), means, 1000 * (perf_counter() - began))
        return
    source = Source(str(pair.image), identify(pair.image).sop_instance_uid, pair.image)
    count = frame_count(pair.image)
    if pair.frame_number is None and count > 1:
        raise Unreadable(f"it has {count} frames; their label maps must be named {pair.image.stem}_1.png and so on")
    if (pair.frame_number or 1) > count:
        raise Unreadable(f"label map {pair.labels.name} is for frame {pair.frame_number}, {count} are there")
    yield from measure_source(source, [pair.frame_number or 1], means, mm_per_px)


def _lines(score: Score) -> list[str]:
    """What stands above the picture."""
    parts = [
        f"{name}: false area {each.found_pixels} px" if each.jaccard is None else f"{name}: Jaccard {each.jaccard:.2f}"
        for name, each in score.classes.items()
    ]
    outcome = f"HRI {score.hri:.2f}" if score.hri is not None else f"not measurable: {', '.join(score.reasons)}"
    return [f"{score.name}   {'   '.join(parts)}", outcome]


def _path(folder: Path, score: Score, rank: int | None = None) -> Path:
    prefix = "" if rank is None else f"{rank:04d}_{score.worst:.2f}_"
    return folder / f"{prefix}{score.name}.png"


def _rank(folder: Path, scores: Sequence[Score]) -> None:
    """Put the worst first in the order of the names."""
    for rank, score in enumerate(sorted(scores, key=lambda each: each.rank), start=1):
        _path(folder, score).replace(_path(folder, score, rank))
