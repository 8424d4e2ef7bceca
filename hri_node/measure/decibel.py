"""Two regions and a dynamic range in, the difference of their echoes in dB out."""

from hri_node.measure.types import Region

WHITE = 255
"""Grey level at the top of the dynamic range."""


def decibel_difference(liver: Region, cortex: Region, dynamic_range_db: float) -> float:
    """Echo of the liver over that of the cortex, in dB, as though the grey map were linear in dB.

    Unlike the index it does not change with the gain, but scanners bend their maps: it is an estimate.

    Parameters
    ----------
    liver, cortex
        Regions of interest.
    dynamic_range_db
        From black to white.

    References
    ----------
    ALGORITHM.md, the difference in dB.
    """
    return (liver.mean - cortex.mean) * dynamic_range_db / WHITE
