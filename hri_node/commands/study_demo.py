"""A folder comes in; a synthetic study, done from phantoms to report, is in it afterwards: what `make study` runs."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from hri_node.commands.screen import DONE, NOT_MEASURABLE, out, progress
from hri_node.commands.study_dcnn import measure_study
from hri_node.commands.study_import import Wishes, import_files
from hri_node.commands.study_new import Decisions, new_study
from hri_node.commands.study_report import LABELS, from_file, overlaps_of, write
from hri_node.commands.study_synthetic import reproduction, truth_section
from hri_node.phantom.cohort import TRIES_MAX, Patient, write_cohort
from hri_node.settings import Settings
from hri_node.study.analysis import analysis_of
from hri_node.study.panels import drawn_as_printed
from hri_node.study.project.files import write_file
from hri_node.study.project.key import open_key
from hri_node.study.project.protocol import DCNN, FILE_NAME
from hri_node.study.project.store import Study, open_study
from hri_node.study.readings import Readings, Series
from hri_node.study.report.content import Additions
from hri_node.study.simulate import reader_errors, simulated, write_readings

READERS: Final = "R1,R2"

SEED: Final = 20_210_000
"""Of the first phantom, of orders, and of the simulated readers' errors; not one that the network was trained on."""

REFERENCE: Final = {
    "liver over cortex (db)": "dhri_db",
    "depth (mm)": "depth_mm",
    "frequency (mhz)": "frequency_mhz",
    "subcutaneous fat (mm)": "fat_mm",
    "dynamic range (db)": "dynamic_range_db",
    "gain (db)": "gain_db",
}
"""What a phantom has in the place of age and laboratory values: name in table 1, and in its truth."""

NOTICES: Final = (
    (
        "Synthetic study: no patient, no human reader. The images are phantoms, drawn by hri-node. Measured: the "
        "network's values, times and Jaccard indices, on these phantoms. Simulated: the readings of R1 and R2, which "
        "are each phantom's true grey levels times errors drawn from a model that is fitted to the moments the paper "
        "prints; nobody marked an image."
    ),
    (
        "The agreement in tables 2 and 3 below is that of this synthetic study, and not the paper's. The paper's own "
        "numbers are compared in the section on their reproduction, with readings that are constructed to have its "
        "moments and belong to no image, phantom or network."
    ),
)


def demo(folder: Path, count: int, settings: Settings) -> int:
    """Exit code after a synthetic study is done; a run that was stopped goes on where it ended.

    Parameters
    ----------
    folder
        For phantoms, study and reports.
    count
        How many phantoms; 9 at least.
    settings
        Name the network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    project = folder / "study"
    if not (project / FILE_NAME).is_file():
        (folder / "study.key.csv").unlink(missing_ok=True)  # of a making that was killed
        new_study(project, Decisions(f"Synthetic study of {count} phantoms", READERS, seed=SEED, choose="first"))
    study = open_study(project)
    of_subject = _label(study, _imported(study, folder / "phantoms", count, settings))
    code = measure_study(project, settings.measure.method, settings, again=False)
    readings = folder / "readings.csv"
    write_readings(_simulated(of_subject), readings)
    _write_reports(study, of_subject, readings, folder)
    return DONE if code in {DONE, NOT_MEASURABLE} else code


def _imported(study: Study, folder: Path, count: int, settings: Settings) -> list[Patient]:
    """Phantoms, until so many are in the study: of a few, no image can be used, as of patients."""
    wanted = max(count, len(study.subjects()))
    while True:
        with progress("drawing phantoms", wanted) as advance:
            patients = write_cohort(folder, wanted, SEED, advance)
        import_files(study.folder, [patient.instance for patient in patients], Wishes(), settings)
        missing = count - len(study.included())
        if missing <= 0 or wanted > TRIES_MAX * count:
            return patients
        wanted += missing


def _label(study: Study, patients: Sequence[Patient]) -> dict[str, Patient]:
    """Included subjects in the order of their phantoms; each has its label map and what is known of it in the study."""
    key = open_key(study.protocol.key_path(study.folder), study.protocol.study_id)
    names = {row.patient_id: row.subject for row in key.rows()}
    included = set(study.included())
    found = {names[each.patient_id]: each for each in patients if names.get(each.patient_id) in included}
    (study.folder / LABELS).mkdir(exist_ok=True)
    for subject, patient in found.items():
        write_file(study.folder / LABELS / f"{subject}.png", patient.labels.read_bytes())
    study.put_reference({
        subject: {name: float(patient.truth["settings"][own]) for name, own in REFERENCE.items()}
        | {"true hri": float(patient.truth["ratio"])}
        for subject, patient in found.items()
    })
    return found


def _simulated(of_subject: dict[str, Patient]) -> Readings:
    """Readings of simulated readers: true levels, times their errors."""
    truth = np.array([patient.truth["levels"] for patient in of_subject.values()])
    errors = reader_errors(len(of_subject), SEED)
    return Readings(tuple(of_subject), MappingProxyType({key: truth * own for key, own in errors.items()}))


def _write_reports(study: Study, of_subject: dict[str, Patient], readings: Path, folder: Path) -> None:
    """The report with what only a synthetic study has: the truth, and the paper's numbers."""
    truth = analysis_of(_beside_truth(study, of_subject), DCNN)
    printed = analysis_of(simulated(), DCNN)
    with drawn_as_printed(truth):
        sections = (truth_section(truth), reproduction(printed))
        additions = Additions(from_file(study, readings), overlaps_of(study), NOTICES, sections)
        write(study, additions, folder / "report.html", folder / "report.pdf")
    lines = [
        json.dumps({"subject": subject, **patient.truth}, sort_keys=True) for subject, patient in of_subject.items()
    ]
    write_file(folder / "truth.jsonl", ("\n".join(lines) + "\n").encode())
    out.print(f"simulated readings {readings}", markup=False, soft_wrap=True)


def _beside_truth(study: Study, of_subject: dict[str, Patient]) -> Readings:
    """The network's readings and the phantoms' true levels."""
    own = {each.subject: (each.liver, each.kidney) for each in study.readings() if each.rater == DCNN}
    subjects = [subject for subject in of_subject if subject in own]
    truth = np.array([of_subject[subject].truth["levels"] for subject in subjects])
    network = np.array([own[subject] for subject in subjects])
    return Readings(tuple(subjects), MappingProxyType({Series("truth", "1"): truth, Series(DCNN, "1"): network}))
