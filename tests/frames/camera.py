"""A phone's camera: where it stands, the light, its lens, its sensor. Light is linear until the last step."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.frames import slip
from tests.frames.slip import Plane

WIDTH, HEIGHT = 1280, 720
FOCAL: Final = 1088.0  # in pixels: 61 degrees across, as the main camera of a phone
Frame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Glare:
    """A lamp's reflection: added light, as a share of what saturates the sensor."""

    strength: float
    radius: float  # millimetres
    at: tuple[float, float]  # in the QR: 0–1 from its left and top


@dataclass(frozen=True, slots=True)
class Shade:
    """The shadow of a hand or of the phone itself, with an edge through the QR."""

    light: float  # what is left of the light
    direction: float  # degrees
    edge: float  # softness, millimetres
    at: float = 0.5  # 0–1 across the QR


@dataclass(frozen=True, slots=True)
class Shot:
    """One photograph. Every length on the sensor is in pixels, every angle in degrees."""

    text: str
    module: float = 4.0  # a module's width where the paper faces the camera
    roll: float = 0.0
    tilt: tuple[float, float] = (0.0, 0.0)  # about the horizontal and the vertical axis
    centre: tuple[float, float] = (0.5, 0.5)  # of the QR, in the frame
    motion: tuple[float, float] = (0.0, 0.0)  # length and direction of the smear
    defocus: float = 0.0  # radius of the disc that a point becomes
    lens: float = 0.65  # sigma of a lens in focus
    noise: float = 0.012  # sigma, of the range of the picture
    electrons: float = 4000.0  # that white paper frees in one pixel: fewer is darker
    brightness: float = 0.55  # of white paper, after the camera's own exposure
    slope: float = 0.25  # how unevenly the hall is lit
    glare: Glare | None = None
    shade: Shade | None = None
    crumple: float = 0.0  # how high creases stand, in millimetres
    seed: int = 0


def photograph(shot: Shot) -> Frame:
    """The frame, grey: 720 rows of 1280 bytes."""
    dice = np.random.default_rng(shot.seed)
    across, down = _on_the_paper(shot)
    relief = _relief(across, down, shot.crumple, dice)
    light = _reflected(shot, across + relief[0], down + relief[1], dice) * relief[2]
    light = light * _lit(shot, across, down, dice) + _glaring(shot, across, down)
    seen = _through_the_lens(light, shot)
    return _on_the_sensor(seen, shot, dice)


def middle_of_the_qr() -> tuple[float, float]:
    return slip.QR_LEFT + slip.QR_SIZE / 2, slip.QR_TOP + slip.QR_SIZE / 2


def _on_the_paper(shot: Shot) -> tuple[Plane, Plane]:
    """For each pixel, where its ray meets the paper's plane, in millimetres of the slip."""
    distance = FOCAL * slip.QR_SIZE / slip.modules(shot.text) / shot.module
    about_x, about_y, about_z = np.radians([*shot.tilt, shot.roll])
    turned = _rotation(2, about_z) @ _rotation(1, about_y) @ _rotation(0, about_x)
    x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    # The optical axis meets the frame's middle; the QR may stand elsewhere in the frame.
    anchor = np.array([(shot.centre[0] - 0.5) * WIDTH / FOCAL, (shot.centre[1] - 0.5) * HEIGHT / FOCAL, 1.0]) * distance
    rays = np.stack([(x - WIDTH / 2) / FOCAL, (y - HEIGHT / 2) / FOCAL, np.ones_like(x)])
    normal = turned[:, 2]
    reach = float(normal @ anchor) / np.tensordot(normal.astype(np.float32), rays, 1)
    offset = rays * reach - anchor.astype(np.float32)[:, None, None]
    middle = middle_of_the_qr()
    across = np.tensordot(turned[:, 0].astype(np.float32), offset, 1) + np.float32(middle[0])
    down = np.tensordot(turned[:, 1].astype(np.float32), offset, 1) + np.float32(middle[1])
    return across.astype(np.float32), down.astype(np.float32)


def _rotation(axis: int, angle: float) -> NDArray[np.float64]:
    sine, cosine = np.sin(angle), np.cos(angle)
    first, second = [other for other in range(3) if other != axis]
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = cosine
    matrix[first, second], matrix[second, first] = -sine, sine
    return matrix


def _relief(across: Plane, down: Plane, height: float, dice: np.random.Generator) -> tuple[Plane, Plane, Plane]:
    """Creases that stand up: how far each point seems moved along the paper, and how its slope takes the light."""
    raised, slope = np.zeros_like(across), np.zeros_like(across)
    light, seen_from = dice.uniform(0, 2 * np.pi), dice.uniform(0, 2 * np.pi)
    middle = middle_of_the_qr()
    for _ in range(6 if height else 0):
        angle, offset = dice.uniform(0, np.pi), dice.uniform(-20, 20)
        away = (across - middle[0]) * np.cos(angle) + (down - middle[1]) * np.sin(angle) - offset
        ridge = height * dice.uniform(0.4, 1.0) * dice.choice([-1, 1])
        sharp = np.sqrt(away**2 + 0.3)
        crease = ridge * np.exp(-sharp / 7)
        raised += crease.astype(np.float32)
        slope += (-crease / 7 * away / sharp * np.cos(angle - light)).astype(np.float32)
    # Seen some 20 degrees from above a ridge: a third of its height.
    moved = raised * np.float32(0.35)
    shading = np.clip(1 + 2.0 * slope, 0.2, 1.7).astype(np.float32)
    on_paper = (across > 0) & (across < slip.WIDTH) & (down > 0) & (down < slip.HEIGHT)
    return moved * np.float32(np.cos(seen_from)), moved * np.float32(np.sin(seen_from)), np.where(on_paper, shading, 1)


def _reflected(shot: Shot, across: Plane, down: Plane, dice: np.random.Generator) -> Plane:
    """What the paper gives back; beside it a desk of wood."""
    sheet = slip.printed(shot.text)
    grain = 0.26 + 0.05 * np.sin(down * 1.7 + 2.5 * np.sin(across * 0.11)) + dice.uniform(-0.08, 0.08)
    samples = slip.SAMPLES
    if shot.module * slip.modules(shot.text) / slip.QR_SIZE < samples / 2.6:
        # Far away several samples fall into a pixel: their mean.
        rows, columns = sheet.shape[0] // 2 * 2, sheet.shape[1] // 2 * 2
        sheet = sheet[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3), dtype=np.float32)
        samples //= 2
    x, y = across * samples - np.float32(0.5), down * samples - np.float32(0.5)
    inside = (x >= 0) & (y >= 0) & (x < sheet.shape[1] - 1) & (y < sheet.shape[0] - 1)
    x, y = np.where(inside, x, 0), np.where(inside, y, 0)
    left, top = x.astype(np.int32), y.astype(np.int32)
    part_x, part_y = x - left, y - top
    above = sheet[top, left] * (1 - part_x) + sheet[top, left + 1] * part_x
    below = sheet[top + 1, left] * (1 - part_x) + sheet[top + 1, left + 1] * part_x
    return np.asarray(np.where(inside, above * (1 - part_y) + below * part_y, grain), np.float32)


def _lit(shot: Shot, across: Plane, down: Plane, dice: np.random.Generator) -> Plane:
    """Light falls from one side; a shadow's edge runs through the QR."""
    angle = dice.uniform(0, 2 * np.pi)
    rows = np.linspace(-0.5, 0.5, HEIGHT, dtype=np.float32)[:, None]
    columns = np.linspace(-0.5, 0.5, WIDTH, dtype=np.float32)[None, :]
    light = 1 + shot.slope * (columns * np.cos(angle) + rows * np.sin(angle))
    if shot.shade:
        shade, middle = shot.shade, middle_of_the_qr()
        turn = np.radians(shade.direction)
        way = (across - middle[0]) * np.cos(turn) + (down - middle[1]) * np.sin(turn) - (shade.at - 0.5) * slip.QR_SIZE
        light = light * (shade.light + (1 - shade.light) / (1 + np.exp(np.clip(-way / shade.edge * 2, -40, 40))))
    lit: Plane = (light * (shot.brightness / slip.PAPER)).astype(np.float32)
    return lit


def _glaring(shot: Shot, across: Plane, down: Plane) -> Plane | float:
    """Added to what the paper reflects, so that ink becomes as white as paper."""
    if not shot.glare:
        return 0.0
    glare = shot.glare
    x = slip.QR_LEFT + glare.at[0] * slip.QR_SIZE
    y = slip.QR_TOP + glare.at[1] * slip.QR_SIZE
    reach = ((across - x) ** 2 + (down - y) ** 2) / (2 * glare.radius**2)
    added: Plane = (glare.strength * np.exp(-np.clip(reach, 0, 60))).astype(np.float32)
    return added


def _through_the_lens(light: Plane, shot: Shot) -> Plane:
    spectrum = np.fft.rfft2(light)
    v, u = np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)[None, :]
    transfer = np.exp(-2 * (np.pi * shot.lens) ** 2 * (u**2 + v**2))
    length, direction = shot.motion
    if length:
        turn = np.radians(direction)
        transfer = transfer * np.sinc(length * (u * np.cos(turn) + v * np.sin(turn)))
    if shot.defocus:
        transfer = transfer * np.fft.rfft2(_disc(shot.defocus)).real
    seen: Plane = np.fft.irfft2(spectrum * transfer, s=light.shape).astype(np.float32)
    return seen


def _disc(radius: float) -> Plane:
    """A disc around the origin of a wrapped frame, its rim softened by one pixel; it sums to one."""
    rows = np.minimum(np.arange(HEIGHT), HEIGHT - np.arange(HEIGHT))[:, None]
    columns = np.minimum(np.arange(WIDTH), WIDTH - np.arange(WIDTH))[None, :]
    disc = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1)
    return np.asarray(disc / disc.sum(), np.float32)


def _on_the_sensor(light: Plane, shot: Shot, dice: np.random.Generator) -> Frame:
    """Photons come by chance, the sensor adds its own noise; then the picture is made as bright as a screen wants it."""
    charge = np.clip(light, 0, None) / shot.brightness * shot.electrons
    charge = charge + np.sqrt(charge + 9) * dice.standard_normal(light.shape, np.float32)
    picture = np.clip(charge / shot.electrons * shot.brightness, 0, 1) ** (1 / 2.2)
    picture = picture + shot.noise * dice.standard_normal(light.shape, np.float32)
    return np.asarray(np.rint(np.clip(picture, 0, 1) * 255), np.uint8)
