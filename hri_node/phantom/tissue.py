"""What may lie at a point of the body, and what each tissue does to sound."""

from enum import IntEnum

import numpy as np

from hri_node.phantom.fields import Floats


class Tissue(IntEnum):
    """What may lie at a point; PATCH and those after it are whatever else a body holds, other in each view."""

    SOFT = 0
    LIVER = 1
    CORTEX = 2
    MEDULLA = 3
    SINUS = 4
    VESSEL = 5
    FLUID = 6
    FAT = 7
    MUSCLE = 8
    LUNG = 9
    GAS = 10
    PERIRENAL = 11
    SPLEEN = 12
    BOWEL = 13
    BONE = 14
    SKIN = 15
    PATCH = 16


PATCHES = 6
"""Tissues from PATCH on."""

COUNT = len(Tissue) - 1 + PATCHES

# By Tissue:         soft liver cortex medul sinus vess fluid  fat muscle lung gas perir spleen bowel bone skin
_BACKSCATTER_DB = (-4.0, 0.0, 0.0, -5.0, 8.0, -26, -36, -4.0, -3.0, -5.0, 4.0, 2.0, 1.0, -3.0, -8.0, 4.0)
_ATTENUATION = (0.6, 0.6, 0.5, 0.5, 0.8, 0.12, 0.06, 0.6, 0.8, 0.0, 0.0, 0.6, 0.5, 0.6, 0.9, 0.8)
_IMPEDANCE = (1.63, 1.65, 1.63, 1.62, 1.58, 1.62, 1.56, 1.47, 1.69, 1.6, 1.6, 1.48, 1.65, 1.62, 1.63, 1.66)


def backscatter_db(rng: np.random.Generator, dhri_db: float) -> Floats:
    """Echo level of each tissue relative to renal cortex, as this body has them.

    Parameters
    ----------
    rng
        Where chance comes from.
    dhri_db
        Of the liver.
    """
    levels = np.concatenate([_BACKSCATTER_DB, rng.uniform(-13, 8, PATCHES)]).astype(np.float32)
    levels[Tissue.LIVER] = dhri_db
    levels[Tissue.MEDULLA] = rng.uniform(-8, -0.5)
    levels[Tissue.SINUS] = rng.uniform(2, 13)
    levels[Tissue.SPLEEN] = rng.normal(2.5, 2.0)
    levels[Tissue.SOFT] = rng.uniform(-10, 3)
    for tissue, spread in (
        (Tissue.FAT, 5),
        (Tissue.MUSCLE, 4),
        (Tissue.PERIRENAL, 5),
        (Tissue.BOWEL, 4),
        (Tissue.SKIN, 3),
    ):
        levels[tissue] += rng.normal(0, spread)
    # The wall is bright: little was lost on the way, and its fibres lie across the beam.
    wall = rng.normal(6, 4)
    levels[[Tissue.FAT, Tissue.MUSCLE, Tissue.SKIN]] += np.float32(wall)
    levels[Tissue.VESSEL] += rng.uniform(0, 12)
    levels[Tissue.FLUID] += rng.uniform(0, 10)
    return levels


def attenuation(rng: np.random.Generator, dhri_db: float) -> Floats:
    """dB/cm/MHz of each tissue. Lung and gas send back what `shadows` says and lose nothing more.

    Parameters
    ----------
    rng
        Where chance comes from.
    dhri_db
        Of the liver: fat in it attenuates too, .55 (normal) to .85 (fatty) dB/cm/MHz (Lu 1999).
    """
    values = np.concatenate([_ATTENUATION, rng.uniform(0.4, 0.9, PATCHES)]).astype(np.float32)
    values[Tissue.LIVER] = 0.53 + 0.022 * max(dhri_db, 0)
    return values


def impedance(rng: np.random.Generator) -> Floats:
    """MRayl of each tissue; gas is no fluid to this model, its echo comes from `shadows`.

    Parameters
    ----------
    rng
        Where chance comes from.
    """
    values = np.concatenate([_IMPEDANCE, rng.uniform(1.52, 1.70, PATCHES)])
    # The border of an organ may be bright, faint or missing.
    values[: Tissue.PATCH] += rng.normal(0, 0.012, int(Tissue.PATCH))
    return values.astype(np.float32)
