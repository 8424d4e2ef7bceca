"""A study comes in; its whole report goes out. What is not there is said in a sentence."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

from matplotlib import style

from hri_node.study.analysis import Analysis
from hri_node.study.cells import Table
from hri_node.study.panels import FONT, STYLE, drawn_as_printed
from hri_node.study.project.store import Study
from hri_node.study.prose import sentences_of
from hri_node.study.report.content import DISCLAIMER, Additions, Block, Labels, Numbered, Report, Section, counted
from hri_node.study.report.gathered import Gathered, gathered
from hri_node.study.report.joined import NAMING, joined
from hri_node.study.report.measured import failures, overlap_table, times_table, timing_sentence, versions_table
from hri_node.study.report.methods import methods
from hri_node.study.report.plates import plates, rocs
from hri_node.study.report.subjects import characteristics, exclusions, flow_picture
from hri_node.study.tables import tables_of

PAPER = (
    "Tables 1 to 3 and figures 1, 4 and 5 are numbered as those of Cha et al., Ultrasonography 2021;40:565-574, which "
    "show the same; S stands for what the paper does not have."
)

LIMITS = (
    "The more alike subjects are, the lower is the intraclass correlation coefficient of the same readers.",
    "The HRI depends on the scanner's gain, dynamic range and depth: indices of other settings are another quantity.",
    "One image of a subject is read, so that agreement of scanning itself is not part of the study.",
)


def drawing(analysis: Analysis | None) -> AbstractContextManager[object]:
    """While figures are made and saved."""
    return drawn_as_printed(analysis) if analysis else style.context(["default", STYLE, {"font.family": [FONT]}])


def report_of(study: Study, additions: Additions, found: Gathered | None = None) -> Report:
    """The report; to be made, and rendered, while `drawing`.

    Parameters
    ----------
    study
        Which.
    additions
        What else belongs to it.
    found
        Its readings, if they are gathered already.
    """
    found = found or gathered(study, additions.readings)
    labels = Labels()
    flow = study.flow()
    subtitle = f"Reader study of the hepatorenal index: {counted(flow.included, 'subject')}. {DISCLAIMER}"
    sections = (
        Section("Methods", (*methods(study, found.analysis, additions.readings), PAPER)),
        _subjects(study),
        Section("Agreement within and between readers", tuple(_readers(found, labels))),
        Section("Agreement with the network", tuple(_network(study, found.analysis, labels))),
        Section("HRI and the reference grade", tuple(_reference(found.analysis, labels))),
        Section("Segmentation", tuple(_segmentation(additions, labels))),
        Section("Time per image", tuple(_times(study, labels))),
        *additions.sections,
        Section("Further tables of agreement", tuple(_further(found, labels))),
        Section("Excluded subjects", tuple(_excluded(study, labels))),
        Section("Versions", tuple(_versions(study, labels))),
        Section("Limits", LIMITS),
    )
    return Report(study.protocol.name, subtitle, additions.notices, sections)


def _subjects(study: Study) -> Section:
    reasons, flow = dict(study.protocol.reasons), study.flow()
    known = study.demographics()
    table = characteristics(known)
    blocks: list[Block] = (
        [flow_picture(flow, study.protocol.unit, reasons)] if flow.images else ["No image has been imported."]
    )
    if table.rows:
        blocks.append(Numbered("Table 1", table))
    else:
        blocks.append("There is no table 1: no reference file gave grades or demographics (hri-node study reference).")
    return Section("Subjects", tuple(blocks))


def _tables(analysis: Analysis | None) -> dict[str, Table]:
    return {table.key: table for table in tables_of(analysis)} if analysis else {}


def _all_tables(found: Gathered) -> dict[str, Table]:
    """Tables about the readers on all their subjects, those about the network on what it has measured."""
    tables, of_readers = _tables(found.analysis), _tables(found.of_readers)
    return tables | {key: joined(own, tables[key]) for key, own in of_readers.items() if key in NAMING}


def _readers(found: Gathered, labels: Labels) -> Iterator[Block]:
    """Tables 2 and 3, figure 4, and the sentences of the results."""
    yield from found.notes
    tables, between = _all_tables(found), found.between_readers
    if found.analysis is None or between is None:
        yield "There are no tables 2 and 3 and no figure 4."
        return
    yield f"{counted(len(between.readings.subjects), 'subject')} with readings of {_raters(between)} are compared."
    if found.of_readers is not None:
        yield f"{counted(len(found.analysis.readings.subjects), 'subject')} of these are compared with the network."
    yield from dict.fromkeys([*sentences_of(between), *sentences_of(found.analysis)[len(sentences_of(between)) :]])
    for key, number in (("intraobserver", 2), ("interobserver", 3)):
        if key in tables:
            yield Numbered(labels.table(number), tables[key])
        else:
            yield f"There is no table {number}: too few raters or sessions to compare."
    figures = plates(between, of_network=False)
    yield from figures or ("There is no figure 4: nobody read twice, and no two readers read the same session.",)


def _network(study: Study, analysis: Analysis | None, labels: Labels) -> Iterator[Block]:
    results = study.dcnn()
    if not results:
        yield "The network has not measured the images (hri-node study dcnn): there is no figure 5."
        return
    yield timing_sentence(results)
    yield failures(results)
    figures = plates(analysis, of_network=True) if analysis else ()
    yield from figures or ("There is no figure 5: no reader's session is complete.",)
    tables = _tables(analysis)
    if "network" in tables:
        yield Numbered(labels.table(), tables["network"])


def _reference(analysis: Analysis | None, labels: Labels) -> Iterator[Block]:
    if analysis is None or not analysis.detections:
        yield "There are no ROC curves: too few subjects of each reference grade, or no grade of every subject."
        return
    yield Numbered(labels.table(), _tables(analysis)["roc"])
    yield from rocs(analysis)


def _segmentation(additions: Additions, labels: Labels) -> Iterator[Block]:
    if not additions.overlaps:
        yield "There are no Jaccard indices: the study has no label maps of its images (folder labels)."
        return
    yield Numbered(labels.table(), overlap_table(additions.overlaps))


def _times(study: Study, labels: Labels) -> Iterator[Block]:
    table = times_table(study.times())
    yield (
        Numbered(labels.table(), table)
        if table.rows
        else "No image is finished and none is measured: there are no times."
    )


def _raters(analysis: Analysis) -> str:
    return ", ".join(analysis.readings.raters)


def _further(found_readings: Gathered, labels: Labels) -> Iterator[Block]:
    tables = _all_tables(found_readings)
    found = [tables[key] for key in ("bland_altman", "ratios", "icc_forms") if key in tables]
    yield from (Numbered(labels.table(), table) for table in found)
    if not found:
        yield "There are no further tables: nothing can be compared yet."


def _excluded(study: Study, labels: Labels) -> Iterator[Block]:
    table = exclusions(study.exclusions(), dict(study.protocol.reasons))
    yield Numbered(labels.table(), table) if table.rows else "No subject is excluded."


def _versions(study: Study, labels: Labels) -> Iterator[Block]:
    table = versions_table(study.versions())
    yield Numbered(labels.table(), table) if table.rows else "No program has written its version down yet."
    facts = study.facts()
    yield f"Study {study.protocol.study_id}, seed {study.protocol.seed}." + (
        f" The network ran on {facts['dcnn processor']}." if "dcnn processor" in facts else ""
    )
