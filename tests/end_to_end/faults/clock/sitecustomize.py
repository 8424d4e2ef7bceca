"""Python imports this at the start of each of the node's processes: their clock goes wrong by as much as a file says.

Debian's libfaketime would do it from outside, but time.sleep fails under it where it leaves the monotonic clock alone.
"""

import hri_node.node


def wrong_now():  # noqa: ANN201 - lends its code to a function that has the types
    """Present time, and the seconds that stand in the file."""
    import os
    from datetime import UTC, datetime, timedelta

    with open(os.environ["FAULT_CLOCK"]) as file:  # noqa: PTH123
        return datetime.now(UTC) + timedelta(seconds=float(file.read() or 0))


hri_node.node.utc_now.__code__ = wrong_now.__code__
