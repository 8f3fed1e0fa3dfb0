"""What can be wished for a season, and what is refused with a sentence that says what to change."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from drives.models import Kit, KitOutage, Season
from drives.season import actions
from schools.models import Closure
from tests.drives.planning.pupils import FRIDAY, make_kits
from tests.drives.season.seasons import LAST, MONDAY, codes, make_season, refused
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"ends_on": MONDAY - timedelta(days=1)}, "ends_on", "period_reversed"),
    ({"starts_on": date(2026, 9, 1), "ends_on": date(2026, 11, 20)}, "ends_on", "period_past"),
    ({"ends_on": MONDAY + timedelta(days=370)}, "ends_on", "period_too_long"),
    ({"starts_on": date(2027, 1, 16), "ends_on": date(2027, 1, 17)}, "ends_on", "no_working_day"),
    ({"minutes_per_person": 0}, "minutes_per_person", "minutes_out_of_range"),
    ({"slack_percent": 91}, "slack_percent", "slack_out_of_range"),
    ({"setup_minutes": 180, "packup_minutes": 180, "afternoon_until": time(13)}, "setup_minutes", "no_time_after_setup"),
    ({"morning_until": time(8)}, "morning_until", "sessions_overlap"),
    ({"afternoon_from": time(10)}, "afternoon_from", "sessions_overlap"),
    ({"most_kits": 0}, "most_kits", "most_kits_out_of_range"),
    ({"kit_limit": 0}, "kit_limit", "no_kits"),
    ({"longest_days": 0}, "longest_days", "longest_out_of_range"),
    ({"kits_a_van": 0}, "kits_a_van", "van_out_of_range"),
    ({"minimum_age_months": 60}, "minimum_age_months", "minimum_age_out_of_range"),
    ({"weight_fairness": -1}, "weight_fairness", "weight_out_of_range"),
    ({"near_km": 51}, "near_km", "near_out_of_range"),
    ({"base_latitude": -6.2}, "base_longitude", "base_incomplete"),
    ({"name": " "}, "name", "name_missing"),
]


@pytest.mark.parametrize(("wish", "field", "code"), IMPOSSIBLE, ids=lambda value: value if isinstance(value, str) else "")
def test_what_cannot_be_wished_is_refused_beside_its_field(wish: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        make_season(**wish)

    assert list(refusal.value.error_dict) == [field]
    assert codes(refusal.value) == [code]
    assert Season.objects.count() == 0


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(ValidationError) as refusal:
        make_season(minutes_per_person=0, slack_percent=95, most_kits=0)

    assert sorted(refusal.value.error_dict) == ["minutes_per_person", "most_kits", "slack_percent"]


def test_a_city_without_a_kit_in_service_is_told_to_add_one() -> None:
    make_kits(2)
    Kit.objects.update(is_in_service=False)

    with refused("no_kits") as refusal:
        make_season(kits=0)

    assert refusal.value.messages == [
        "Kantor tidak memiliki alat rekam yang dapat dipakai. Tambahkan alat, atau aktifkan salah satu, di Alat rekam."
    ]


def test_kits_that_are_all_out_of_order_leave_no_season() -> None:
    for kit in make_kits(2):
        KitOutage.objects.create(kit=kit, starts_on=MONDAY, reason="Rusak", made_at=FRIDAY)

    with refused("kits_away"):
        make_season(kits=0)


def test_a_closure_of_the_office_over_every_day_leaves_no_working_day() -> None:
    Closure.objects.create(office=OfficeFactory(), starts_on=MONDAY, ends_on=LAST, reason="Pindah kantor")

    with refused("no_working_day"):
        make_season()


def test_wishes_that_are_not_told_are_the_offices_own() -> None:
    office = OfficeFactory(minutes_per_person=12, slack_percent=20, minimum_age_months=198)

    season = make_season()

    assert (season.office, season.minutes_per_person, season.slack_percent, season.minimum_age_months) == (office, 12, 20, 198)


def test_two_seasons_of_an_office_have_two_names() -> None:
    make_season()

    with refused("name_taken"):
        make_season(kits=0)


def test_changed_wishes_are_checked_again() -> None:
    season = make_season()

    with refused("minutes_out_of_range"):
        actions.update_season(season=season, by=None, now=FRIDAY, minutes_per_person=0)
    actions.update_season(season=season, by=None, now=FRIDAY, minutes_per_person=8)

    season.refresh_from_db()
    assert season.minutes_per_person == 8
