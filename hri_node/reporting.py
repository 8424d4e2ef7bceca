"""The settings of reports come in, what is common to every report made by them goes out."""

from datetime import datetime

from hri_node.measure.types import Options
from hri_node.measuring import MANUFACTURER, in_words
from hri_node.report.context import ReportContext, Verifier
from hri_node.sections import ReportSettings


def first_context(chosen: ReportSettings, options: Options, created: datetime) -> ReportContext:
    """Context of a study's first report.

    Parameters
    ----------
    chosen
        Flags, and which objects are made.
    options
        How was measured.
    created
        When the report was first asked for, aware; never from the clock.
    """
    observer, organization = chosen.verifying_observer, chosen.verifying_organization
    return ReportContext(
        created=created,
        revision=1,
        manufacturer=MANUFACTURER,
        parameters=in_words(options),
        seg_profile=chosen.seg_profile,
        is_final=chosen.final,
        verifier=Verifier(observer, organization) if observer else None,
        patient_on_picture=chosen.patient_on_picture,
        presentation_state=chosen.presentation_state,
        pdf=chosen.pdf,
    )
