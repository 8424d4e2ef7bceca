"""Phantom studies go into a whole node with Orthanc behind it; time from due to proven, and studies per hour, go out.

The node runs as `hri-node up` does by default, with Redis and SQLite of its own, on the same cores as Orthanc and the
sender. A study is due when it has been quiet for as long as the settings say; it is proven when every object made for
it was found in Orthanc by a query.
"""

import statistics
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

from running import Orthanc, RunningNode, eventually
from sqlalchemy import func, select

from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import DeliveryState, StudyState
from hri_node.ledger.tables import DeliveryRow, InstanceRow, ObjectRow, StudyRow
from hri_node.phantom.instance import Placement, phantom_instance
from hri_node.phantom.ranges import PRESETS, Kind
from hri_node.phantom.view import View, make_view

IDLE_STUDIES = 15
BUSY_STUDIES = 40
IMAGES = 20
SETTLED_WITHIN_S = 600.0
QUIET_S = 0.5
GOAL_STUDIES_PER_HOUR = 3600.0
GOAL_DUE_TO_PROVEN_MS = 500.0

Figures = dict[str, dict[str, object]]


def bench() -> Figures:
    """Milliseconds from due to proven in an idle node, and studies per hour in a busy one; `peer` is the goal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        views = _views()
        orthanc = Orthanc(folder / "orthanc")
        node = RunningNode(folder / "node", {"pacs": orthanc.dicom_port}, quiet_s=QUIET_S)
        try:
            delays = [_delay_ms(node, folder, number, views[0]) for number in range(IDLE_STUDIES)]
            rate = _studies_per_hour(node, folder, views)
        finally:
            node.stop()
            orthanc.stop()
    typical = statistics.median(delays)
    return {
        "due_to_proven_p50": _figure(typical, "ms", GOAL_DUE_TO_PROVEN_MS),
        "due_to_proven_worst": _figure(max(delays), "ms", None),
        "studies_of_20_images_per_hour": _figure(rate, "studies/h", GOAL_STUDIES_PER_HOUR),
    }


def _figure(value: float, unit: str, goal: float | None) -> dict[str, object]:
    """One line of the table."""
    return {"value": value, "unit": unit, "peer": goal, "ratio": value / goal if goal else None}


def _views() -> list[View]:
    """One view that is measured, then others that are not."""
    first = make_view(1, PRESETS["paper"])
    others = (make_view(seed, PRESETS["training"]) for seed in range(10_000))
    unlike = (view for view in others if view.kind is not Kind.HEPATORENAL)
    return [first, *(next(unlike) for _ in range(IMAGES - 1))]


def _delay_ms(node: RunningNode, folder: Path, number: int, view: View) -> float:
    """From due to proven, of a study of one image that nothing else disturbs."""
    study = folder / f"idle-{number}"
    study.mkdir()
    (study / "1.dcm").write_bytes(phantom_instance(view, Placement(study.name)))
    _send(node, study)
    eventually(lambda: _proven(node.ledger) == number + 1, 60, "the proof of a study")
    with node.ledger.transaction(reading=True) as session:
        last = select(func.max(DeliveryRow.finished_at)).join(ObjectRow).join(StudyRow)
        row = session.execute(select(StudyRow).order_by(StudyRow.id.desc()).limit(1)).scalar_one()
        ended: datetime = session.execute(last.where(StudyRow.id == row.id)).scalar_one()
        measured = select(func.max(InstanceRow.finished_at)).where(InstanceRow.study_id == row.id)
        due = max(row.quiet_until, session.execute(measured).scalar_one())
    return (ended - due).total_seconds() * 1000


def _studies_per_hour(node: RunningNode, folder: Path, views: list[View]) -> float:
    """From the first image that arrives to the last study that is proven."""
    studies = [folder / f"busy-{number}" for number in range(BUSY_STUDIES)]
    for study in studies:
        study.mkdir()
        for number, view in enumerate(views, start=1):
            (study / f"{number}.dcm").write_bytes(phantom_instance(view, Placement(study.name, number)))
    for study in studies:
        _send(node, study)
    every = IDLE_STUDIES + BUSY_STUDIES
    eventually(lambda: _proven(node.ledger) == every, SETTLED_WITHIN_S, "the proof of all studies")
    with node.ledger.transaction(reading=True) as session:
        began = session.execute(
            select(func.min(StudyRow.first_received_at)).where(StudyRow.id > IDLE_STUDIES)
        ).scalar_one()
        ended = session.execute(select(func.max(DeliveryRow.finished_at))).scalar_one()
    return BUSY_STUDIES / (ended - began).total_seconds() * 3600


def _send(node: RunningNode, folder: Path) -> None:
    """Store a study, as a scanner does, over one association."""
    command = ["storescu", "-aec", "HRI_NODE", "+sd", "127.0.0.1", str(node.port)]
    subprocess.run([*command, str(folder)], check=True, capture_output=True)


def _proven(ledger: Ledger) -> int:
    """How many studies are reported and have nothing outstanding."""
    waiting = select(ObjectRow.study_id).join(DeliveryRow).where(DeliveryRow.state == DeliveryState.WAITING)
    proven = select(func.count()).where(StudyRow.state == StudyState.REPORTED, StudyRow.id.not_in(waiting))
    with ledger.transaction(reading=True) as session:
        return int(session.execute(proven).scalar_one())
