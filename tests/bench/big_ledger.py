"""A ledger without rows comes in; the rows of years of a hospital are in it afterwards: a million instances.

The rows are made by arithmetic, the same every time, and go in by the fastest way that each database has.
"""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from hri_node.ledger.ledger import Ledger
from hri_node.ledger.words import WordKind, study_words

NOW: Final = datetime(2026, 6, 1, 15, 30)  # noqa: DTZ001 - as a database keeps it: UTC without its name
DAYS: Final = 365
FAMILIES: Final = 4000
GIVEN: Final = ("Anna", "Ben", "Carla", "David", "Eva", "Farid", "Gül", "Hannah", "Ivan", "Jörg", "Kim", "Lea", "Max")
SYLLABLES: Final = ("ma", "ber", "lin", "ko", "sch", "ra", "ti", "wen", "do", "ul", "ne", "gra")
SENDERS: Final = tuple(f"US_{number}" for number in range(1, 13))
REASONS: Final = ("wrong_view", "no_kidney", "not_bmode")

WINDOW: Final = {"row": 240, "column": 192, "rows": 39, "columns": 39}
REGION: Final = {"mean": 72.0, "sd": 9.5, "pixel_count": 1521, "depth_mm": 92.6, "window": WINDOW}
RESULT: Final = {
    "source": "2.25.2", "sop_instance_uid": "2.25.2", "frame_number": 1, "outcome": "measured", "reasons": [],
    "warnings": ["kidney_dark"], "hri": 1.25, "hri_interval": [1.15, 1.35], "liver": REGION, "renal_cortex": REGION,
    "spacing_mm": [0.386, 0.386], "spacing_source": "ultrasound_region", "delta_db": None,
    "view": {"hepatorenal": 0.96}, "segmentation_confidence": {"liver": 0.91, "kidney": 0.93},
    "timing_ms": {"total": 81.8},
    "model": {"name": "icnet", "version": "1.1.0", "device_uid": "2.25.9", "sha256": "0" * 64},
}  # fmt: skip
"""As a measurement has it."""

COLUMNS: Final = {
    "study": "id study_instance_uid patient_id patient_name accession_number patient_birth_date issuer_of_patient_id"
    " study_date study_time calling_ae_title first_received_at last_received_at quiet_until revision inputs hri"
    " algorithm attempts finished_at state detail",
    "study_word": "study_id kind word",
    "instance": "id sop_instance_uid study_id series_instance_uid sop_class_uid transfer_syntax_uid modality"
    " station_name reason spool_key size_bytes sha256 received_at calling_ae_title called_ae_title address service"
    " device_uid frame_number hri attempts finished_at state detail",
    "measurement": "id instance_id device_uid frame_number outcome hri result masks_key measured_at",
    "result_object": "id sop_instance_uid series_instance_uid sop_class_uid study_id revision kind spool_key size_bytes"
    " made_at",
    "delivery": "id object_id destination owed_at next_attempt_at transaction_uid attempts finished_at state detail",
    "attempt": "id delivery_id began_at ended_at outcome detail",
}
"""Of each table, those that are filled."""

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Size:
    """How many studies, and images of each; of the newest studies, how many have results of measurements, too.

    They came evenly over `days`, the last one at `newest`.
    """

    studies: int = 52_000
    images: int = 20
    measured_studies: int = 2000
    days: int = DAYS
    newest: datetime = NOW

    @property
    def instances(self) -> int:
        """Of all studies."""
        return self.studies * self.images


def fill(ledger: Ledger, size: Size) -> None:
    """Write all rows, and let the database look at them as it does by itself in time.

    Parameters
    ----------
    ledger
        An empty one.
    size
        How much.
    """
    is_sqlite = ledger.engine.dialect.name == "sqlite"
    connection = ledger.engine.raw_connection()
    try:
        cursor = connection.cursor()
        if not is_sqlite:
            cursor.execute("SET statement_timeout = 0")
        for table, rows in (
            ("study", _studies(size)),
            ("study_word", _words(size)),
            ("instance", _instances(size)),
            ("measurement", _measurements(size)),
            ("result_object", _objects(size)),
            ("delivery", _deliveries(size)),
            ("attempt", _attempts(size)),
        ):
            (_insert if is_sqlite else _copy)(cursor, table, rows)
        if not is_sqlite:
            for table in COLUMNS:
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 99999999)"
                    if _has_id(table)
                    else "SELECT 1"
                )
        connection.commit()
        if not is_sqlite:
            connection.driver_connection.autocommit = True
            cursor.execute("VACUUM ANALYZE")
    finally:
        connection.close()


def person(number: int) -> tuple[str, str]:
    """Name and Patient ID of the patient of a study; one in three comes again."""
    drawn = random.Random(number * 2 // 3)  # noqa: S311 - no secret
    family = "".join(drawn.choice(SYLLABLES) for _ in range(3)).capitalize()
    return f"{family}^{drawn.choice(GIVEN)}", f"{drawn.randrange(10**7):08d}"


def accession(number: int) -> str:
    """Accession Number of a study."""
    return f"A26{number:07d}"


def received(number: int, size: Size) -> datetime:
    """When a study came; evenly over the days, the last one at the end."""
    return size.newest - timedelta(days=size.days) * (size.studies - number) / size.studies


def state(number: int) -> str:
    """Of a study: most are reported, some few failed or are open."""
    if number % 5000 == 7:
        return "failed"
    return "nothing_to_report" if number % 4 == 0 else "reported"


def _numbers(size: Size) -> range:
    return range(1, size.studies + 1)


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def _studies(size: Size) -> Iterator[Row]:
    for number in _numbers(size):
        at = received(number, size)
        name, patient_id = person(number)
        is_open = number > size.studies - 3
        hri = round(0.8 + number * 7919 % 1000 / 500, 3) if state(number) == "reported" else None
        yield (
            number, f"2.25.1.{number}", patient_id, name, accession(number), "19700101", "", f"{at:%Y%m%d}", "120000",
            SENDERS[number % len(SENDERS)], _text(at), _text(at), _text(at + timedelta(seconds=30)), 1, "", hri,
            "icnet 1.1.0", 1, None if is_open else _text(at + timedelta(minutes=2)),
            "open" if is_open else state(number), "",
        )  # fmt: skip


def _words(size: Size) -> Iterator[Row]:
    for number in _numbers(size):
        yield number, str(WordKind.SENDER), SENDERS[number % len(SENDERS)]
        for kind, word in study_words(*person(number), accession(number)):
            yield number, str(kind), word


def _instances(size: Size) -> Iterator[Row]:
    for number in _numbers(size):
        at, sender = received(number, size), SENDERS[number % len(SENDERS)]
        came, done = _text(at), _text(at + timedelta(minutes=1))
        for image in range(size.images):
            instance_id = (number - 1) * size.images + image + 1
            is_waiting = number > size.studies - 3 and image > 5
            found = "waiting" if is_waiting else _instance_state(number, image)
            yield (
                instance_id, f"2.25.2.{instance_id}", number, f"2.25.3.{number}", "1.2.840.10008.5.1.4.1.1.6.1",
                "1.2.840.10008.1.2.1", "US", "ST1", REASONS[image % 3] if found == "not_measurable" else "",
                f"instances/{instance_id % 256:02x}/{instance_id:064d}.dcm", 921600, f"{instance_id:064d}", came,
                sender, "HRI_NODE", "10.1.2.3", "c-store", "2.25.9", 1 if found == "measured" else None,
                1.25 if found == "measured" else None, 0 if is_waiting else 1, None if is_waiting else done, found, "",
            )  # fmt: skip


def _instance_state(number: int, image: int) -> str:
    if number % 3000 == 11 and image == 0:
        return "failed"
    if image < 2 and state(number) == "reported":
        return "measured"
    return "not_measurable" if image < 10 else "skipped"


def _measurements(size: Size) -> Iterator[Row]:
    result = json.dumps(RESULT)
    for number in range(size.studies - size.measured_studies + 1, size.studies + 1):
        for image in range(2 if state(number) == "reported" else 0):
            instance_id = (number - 1) * size.images + image + 1
            at = _text(received(number, size))
            yield instance_id, instance_id, "2.25.9", 1, "measured", 1.25, result, "masks/x", at


def _made(number: int) -> Iterable[tuple[int, str]]:
    """Ids and kinds of the objects of a study."""
    kinds = ("sr", "seg", "sc", "seg", "sc") if state(number) == "reported" else ("sr", "sc")
    return [((number - 1) * 5 + place + 1, kind) for place, kind in enumerate(kinds)]


def _objects(size: Size) -> Iterator[Row]:
    for number in _numbers(size):
        at = _text(received(number, size) + timedelta(minutes=2))
        for object_id, kind in _made(number):
            yield (
                object_id, f"2.25.4.{object_id}", f"2.25.5.{number}", "1.2.840", number, 1, kind,
                f"results/{object_id}", 5000, at,
            )  # fmt: skip


def _deliveries(size: Size) -> Iterator[Row]:
    for number in _numbers(size):
        at = received(number, size)
        made, done = _text(at + timedelta(minutes=2)), _text(at + timedelta(minutes=3))
        for object_id, _ in _made(number):
            found = "refused" if object_id % 2000 == 3 else "waiting" if number > size.studies - 40 else "committed"
            yield object_id, object_id, "pacs", made, made, "", 1, None if found == "waiting" else done, found, ""


def _attempts(size: Size) -> Iterator[Row]:
    for number in _numbers(size):
        at = _text(received(number, size) + timedelta(minutes=3))
        for object_id, _ in _made(number):
            yield object_id, object_id, at, at, "committed", ""


def _has_id(table: str) -> bool:
    return COLUMNS[table].startswith("id ")


def _insert(cursor: Any, table: str, rows: Iterator[Row]) -> None:  # noqa: ANN401 - of sqlite3
    names = COLUMNS[table].split()
    cursor.execute("BEGIN") if not cursor.connection.in_transaction else None
    cursor.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",  # noqa: S608 - our names
        rows,
    )


def _copy(cursor: Any, table: str, rows: Iterator[Row]) -> None:  # noqa: ANN401 - of psycopg
    with cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table].split())}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
