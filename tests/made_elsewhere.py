"""Studies are made in a process of its own, as on another host or another day; a SHA-256 of every object goes out.

Run by `report/test_determinism.py`: ``made_elsewhere.py FOLDER [later] [reversed] [threads] [zlib]``.
"""

import datetime as dt
import hashlib
import json
import socket
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Self

CENTURY = dt.timedelta(days=40_000, seconds=12_345)
"""How far the clock is put ahead: another date in every one of its parts."""


def put_clock_ahead() -> None:
    """Let every clock that Python knows be ahead, and the host have another name."""
    now, localtime, gmtime, strftime = time.time, time.localtime, time.gmtime, time.strftime

    class Later(dt.datetime):
        """A datetime whose present is in the future."""

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Self:
            return super().now(tz) + CENTURY

        @classmethod
        def utcnow(cls) -> Self:
            return super().now(dt.UTC).replace(tzinfo=None) + CENTURY

        @classmethod
        def today(cls) -> Self:
            return cls.now()

    dt.datetime = Later  # type: ignore[misc]
    time.time = lambda: now() + CENTURY.total_seconds()  # date.today() asks it, too
    time.time_ns = lambda: int(time.time() * 10**9)
    time.localtime = lambda seconds=None: localtime(time.time() if seconds is None else seconds)
    time.gmtime = lambda seconds=None: gmtime(time.time() if seconds is None else seconds)
    time.strftime = lambda pattern, when=None: strftime(pattern, when or time.localtime())
    socket.gethostname = lambda: "elsewhere"


def change_zlib() -> None:
    """Let zlib compress otherwise: what it makes of the same bytes differs between its builds."""
    compress, compressobj = zlib.compress, zlib.compressobj
    zlib.compress = lambda data, *_, **__: compress(data, 1)
    zlib.compressobj = lambda *_, **__: compressobj(1)


def studies(folder: Path) -> Iterator[tuple[str, list, object]]:
    """Yield name, images and context of studies of every kind, written below `folder`."""
    from measured import CONTEXT, KINDS, failed_image, measured_image

    from hri_node.records import PriorIndex
    from hri_node.report.context import Predecessor, Verifier

    priors = (PriorIndex("2.25.901", "20230110", "081500", 1.31, "icnet 0.9.0"),)
    everything = replace(
        CONTEXT,
        revision=2,
        supersedes=(Predecessor("2.25.77"),),
        priors=priors,
        is_final=True,
        verifier=Verifier("Reader^Anna", "Radiology"),
        patient_on_picture=True,
        presentation_state=True,
        pdf=True,
    )
    zone = {"attributes": {"TimezoneOffsetFromUTC": "-0330"}}
    for name, options in (KINDS | {"zone": zone}).items():
        at = folder / name
        at.mkdir(parents=True)
        images = [measured_image(at, number=number, **options) for number in (1, 2)]
        yield name, images, everything
    for name in ("still", "failed"):
        (folder / name).mkdir()
    yield "still", [measured_image(folder / "still")], replace(CONTEXT, seg_profile="strict")
    reasons = ("no_kidney", "no_liver")
    failed = [failed_image(folder / "failed", reason, number=k) for k, reason in enumerate(reasons, start=1)]
    yield "failed", failed, everything


def digests(folder: Path, ways: Iterable[str] = ()) -> dict[str, str]:
    """SHA-256 of every object, by study, place and kind.

    Parameters
    ----------
    folder
        An empty folder, for the sources.
    ways
        ``reversed``: the images come in another order; ``threads``: all studies are made at the same time.
    """
    from measured import ALGORITHM

    from hri_node.report.build import report_objects

    prepared = list(studies(folder))
    if "reversed" in ways:
        prepared = [(name, images[::-1], context) for name, images, context in reversed(prepared)]
    with ThreadPoolExecutor(4 if "threads" in ways else 1) as pool:
        made = pool.map(lambda study: report_objects(study[1], ALGORITHM, study[2]), prepared)
        return {
            f"{name} {place} {each.kind} {each.sop_instance_uid}": hashlib.sha256(each.data).hexdigest()
            for (name, _, _), objects in zip(prepared, made, strict=True)
            for place, each in enumerate(objects)
        }


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    if "later" in sys.argv:
        put_clock_ahead()
    if "zlib" in sys.argv:
        change_zlib()
    print(json.dumps(digests(Path(sys.argv[1]), sys.argv[2:]), sort_keys=True))  # noqa: T201 - the protocol
