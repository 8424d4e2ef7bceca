"""What a researcher decides about a study comes in; `study.toml`, checked, goes out and is read again."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from hri_node.errors import Misconfigured
from hri_node.study.project.records import Part, Shape

FILE_NAME: Final = "study.toml"

NAME_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
"""Names of readers, as they stand in tables and links."""

DCNN: Final = "dcnn"
"""The rater that is the network; no reader can be called so."""

REASON_FORM: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")

SENTENCE_MAX: Final = 200

UNITS: Final = ("patient", "study")

CHOICES: Final = ("view", "first")

READERS_MAX, SESSIONS_MAX = 20, 9

SIDE_MM: Final = 15.0
"""Cha et al. 2021: regions of 15 x 15 mm."""

INTERVAL_DAYS: Final = 28
"""Cha et al. 2021: four weeks, "to minimize learning bias"."""

NO_VIEW: Final = "no_view"
"""Reason of a subject none of whose images can be used; the node itself gives it."""

REASONS: Final[Mapping[str, str]] = {
    "interval": "Time interval between the ultrasound exam and the reference too long",
    NO_VIEW: "No ultrasound image that adequately shows the liver and right kidney in one scan",
    "poor_quality": "Poor image quality: motion artifacts, or shadowing that obscures the liver or the right kidney",
    "renal_cortex": "Severe cortical scarring or multiple renal cysts",
    "renal_disease": "Renal disease, so that the cortex is no reference",
    "focal_lesion": "Focal lesions in the liver or the right kidney where the regions would lie",
    "withdrawn": "Consent withdrawn",
    "other": "Another reason, see the note",
}
"""The first four are those of Cha et al. 2021, in their order; then those of other papers (Marshall 2012)."""


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of the parts; they sum to 1."""

    train: float = 0.0
    validation: float = 0.0
    test: float = 1.0

    def __post_init__(self) -> None:
        shares = (self.train, self.validation, self.test)
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:  # noqa: PLR2004 - what decimals leave
            raise Misconfigured(f"split: {shares} must be shares of train, validation and test that sum to 1")

    @property
    def shares(self) -> dict[Part, float]:
        """Each part's share."""
        return {Part.TRAIN: self.train, Part.VALIDATION: self.validation, Part.TEST: self.test}


@dataclass(frozen=True, slots=True)
class Protocol:
    """The decisions of a study.

    Attributes
    ----------
    name
        Of the study, for its report.
    study_id
        Drawn when the study is made; its key has the same.
    key
        Path of the key, from the study's folder; it lies outside of it.
    readers
        Who marks.
    seed
        Of every order and of the split.
    sessions, interval_days
        How often each reader reads all images, and how many days lie between a complete session and the next one.
    shapes
        How readers may mark, in the order in which they are offered.
    side_mm
        Of a square.
    show_values
        Whether readers see means and index while they mark.
    unit
        What a subject is: ``patient``, or ``study``, so that a patient may be several subjects.
    choose
        Which of a subject's usable images is read: by ``view`` the one that the network takes for the best hepatorenal
        view, whatever it measures there; ``first`` the first by date, time and number.
    split
        Of the patients.
    reasons
        Code of every exclusion to its sentence, in the order in which the flow diagram counts them.
    """

    name: str
    study_id: str
    key: str
    readers: tuple[str, ...]
    seed: int
    sessions: int = 2
    interval_days: int = INTERVAL_DAYS
    shapes: tuple[Shape, ...] = tuple(Shape)
    side_mm: float = SIDE_MM
    show_values: bool = True
    unit: str = "patient"
    choose: str = "view"
    split: Split = field(default_factory=Split)
    reasons: Mapping[str, str] = field(default_factory=lambda: dict(REASONS))

    def __post_init__(self) -> None:
        _require(self.name.isprintable() and 0 < len(self.name) <= SENTENCE_MAX, "name", self.name, "a line of text")
        wrong = [one for one in self.readers if not NAME_FORM.fullmatch(one) or one.lower() == DCNN]
        _require(not wrong, "readers", wrong, f"letters, digits and . _ -, and not {DCNN}")
        is_once = len({one.lower() for one in self.readers}) == len(self.readers)
        _require(is_once and 0 < len(self.readers) <= READERS_MAX, "readers", self.readers, "1 to 20 different names")
        _require(0 <= self.seed < 2**63, "seed", self.seed, "a whole number from 0 on")
        _require(1 <= self.sessions <= SESSIONS_MAX, "sessions", self.sessions, f"1 to {SESSIONS_MAX}")
        _require(0 <= self.interval_days <= 3660, "interval_days", self.interval_days, "0 to 3660")  # noqa: PLR2004
        _require(bool(self.shapes), "shapes", self.shapes, "one at least")
        _require(1 <= self.side_mm <= 100, "side_mm", self.side_mm, "1 to 100")  # noqa: PLR2004
        _require(self.unit in UNITS, "unit", self.unit, " or ".join(UNITS))
        _require(self.choose in CHOICES, "choose", self.choose, " or ".join(CHOICES))
        _require(NO_VIEW in self.reasons, "reasons", list(self.reasons), f"some, {NO_VIEW} among them")
        odd = [code for code in self.reasons if not REASON_FORM.fullmatch(code)]
        _require(not odd, "reasons", odd, "codes of small letters, digits and _")

    @property
    def interval(self) -> timedelta:
        """Time between a reader's complete session and the next one."""
        return timedelta(days=self.interval_days)

    def key_path(self, folder: Path) -> Path:
        """Where the key lies.

        Parameters
        ----------
        folder
            Of the study.
        """
        return folder / self.key


def _require(holds: bool, key: str, value: Any, needed: str) -> None:  # noqa: ANN401, FBT001 - whatever was given
    if not holds:
        raise Misconfigured(f"{key}: {value!r} must be {needed}")


def write_protocol(protocol: Protocol) -> str:
    """Text of `study.toml`."""
    lines = ["# What was decided about this study. Readers, sessions and reasons may be changed until the first mark."]
    plain = [each.name for each in fields(Protocol) if each.name not in {"split", "reasons"}]
    lines += [f"{key} = {_toml(getattr(protocol, key))}" for key in plain]
    shares = {part.value: share for part, share in protocol.split.shares.items()}
    lines += ["", "[split]", *(f"{part} = {_toml(share)}" for part, share in shares.items())]
    lines += ["", "[reasons]", *(f"{code} = {_toml(sentence)}" for code, sentence in protocol.reasons.items()), ""]
    return "\n".join(lines)


def _toml(value: object) -> str:
    """A value as TOML writes it; JSON's strings, numbers and booleans are TOML's."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def read_protocol(folder: Path) -> Protocol:
    """The protocol of a study.

    Parameters
    ----------
    folder
        Of the study.

    Raises
    ------
    Misconfigured
        In one sentence that names the key: it is not there, no TOML, or has a key too many or a wrong value.
    """
    path = folder / FILE_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return _protocol(values)
    except FileNotFoundError:
        raise Misconfigured(f"{folder} is no study: {FILE_NAME} is not there") from None
    except (OSError, ValueError, TypeError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from error
    except Misconfigured as error:
        raise Misconfigured(f"{path}: {error}") from None


def _protocol(values: dict[str, Any]) -> Protocol:
    known = {each.name: each.type for each in fields(Protocol)}
    unknown = [key for key in values if key not in known]
    _require(not unknown, "keys", unknown, f"some of {', '.join(known)}")
    for key, kind in (("name", str), ("study_id", str), ("key", str), ("seed", int)):
        _require(isinstance(values.get(key), kind), key, values.get(key), f"a {kind.__name__}")
    kept = values | {"readers": tuple(values.get("readers", ()))}
    if "shapes" in values:
        kept["shapes"] = tuple(Shape(one) for one in values["shapes"])
    if "split" in values:
        kept["split"] = Split(**values["split"])
    return Protocol(**kept)
