"""Settings of alerts come in; what counts as wrong, and who is told, goes out in words."""

from hri_node.alerts.watch import CERTIFICATE_NOTICE, lasting
from hri_node.console_sections import AlertSettings
from hri_node.settings import Settings

MINUTE_S, HOUR_S = 60, 3600


def rules(settings: Settings) -> list[tuple[str, str]]:
    """What counts as wrong, by the title of its kind.

    Parameters
    ----------
    settings
        Of the node.
    """
    chosen = settings.alerts
    changed = f"index or measurable share of 7 days is {chosen.drift_share:.0%} off that of the 28 days before"
    away_s = max(chosen.raise_after_s, chosen.destination_away_min * MINUTE_S)
    return [
        ("Queue stuck", f"a job that could be done waits for more than {lasting(chosen.queue_oldest_min * MINUTE_S)}"),
        ("Broker away", "Redis does not answer"),
        ("Destination away", f"it does not answer for {lasting(away_s)}, and nobody paused it"),
        ("Disk fills up", f"less than {settings.retention.clean_below_mib:,} MiB are free under the spool"),
        ("Disk full", f"{settings.spool_reserve_mib:,} MiB or less are free: nothing is received"),
        (
            "Many failures",
            f"{chosen.failed_share:.0%} of a queue's jobs of the last hour failed, {chosen.failed_count_min} at least",
        ),
        (
            "Scanner silent",
            f"one that sent before sends nothing for {lasting(chosen.silent_after_h * HOUR_S)}, or its own time",
        ),
        ("Scanner changed", f"{changed}; {chosen.drift_count_min} images at least"),
        ("Certificate expires", f"one of the node's own ends within {CERTIFICATE_NOTICE.days} days"),
    ]


def patience(settings: AlertSettings) -> str:
    """For how long a thing must be so.

    Parameters
    ----------
    settings
        Section ``alerts``.
    """
    return (
        f"Something counts as wrong once it was so for {lasting(settings.raise_after_s)}, "
        f"and as fine again once it was so for {lasting(settings.clear_after_s)}. Each is told once."
    )
