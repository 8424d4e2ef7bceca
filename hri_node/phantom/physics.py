"""An `Anatomy` comes in; the echo level of every beam in dB, with and without speckle, goes out.

Model: backscatter × speckle (complex scatterers under a depth-dependent beam width), specular reflection where
impedance changes along the beam, attenuation, time-gain compensation, focus, haze and noise.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import fft
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from hri_node.phantom.anatomy import Anatomy, Codes, Tissue
from hri_node.phantom.fields import Floats, smooth_noise
from hri_node.phantom.geometry import Points, points_on_beams
from hri_node.phantom.ranges import Settings
from hri_node.phantom.shadows import Obstacles, find_obstacles

DEPTHS, BEAMS = 512, 300
"""Samples of the beam grid: 0.3 mm along, a quarter of a degree across."""

SOUND_SPEED = 1.54
"""mm per microsecond in soft tissue."""

# By Tissue:                       soft  liver cortex medul sinus vess  gallb  fat  muscle lung  gas perirenal
BACKSCATTER_DB = np.array([-4.0, 0.0, 0.0, -5.0, 10.0, -24, -34, -5.0, -2.0, -5.0, 4.0, 3.0], np.float32)
"""Relative to renal cortex; liver, medulla and sinus are set for each view."""

ATTENUATION = np.array([0.6, 0.6, 0.5, 0.5, 0.9, 0.12, 0.06, 0.6, 0.8, 0.0, 0.0, 0.6], np.float32)
"""dB/cm/MHz; liver is set for each view. Lung and gas send back what `shadows` says and lose nothing more."""

IMPEDANCE = np.array([1.63, 1.65, 1.63, 1.62, 1.56, 1.62, 1.56, 1.45, 1.69, 1.60, 1.60, 1.47], np.float32)
"""MRayl; gas is no fluid to this model, its echo comes from `shadows`."""


@dataclass(frozen=True, slots=True)
class Echo:
    """What the beams brought back; every array has shape (`DEPTHS`, `BEAMS`).

    Attributes
    ----------
    level_db
        Echo level with everything.
    expected_db
        Echo level without speckle, texture, reflections and shadows.
    """

    points: Points
    tissue: Codes
    level_db: Floats
    expected_db: Floats
    shadow_db: Floats


def insonate(rng: np.random.Generator, anatomy: Anatomy) -> Echo:
    """The echoes of one view.

    Parameters
    ----------
    rng
        Where chance comes from.
    anatomy
        Who is insonated.

    Returns
    -------
    Echo
        Levels on the beam grid.
    """
    settings = anatomy.settings
    half_field = np.deg2rad(settings.field_deg) / 2
    depth = np.linspace(0, settings.depth_mm, DEPTHS, dtype=np.float32)
    angle = np.linspace(-half_field, half_field, BEAMS, dtype=np.float32)
    grid = np.meshgrid(depth, angle, indexing="ij")
    points = points_on_beams(grid[0], grid[1], settings.probe_radius_mm)
    tissue = anatomy.tissues(points)
    obstacles = find_obstacles(rng, anatomy, points, tissue)
    mean_db, loss_db = _tissue_levels(rng, settings, tissue, obstacles)
    amplitude = _amplitude(rng, anatomy, _Scene(points, tissue, mean_db, obstacles))
    gain_db = _compensation(rng, settings, depth)
    speckled = _speckle(rng, settings, amplitude, depth)
    clean = 10 ** (mean_db / 10)
    path_db = gain_db - loss_db
    received = [
        _receive(rng, settings, np.asarray(source * 10 ** (way_db / 10), np.float32), depth)
        for source, way_db in ((speckled, path_db - obstacles.shadow_db), (clean, path_db))
    ]
    level_db, expected_db = (np.asarray(10 * np.log10(power + 1e-9), np.float32) for power in received)
    return Echo(points, tissue, level_db, expected_db, obstacles.shadow_db)


@dataclass(frozen=True, slots=True)
class _Scene:
    """Tissue and obstacles on the beam grid."""

    points: Points
    tissue: Codes
    mean_db: Floats
    obstacles: Obstacles


def _tissue_levels(
    rng: np.random.Generator, settings: Settings, tissue: Codes, obstacles: Obstacles
) -> tuple[Floats, Floats]:
    """Backscatter in dB, and the two-way attenuation in dB from the face to each point."""
    backscatter, attenuation = BACKSCATTER_DB.copy(), ATTENUATION.copy()
    backscatter[Tissue.LIVER] = settings.dhri_db
    backscatter[Tissue.MEDULLA], backscatter[Tissue.SINUS] = rng.uniform(-9, -2), rng.uniform(5, 14)
    # Fat in the liver attenuates too: .55 (normal) to .85 (fatty) dB/cm/MHz (Lu 1999).
    attenuation[Tissue.LIVER] = 0.53 + 0.022 * max(settings.dhri_db, 0)
    step_cm = settings.depth_mm / (DEPTHS - 1) / 10
    two_way = 2 * attenuation[tissue] * (settings.frequency_mhz * step_cm)
    loss_db = gaussian_filter(np.cumsum(two_way, axis=0) - two_way, (1, 2.5))
    mean_db = gaussian_filter(backscatter[tissue], (1.0, 0.9))
    return np.where(obstacles.gas > 0, -20, mean_db).astype(np.float32), loss_db


def _amplitude(rng: np.random.Generator, anatomy: Anatomy, scene: _Scene) -> Floats:
    """Scatterer amplitude: tissue with its texture, reflecting borders, diaphragm, vessel walls, bone and gas."""
    shape, tissue = scene.tissue.shape, scene.tissue
    texture = 0.8 * smooth_noise(rng, shape, (8, 6)) + 0.7 * smooth_noise(rng, shape, (50, 40))
    texture += np.isin(tissue, (Tissue.SINUS, Tissue.PERIRENAL, Tissue.FAT)) * (3 * smooth_noise(rng, shape, (6, 10)))
    texture += np.isin(tissue, (Tissue.MUSCLE, Tissue.SOFT)) * (2.5 * smooth_noise(rng, shape, (5, 50)))
    amplitude = 10 ** ((scene.mean_db + texture) / 20)
    border = np.abs(np.gradient(gaussian_filter(IMPEDANCE[tissue], 0.9), axis=0))
    amplitude += 34 * border * np.exp(0.6 * smooth_noise(rng, shape, (8, 20))) * (tissue != Tissue.GALLBLADDER)
    x_mm, z_mm = anatomy.warped(scene.points)
    liver = np.isin(tissue, (Tissue.LIVER, Tissue.VESSEL))
    amplitude += liver * anatomy.vessels.wall.at(x_mm, z_mm) * rng.uniform(1.0, 2.4)
    amplitude += _diaphragm(rng, anatomy, x_mm, z_mm)
    return np.asarray(amplitude * (scene.obstacles.gas == 0) + scene.obstacles.amplitude, np.float32)


def _diaphragm(rng: np.random.Generator, anatomy: Anatomy, x_mm: Floats, z_mm: Floats) -> Floats:
    """The bright arc between liver and lung, brightest where the beam meets it at a right angle."""
    centre_x, centre_z, radius = anatomy.diaphragm
    distance = np.abs(np.hypot(x_mm - centre_x, (z_mm - centre_z) * 0.95) - radius)
    arc = np.exp(-((distance / 1.2) ** 2)) * (x_mm < anatomy.cranial_mm)
    steep = np.clip(np.abs(z_mm - centre_z) / radius, 0, 1) ** 2
    return np.asarray(arc * steep * rng.uniform(4, 10), np.float32)


def _speckle(rng: np.random.Generator, settings: Settings, amplitude: Floats, depth: Floats) -> Floats:
    """Intensity of scatterers seen through a beam that widens away from its focus, averaged over the looks."""
    wavelength_mm = SOUND_SPEED / settings.frequency_mhz
    axial = max(0.5, rng.uniform(0.3, 0.6) * wavelength_mm * 1.35 / (settings.depth_mm / DEPTHS))
    focus_mm = rng.uniform(0.35, 0.65) * settings.depth_mm
    width_mm = np.hypot(rng.uniform(1, 2.4) * wavelength_mm * 1.5, 0.022 * (depth - focus_mm))
    beam_mm = (depth + settings.probe_radius_mm) * np.deg2rad(settings.field_deg) / BEAMS
    lateral = np.clip(width_mm / 2.355 / beam_mm, 0.4, 9).astype(np.float32)
    transfer = np.exp(-2 * (np.pi * fft.rfftfreq(BEAMS).astype(np.float32)[None, :] * lateral[:, None]) ** 2)
    transfer /= np.sqrt((2 * transfer**2).mean(axis=1, keepdims=True) / 2)
    total = np.zeros_like(amplitude)
    for _ in range(settings.looks):
        scatterers = rng.standard_normal((2, DEPTHS, BEAMS), dtype=np.float32) * amplitude
        echoes = fft.irfft(fft.rfft(gaussian_filter1d(scatterers, axial, axis=1), axis=2) * transfer, BEAMS, axis=2)
        total += (echoes**2).sum(axis=0)
    return np.asarray(total * np.sqrt(np.pi) * axial / settings.looks, np.float32)


def _compensation(rng: np.random.Generator, settings: Settings, depth: Floats) -> Floats:
    """Time-gain compensation with its error, focal gain and a slow lateral drift, in dB."""
    slope = 2 * (0.55 + rng.uniform(-0.08, 0.05)) * settings.frequency_mhz / 10
    error = 1.5 * smooth_noise(rng, (DEPTHS, 2), (120, 1))[:, 0]
    focus_mm = rng.uniform(0.4, 0.8) * settings.depth_mm
    focal = 2.5 * np.exp(-(((depth - focus_mm) / (0.22 * settings.depth_mm)) ** 2))
    lateral = 1.2 * smooth_noise(rng, (DEPTHS, BEAMS), (250, 40))
    return np.asarray((slope * depth + error + focal)[:, None] + lateral, np.float32)


def _receive(rng: np.random.Generator, settings: Settings, intensity: Floats, depth: Floats) -> Floats:
    """Side-lobe haze, reverberation near the face, and noise that the compensation amplifies with depth."""
    haze = 10 ** (rng.uniform(-48, -34) / 10)
    small = Image.fromarray(np.asarray(intensity, np.float32)).resize((BEAMS // 20, DEPTHS // 12), Image.Resampling.BOX)
    spread = np.asarray(small.resize((BEAMS, DEPTHS), Image.Resampling.BILINEAR))
    near = 100 * haze * np.exp(-depth / 8)[:, None] * rng.exponential(1, intensity.shape)
    noise_db = rng.uniform(-56, -42) + 0.75 * 2 * 0.55 * settings.frequency_mhz / 10 * depth
    noise = 10 ** (noise_db / 10)[:, None] * gaussian_filter(rng.exponential(1, intensity.shape), (0.6, 0.5))
    return np.asarray(intensity + 30 * haze * spread + near + noise, np.float32)
