"""A study and its analysis come in; the paragraphs of methods, with their numbers, go out."""

from collections.abc import Sequence

from hri_node.study.agreement import PAPER_FORM
from hri_node.study.analysis import Analysis
from hri_node.study.project.protocol import Protocol
from hri_node.study.project.records import DcnnResult, ImageInfo, Shape
from hri_node.study.project.store import Study
from hri_node.study.report.content import FromFile, counted, listed
from hri_node.study.report.subjects import scanners

SHAPES = {Shape.POLYGON: "polygon", Shape.FREEHAND: "free-hand outline"}

SPACINGS = {
    "ultrasound_region": "the calibration of their DICOM header",
    "pixel_spacing": "the pixel spacing of their DICOM header",
    "argument": "what the importer was told",
    "ruler": "the depth ruler on the screen",
}


def methods(study: Study, analysis: Analysis | None, file: FromFile | None) -> tuple[str, ...]:
    """Paragraphs: images, readers, network, statistics.

    Parameters
    ----------
    study
        Whose protocol, images and results are told.
    analysis
        Of the readings; None where there is none.
    file
        Readings that were not made with the marking tool.
    """
    paragraphs = (
        _images(study.images(), study.protocol),
        _reading(study.protocol) if file is None else _from_file(file),
        _network(study.dcnn(), study.facts()),
        _statistics(analysis),
    )
    return tuple(text for text in paragraphs if text)


def _images(images: Sequence[ImageInfo], protocol: Protocol) -> str:
    if not images:
        return "There is no image in the study yet."
    sizes = sorted({(image.columns, image.rows) for image in images})
    size = f"{sizes[0][0]}×{sizes[0][1]} pixels" if len(sizes) == 1 else "the scanners' own pixels,"
    mm = [value for image in images for value in image.spacing_mm]
    sources = listed([SPACINGS.get(source, source) for source in sorted({image.spacing_source for image in images})])
    chosen = "the one that the network took for the best hepatorenal view" if protocol.choose == "view" else "the first"
    return (
        f"{counted(len(images), 'B-mode image')}, one of each {protocol.unit}, are read; where a {protocol.unit} had "
        f"several that could be used, {chosen} was chosen. Scanners: {scanners([image.family for image in images])}. "
        f"Images have {size} of {min(mm):.2f} to {max(mm):.2f} mm, by {sources}. They were de-identified before "
        "anyone read them: DICOM files by the Basic Application Level Confidentiality Profile (PS3.15 Annex E), with "
        "every pixel outside of the scanned sector set to black; who is who stands in a key that is kept apart."
        f"{_split(protocol)}"
    )


def _split(protocol: Protocol) -> str:
    if protocol.split.test == 1:
        return ""
    shares = listed([f"{100 * share:.0f}% for {part}" for part, share in protocol.split.shares.items() if share])
    return f" Subjects were split by patient: {shares} (seed {protocol.seed})."


def _reading(protocol: Protocol) -> str:
    readers = counted(len(protocol.readers), "reader")
    sessions = counted(protocol.sessions, "session")
    days = (
        f", at least {counted(protocol.interval_days, 'day')} apart"
        if protocol.sessions > 1 and protocol.interval_days
        else ""
    )
    square = f"square of {protocol.side_mm:g}×{protocol.side_mm:g} mm²"
    shapes = [square if shape is Shape.SQUARE else SHAPES[shape] for shape in protocol.shapes]
    return (
        f"{readers} ({listed(protocol.readers)}) marked a region of liver parenchyma and one of the right renal "
        f"cortex on every image in {sessions}{days}, in an order drawn anew for each reader and session (seed "
        f"{protocol.seed}), each as {' or '.join(shapes)}. Nobody saw another reader's, another session's or the "
        f"network's regions; readers {'saw' if protocol.show_values else 'did not see'} their own values. Mean grey "
        "levels are those of the stored pixels whose centres lie inside a region. The hepatorenal index (HRI) is the "
        "mean of the liver over the mean of the renal cortex."
    )


def _from_file(file: FromFile) -> str:
    raters, sessions = counted(len(file.readings.raters), "rater"), counted(len(file.readings.sessions), "session")
    return (
        f"Readings of {raters} ({listed(file.readings.raters)}) in {sessions} are from the file {file.name} (SHA-256 "
        f"{file.sha256}); they were not made with the marking tool, so that there are neither regions nor times of "
        "them. The hepatorenal index (HRI) is the mean grey level of the liver over that of the renal cortex."
    )


def _network(results: Sequence[DcnnResult], facts: dict[str, str]) -> str:
    if not results:
        return "The network has not measured the images yet (hri-node study dcnn)."
    own = results[0].algorithm
    lost = sum(each.result["hri"] is None for each in results)
    node = facts.get("version hri-node", "of a version that is not known")
    processor = facts.get("dcnn processor", "a processor that is not known")
    return (
        f"The network {own['name']} {own['version']} (Device UID {own['device_uid']}, SHA-256 {own['sha256']}) found "
        f"liver and right kidney on the same stored pixels, and hri-node {node} placed the regions and measured them "
        f"({results[0].parameters}), on {processor}. It had no index for {lost} of {counted(len(results), 'image')}."
    )


def _statistics(analysis: Analysis | None) -> str:
    grades = (
        " The index is compared with the reference grade by ROC curves, whose areas have DeLong's interval and paired "
        "test; the network's area is tested against each reader's."
        if analysis and analysis.detections
        else ""
    )
    return (
        f"Agreement is the intraclass correlation coefficient {PAPER_FORM}: one-way random effects, single reading, "
        "with 95% confidence interval by the F distribution. It is the only form that fits all numbers in which Cha "
        "et al. (Ultrasonography 2021;40:565-574) agree with themselves; the other forms stand in a table of their "
        "own. Agreement is called poor up to 0.50, moderate up to 0.70, high up to 0.90, and excellent above. "
        "Bland-Altman analysis gives bias and limits of agreement (bias ± 1.96 SD) with 95% confidence intervals, of "
        "the HRI also as a ratio. The network is compared with the mean over readers of each one's mean over "
        f"sessions, and with each single reading.{grades}"
    )
