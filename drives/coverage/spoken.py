"""Figures and names as people say them."""

from math import floor


def whole_percent(percent: float) -> int:
    """Rounded, but never up to 100: nobody is done while somebody is left."""
    return round(percent) if percent >= 100 else min(99, floor(percent + 0.5))


def as_pace(pace: float) -> int | float:
    """Whole from ten on."""
    return round(pace) if pace >= 10 else round(pace, 1)


def short_name(name: str) -> str:
    """As people say it: "Jakarta Selatan", "Kota Depok"."""
    for official in ("Kota Administrasi ", "Kabupaten Administrasi "):
        name = name.removeprefix(official)
    return name
