"""A number of examples comes in; settings of hypothesis for the chosen profile go out."""

import os

from hypothesis import HealthCheck, settings

LONG = "long"

FACTOR = 50
"""How many times more examples the long profile runs."""

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "short")

SUPPRESSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


def register() -> None:
    """Tell hypothesis both profiles; neither becomes the default of tests elsewhere."""
    base = settings(deadline=None, suppress_health_check=SUPPRESSED, print_blob=True)
    settings.register_profile("short", base, derandomize=True, database=None)
    settings.register_profile(LONG, base, derandomize=False)


def examples(count: int) -> settings:
    """Settings of a test that runs `count` examples in the short profile, always the same ones."""
    register()
    return settings(settings.get_profile(PROFILE), max_examples=count * (FACTOR if PROFILE == LONG else 1))
