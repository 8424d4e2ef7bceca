"""dcmqi, as 3D Slicer has it: a report or a SEG goes in, what it reads goes out."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

TIMEOUT_S = 60

KNOWN: Final = {
    "The VR checker does not support this Specific Character Set: ISO_IR 192",
    "FrameOfReferenceUID (0020,0052) absent in FrameOfReferenceModule (type 1)",
    "PositionReferenceIndicator (0020,1040) absent in FrameOfReferenceModule (type 2)",
}
"""What its DCMTK says of our objects: its checks know no Unicode, and a SEG of ultrasound has no frame of reference."""


def dcmqi(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program of dcmqi, which comes with the Python package of that name."""
    path = Path(sys.executable).with_name(program)
    return subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=TIMEOUT_S)


def read_report(file: Path) -> dict[str, Any]:
    """Return what `tid1500reader` reads; it must read all of it without complaint."""
    out = file.with_suffix(".json")
    done = dcmqi("tid1500reader", "--inputDICOM", file, "--outputMetadata", out)
    assert (done.returncode, warnings(done.stderr) - KNOWN) == (0, set())
    return dict(json.loads(out.read_text()))


def read_masks(file: Path, folder: Path) -> tuple[list[dict[str, Any]], list[NDArray[np.int16]]]:
    """Return what `segimage2itkimage` knows of each segment, and its label image."""
    done = dcmqi("segimage2itkimage", "--inputDICOM", file, "--outputDirectory", folder, "-t", "nrrd")
    assert (done.returncode, warnings(done.stderr) - KNOWN) == (0, set())
    segments = [segment for (segment,) in json.loads((folder / "meta.json").read_text())["segmentAttributes"]]
    return segments, [label_image(folder / f"{number}.nrrd") for number in range(1, len(segments) + 1)]


def label_image(file: Path) -> NDArray[np.int16]:
    """Return the pixels of an NRRD file as ITK writes it: a header in words, an empty line, compressed shorts."""
    header, _, data = file.read_bytes().partition(b"\n\n")
    (sizes,) = re.findall(rb"^sizes: (.*)$", header, re.MULTILINE)
    columns, rows, slices = map(int, sizes.split())
    pixels = np.frombuffer(gzip.decompress(data), np.int16).reshape(slices, rows, columns)
    assert slices == 1
    return pixels[0]


def warnings(said: str) -> set[str]:
    """Return what DCMTK finds fault with."""
    return set(re.findall(r"^[WEF]: (.*)$", said, re.MULTILINE))
