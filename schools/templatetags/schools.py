"""How a school's facts are written; the tags that every page needs are in `house`."""

from collections.abc import Iterable
from typing import Final

from django import template

from schools import phones

register = template.Library()
ROMAN: Final = {7: "VII", 8: "VIII", 9: "IX", 10: "X", 11: "XI", 12: "XII", 13: "XIII"}


@register.filter
def grade(value: int | None) -> str:
    """`11` → `XI`"""
    return ROMAN.get(value, str(value)) if value else ""


@register.filter
def grades(values: Iterable[int]) -> str:
    """`[10, 11]` → `X, XI`"""
    return ", ".join(grade(value) for value in sorted(values))


@register.filter
def phone(number: str) -> str:
    """`+6281234567890` → `0812-3456-7890`"""
    return phones.shown(number)


@register.filter
def whatsapp(number: str) -> str:
    """The address that opens a chat, or nothing for a number that has none."""
    return phones.whatsapp_url(number)
