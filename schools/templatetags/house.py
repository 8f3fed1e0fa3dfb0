"""What every page says in the same way: icons, statuses, days, times and figures. A builtin of all templates."""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

register = template.Library()

# The icon that goes with each colour of a status; a status may name another.
TONE_ICONS: Final = {
    "ok": "ok",
    "wait": "clock",
    "stop": "stop",
    "info": "info",
    "neutral": "circle",
}
# Indonesia's three zones, by hours ahead of UTC.
ZONE_NAMES: Final = {
    timedelta(hours=7): "WIB",
    timedelta(hours=8): "WITA",
    timedelta(hours=9): "WIT",
}
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
TENTH: Final = Decimal("0.1")
HUNDRED: Final = Decimal(100)
NOTHING: Final = "–"


@register.simple_tag(name="icon")
def draw(name: str) -> SafeString:
    """`{% icon "ok" %}`: a drawing of `static/img/icons.svg`, silent to screen readers; words stand beside it."""
    return format_html(
        '<svg class="jb-icon" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def chip(status: Any, tone: str = "", icon: str = "") -> SafeString:
    """A status as icon, word and colour: `{% chip drive.status %}` or `{% chip text tone="ok" %}`.

    `status` is a text, or anything with `label` and `tone` (and `icon`, if the tone's own will not do).
    Tones: ok, wait, stop, info, neutral.
    """
    tone = tone or getattr(status, "tone", "neutral")
    drawing = icon or getattr(status, "icon", "") or TONE_ICONS[tone]
    colour = "" if tone == "neutral" else f" jb-chip--{tone}"
    return format_html(
        '<span class="jb-chip{}">{}{}</span>',
        colour,
        draw(drawing),
        getattr(status, "label", status),
    )


@register.simple_tag
def cap(filled: int, places: int, label: str = "", over: bool = False) -> SafeString:
    """Places filled, "18/20" and a bar; `label` says of what, `over` leaves the missing part hollow."""
    sentence = gettext("%(filled)s of %(places)s places filled") % {
        "filled": figure(filled),
        "places": figure(places),
    }
    return format_html(
        '<div class="jb-cap{}"><span>{}/{}</span>{}</div>',
        " jb-cap--over" if over else "",
        figure(filled),
        figure(places),
        _bar(filled, places, f"{label}: {sentence}" if label else sentence),
    )


@register.simple_tag
def progress(done: int, total: int, label: str = "") -> SafeString:
    """A bar alone, for work under way; a sentence with its figures stands beside it."""
    sentence = gettext("%(done)s of %(total)s done") % {
        "done": figure(done),
        "total": figure(total),
    }
    return _bar(done, total, f"{label}: {sentence}" if label else sentence)


def _bar(value: int, maximum: int, label: str) -> SafeString:
    return format_html(
        '<progress class="jb-prog" value="{}" max="{}" aria-label="{}"></progress>',
        str(value),
        str(maximum or 1),
        label,
    )


@register.simple_tag
def change_since(change: float | Decimal) -> SafeString:
    """The change since yesterday, with an arrow: "↑ 12 sejak kemarin"."""
    if not change:
        return format_html("<span>{}</span>", gettext("unchanged since yesterday"))
    amount = format_html("<b>{} {}</b>", draw("naik" if change > 0 else "turun"), figure(abs(change)))
    direction = gettext("up") if change > 0 else gettext("down")
    return format_html(
        '{}<span class="visually-hidden"> {}</span> {}',
        amount,
        direction,
        gettext("since yesterday"),
    )


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """The page's address with some filters changed; "" or None drops one, and a changed filter starts at page one."""
    query = context["request"].GET.copy()
    if "page" not in changes:
        query.pop("page", None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


def _local(value: datetime) -> datetime:
    """In the zone that it carries; what comes from the database carries UTC and is shown in the current zone."""
    if timezone.is_naive(value) or value.utcoffset():
        return value
    return timezone.localtime(value)


@register.filter
def day(value: date | None) -> str:
    """`Kamis, 19 Februari 2026`"""
    return _dated(value, "l, j F Y")


@register.filter
def day_short(value: date | None) -> str:
    """`Kam 19 Feb`"""
    return _dated(value, "D j M")


@register.filter
def day_plain(value: date | None) -> str:
    """`19 Februari 2026`, where the day of the week says nothing, as in a birth date."""
    return _dated(value, "j F Y")


def _dated(value: date | None, pattern: str) -> str:
    if not value:
        return NOTHING
    local = _local(value).date() if isinstance(value, datetime) else value
    return formats.date_format(local, pattern)


@register.filter
def clock(value: time | datetime | None) -> str:
    """`08.00`"""
    if value is None:
        return NOTHING
    local = _local(value) if isinstance(value, datetime) else value
    return local.strftime("%H:%M" if get_language() == "en" else "%H.%M")


@register.filter
def clock_wib(value: time | datetime | None) -> str:
    """`08.00 WIB`, or WITA or WIT, by the zone of the value."""
    if value is None:
        return NOTHING
    return f"{clock(value)} {_zone_name(value)}".rstrip()


def _zone_name(value: time | datetime) -> str:
    known = _local(value) if isinstance(value, datetime) else value
    offset = known.utcoffset() or timezone.localtime().utcoffset()
    return ZONE_NAMES.get(offset, "") if offset else ""


@register.filter
def moment(value: datetime | None) -> str:
    """`Kamis, 19 Februari 2026, 08.00 WIB`"""
    return f"{day(value)}, {clock_wib(value)}" if value else NOTHING


@register.filter
def figure(value: Any) -> str:
    """`12.000`; a text stays as it is, nothing is a dash."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, int | float | Decimal):
        return str(formats.number_format(value, force_grouping=True))
    return str(value)


@register.filter
def age(months: int) -> str:
    """ "16 years", "16 years 6 months": as people speak of an age that a rule counts in months."""
    years, rest = divmod(int(months), 12)
    if rest:
        return gettext("%(years)s years %(months)s months") % {"years": years, "months": rest}
    return gettext("%(years)s years") % {"years": years}


@register.filter
def signed(value: float | Decimal | None) -> str:
    """`+64`, `0`, `−3`"""
    if not value:
        return NOTHING if value is None else "0"
    return f"{'+' if value > 0 else '−'}{figure(abs(value))}"


@register.filter
def percent(value: float | Decimal | None) -> str:
    """`35,0`: one decimal, never rounded up to 100 while somebody is left; the word stands beside it."""
    if value is None:
        return NOTHING
    rounded = Decimal(str(value)).quantize(TENTH, ROUND_HALF_UP)
    shown = min(rounded, HUNDRED - TENTH) if value < HUNDRED else rounded
    return str(formats.number_format(shown, decimal_pos=1))


@register.filter
def ago(value: datetime | None) -> str:
    """`9 menit lalu`, by the clock of this moment."""
    return time_since(value, now=timezone.now()) if value else NOTHING


def time_since(value: datetime, *, now: datetime) -> str:
    """How long ago, in the largest whole unit: minutes, hours, then days."""
    passed = now - value
    if passed < MINUTE:
        return gettext("just now")
    if passed < HOUR:
        count = passed // MINUTE
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", count) % {"count": count}
    if passed < DAY:
        count = passed // HOUR
        return ngettext("%(count)d hour ago", "%(count)d hours ago", count) % {"count": count}
    return ngettext("%(count)d day ago", "%(count)d days ago", passed.days) % {"count": passed.days}
