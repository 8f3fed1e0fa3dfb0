"""The map of the page: each area with what the reader may see of it."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.utils.translation import gettext

from drives.coverage import map as maps
from drives.coverage.queries import Scope
from drives.coverage.seen import Row, Seen
from drives.coverage.spoken import short_name, whole_percent
from schools.models import Region
from schools.templatetags import house
from schools.templatetags.house import NOTHING

# Stands for every hidden figure, so that nobody knows which of them is the small one.
MARK: Final = "⋯"


def areas_of(
    scope: Scope, seen: Seen, canvas: Region, region: Region, day: date
) -> tuple[Sequence[int], maps.Outline | None, Sequence[maps.Area]]:
    """The regions of the canvas: the asked one's children, or, at a district, its neighbours with it."""
    outline = maps.outline(canvas.code)
    if not outline or seen.veil(day).hides_place(canvas.code) or (seen.kind and not seen.veil(day).shows_kinds):
        return (), None, ()
    rows = {row.code: row for row in seen.rows_within(scope, day, canvas.code)}
    limits = maps.breaks(row.percent for row in rows.values() if row.percent is not None)
    areas = [
        _area(shape, rows.get(shape.code), limits, is_link=bool(scope.region(shape.code)), is_current=shape.code == region.code)
        for shape in outline.shapes
    ]
    return limits, outline, areas


def _area(shape: maps.Shape, row: Row | None, limits: Sequence[int], *, is_link: bool, is_current: bool) -> maps.Area:
    name = row.name if row else short_name(shape.name)
    if row is None:
        figure, title, step = NOTHING, gettext("%(place)s: no students yet") % {"place": name}, 0
    elif row.percent is None:
        figure, title, step = MARK, gettext("%(place)s: hidden, the number is too small") % {"place": name}, 0
    else:
        figure = f"{whole_percent(row.percent)}%"
        facts = {"place": name, "recorded": house.figure(row.recorded), "eligible": house.figure(row.eligible), "percent": figure}
        title = gettext("%(place)s: %(recorded)s of %(eligible)s recorded (%(percent)s)") % facts
        step = maps.step_of(row.percent, limits)
    return maps.Area(shape, step, title, is_link, is_current, maps.labelled(shape, figure))
