"""A drive's draft: what it gives, what is refused, its kits, and its changes."""

from collections import Counter
from datetime import date, time

import pytest
from django.core.exceptions import ValidationError

from drives.models import Appointment, Drive, KitDuty, Timeslot, Visit
from drives.planning.actions import (
    assign_everybody,
    create_drive,
    publish_drive,
    set_operators,
    update_draft,
)
from drives.planning.capacity import Session
from schools.models import Closure, School, User
from tests.drives.planning.pupils import (
    AFTERNOON,
    AGED_16,
    AGED_17,
    FRIDAY,
    MORNING,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    make_kits,
    places_of,
    plan,
    refused,
    sman_55,
)
from tests.factories import (
    KitFactory,
    OfficeFactory,
    SchoolFactory,
    UserFactory,
    at,
)

pytestmark = pytest.mark.django_db


# The seed case


@pytest.mark.parametrize(("kits", "places", "assigned"), [(4, 366, 366), (5, 456, 452)])
def test_452_pupils_in_three_days(kits: int, places: int, assigned: int) -> None:
    make_kits(6)
    drive = create_drive(school=sman_55(), plan=plan(kits=kits), by=None, now=FRIDAY)

    placement = assign_everybody(drive=drive, by=None, now=FRIDAY)

    assert places_of(drive) == places
    assert len(placement.new) == assigned == Appointment.objects.live().filter(drive=drive).count()
    assert Visit.objects.filter(drive=drive).count() == assigned
    assert sum(placement.assignment.explain.left_over.values()) == 452 - assigned


def test_when_places_are_short_all_228_who_are_17_have_one() -> None:
    make_kits(6)
    drive = create_drive(school=sman_55(), plan=plan(kits=4), by=None, now=FRIDAY)

    assign_everybody(drive=drive, by=None, now=FRIDAY)

    ages = Counter(Appointment.objects.live().filter(drive=drive).values_list("person__birth_date", flat=True))
    assert ages == {AGED_17: 228, AGED_16: 138}


def test_no_class_comes_on_two_days_when_five_kits_suffice() -> None:
    make_kits(6)
    drive = create_drive(school=sman_55(), plan=plan(kits=5), by=None, now=FRIDAY)

    placement = assign_everybody(drive=drive, by=None, now=FRIDAY)

    assert placement.assignment.classes_split == []


def test_a_timeslot_holds_what_its_appointments_take(drive: Drive) -> None:
    assign_everybody(drive=drive, by=None, now=FRIDAY)

    taken = Counter(Appointment.objects.live().values_list("timeslot", flat=True))
    assert {slot.pk: slot.places_taken for slot in Timeslot.objects.all() if slot.places_taken} == dict(taken)


# Refusals of a plan


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"days": ()}, "no_days"),
        ({"days": (date(2026, 11, 19),)}, "past_day"),
        ({"days": (date(2026, 12, 25),)}, "holiday"),
        ({"kits": 0}, "no_kits"),
        ({"kits": 7}, "too_few_kits"),
        ({"sessions": ()}, "no_sessions"),
        ({"sessions": (MORNING, Session(time(9), time(12)))}, "sessions_overlap"),
        ({"sessions": (Session(time(9), time(9)),)}, "session_empty"),
        ({"minutes": 0}, "minutes_out_of_range"),
        ({"slack_percent": 101}, "slack_out_of_range"),
        ({"slot_minutes": 5}, "slot_length_out_of_range"),
        ({"minimum_age_months": 100}, "minimum_age_out_of_range"),
        ({"sessions": (Session(time(7), time(7, 10)),), "kits": 1, "minutes": 120}, "no_places"),
        ({"days": (date(2026, 11, 27),), "sessions": (AFTERNOON,)}, None),
        ({"days": (date(2026, 11, 27),), "sessions": (Session(time(12), time(13)),)}, "no_time_on_day"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_leaves_nothing(
    school: School, changes: dict[str, object], code: str | None
) -> None:
    make_kits(6)

    if code is None:
        create_drive(school=school, plan=plan(**changes), by=None, now=FRIDAY)
        return
    with refused(code):
        create_drive(school=school, plan=plan(**changes), by=None, now=FRIDAY)

    assert (Drive.objects.count(), KitDuty.objects.count()) == (0, 0)


def test_a_holiday_is_named(school: School) -> None:
    make_kits(5)

    with pytest.raises(ValidationError) as refusal:
        create_drive(school=school, plan=plan(days=(date(2026, 12, 25),)), by=None, now=FRIDAY)

    assert "Hari Raya Natal" in refusal.value.messages[0]


def test_a_day_on_which_the_school_is_closed_is_refused_with_its_reason(school: School) -> None:
    make_kits(5)
    Closure.objects.create(school=school, starts_on=TUESDAY, ends_on=WEDNESDAY, reason="Penilaian akhir semester")

    with pytest.raises(ValidationError, match="Penilaian akhir semester") as refusal:
        create_drive(school=school, plan=plan(), by=None, now=FRIDAY)

    assert refusal.value.code == "closed_day"


def test_a_special_working_day_is_neither_holiday_nor_short(school: School) -> None:
    make_kits(5)
    friday = date(2026, 12, 25)
    Closure.objects.create(
        office=school.office, starts_on=friday, ends_on=friday, effect=Closure.Effect.OPEN, reason="Pelayanan khusus"
    )

    drive = create_drive(school=school, plan=plan(days=(friday,)), by=None, now=FRIDAY)

    assert places_of(drive) == 152


def test_a_friday_ends_before_the_prayer(school: School) -> None:
    make_kits(5)

    drive = create_drive(school=school, plan=plan(days=(date(2026, 11, 27),)), by=None, now=FRIDAY)

    assert max(Timeslot.objects.filter(drive=drive).values_list("ends_at", flat=True)) == at(date(2026, 11, 27), "11.30")


# Kits


def test_a_kit_that_is_elsewhere_is_refused_with_place_and_hours(school: School) -> None:
    first, _second = make_kits(2)
    other = SchoolFactory(name="SMAN 8 Jakarta")
    create_drive(school=other, plan=plan(kit_ids=frozenset({first.pk})), by=None, now=FRIDAY)

    with pytest.raises(ValidationError) as refusal:
        create_drive(school=school, plan=plan(kit_ids=frozenset({first.pk})), by=None, now=FRIDAY)

    assert refusal.value.code == "kit_elsewhere"
    assert refusal.value.messages == ["Alat 1 ada di SMAN 8 Jakarta pada Selasa, 24 November 2026, 07.00–13.30."]


def test_any_free_kit_is_taken_where_none_is_named(school: School) -> None:
    first, second, _third = make_kits(3)
    create_drive(school=SchoolFactory(), plan=plan(kit_ids=frozenset({first.pk})), by=None, now=FRIDAY)

    drive = create_drive(school=school, plan=plan(kits=1), by=None, now=FRIDAY)

    assert set(KitDuty.objects.filter(drive_day__drive=drive).values_list("kit", flat=True)) == {second.pk}


def test_a_kit_serves_two_schools_on_one_day(school: School) -> None:
    make_kits(1)
    create_drive(school=SchoolFactory(), plan=plan(kits=1, sessions=(MORNING,)), by=None, now=FRIDAY)

    drive = create_drive(school=school, plan=plan(kits=1, sessions=(AFTERNOON,)), by=None, now=FRIDAY)

    assert KitDuty.objects.filter(drive_day__drive=drive).count() == 3


def test_a_kit_out_of_service_or_of_another_office_is_not_chosen(school: School) -> None:
    KitFactory(office=school.office, is_in_service=False)
    foreign = KitFactory(office=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Barat"))

    with refused("too_few_kits"):
        create_drive(school=school, plan=plan(kits=1), by=None, now=FRIDAY)
    with refused("too_few_kits"):
        create_drive(school=school, plan=plan(kit_ids=frozenset({foreign.pk})), by=None, now=FRIDAY)


# The draft


def test_a_draft_keeps_the_settings_that_its_office_had(drive: Drive) -> None:
    drive.office.documents_to_bring = "akta kelahiran"
    drive.office.save()

    drive.refresh_from_db()
    assert drive.documents_to_bring == "fotokopi kartu keluarga (KK)"


def test_editing_a_draft_keeps_the_places_that_remain_and_counts_the_lost_ones(drive: Drive, planner: User) -> None:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    before = dict(Appointment.objects.live().values_list("person", "timeslot__starts_at"))

    changed = update_draft(drive=drive, plan=plan(kits=2, days=(TUESDAY, WEDNESDAY)), by=planner, now=FRIDAY)

    after = dict(Appointment.objects.live().values_list("person", "timeslot__starts_at"))
    assert after == {person: moment for person, moment in before.items() if moment < at(THURSDAY, "00.00")}
    assert changed.lost_count == len(before) - len(after)
    assert [each.day for each in drive.days.order_by("day")] == [TUESDAY, WEDNESDAY]
    assert KitDuty.objects.filter(drive_day__drive=drive).count() == 4


def test_editing_a_draft_with_the_same_answers_changes_nothing(drive: Drive, planner: User) -> None:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    before = set(Appointment.objects.live().values_list("person", "timeslot__starts_at"))

    changed = update_draft(drive=drive, plan=plan(kits=1), by=planner, now=FRIDAY)

    assert set(Appointment.objects.live().values_list("person", "timeslot__starts_at")) == before
    assert changed.lost_count == 0


def test_a_refused_edit_leaves_the_draft_as_it_was(drive: Drive) -> None:
    before = set(Timeslot.objects.values_list("pk", flat=True))

    with refused("holiday"):
        update_draft(drive=drive, plan=plan(days=(date(2026, 12, 25),)), by=None, now=FRIDAY)

    assert set(Timeslot.objects.values_list("pk", flat=True)) == before


def test_operators_stay_on_the_days_that_stay(drive: Drive, planner: User) -> None:
    operator = UserFactory(operator=drive.office)
    days = list(drive.days.order_by("day"))
    set_operators(drive=drive, on_duty={each.pk: {operator.pk} for each in days}, by=planner, now=FRIDAY)

    update_draft(drive=drive, plan=plan(kits=1, days=(WEDNESDAY,)), by=planner, now=FRIDAY)

    assert list(operator.duties.values_list("drive_day__day", flat=True)) == [WEDNESDAY]


def test_a_published_schedule_is_not_edited(drive: Drive, planner: User) -> None:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    publish_drive(drive=drive, by=planner, now=FRIDAY)

    with refused("drive_published"):
        update_draft(drive=drive, plan=plan(), by=planner, now=FRIDAY)
