"""How the house says days, times, figures and statuses, in both of its languages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from schools.templatetags import house

JAKARTA = ZoneInfo("Asia/Jakarta")
MAKASSAR = ZoneInfo("Asia/Makassar")
MORNING = datetime(2026, 2, 19, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _indonesian() -> Iterator[None]:
    with translation.override("id"):
        yield


def rendered(source: str, **context: object) -> str:
    request = RequestFactory().get("/sekolah/", {"q": "sman 8", "page": "3", "state": "planned"})
    return str(engines["django"].from_string(source).render(context, request))


def test_a_day_is_said_with_its_name_month_and_year() -> None:
    assert house.day(date(2026, 2, 19)) == "Kamis, 19 Februari 2026"
    assert house.day_short(date(2026, 2, 19)) == "Kam 19 Feb"
    assert house.day_plain(date(2026, 2, 19)) == "19 Februari 2026"


def test_an_english_reader_gets_english_days_and_a_colon() -> None:
    with translation.override("en"):
        assert house.day(date(2026, 2, 19)) == "Thursday, 19 February 2026"
        assert house.clock(time(8, 0)) == "08:00"
        assert house.figure(12000) == "12,000"


def test_a_moment_from_the_database_is_said_in_jakarta_time() -> None:
    assert house.clock(MORNING) == "08.00"
    assert house.clock_wib(MORNING) == "08.00 WIB"
    assert house.moment(MORNING) == "Kamis, 19 Februari 2026, 08.00 WIB"


def test_a_moment_late_in_the_utc_day_is_the_next_day_in_jakarta() -> None:
    late = datetime(2026, 2, 19, 18, 30, tzinfo=UTC)

    assert house.day(late) == "Jumat, 20 Februari 2026"


@pytest.mark.parametrize(("hours", "name"), [(7, "WIB"), (8, "WITA"), (9, "WIT")])
def test_the_zone_is_the_one_that_the_value_carries(hours: int, name: str) -> None:
    local = datetime(2026, 2, 19, 8, 0, tzinfo=timezone(timedelta(hours=hours)))

    assert house.clock_wib(local) == f"08.00 {name}"


def test_a_time_without_a_zone_is_in_the_zone_of_the_page() -> None:
    assert house.clock_wib(time(15, 30)) == "15.30 WIB"


def test_nothing_is_a_dash() -> None:
    said = [
        house.day(None),
        house.clock(None),
        house.clock_wib(None),
        house.moment(None),
        house.figure(None),
        house.percent(None),
    ]

    assert said == ["–"] * 6


def test_figures_have_points_between_thousands_and_texts_stay() -> None:
    assert house.figure(12000) == "12.000"
    assert house.figure("18/20") == "18/20"


@given(st.integers(0, 10**9))
def test_a_figure_without_its_points_is_the_number(number: int) -> None:
    with translation.override("id"):
        assert int(house.figure(number).replace(".", "")) == number


@pytest.mark.parametrize(("change", "said"), [(64, "+64"), (0, "0"), (-1200, "−1.200"), (None, "–")])
def test_a_difference_carries_its_sign(change: int | None, said: str) -> None:
    assert house.signed(change) == said


@pytest.mark.parametrize(
    ("value", "said"), [(35, "35,0"), (Decimal("32.948"), "32,9"), (32.95, "33,0"), (99.96, "99,9"), (100, "100,0"), (0, "0,0")]
)
def test_a_percentage_has_one_decimal_and_is_100_only_when_nobody_is_left(value: float, said: str) -> None:
    assert house.percent(value) == said


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=59), "baru saja"),
        (timedelta(minutes=1), "1 menit lalu"),
        (timedelta(minutes=59, seconds=59), "59 menit lalu"),
        (timedelta(hours=23, minutes=59), "23 jam lalu"),
        (timedelta(days=4, hours=3), "4 hari lalu"),
    ],
)
def test_time_passed_is_said_in_its_largest_whole_unit(passed: timedelta, said: str) -> None:
    assert house.time_since(MORNING - passed, now=MORNING) == said


def test_english_counts_one_and_many() -> None:
    with translation.override("en"):
        assert house.time_since(MORNING - timedelta(minutes=1), now=MORNING) == "1 minute ago"
        assert house.time_since(MORNING - timedelta(minutes=2), now=MORNING) == "2 minutes ago"


@pytest.mark.parametrize(
    ("tone", "colour", "drawing"),
    [
        ("ok", " jb-chip--ok", "ok"),
        ("wait", " jb-chip--wait", "clock"),
        ("stop", " jb-chip--stop", "stop"),
        ("neutral", "", "circle"),
    ],
)
def test_a_status_is_an_icon_a_word_and_a_colour(tone: str, colour: str, drawing: str) -> None:
    status = SimpleNamespace(label="Terbit", tone=tone)

    shown = rendered("{% chip status %}", status=status)

    assert shown == (
        f'<span class="jb-chip{colour}"><svg class="jb-icon" aria-hidden="true">'
        f'<use href="/static/img/icons.svg#i-{drawing}"/></svg>Terbit</span>'
    )


def test_a_status_in_words_only_takes_its_tone_from_the_template_and_is_escaped() -> None:
    shown = rendered('{% chip text tone="ok" %}', text="<b>Siap</b>")

    assert shown.endswith("</svg>&lt;b&gt;Siap&lt;/b&gt;</span>")


def test_an_unknown_tone_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        house.chip("Siap", tone="green")


def test_places_filled_stand_in_figures_before_the_bar() -> None:
    assert rendered('{% cap 1200 1500 label="09.00" %}') == (
        '<div class="jb-cap"><span>1.200/1.500</span><progress class="jb-prog" value="1200" max="1500" '
        'aria-label="09.00: 1.200 dari 1.500 tempat terisi"></progress></div>'
    )


def test_a_bar_of_no_places_is_still_a_bar() -> None:
    assert 'value="0" max="1"' in rendered("{% cap 0 0 %}")


def test_a_changed_filter_starts_at_page_one_and_keeps_the_others() -> None:
    assert rendered("{% autoescape off %}{% query_with state='done' %}{% endautoescape %}") == "?q=sman+8&state=done"


def test_another_page_keeps_every_filter() -> None:
    assert rendered("{% autoescape off %}{% query_with page=4 %}{% endautoescape %}") == "?q=sman+8&page=4&state=planned"


def test_an_emptied_filter_leaves_the_address() -> None:
    assert rendered("{% autoescape off %}{% query_with q='' %}{% endautoescape %}") == "?state=planned"


def test_every_icon_that_a_template_names_is_drawn() -> None:
    import re

    from django.conf import settings

    drawn = set(re.findall(r'id="i-([a-z-]+)"', (settings.BASE_DIR / "static/img/icons.svg").read_text()))
    named = {
        name
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([a-z-]+)" %}', path.read_text())
    }

    assert named - drawn == set()
