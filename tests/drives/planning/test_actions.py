"""Making a drive and giving people their places, as DOMAIN's first case tells it."""

from collections import Counter
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from drives.models import Appointment, Drive, DriveDay, KitDuty, Timeslot, Visit
from drives.planning.actions import (
    assign_everybody,
    cancel_drive,
    create_drive,
    free_place,
    last_step,
    move_appointment,
    move_many,
    place_people,
    preview_assignment,
    publish_drive,
    set_operators,
    undo,
    update_draft,
    withdraw_publication,
)
from drives.planning.capacity import Session
from schools.models import AuditEntry, Closure, School, User
from students.models import Person
from tests.drives.planning.pupils import (
    AFTERNOON,
    AGED_16,
    AGED_17,
    FRIDAY,
    MORNING,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    make_class,
    make_kits,
    make_school,
    plan,
    sman_55,
)
from tests.factories import (
    AppointmentFactory,
    DukcapilStatusFactory,
    KitFactory,
    OfficeFactory,
    SchoolFactory,
    UserFactory,
    VisitFactory,
    at,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return make_school({"XI MERDEKA 1": (3, 3), "XI MERDEKA 2": (2, 2), "XII MIPA 1": (4, 0)})


@pytest.fixture
def planner() -> User:
    return UserFactory(planner=OfficeFactory())


@pytest.fixture
def drive(school: School, planner: User) -> Drive:
    make_kits(2)
    return create_drive(school=school, plan=plan(kits=1), by=planner, now=FRIDAY)


def refused(code: str) -> "pytest.RaisesExc[ValidationError]":
    return pytest.raises(ValidationError, check=lambda error: error.code == code)


def places_of(drive: Drive) -> int:
    return sum(Timeslot.objects.filter(drive=drive).values_list("places", flat=True))


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


# Who gets a place


def test_whoever_is_recorded_or_seen_or_scheduled_elsewhere_gets_no_place(school: School, drive: Drive) -> None:
    recorded, seen, elsewhere, *others = Person.objects.filter(school=school).order_by("pk")
    DukcapilStatusFactory(person=recorded)
    VisitFactory(drive=drive, person=seen, state=Visit.State.ABSENT)
    make_kits(1, office=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat"))
    AppointmentFactory(person=elsewhere)

    assign_everybody(drive=drive, by=None, now=FRIDAY)

    assert set(Appointment.objects.live().filter(drive=drive).values_list("person", flat=True)) == {each.pk for each in others}


def test_nobody_sits_on_a_day_on_which_they_are_too_young(drive: Drive, school: School) -> None:
    young = make_class(school, "X MERDEKA 1", [WEDNESDAY.replace(year=2010), date(2010, 11, 27)], grade=10)

    placement = assign_everybody(drive=drive, by=None, now=FRIDAY)

    (only,) = Appointment.objects.live().filter(class_group=young).select_related("timeslot")
    assert only.timeslot.starts_at >= at(WEDNESDAY, "00.00")
    assert dict(placement.assignment.explain.left_over) == {"too_young": 1}


def test_extra_time_takes_its_places_in_one_timeslot(drive: Drive, school: School) -> None:
    person = Person.objects.filter(school=school).order_by("pk")[0]
    Person.objects.filter(pk=person.pk).update(places_needed=2)

    assign_everybody(drive=drive, by=None, now=FRIDAY)

    assert Appointment.objects.live().get(person=person).places == 2


def test_a_class_alone_is_placed_and_the_rest_waits(drive: Drive, school: School) -> None:
    group = school.class_groups.get(name="XI MERDEKA 2")

    assign_everybody(drive=drive, by=None, now=FRIDAY, classes=[group.pk])

    assert set(Appointment.objects.live().values_list("class_group", flat=True)) == {group.pk}
    assert Appointment.objects.live().count() == 4


def test_a_preview_writes_nothing_and_tells_what_will_be(drive: Drive) -> None:
    preview = preview_assignment(drive=drive, now=FRIDAY)

    assert Appointment.objects.count() == 0
    assert assign_everybody(drive=drive, by=None, now=FRIDAY, seen_board=preview.board).new == preview.new


def test_assigning_twice_changes_nothing(drive: Drive, planner: User) -> None:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    before = set(Appointment.objects.values_list("pk", "timeslot"))

    again = assign_everybody(drive=drive, by=planner, now=FRIDAY)

    assert again.new == {}
    assert set(Appointment.objects.values_list("pk", "timeslot")) == before
    assert drive.steps.count() == 1


def test_a_preview_that_is_out_of_date_is_refused(drive: Drive, school: School) -> None:
    preview = preview_assignment(drive=drive, now=FRIDAY)
    assign_everybody(drive=drive, by=None, now=FRIDAY, classes=[school.class_groups.get(name="XI MERDEKA 2").pk])

    with refused("changed_meanwhile"):
        assign_everybody(drive=drive, by=None, now=FRIDAY + timedelta(minutes=1), seen_board=preview.board)


def test_a_moved_person_stays_when_others_are_assigned(drive: Drive, school: School, planner: User) -> None:
    assign_everybody(drive=drive, by=planner, now=FRIDAY, classes=[school.class_groups.get(name="XI MERDEKA 1").pk])
    moved = Appointment.objects.live().order_by("pk")[0]
    last = drive.timeslots.order_by("-starts_at")[0]
    move_appointment(appointment=moved, to=last, by=planner, now=FRIDAY)

    assign_everybody(drive=drive, by=planner, now=FRIDAY)

    assert Appointment.objects.live().get(person=moved.person).timeslot == last


def test_a_timeslot_that_has_begun_takes_nobody(drive: Drive) -> None:
    assign_everybody(drive=drive, by=None, now=at(TUESDAY, "09.10"))

    assert not Appointment.objects.live().filter(timeslot__starts_at__lt=at(TUESDAY, "09.30")).exists()


def test_a_visit_outlives_a_freed_place(drive: Drive) -> None:
    assign_everybody(drive=drive, by=None, now=FRIDAY)
    appointment = Appointment.objects.live().order_by("pk")[0]
    token = Visit.objects.get(drive=drive, person=appointment.person).token
    free_place(appointment=appointment, by=None, now=FRIDAY)

    assign_everybody(drive=drive, by=None, now=FRIDAY)

    assert Visit.objects.get(drive=drive, person=appointment.person).token == token


def test_codes_are_six_letters_that_differ_within_the_drive(drive: Drive) -> None:
    assign_everybody(drive=drive, by=None, now=FRIDAY)

    codes = list(Visit.objects.filter(drive=drive).values_list("code", flat=True))
    assert len(set(codes)) == len(codes) == 14
    assert {len(code) for code in codes} == {6}


# Moving and freeing


@pytest.fixture
def board(drive: Drive, planner: User) -> Drive:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    return drive


def test_a_move_ends_the_old_appointment_and_pins_the_new_one(board: Drive, planner: User) -> None:
    old = Appointment.objects.live().order_by("pk")[0]
    last = board.timeslots.order_by("-starts_at")[0]

    new = move_appointment(appointment=old, to=last, by=planner, now=FRIDAY)

    old.refresh_from_db()
    assert (old.ending, old.ended_at) == ("moved", FRIDAY)
    assert (new.timeslot, new.moved_from, new.is_pinned, new.created_by) == (last, old, True, planner)
    last.refresh_from_db()
    assert last.places_taken == 1


def test_moving_again_to_the_same_timeslot_changes_nothing(board: Drive, planner: User) -> None:
    old = Appointment.objects.live().order_by("pk")[0]
    last = board.timeslots.order_by("-starts_at")[0]
    new = move_appointment(appointment=old, to=last, by=planner, now=FRIDAY)

    again = move_appointment(appointment=old, to=last, by=planner, now=FRIDAY)

    assert again == new
    assert board.steps.count() == 2


def test_moving_somebody_whom_another_planner_moved_is_refused(board: Drive, planner: User) -> None:
    old = Appointment.objects.live().order_by("pk")[0]
    *_, before_last, last = board.timeslots.order_by("starts_at")
    move_appointment(appointment=old, to=last, by=planner, now=FRIDAY)

    with refused("changed_meanwhile"):
        move_appointment(appointment=old, to=before_last, by=planner, now=FRIDAY)


def test_a_full_timeslot_refuses_and_nobody_moves(board: Drive, planner: User) -> None:
    full = next(slot for slot in board.timeslots.order_by("starts_at") if slot.is_full)
    others = Appointment.objects.live().exclude(timeslot=full).values_list("pk", flat=True)[:2]
    before = set(Appointment.objects.live().values_list("pk", flat=True))

    with refused("timeslot_full"):
        move_many(drive=board, appointments=list(others), to=full, by=planner, now=FRIDAY)

    assert set(Appointment.objects.live().values_list("pk", flat=True)) == before


def test_a_timeslot_of_another_drive_is_refused(board: Drive) -> None:
    make_kits(1, office=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat"))
    other = create_drive(
        school=SchoolFactory(office=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat")),
        plan=plan(kits=1),
        by=None,
        now=FRIDAY,
    )
    appointment = Appointment.objects.live().order_by("pk")[0]

    with refused("other_drive"):
        move_appointment(appointment=appointment, to=other.timeslots.order_by("pk")[0], by=None, now=FRIDAY)


def test_a_timeslot_that_has_begun_refuses(board: Drive) -> None:
    appointment = Appointment.objects.live().order_by("-timeslot__starts_at")[0]
    first = board.timeslots.order_by("starts_at")[0]

    with refused("timeslot_over"):
        move_appointment(appointment=appointment, to=first, by=None, now=at(TUESDAY, "07.05"))


def test_who_is_too_young_on_the_day_is_not_moved_there(board: Drive, school: School) -> None:
    young = make_class(school, "X MERDEKA 1", [THURSDAY.replace(year=2010)], grade=10)
    assign_everybody(drive=board, by=None, now=FRIDAY)
    appointment = Appointment.objects.live().get(class_group=young)
    early = next(slot for slot in board.timeslots.order_by("starts_at") if not slot.is_full)

    with refused("too_young_on_day"):
        move_appointment(appointment=appointment, to=early, by=None, now=FRIDAY)


def test_a_freed_place_is_free_and_freeing_twice_is_one_step(board: Drive, planner: User) -> None:
    appointment = Appointment.objects.live().select_related("timeslot").order_by("pk")[0]
    taken = appointment.timeslot.places_taken

    free_place(appointment=appointment, by=planner, now=FRIDAY)
    free_place(appointment=appointment, by=planner, now=FRIDAY)

    appointment.refresh_from_db()
    left = Timeslot.objects.get(pk=appointment.timeslot_id).places_taken
    assert (appointment.ending, left) == ("cancelled", taken - 1)
    assert board.steps.count() == 2


def test_somebody_who_waits_is_placed_by_hand(board: Drive, planner: User) -> None:
    appointment = Appointment.objects.live().order_by("pk")[0]
    free_place(appointment=appointment, by=planner, now=FRIDAY)
    last = board.timeslots.order_by("-starts_at")[0]

    (placed,) = place_people(drive=board, people=[appointment.person_id], to=last, by=planner, now=FRIDAY)

    assert (placed.timeslot, placed.is_pinned) == (last, True)
    assert place_people(drive=board, people=[appointment.person_id], to=last, by=planner, now=FRIDAY) == []


def test_somebody_of_another_school_is_not_placed(board: Drive) -> None:
    stranger = make_class(SchoolFactory(), "XI MERDEKA 1", [AGED_17]).enrolments.get().person

    with refused("not_waiting"):
        place_people(drive=board, people=[stranger.pk], to=board.timeslots.order_by("-starts_at")[0], by=None, now=FRIDAY)


# Undo


def test_undoing_an_assignment_empties_the_board(board: Drive, planner: User) -> None:
    step = last_step(board, by=planner)
    assert step is not None

    undo(drive=board, step_id=step.pk, by=planner, now=FRIDAY)

    assert Appointment.objects.live().count() == 0
    assert sum(Timeslot.objects.values_list("places_taken", flat=True)) == 0


def test_what_was_published_is_not_undone_in_one_tap(board: Drive, planner: User) -> None:
    assign_everybody(drive=board, by=planner, now=FRIDAY)
    before = last_step(board, by=planner)
    assert before is not None
    published = publish_drive(drive=board, by=planner, now=FRIDAY + timedelta(minutes=1))

    assert last_step(published, by=planner) is None
    with refused("changed_meanwhile"):
        undo(drive=published, step_id=before.pk, by=planner, now=FRIDAY + timedelta(minutes=2))


def test_steps_are_undone_one_after_the_other(board: Drive, planner: User) -> None:
    before = set(Appointment.objects.live().values_list("pk", "timeslot"))
    appointment = Appointment.objects.live().order_by("pk")[0]
    last = board.timeslots.order_by("-starts_at")[0]
    moved = move_appointment(appointment=appointment, to=last, by=planner, now=FRIDAY + timedelta(minutes=1))
    free_place(appointment=moved, by=planner, now=FRIDAY + timedelta(minutes=2))

    for _time in range(2):
        step = last_step(board, by=planner)
        assert step is not None
        undo(drive=board, step_id=step.pk, by=planner, now=FRIDAY + timedelta(minutes=3))

    assert set(Appointment.objects.live().values_list("pk", "timeslot")) == before


def test_undoing_twice_undoes_once(board: Drive, planner: User) -> None:
    step = last_step(board, by=planner)
    assert step is not None
    undo(drive=board, step_id=step.pk, by=planner, now=FRIDAY)
    assign_everybody(drive=board, by=UserFactory(planner=board.office), now=FRIDAY)

    undo(drive=board, step_id=step.pk, by=planner, now=FRIDAY)

    assert Appointment.objects.live().count() == 14


def test_what_another_planner_has_touched_since_is_not_undone(board: Drive, planner: User) -> None:
    appointment = Appointment.objects.live().order_by("pk")[0]
    free_place(appointment=appointment, by=UserFactory(planner=board.office), now=FRIDAY)
    step = last_step(board, by=planner)
    assert step is not None

    with refused("changed_meanwhile"):
        undo(drive=board, step_id=step.pk, by=planner, now=FRIDAY)


def test_nobody_undoes_the_step_of_another(board: Drive, planner: User) -> None:
    step = last_step(board, by=planner)
    assert step is not None

    with refused("nothing_to_undo"):
        undo(drive=board, step_id=step.pk, by=UserFactory(planner=board.office), now=FRIDAY)


def test_a_place_that_was_taken_since_is_not_taken_back(drive: Drive, planner: User, school: School) -> None:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    full = next(slot for slot in drive.timeslots.order_by("starts_at") if slot.is_full)
    appointment = Appointment.objects.live().filter(timeslot=full).order_by("pk")[0]
    free_place(appointment=appointment, by=planner, now=FRIDAY + timedelta(minutes=1))
    other = Appointment.objects.live().exclude(timeslot=full).order_by("pk")[0]
    move_appointment(appointment=other, to=full, by=UserFactory(planner=drive.office), now=FRIDAY + timedelta(minutes=2))
    step = last_step(drive, by=planner)
    assert step is not None

    with refused("timeslot_taken"):
        undo(drive=drive, step_id=step.pk, by=planner, now=FRIDAY + timedelta(minutes=3))

    appointment.refresh_from_db()
    assert appointment.ending == "cancelled"


# Publishing and cancelling


def test_publishing_is_done_once_and_stands_in_the_audit(board: Drive, planner: User) -> None:
    publish_drive(drive=board, by=planner, now=FRIDAY)
    publish_drive(drive=board, by=planner, now=FRIDAY + timedelta(hours=1))

    board.refresh_from_db()
    assert (board.status, board.revision, board.published_at, board.published_by) == ("published", 1, FRIDAY, planner)
    (entry,) = AuditEntry.objects.filter(action=AuditEntry.Action.PUBLISHED)
    assert (entry.subject_id, entry.by, entry.detail) == (board.pk, planner, {"revision": 1, "people": 14})


def test_a_drive_without_anybody_is_not_published(drive: Drive) -> None:
    with refused("nobody_scheduled"):
        publish_drive(drive=drive, by=None, now=FRIDAY)


def test_a_drive_that_has_passed_is_not_published(board: Drive) -> None:
    with refused("past_day"):
        publish_drive(drive=board, by=None, now=at(THURSDAY, "18.00"))


def test_a_late_change_gives_the_schedule_a_new_revision(board: Drive, planner: User) -> None:
    publish_drive(drive=board, by=planner, now=FRIDAY)

    free_place(appointment=Appointment.objects.live().order_by("pk")[0], by=planner, now=FRIDAY)

    board.refresh_from_db()
    assert board.revision == 2


def test_withdrawing_makes_a_draft_again(board: Drive, planner: User) -> None:
    publish_drive(drive=board, by=planner, now=FRIDAY)

    withdraw_publication(drive=board, by=planner, now=FRIDAY)

    board.refresh_from_db()
    assert (board.status, board.published_at) == ("draft", None)


def test_cancelling_frees_kits_and_places(board: Drive, planner: User) -> None:
    cancel_drive(drive=board, reason="Sekolah banjir", by=planner, now=FRIDAY)
    cancel_drive(drive=board, reason="Sekolah banjir", by=planner, now=FRIDAY + timedelta(hours=1))

    board.refresh_from_db()
    assert (board.status, board.cancelled_at, board.cancel_reason) == ("cancelled", FRIDAY, "Sekolah banjir")
    assert Appointment.objects.live().count() == 0
    assert not KitDuty.objects.filter(released_at=None).exists()


def test_cancelling_needs_a_reason(board: Drive) -> None:
    with refused("reason_missing"):
        cancel_drive(drive=board, reason="  ", by=None, now=FRIDAY)


def test_a_drive_at_which_people_were_seen_is_not_cancelled(board: Drive) -> None:
    Visit.objects.filter(pk=Visit.objects.filter(drive=board)[0].pk).update(state=Visit.State.PRESENT)

    with refused("drive_has_outcomes"):
        cancel_drive(drive=board, reason="Sekolah banjir", by=None, now=FRIDAY)


def test_a_cancelled_drive_is_left_alone(board: Drive) -> None:
    appointment = Appointment.objects.live().order_by("pk")[0]
    cancel_drive(drive=board, reason="Sekolah banjir", by=None, now=FRIDAY)

    with refused("drive_cancelled"):
        assign_everybody(drive=board, by=None, now=FRIDAY)
    with refused("drive_cancelled"):
        free_place(appointment=appointment, by=None, now=FRIDAY)


# Operators


def test_operators_are_on_duty_exactly_as_said(drive: Drive, planner: User) -> None:
    lead, operator = UserFactory(lead_operator=drive.office), UserFactory(operator=drive.office)
    first, second, _third = drive.days.order_by("day")
    set_operators(drive=drive, on_duty={first.pk: {operator.pk}, second.pk: {operator.pk}}, by=planner, now=FRIDAY)

    set_operators(drive=drive, on_duty={first.pk: {lead.pk}}, by=planner, now=FRIDAY)

    duties = DriveDay.objects.filter(operator_duties__isnull=False).values_list(
        "day", "operator_duties__user", "operator_duties__is_lead"
    )
    assert sorted(duties) == [(TUESDAY, lead.pk, True), (WEDNESDAY, operator.pk, False)]


def test_only_operators_of_the_office_are_on_duty(drive: Drive, planner: User) -> None:
    stranger = UserFactory(operator=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Barat"))

    with refused("not_an_operator"):
        set_operators(drive=drive, on_duty={drive.days.order_by("day")[0].pk: {stranger.pk}}, by=planner, now=FRIDAY)
