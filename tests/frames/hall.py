"""The 120 photographs: ten troubles, each in twelve steps from what every second frame of a held phone shows to what the
reader must give up soon after. Every frame also has what no hand avoids: a turn, a tilt, an uneven light, some noise."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from drives.documents.sheets import slip_address
from drives.models import Visit
from tests.frames.camera import Frame, Glare, Shade, Shot, photograph

STEPS: Final = 12
SLIPS: Final = 8
Dice = np.random.Generator


@dataclass(frozen=True, slots=True)
class Scene:
    """One frame to be read: `kind` names the trouble, `step` its measure (0–11)."""

    kind: str
    step: int
    shot: Shot

    @property
    def text(self) -> str:
        return self.shot.text

    def frame(self) -> Frame:
        return photograph(self.shot)


def address(number: int) -> str:
    """What the QR of a slip says, with a token as long as real ones."""
    token = base64.urlsafe_b64encode(hashlib.sha256(f"slip {number}".encode()).digest()[:16]).rstrip(b"=").decode()
    return slip_address(Visit(token=token))


def scenes() -> list[Scene]:
    return [_scene(kind, step) for kind in KINDS for step in range(STEPS)]


def _scene(kind: str, step: int) -> Scene:
    seed = list(KINDS).index(kind) * 100 + step
    dice = np.random.default_rng(seed)
    hard = step / (STEPS - 1)
    common: dict[str, object] = {
        "text": address(seed % SLIPS),
        "module": float(dice.uniform(3.4, 4.6)),
        "roll": float(dice.choice([0, 0, 0, 90, 180, 270])) + float(dice.normal(0, 14)),
        "tilt": (float(dice.normal(0, 7)), float(dice.normal(0, 7))),
        "centre": (float(dice.uniform(0.32, 0.68)), float(dice.uniform(0.38, 0.62))),
        "seed": seed,
    }
    return Scene(kind, step, Shot(**(common | KINDS[kind](hard, dice))))  # type: ignore[arg-type]  # fields of Shot


def _between(easy: float, difficult: float, hard: float) -> float:
    return easy + (difficult - easy) * hard


def _motion(hard: float, dice: Dice) -> dict[str, object]:
    """A hand that has not stopped: a smear of 0.6 to 1.5 modules."""
    return {"module": 4.2, "motion": (4.2 * _between(0.6, 1.5, hard), float(dice.uniform(0, 180)))}


def _focus(hard: float, dice: Dice) -> dict[str, object]:
    """The lens still at the wall: a disc as wide as 0.7 to 1.6 modules."""
    return {"module": 4.2, "defocus": 4.2 * _between(0.35, 0.8, hard)}


def _noise(hard: float, dice: Dice) -> dict[str, object]:
    """A cheap sensor at high gain: sigma of 5 to 20 percent of the range."""
    return {"noise": _between(0.05, 0.20, hard), "electrons": 900.0}


def _tilt(hard: float, dice: Dice) -> dict[str, object]:
    """A slip in an outstretched hand: 35 to 60 degrees, in any direction."""
    angle, way = _between(35, 60, hard), dice.uniform(0, 2 * np.pi)
    return {"module": 4.6, "tilt": (float(angle * np.cos(way)), float(angle * np.sin(way)))}


def _glare(hard: float, dice: Dice) -> dict[str, object]:
    """A lamp in a laminated slip, anywhere on the QR: a veil first, at the end a spot that is white."""
    place = (float(dice.uniform(0.2, 0.8)), float(dice.uniform(0.2, 0.8)))
    return {"brightness": 0.62, "glare": Glare(_between(0.45, 1.6, hard), _between(9, 4.5, hard), place)}


def _low_light(hard: float, dice: Dice) -> dict[str, object]:
    """A corner of the hall without a lamp: from 160 down to 22 electrons a pixel, a picture half as bright, a little smear."""
    return {
        "electrons": 160 * (22 / 160) ** hard,
        "brightness": _between(0.3, 0.1, hard),
        "slope": 0.5,
        "motion": (1.5, float(dice.uniform(0, 180))),
        "noise": 0.02,
    }


def _shade(hard: float, dice: Dice) -> dict[str, object]:
    """The phone's own shadow across the QR: 35 to 6 percent of the light are left in it."""
    edge = _between(3.0, 0.4, hard)
    return {"shade": Shade(_between(0.35, 0.06, hard), float(dice.uniform(0, 360)), edge, float(dice.uniform(0.3, 0.7)))}


def _small(hard: float, dice: Dice) -> dict[str, object]:
    """At arm's length: a module is 2.6 down to 1.85 pixels wide, 45 to 64 centimetres away."""
    return {"module": _between(2.6, 1.85, hard), "noise": 0.02}


def _crumple(hard: float, dice: Dice) -> dict[str, object]:
    """Out of a trouser pocket: creases of 0.4 to 1.4 millimetres each, which bend rows and shade what leans away."""
    return {"module": 4.4, "crumple": _between(0.4, 1.4, hard)}


def _mixed(hard: float, dice: Dice) -> dict[str, object]:
    """Somewhat of everything at once, as it comes."""
    angle, way = _between(12, 32, hard), dice.uniform(0, 2 * np.pi)
    module = _between(4.2, 3.4, hard)
    return {
        "module": module,
        "tilt": (float(angle * np.cos(way)), float(angle * np.sin(way))),
        "motion": (module * _between(0.3, 0.6, hard), float(dice.uniform(0, 180))),
        "defocus": module * _between(0.15, 0.35, hard),
        "noise": _between(0.02, 0.06, hard),
        "electrons": _between(600, 150, hard),
        "shade": Shade(_between(0.5, 0.3, hard), float(dice.uniform(0, 360)), 2.0, float(dice.uniform(0.2, 0.8))),
        "crumple": _between(0.2, 0.6, hard),
    }


KINDS: Final[dict[str, Callable[[float, Dice], dict[str, object]]]] = {
    "motion": _motion,
    "focus": _focus,
    "noise": _noise,
    "tilt": _tilt,
    "glare": _glare,
    "low light": _low_light,
    "shade": _shade,
    "small": _small,
    "crumple": _crumple,
    "mixed": _mixed,
}
