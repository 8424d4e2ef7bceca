"""Fine-tuning at a tiny size: what a site's folder must hold, what counts of it, and whose version comes out."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from builders import simple_picture
from PIL import Image

pytest.importorskip("keras")

import keras

from hri_node.errors import Refused
from hri_node.phantom.ranges import Kind
from hri_node.segment.manifest import device_uid, read_manifest
from hri_node.segment.runtime import verify
from hri_node.settings import SHIPPED_MODEL_DIR
from models.icnet import finetune as module
from models.icnet import tune as tuning_module
from models.icnet.architecture import Design, build_icnet
from models.icnet.data import HIDDEN_BIT, UNKNOWN_KIND, UNSURE_BIT, Floats, Phantoms, targets_of, training_batch
from models.icnet.export import write_version
from models.icnet.finetune import Request, finetune
from models.icnet.fold import weighted
from models.icnet.guess import guessed_labels, guessed_views, stamped
from models.icnet.losses import head_loss, view_loss
from models.icnet.recipe import FINETUNE, Tuning, read_tuning
from models.icnet.site import labelled_views, parted, read_site
from models.icnet.train import main
from models.icnet.tune import Material, learner_of, tune

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a version is exported through TensorFlow"
)

DESIGN = Design((64, 64), 2, views=True)


@pytest.fixture(scope="module")
def views() -> Phantoms:
    """Two bright rectangles on dark ground stand for two organs."""
    labels = np.zeros((4, 256, 320), np.uint8)
    labels[:, 40:150, 50:200], labels[:, 150:220, 100:250] = 1, 2
    pixels = np.array([20, 80, 160], np.uint8)[labels]
    return Phantoms(pixels, labels, np.zeros(4, np.uint8))


@pytest.fixture(scope="module")
def drawn() -> keras.Model:
    """A small network as it is served, drawn by chance; its blocks add little, as normalised ones do."""
    keras.utils.set_random_seed(1)
    network = build_icnet(DESIGN, training=False)
    rng = np.random.default_rng(1)
    for layer in weighted(network):
        kernel, bias = layer.get_weights()
        share = 0.2 if layer.name.endswith("_increase") else 1.0
        layer.set_weights([share * kernel, rng.normal(0, 0.01, bias.shape)])
    return network


@pytest.fixture
def served(drawn: keras.Model) -> Iterator[keras.Model]:
    """The same network for each test, whatever the last one taught it."""
    kept = drawn.get_weights()
    yield drawn
    drawn.set_weights(kept)


@pytest.fixture(scope="module")
def tuning() -> Tuning:
    """The recipe that is shipped, with a few quick steps."""
    plain = replace(read_tuning().augmentation, geometry=0, light=0, convolutions=0)
    return replace(read_tuning(), steps=3, batch=2, rate=1e-3, warm_up_steps=1, augmentation=plain)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of three frames: c1 and d1 with a label map, d2 without."""
    folder = tmp_path / "site"
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    made = simple_picture()
    for stem in ("c1", "d1", "d2"):
        Image.fromarray(made.pixels).save(folder / "images" / f"{stem}.png")
    labels = (1 * made.masks["liver"] + 2 * made.masks["kidney"]).astype(np.uint8)
    for stem in ("c1", "d1"):
        Image.fromarray(labels).save(folder / "labels" / f"{stem}.png")
    return folder


def loss_on(network: keras.Model, views: Phantoms) -> float:
    """Loss of the main prediction on views that are not augmented."""
    plain = replace(read_tuning().augmentation, geometry=0, light=0, convolutions=0)
    batch = training_batch(views, np.random.default_rng(0), 2, DESIGN.shape, plain)
    return float(head_loss(batch.targets, learner_of(network)(batch.channels)[0]))


def test_labelled_frames_are_learned(served: keras.Model, views: Phantoms, tuning: Tuning) -> None:
    """A few steps lower the loss on the frames that have a label map, in the very network that is served."""
    before = loss_on(served, views)

    losses = tune(served, Material(views, views.pixels[:0], views), tuning, eager=True)

    assert len(losses) == tuning.steps
    assert loss_on(served, views) < before


def test_frames_without_a_label_map_are_outlined_again(
    served: keras.Model, views: Phantoms, tuning: Tuning, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network is asked as often as the recipe says, and learns from nothing else where no frame is labelled."""
    asked: list[int] = []

    def guessed(_chances: Callable[[Floats], Floats], pixels: np.ndarray) -> Phantoms:
        asked.append(len(pixels))
        return replace(views, pixels=pixels, labels=views.labels[: len(pixels)])

    monkeypatch.setattr(tuning_module, "guessed_views", guessed)
    before = loss_on(served, views)
    tune(served, Material(None, views.pixels, views), replace(tuning, guesses=3, looks=2), eager=True)

    assert asked == [3, 3]
    assert loss_on(served, views) < before


def test_guesses_count_only_where_sure() -> None:
    """Between 0.1 and 0.9, or with both organs certain, a pixel has no weight; elsewhere it is what it seems."""
    liver, kidney = [0.05, 0.95, 0.02, 0.3, 0.8, 0.95], [0.05, 0.02, 0.95, 0.02, 0.02, 0.95]
    labels = guessed_labels(np.array([[liver, kidney]], np.float32).transpose(0, 2, 1)[:, np.newaxis])[0, 0]
    frame = np.zeros((8, 8), np.uint8)
    frame[0, :6] = labels

    assert (labels & (UNSURE_BIT - 1)).tolist() == [0, 1, 2, 0, 1, 1]
    assert targets_of(frame)[0, :6, 2].tolist() == [1, 1, 1, 0, 0, 0]


def test_guesses_give_way_to_what_readers_marked() -> None:
    """Of a view in which most of a mark was missed, the marks alone count."""
    labels = np.zeros((2, 8, 8), np.uint8)
    labels[:, 0], labels[:, 4] = 1, 2
    certain = np.zeros_like(labels)
    certain[0, :2], certain[1, 1:5] = 1, 1
    guessed = Phantoms(labels, labels, np.zeros(2, np.uint8))

    kept, missed = stamped(guessed, certain).labels[:, :, 0].tolist()

    assert kept == [1, 1, 0, 0, 2, 0, 0, 0]
    assert missed == [UNSURE_BIT, 1, 1, 1, 1, *[UNSURE_BIT] * 3]


def test_hidden_pixels_keep_their_weight() -> None:
    """What a phantom hides in a narrow place still counts a little."""
    labels = np.zeros((8, 8), np.uint8)
    labels[0, :2] = 1 | HIDDEN_BIT, 2

    assert targets_of(labels)[0, :2].tolist() == pytest.approx(np.array([[1, 0, 0.05], [0, 1, 1]]))


def test_guesses_are_averaged_with_the_mirror_image() -> None:
    """A network that takes the left half for liver, whatever it sees, is sure of nothing after the flip."""

    def left_half(channels: Floats) -> Floats:
        seen = np.zeros(channels.shape, np.float32)
        seen[:, :, : channels.shape[2] // 2, 0] = 1
        return seen

    found = guessed_views(left_half, np.full((3, 64, 64), 90, np.uint8))

    assert (found.labels & UNSURE_BIT).all()
    assert (found.kinds == UNKNOWN_KIND).all()


def test_views_of_an_unknown_kind_do_not_count() -> None:
    """The loss is that of the views whose kind is known; none known costs nothing."""
    logits = np.array([[3, 0, 0, 0, 0], [0, 5, 0, 0, 0]], np.float32)

    known = float(view_loss(np.array([1]), logits[:1]))
    assert float(view_loss(np.array([1, UNKNOWN_KIND]), logits)) == pytest.approx(known, rel=1e-5)
    assert float(view_loss(np.array([UNKNOWN_KIND] * 2), logits)) == 0


def test_a_site_is_read(site: Path) -> None:
    """Frames are cut to their sector with their label maps; both organs make a hepatorenal view."""
    frames = read_site(site)
    views = labelled_views(frames)

    assert [frame.known is None for frame in frames] == [False, False, True]
    assert views is not None
    assert views.kinds.tolist() == [0, 0]
    lit = [np.median(views.pixels[views.labels == value]) for value in (0, 1)]
    assert lit[0] < lit[1]


def test_label_maps_tell_the_view(site: Path) -> None:
    """Both organs: hepatorenal; the liver alone; neither: another view; a kidney alone may be either."""
    frame = read_site(site)[0]
    assert frame.known is not None
    maps = [frame.known, frame.known % 2, frame.known * 0, frame.known & 2]

    views = labelled_views([replace(frame, known=known) for known in maps])

    assert views is not None
    kinds = [Kind.HEPATORENAL, Kind.LIVER, Kind.OTHER]
    assert views.kinds.tolist() == [*(list(Kind).index(kind) for kind in kinds), UNKNOWN_KIND]


def test_a_subject_can_be_left_out(site: Path) -> None:
    """Its frames, with a label map or without, are not learned from."""
    kept, out = parted(read_site(site), "d")

    assert [frame.image.stem for frame in kept] == ["c1"]
    assert [frame.image.stem for frame in out] == ["d1", "d2"]
    with pytest.raises(Refused, match="begins with d2"):
        parted(kept + out[1:], "d2")


def wrong_size(site: Path) -> None:
    """A label map smaller than its image."""
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(site / "labels" / "c1.png")


def wrong_value(site: Path) -> None:
    """A label map with a third organ."""
    Image.fromarray(np.full((480, 640), 4, np.uint8)).save(site / "labels" / "c1.png")


def no_image(site: Path) -> None:
    """A label map of a frame that is not there."""
    (site / "images" / "d1.png").unlink()


def no_labels(site: Path) -> None:
    """A folder with another name than it should have."""
    (site / "labels").rename(site / "masks")


@pytest.mark.parametrize("spoil", [wrong_size, wrong_value, no_image, no_labels])
def test_a_bad_folder_is_told_in_one_sentence(
    site: Path, spoil: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one line, and nothing is made."""
    monkeypatch.setattr(module, "_origin", lambda _weights: None)
    spoil(site)

    with pytest.raises(typer.Exit) as stop:
        main(site.parent / "work", finetune=site)

    assert stop.value.exit_code == 2
    assert len(capsys.readouterr().err.strip().splitlines()[-1:]) == 1
    assert not (site.parent / "work").exists()


@pytest.mark.parametrize("name", ["", "../up", "a b", "x" * 65])
def test_a_version_has_a_plain_name(site: Path, name: str) -> None:
    """It names a folder and stands in reports."""
    with pytest.raises(Refused, match="must be 1 to 64"):
        finetune(Request(site, site, site, name), read_tuning())


def test_a_version_is_never_overwritten(site: Path) -> None:
    """Other weights of the same name could not be told apart by a reader."""
    (site / "own").mkdir()
    (site / "own" / "manifest.toml").touch()

    with pytest.raises(Refused, match="already"):
        finetune(Request(site, site, site, "own"), read_tuning())


def bare_ir(network: keras.Model, folder: Path) -> None:
    """The weights as they are, in the files of an export."""
    (folder / "icnet.xml").touch()
    (folder / "icnet.bin").write_bytes(b"".join(values.tobytes() for values in network.get_weights()))


def test_a_version_has_its_own_device_uid(
    tmp_path: Path, served: keras.Model, views: Phantoms, tuning: Tuning, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tuned weights bear another Device UID than those they came from, made of their own SHA-256."""
    monkeypatch.setattr("models.icnet.export.write_ir", bare_ir)
    monkeypatch.setattr("models.icnet.export.load", lambda *_: None)
    monkeypatch.setattr("models.icnet.export.held_out", lambda _cache: {})

    first = read_manifest(write_version(served, tmp_path / "1", {"started_from": 'a "b"'}, tmp_path)).algorithm
    tune(served, Material(views, views.pixels[:0], views), replace(tuning, steps=1), eager=True)
    second = read_manifest(write_version(served, tmp_path / "2", {}, tmp_path)).algorithm

    assert first.device_uid != second.device_uid == device_uid(second.sha256)
    assert (first.version, second.version) == ("1", "2")


@pytest.mark.slow
def test_a_site_makes_its_own_version(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One command, from the shipped weights to a version that the node takes, with its figures on d, left out."""
    monkeypatch.setattr("models.icnet.export.HELD_OUT_VIEWS", 2)
    recipe = FINETUNE.read_text()
    for key, value in {"steps": 2, "batch": 2, "views": "{ training = 1, paper = 1 }"}.items():
        recipe = re.sub(rf"^{key} = .*$", f"{key} = {value}", recipe, flags=re.MULTILINE)
    (site / "tiny.toml").write_text(recipe)

    main(site / "work", config=site / "tiny.toml", finetune=site, version="1.1.0+own", leave_out="d")

    made, shipped = verify(site / "work" / "1.1.0+own"), verify(SHIPPED_MODEL_DIR)
    assert made.device_uid != shipped.device_uid
    notes = (site / "work" / "1.1.0+own" / "training.md").read_text()
    assert shipped.device_uid in notes
    assert "| site, left out | liver | 1 |" in notes
