"""An `Anatomy` comes in; the echo level of every beam in dB, with and without speckle, goes out.

Model: backscatter × speckle (complex scatterers under a depth-dependent beam width), specular reflection where
impedance changes along the beam, attenuation, time-gain compensation, focus, haze and noise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from hri_node.phantom.anatomy import Anatomy, Codes
from hri_node.phantom.fields import Floats, smooth_noise
from hri_node.phantom.geometry import Points, points_on_beams
from hri_node.phantom.ranges import Settings
from hri_node.phantom.shadows import Obstacles, find_obstacles
from hri_node.phantom.tissue import PATCHES, Tissue, attenuation, backscatter_db, impedance

DEPTHS, BEAMS = 512, 300
"""Samples of the beam grid: 0.3 mm along, a quarter of a degree across."""

SOUND_SPEED = 1.54
"""mm per microsecond in soft tissue."""

DROWNED = 0.8
"""Tissue this share below noise and haze is not seen any more."""

MOST_LOOKS = 3
"""So many are simulated; more looks than that are had by smoothing."""


@dataclass(frozen=True, slots=True)
class Echo:
    """What the beams brought back; every array has shape (`DEPTHS`, `BEAMS`).

    Attributes
    ----------
    level_db
        Echo level with everything.
    expected_db
        Echo level without speckle, fine texture, reflections and shadows.
    drowned
        Where noise and haze are louder than the tissue.
    """

    points: Points
    tissue: Codes
    level_db: Floats
    expected_db: Floats
    shadow_db: Floats
    drowned: NDArray[np.bool_]


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
    path_db = gain_db - loss_db
    receiver = _receive(rng, settings, tissue.shape, depth)
    seen = np.asarray(
        _speckle(rng, settings, amplitude, depth) * 10 ** ((path_db - obstacles.shadow_db) / 10), np.float32
    )
    clean = np.asarray(10 ** ((mean_db + path_db) / 10), np.float32)
    signal = clean * 10 ** (-obstacles.shadow_db / 10)
    drowned = signal < DROWNED * (receiver.noise + receiver.hazy(seen))
    return Echo(
        points,
        tissue,
        level_db=_decibels(seen + receiver.hazy(seen) + receiver.added),
        expected_db=_decibels(clean + receiver.hazy(clean) + receiver.added),
        shadow_db=obstacles.shadow_db,
        drowned=drowned,
    )


def _decibels(power: Floats) -> Floats:
    """10 log10, far from minus infinity."""
    return np.asarray(10 * np.log10(power + 1e-9), np.float32)


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
    """Backscatter in dB, with its slow changes, and the two-way attenuation in dB from the face to each point."""
    step_cm = settings.depth_mm / (DEPTHS - 1) / 10
    loss = attenuation(rng, settings.dhri_db)[tissue]
    two_way = 2 * loss * (settings.frequency_mhz * step_cm)
    loss_db = gaussian_filter(np.cumsum(two_way, axis=0) - two_way, (1, 2.5))
    levels = backscatter_db(rng, settings.dhri_db)[tissue]
    mean_db = gaussian_filter(levels, (1.0, 0.9)) + settings.unevenness * rng.uniform(0.2, 0.9) * smooth_noise(
        rng, tissue.shape, (50, 40)
    )
    return np.where(obstacles.gas > 0, -20, mean_db).astype(np.float32), loss_db


def _amplitude(rng: np.random.Generator, anatomy: Anatomy, scene: _Scene) -> Floats:
    """Scatterer amplitude: tissue with its texture, borders, folds, diaphragm, vessel walls, bone and gas."""
    tissue = scene.tissue
    amplitude = 10 ** ((scene.mean_db + _texture(rng, tissue)) / 20)
    borders = gaussian_filter(impedance(rng)[tissue], (0.9, 1.2))
    border = np.abs(np.gradient(borders, axis=0))
    bright = rng.uniform(8, 70)
    fluid = np.isin(tissue, (Tissue.FLUID, Tissue.VESSEL))
    amplitude += bright * border * np.exp(1.1 * smooth_noise(rng, tissue.shape, (8, 25))) * ~fluid
    x_mm, z_mm = anatomy.warped(scene.points)
    liver = np.isin(tissue, (Tissue.LIVER, Tissue.VESSEL))
    amplitude += liver * anatomy.vessels.wall.at(x_mm, z_mm) * rng.uniform(0.6, 6) * 10 ** (scene.mean_db / 20)
    solid = np.isin(tissue, (Tissue.LIVER, Tissue.CORTEX, Tissue.MEDULLA, Tissue.SPLEEN, Tissue.FLUID, Tissue.VESSEL))
    amplitude += ~solid * anatomy.folds.at(x_mm, z_mm) * rng.uniform(0.7, 9)
    if anatomy.settings.has_liver:
        amplitude += _diaphragm(rng, anatomy, x_mm, z_mm)
    return np.asarray(amplitude * (scene.obstacles.gas == 0) + scene.obstacles.amplitude, np.float32)


def _texture(rng: np.random.Generator, tissue: Codes) -> Floats:
    """Fine changes of backscatter in dB: even in organs, lumpy in fat, striped in muscle, anything in patches."""
    shape = tissue.shape
    texture = rng.uniform(0.2, 1.2) * smooth_noise(rng, shape, (8, 6))
    lumpy = np.isin(tissue, (Tissue.SINUS, Tissue.PERIRENAL, Tissue.FAT, Tissue.BOWEL))
    texture += lumpy * (rng.uniform(1, 5) * smooth_noise(rng, shape, (rng.uniform(4, 9), rng.uniform(6, 18))))
    striped = np.isin(tissue, (Tissue.MUSCLE, Tissue.SOFT, Tissue.FAT))
    texture += striped * (rng.uniform(1, 5) * smooth_noise(rng, shape, (rng.uniform(3, 8), rng.uniform(25, 80))))
    for patch in range(int(Tissue.PATCH), int(Tissue.PATCH) + PATCHES, 2):
        length = rng.uniform(3, 14), rng.uniform(4, 60)
        texture += ((tissue == patch) | (tissue == patch + 1)) * (rng.uniform(0, 6) * smooth_noise(rng, shape, length))
    return texture


def _diaphragm(rng: np.random.Generator, anatomy: Anatomy, x_mm: Floats, z_mm: Floats) -> Floats:
    """The bright arc between liver and lung, brightest where the beam meets it at a right angle."""
    dome = anatomy.dome
    distance = np.abs(dome.reach(x_mm, z_mm) - 1) * dome.radius_mm
    arc = np.exp(-((distance / rng.uniform(0.8, 2.0)) ** 2)) * (x_mm < dome.cranial_mm)
    steep = np.clip(np.abs(z_mm - dome.z_mm) / dome.radius_mm, 0, 1) ** 2
    return np.asarray(arc * steep * rng.uniform(1, 16), np.float32)


def _speckle(rng: np.random.Generator, settings: Settings, amplitude: Floats, depth: Floats) -> Floats:
    """Intensity of scatterers seen through a beam that widens away from its focus, averaged over the looks."""
    wavelength_mm = SOUND_SPEED / settings.frequency_mhz
    axial = max(0.5, rng.uniform(0.3, 1.1) * wavelength_mm * 1.35 / (settings.depth_mm / DEPTHS))
    focus_mm = rng.uniform(0.35, 0.65) * settings.depth_mm
    width_mm = np.hypot(rng.uniform(1.0, 4.5) * wavelength_mm * 1.5, rng.uniform(0.012, 0.035) * (depth - focus_mm))
    beam_mm = (depth + settings.probe_radius_mm) * np.deg2rad(settings.field_deg) / BEAMS
    lateral = np.clip(width_mm / 2.355 / beam_mm, 0.8, 14).astype(np.float32)
    transfer = np.exp(-2 * (np.pi * fft.rfftfreq(BEAMS).astype(np.float32)[None, :] * lateral[:, None]) ** 2)
    transfer /= np.sqrt((2 * transfer**2).mean(axis=1, keepdims=True) / 2)
    total = np.zeros_like(amplitude)
    looks = min(MOST_LOOKS, max(1, round(settings.looks)))
    for _ in range(looks):
        scatterers = rng.standard_normal((2, DEPTHS, BEAMS), dtype=np.float32) * amplitude
        echoes = fft.irfft(fft.rfft(gaussian_filter1d(scatterers, axial, axis=1), axis=2) * transfer, BEAMS, axis=2)
        total += (echoes**2).sum(axis=0)
    intensity = np.asarray(total * np.sqrt(np.pi) * axial / looks, np.float32)
    if settings.looks <= MOST_LOOKS:
        return intensity
    # What speckle reduction does: grains are drawn towards the local level, borders stay.
    level = np.log(intensity + 1e-9)
    share = np.sqrt(MOST_LOOKS / settings.looks)
    return np.asarray(np.exp(share * level + (1 - share) * gaussian_filter(level, (1.7, 2.4))), np.float32)


def _compensation(rng: np.random.Generator, settings: Settings, depth: Floats) -> Floats:
    """Time-gain compensation with its error, focal gain and a slow lateral drift, in dB."""
    slope = 2 * 0.55 * settings.frequency_mhz / 10 + np.clip(rng.normal(-7, 6), -20, 6) / settings.depth_mm
    error = settings.unevenness * rng.uniform(0.5, 3.5) * smooth_noise(rng, (DEPTHS, 2), (90, 1))[:, 0]
    # Focal zones are put together with seams.
    error += settings.unevenness * rng.uniform(0, 1.5) * smooth_noise(rng, (DEPTHS, 2), (28, 1))[:, 0]
    focus_mm = rng.uniform(0.4, 0.8) * settings.depth_mm
    focal = rng.uniform(0, 4) * np.exp(-(((depth - focus_mm) / (0.22 * settings.depth_mm)) ** 2))
    lateral = settings.unevenness * rng.uniform(0.3, 1.8) * smooth_noise(rng, (DEPTHS, BEAMS), (250, 40))
    return np.asarray((slope * depth + error + focal)[:, None] + lateral, np.float32)


@dataclass(frozen=True, slots=True)
class _Receiver:
    """What is added to the echoes: haze (a share of what is around), and power that no tissue sent."""

    haze: float
    added: Floats
    noise: Floats

    def hazy(self, intensity: Floats) -> Floats:
        """Side-lobe haze: what is around a point, blurred."""
        small = Image.fromarray(intensity).resize((BEAMS // 20, DEPTHS // 12), Image.Resampling.BOX)
        return np.asarray(
            30 * self.haze * np.asarray(small.resize((BEAMS, DEPTHS), Image.Resampling.BILINEAR)), np.float32
        )


def _receive(rng: np.random.Generator, settings: Settings, shape: tuple[int, int], depth: Floats) -> _Receiver:
    """Haze, near-field reverberation and noise of this view; noise grows with the compensation."""
    haze = 10 ** (rng.uniform(-52, -28) / 10)
    near = 100 * haze * np.exp(-depth / rng.uniform(4, 12))[:, None] * rng.exponential(1, shape)
    quiet = rng.uniform(-64, -44) if rng.random() < 0.85 else rng.uniform(-48, -39)  # noqa: PLR2004 - few are noisy
    noise_db = quiet + rng.uniform(0.5, 0.95) * 2 * 0.55 * settings.frequency_mhz / 10 * depth
    # Scanners stop amplifying where only noise is left.
    level = np.broadcast_to(10 ** (np.minimum(noise_db, rng.uniform(-42, -9)) / 10)[:, None], shape)
    noise = level * gaussian_filter(rng.exponential(1, shape), (rng.uniform(0.5, 2), rng.uniform(0.5, 2.5)))
    return _Receiver(haze, np.asarray(near + noise, np.float32), np.asarray(level, np.float32))
