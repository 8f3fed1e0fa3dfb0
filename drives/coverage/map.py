"""Areas as SVG paths, from the boundaries in `schools/data/maps` (illustrative, not legal ones; see the README there)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, radians
from pathlib import Path
from typing import Any, Final

import schools

MAPS: Final = Path(schools.__file__).parent / "data" / "maps"
WIDTH: Final = 520
# Taller maps (and wide ones) are drawn to fit this.
HEIGHT: Final = 680
LINE: Final = 18
CLASSES: Final = 5

# What fits inside a shape, and how far its label is moved from the centre of area.
LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "31.71": ("Pusat",),
    "31.72": ("Utara",),
    "31.73": ("Barat",),
    "31.74": ("Selatan",),
    "31.75": ("Timur",),
    "31.74.03": ("Mam-", "pang"),
    "31.74.04": ("Pasar", "Minggu"),
    "31.74.05": ("Keb.", "Lama"),
    "31.74.07": ("Keb.", "Baru"),
    "31.74.10": ("Pesang-", "grahan"),
}
NUDGES: Final[Mapping[str, tuple[int, int]]] = {
    "31.74.03": (-12, 6),
    "31.74.05": (-2, 10),
    "31.74.06": (10, 2),
    "31.74.08": (6, -4),
    "31.74.10": (0, -4),
}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """One area, drawn once: its path, and the middle and the lines of its label."""

    code: str
    name: str
    path: str
    x: int
    y: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a label: what it says and how far it stands below the one before."""

    text: str
    dy: int


@dataclass(frozen=True, slots=True)
class Area:
    """A shape with what it shows: `step` 1 to 5, 0 where there is nothing to show; a link where there is a page."""

    shape: Shape
    step: int
    title: str
    is_link: bool
    is_current: bool
    lines: tuple[Line, ...]

    @property
    def label_y(self) -> int:
        return round(self.shape.y - LINE * (len(self.lines) - 1) / 2 + 5)


@dataclass(frozen=True, slots=True)
class Outline:
    """The map of a region: its shapes and how large they are together."""

    shapes: tuple[Shape, ...]
    width: int
    height: int

    @property
    def view_box(self) -> str:
        return f"-2 -2 {self.width + 4} {self.height + 4}"


@lru_cache(maxsize=64)
def outline(region: str) -> Outline | None:
    """The children of a province (its cities) or a city (its districts); None where there is no map of them."""
    name, key = ("dki_cities", "kode") if region.count(".") == 0 else ("dki_districts", "kode_kab")
    path = MAPS / f"{name}.geojson"
    if not path.exists():
        return None
    features = [
        feature
        for feature in json.loads(path.read_text())["features"]
        # The islands of the Kepulauan Seribu would shrink the rest of the city to a thumbnail.
        if (feature["properties"][key] == region or (key == "kode" and feature["properties"][key].startswith(f"{region}.")))
        and feature["properties"]["kode"] != "31.01"
    ]
    return _drawn(features) if features else None


def _drawn(features: Sequence[Mapping[str, Any]]) -> Outline:
    points = [point for feature in features for ring in _rings(feature["geometry"]) for point in ring]
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    squeeze = cos(radians((south + north) / 2))
    scale = min(WIDTH / ((east - west) * squeeze), HEIGHT / (north - south))

    def place(point: Point) -> Point:
        return (point[0] - west) * squeeze * scale, (north - point[1]) * scale

    shapes = []
    for feature in features:
        rings = [[place(point) for point in ring] for ring in _rings(feature["geometry"])]
        shapes.append(_shape(feature["properties"]["kode"], feature["properties"]["nama"], rings))
    return Outline(tuple(shapes), round((east - west) * squeeze * scale), round((north - south) * scale))


def _shape(code: str, name: str, rings: Sequence[Sequence[Point]]) -> Shape:
    path = "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in ring[:-1]) + "z" for ring in rings)
    x, y = _centre(max(rings, key=len))
    right, down = NUDGES.get(code, (0, 0))
    return Shape(code, name, path, round(x + right), round(y + down), LABELS.get(code) or tuple(name.split()))


def _rings(geometry: Mapping[str, Any]) -> list[list[Point]]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [[(point[0], point[1]) for point in ring] for polygon in polygons for ring in polygon]


def _centre(ring: Sequence[Point]) -> Point:
    """Centre of area of one closed ring."""
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x0 * y1 - x1 * y0
        area, x, y = area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    return x / (3 * area), y / (3 * area)


def breaks(percents: Iterable[float]) -> tuple[int, ...]:
    """Four whole numbers between five classes of equal width that hold all these percents; none of them, no classes."""
    known = sorted(percents)
    if not known:
        return ()
    width = max(1, ceil((known[-1] - known[0]) / CLASSES))
    lowest = max(0, min(round((known[0] + known[-1] - CLASSES * width) / 2), 100 - CLASSES * width))
    return tuple(lowest + width * number for number in range(1, CLASSES))


def step_of(percent: float, limits: Sequence[int]) -> int:
    return 1 + sum(percent >= limit for limit in limits)


def labelled(shape: Shape, figure: str) -> tuple[Line, ...]:
    return tuple(Line(text, LINE if number else 0) for number, text in enumerate((*shape.lines, figure)))
