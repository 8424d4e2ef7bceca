"""Settings: the file documents every key, and whatever is wrong is one sentence."""

import os
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from hri_node.errors import Misconfigured
from hri_node.sections import DestinationSettings, ScannerSettings
from hri_node.settings import Settings, load

SHIPPED = Path(__file__).parent.parent / "config" / "hri-node.toml"


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine, an empty folder with the default data folder in it."""
    for name in [name for name in os.environ if name.startswith("HRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()


def documented(text: str) -> dict[str, object]:
    """The shipped file with its optional keys and its destination uncommented."""
    lines = [line.removeprefix("# ") if " = " in line or "[[" in line else line for line in text.splitlines()]
    return tomllib.loads("\n".join(lines))


def keys(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Every key of a model, nested with dots."""
    found = set()
    for name, field in model.model_fields.items():
        nested = field.annotation
        is_section = isinstance(nested, type) and issubclass(nested, BaseModel)
        found |= keys(nested, f"{prefix}{name}.") if is_section else {prefix + name}
    return found


def flat(values: dict[str, object], prefix: str = "") -> set[str]:
    """Every key of nested tables, nested with dots."""
    found = set()
    for name, value in values.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found


def test_the_shipped_file_holds_every_key_and_no_other() -> None:
    """A setting that is not documented, or documented but gone, fails here."""
    file = documented(SHIPPED.read_text())

    assert flat(file) == keys(Settings)
    assert set(file["destinations"][0]) == set(DestinationSettings.model_fields)
    assert set(file["scanners"][0]) == set(ScannerSettings.model_fields)


def test_the_shipped_file_holds_the_defaults() -> None:
    """Whoever copies the file changes nothing."""
    assert load(SHIPPED).model_dump() == load().model_dump()


def test_a_variable_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nested keys are joined by two underscores, and the other keys of the table stay the file's."""
    (tmp_path / "own.toml").write_text('[listener]\nport = 4242\nae_title = "MINE"\n')
    monkeypatch.setenv("HRI_LISTENER__PORT", "104")

    settings = load(tmp_path / "own.toml")

    assert (settings.listener.port, settings.listener.ae_title) == (104, "MINE")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("colour = 1", "colour: there is no such setting"),
        ("[listener]\ncolour = 1", "listener.colour: there is no such setting"),
        ('[listener]\nport = "many"', "listener.port: .*integer"),
        ('[listener]\nae_title = "SEVENTEEN_LETTERS"', "17 characters, 1 to 16 needed"),
        ('[listener]\nae_title = "BACK\\\\SLASH"', "backslash"),
        ('[listener]\nae_title = "   "', "1 to 16 needed"),
        ('data_dir = "absent"', "data_dir: folder absent does not exist"),
        ('spool_dir = "absent"', "spool_dir: folder absent does not exist"),
        ('model_dir = "absent"', "model_dir: folder absent does not exist"),
        ("[report]\nstudy_quiet_s = -1", "report.study_quiet_s: .*greater than 0"),
        ("= nonsense", "cannot be read"),
        (2 * '[[destinations]]\nname = "a"\nhost = "h"\nport = 1\ncalled = "A"\n', "not all different"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """The sentence names the key and what is wrong with it."""
    (tmp_path / "wrong.toml").write_text(text)

    with pytest.raises(Misconfigured, match=sentence) as caught:
        load(tmp_path / "wrong.toml")
    assert "\n" not in str(caught.value).strip()


@pytest.mark.parametrize("name", ["HRI_COLOUR", "HRI_LISTNER__PORT"])
def test_a_misspelt_variable_is_not_ignored(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whoever sets a variable wants it to count."""
    monkeypatch.setenv(name, "1")

    with pytest.raises(Misconfigured, match=name):
        load()


def test_a_missing_file_is_misconfigured(tmp_path: Path) -> None:
    """A file that was named must be there."""
    with pytest.raises(Misconfigured, match=r"absent\.toml does not exist"):
        load(tmp_path / "absent.toml")


def test_a_command_without_node_needs_no_folders(tmp_path: Path) -> None:
    """`hri-node measure` runs on a laptop without any set-up."""
    (tmp_path / "data").rmdir()

    assert load(is_node=False).measure.method == "joint"
