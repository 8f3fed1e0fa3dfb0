"""The printed slip as the camera meets it: reflectances, ten samples to the millimetre, the QR that the product prints."""

import re
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drives.documents.typesetting import qr_svg

Plane = NDArray[np.float32]

SAMPLES: Final = 10  # to the millimetre
# drives/documents/typst/slips.typ: four to A4, the QR 36 mm wide at the right edge of the text.
WIDTH, HEIGHT = 105.0, 148.5
QR_LEFT, QR_TOP, QR_SIZE = 60.0, 42.0, 36.0
PAPER, INK = 0.85, 0.045
_RUN: Final = re.compile(r"M(\d+) (\d+)h(\d+)")
# Where text stands: left, top, width, height of a capital, in millimetres.
_LINES: Final = (
    (9, 9.5, 70, 2.1),
    (9, 15, 80, 4.0),
    (9, 23.5, 62, 4.5),
    (9, 31, 26, 3.2),
    (9, 42, 12, 2.3),
    (9, 46.5, 44, 3.0),
    (9, 53, 14, 2.3),
    (9, 57.5, 46, 5.2),
    (9, 66, 16, 2.3),
    (9, 70.5, 40, 3.0),
    (9, 75.5, 40, 3.0),
    (74, 79.6, 8, 2.3),
    (66, 84, 24, 3.4),
    (9, 101, 84, 2.5),
    (9, 107, 78, 2.5),
    (9, 113, 84, 2.5),
    (30, 126, 44, 3.2),
)


@cache
def modules(text: str) -> int:
    """How many modules wide the QR of this text is."""
    found = re.search(r'viewBox="0 0 (\d+) ', qr_svg(text))
    assert found
    return int(found[1])


@cache
def printed(text: str) -> Plane:
    """Reflectances of a slip whose QR says `text`."""
    sheet = np.full((round(HEIGHT * SAMPLES), round(WIDTH * SAMPLES)), PAPER, np.float32)
    _write_lines(sheet, np.random.default_rng(len(text)))
    _print_qr(sheet, text)
    return sheet


def _print_qr(sheet: Plane, text: str) -> None:
    """Each run of dark modules, exactly as the product's own path says."""
    module = QR_SIZE / modules(text)
    for x, y, length in (tuple(map(int, run)) for run in _RUN.findall(qr_svg(text))):
        top, left = QR_TOP + y * module, QR_LEFT + x * module
        _ink(sheet, left, top, length * module, module)


def _write_lines(sheet: Plane, dice: np.random.Generator) -> None:
    """Strokes as dense as letters: what a finder pattern must not be mistaken for."""
    for left, top, width, height in _LINES:
        x: float = left
        while x < left + width:
            if dice.random() < 0.15:
                x += height * 0.5
                continue
            _ink(sheet, x, top, height * 0.14, height)
            _ink(sheet, x, top + height * float(dice.choice([0.0, 0.43, 0.86])), height * 0.5, height * 0.14)
            if dice.random() < 0.6:
                _ink(sheet, x + height * 0.42, top, height * 0.14, height)
            x += height * 0.72


def _ink(sheet: Plane, left: float, top: float, width: float, height: float) -> None:
    rows = slice(round(top * SAMPLES), round((top + height) * SAMPLES))
    columns = slice(round(left * SAMPLES), round((left + width) * SAMPLES))
    sheet[rows, columns] = INK
