"""A count and a seed come in, synthetic views with known truth go out."""

from pathlib import Path

from hri_node.commands.screen import out, progress
from hri_node.phantom.write import write_views


def write(folder: Path, count: int, seed: int, *, dicom: bool) -> None:
    """Write views, label maps and truth.jsonl, on every core."""
    folder.mkdir(parents=True, exist_ok=True)
    with progress("drawing", count) as advance:
        write_views(folder, count, seed, dicom=dicom, progress=advance)
    out.print(f"{count} views in {folder}")
