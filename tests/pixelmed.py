"""PixelMed, the Java implementation: a command and files come in, one JSON object of what it finds goes out.

    python tests/pixelmed.py report FILE …      complaints of its SR validator, by file
    python tests/pixelmed.py instance FILE …    complaints of its IOD validator, by file
    python tests/pixelmed.py picture FILE …     writes FILE.npy, the pixels it shows; gives their shapes, by file

A process of its own: a Java machine takes the signals of the process that it lives in. One for many files: it takes
longer to compile the templates than to judge a report by them.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

JAR = Path("/usr/share/java/pixelmed.jar")

OPTIONS = (
    "-Djava.awt.headless=true",
    # Two processors, seconds of work: the second compiler and the parallel collector cost more than they save.
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    # The templates are one style sheet with more operators than Java lets a stranger's have.
    "-Djdk.xml.xpathExprOpLimit=0",
    "-Djdk.xml.xpathExprGrpLimit=0",
    "-Djdk.xml.xpathTotalOpLimit=0",
)

TIMEOUT_S = 300


def pixelmed(command: str, files: Iterable[Path]) -> dict[str, Any]:
    """Run this file as a program, or skip the test with a sentence where PixelMed is missing."""
    if not JAR.exists():
        pytest.skip("PixelMed is missing: install Debian's libpixelmed-java and default-jre-headless")
    arguments = [sys.executable, __file__, command, *map(str, files)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _complaints(said: str) -> list[str]:
    """Return the lines that find fault."""
    return [line for line in said.splitlines() if line.startswith(("Error", "Warning"))]


def _report_judge(java: Callable[[str], Any]) -> Callable[[str], list[str]]:
    """Return what judges a report by the templates of PS3.16."""
    validator = java("com.pixelmed.validate.DicomSRValidator")()
    return lambda file: _complaints(str(validator.validate(file)))


def _instance_judge(java: Callable[[str], Any]) -> Callable[[str], list[str]]:
    """Return what judges an instance by its IOD (PS3.3)."""
    validator, attributes = (
        java("com.pixelmed.validate.DicomInstanceValidator")(),
        java("com.pixelmed.dicom.AttributeList"),
    )

    def judge(file: str) -> list[str]:
        (instance := attributes()).read(file)
        said = str(validator.validate(instance))
        assert said.startswith("Found"), f"PixelMed knows no IOD for {file}: {said}"
        return _complaints(said)

    return judge


def _picture_maker(java: Callable[[str], Any]) -> Callable[[str], list[int]]:
    """Return what writes the pixels of an image as they are shown."""
    maker, attributes = java("com.pixelmed.display.ConsumerFormatImageMaker"), java("com.pixelmed.dicom.AttributeList")

    def show(file: str) -> list[int]:
        (instance := attributes()).read(file)
        image = maker.makeEightBitImage(instance)
        columns, rows = image.getWidth(), image.getHeight()
        packed = np.array(image.getRGB(0, 0, columns, rows, None, 0, columns)).reshape(rows, columns)
        pixels: NDArray[np.uint8] = np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], -1).astype(np.uint8)
        np.save(f"{file}.npy", pixels)
        return list(pixels.shape)

    return show


def main(command: str, *files: str) -> None:
    """Do as the command line says."""
    import jpype

    jpype.startJVM(*OPTIONS, classpath=[str(JAR)])
    work = {"report": _report_judge, "instance": _instance_judge, "picture": _picture_maker}[command](jpype.JClass)
    print(json.dumps({file: work(file) for file in files}))  # noqa: T201 - a program's answer


if __name__ == "__main__":
    main(*sys.argv[1:])
