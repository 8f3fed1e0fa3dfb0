"""Another chance is told to the school, the class and the student: once, whoever sweeps and wherever it dies."""

from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import DatabaseError, connections
from django.test import Client
from uuid6 import uuid7

from drives.followups.actions import offer, prepare_make_up
from drives.models import Appointment, Drive, FollowUp, Notice, Visit
from drives.notices import actions, chances, outbox
from drives.notices.own_slot import own_slot
from drives.notices.tasks import tell_chances
from drives.onsite.actions import record_event
from drives.onsite.day_close import KitReport, close_day
from drives.planning.actions import move_appointment
from drives.planning.capacity import Session
from drives.planning.plan import Plan
from drives.publishing.actions import announce_changes, has_unannounced_changes, publish
from tests.drives.onsite.conftest import DAY, NOW, Hall, hall
from tests.factories import DriveDayFactory, DriveSessionFactory, TimeslotFactory, UserFactory, at
from tests.together import together

__all__ = ["hall"]
pytestmark = pytest.mark.django_db
EVENING = at(DAY, "15.00")
LATER = EVENING + timedelta(minutes=6)
NAMES = ("Adi Nugroho", "Bela Putri", "Cici Lestari")


@pytest.fixture
def missed(hall: Hall) -> list[Visit]:
    """Three who were absent, of a class whose teacher has an address; the day is closed."""
    hall.school.email = "sman55@sekolah.example"
    hall.school.save()
    visits = [hall.expect(name) for name in NAMES]
    hall.school.class_groups.update(homeroom_email="sari@guru.example", homeroom_name="Bu Sari")
    for visit in visits:
        record_event(event_id=uuid7(), visit=visit, kind="absent", reason="sick", by=hall.operator, now=NOW)
    close_day(
        drive_day=hall.today,
        reports=[KitReport(kit.pk, 0) for kit in hall.kits],
        signed_by_name="Budi",
        by=hall.lead,
        now=EVENING,
    )
    return visits


def give(hall: Hall, way: str, *visits: Visit, now: datetime = EVENING) -> None:
    offer(drive_day=hall.today, visits=[visit.pk for visit in visits], way=way, by=hall.lead, now=now)


def told() -> list[tuple[str, str]]:
    """Whom the outbox still tells, and through what."""
    waiting = Notice.objects.filter(kind="chance", withdrawn_at=None, claimed_at=None)
    return sorted(waiting.values_list("channel", "recipient"))


ALL = [("copy", "XII MIPA 2"), ("email", "sari@guru.example"), ("email", "sman55@sekolah.example")]


def test_the_school_the_homeroom_teacher_and_the_class_are_told_once(hall: Hall, missed: list[Visit]) -> None:
    give(hall, "next_day", *missed)

    counts = [chances.tell_chances(now=LATER + number * timedelta(minutes=1)) for number in range(3)]

    assert (counts, told()) == ([3, 0, 0], ALL)


def test_the_e_mails_say_when_and_how_many_and_never_who(hall: Hall, missed: list[Visit]) -> None:
    give(hall, "next_day", missed[0])
    give(hall, "office", missed[1])
    give(hall, "make_up", missed[2])
    chances.tell_chances(now=LATER)

    outbox.run(clock=lambda: LATER)

    by_recipient = {letter.to[0]: letter.body for letter in mail.outbox}
    assert set(by_recipient) == {"sari@guru.example", "sman55@sekolah.example"}
    for body in by_recipient.values():
        assert "- Rabu, 25 November 2026, 09.00–09.30 WIB (1 siswa)" in body
        assert "- Perekaman susulan, harinya disampaikan kemudian (1 siswa)" in body
        assert f"- Di {hall.drive.office.name}, pada hari kerja (1 siswa)" in body
        assert "GRATIS" in body
        assert not any(name.split()[0] in body for name in NAMES)
    assert "3 siswa sekolah Anda belum dapat direkam pada Selasa, 24 November 2026" in by_recipient["sman55@sekolah.example"]


def test_nobody_is_told_while_somebody_is_still_choosing(hall: Hall, missed: list[Visit]) -> None:
    give(hall, "office", missed[0])
    give(hall, "office", missed[1], now=EVENING + timedelta(minutes=4))

    assert [chances.tell_chances(now=EVENING + timedelta(minutes=minutes)) for minutes in (6, 8, 9, 10)] == [0, 0, 2, 0]


def test_another_choice_is_told_in_place_of_what_has_not_left_yet(hall: Hall, missed: list[Visit]) -> None:
    night = at(DAY, "21.00")
    give(hall, "office", *missed, now=night)
    chances.tell_chances(now=night + timedelta(minutes=6))
    give(hall, "next_day", missed[0], now=night + timedelta(minutes=10))
    chances.tell_chances(now=night + timedelta(minutes=20))

    outbox.run(clock=lambda: night + timedelta(minutes=30))
    assert (told(), len(mail.outbox)) == (ALL, 0)
    early = at(hall.tomorrow.day, "08.00")
    outbox.run(clock=lambda: early)
    outbox.run(clock=lambda: early + timedelta(minutes=1))

    assert sorted(letter.to[0] for letter in mail.outbox) == ["sari@guru.example", "sman55@sekolah.example"]
    assert all("(2 siswa)" in letter.body and "09.00–09.30" in letter.body for letter in mail.outbox)


def test_after_it_was_told_a_changed_choice_is_told_again_and_says_how_it_stands_now(hall: Hall, missed: list[Visit]) -> None:
    give(hall, "office", *missed)
    chances.tell_chances(now=LATER)
    outbox.run(clock=lambda: LATER)
    give(hall, "next_day", missed[0], now=LATER)

    assert chances.tell_chances(now=LATER + timedelta(minutes=6)) == 1
    outbox.run(clock=lambda: LATER + timedelta(minutes=6))

    assert len(mail.outbox) == 4
    assert all("(2 siswa)" in letter.body and "(1 siswa)" in letter.body for letter in mail.outbox[2:])


def test_a_schedule_that_is_announced_anew_takes_nothing_of_it_back(hall: Hall, missed: list[Visit]) -> None:
    night = at(DAY, "21.00")
    give(hall, "office", missed[0], missed[1], now=night)
    give(hall, "next_day", missed[2], now=night)
    chances.tell_chances(now=night + timedelta(minutes=6))
    ten = at(hall.tomorrow.day, "10.00")
    slot = TimeslotFactory(session=hall.slots[3].session, starts_at=ten, ends_at=ten + timedelta(minutes=30))
    placed = Appointment.objects.live().get(person=missed[2].person)
    move_appointment(appointment=placed, to=slot, by=hall.lead, now=night + timedelta(minutes=9))
    announce_changes(drive=hall.drive, by=None, now=night + timedelta(minutes=10))

    outbox.run(clock=lambda: at(hall.tomorrow.day, "08.00"))

    letters = [letter.body for letter in mail.outbox if letter.subject.startswith("Susulan")]
    assert len(letters) == 2
    assert all("pada hari kerja (2 siswa)" in body and "10.00–10.30" in body for body in letters)


def test_who_was_recorded_meanwhile_is_told_nothing(hall: Hall, missed: list[Visit]) -> None:
    give(hall, "office", missed[0])
    chances.tell_chances(now=LATER)
    record_event(event_id=uuid7(), visit=missed[0], kind="recorded", by=hall.lead, now=LATER)

    outbox.run(clock=lambda: LATER + timedelta(minutes=1))

    assert mail.outbox == []
    assert not Notice.objects.filter(channel="email", withdrawn_at=None).exists()


def test_what_was_decided_long_ago_is_told_to_nobody(hall: Hall, missed: list[Visit]) -> None:
    give(hall, "office", *missed)

    assert chances.tell_chances(now=EVENING + timedelta(days=15)) == 0


@pytest.mark.parametrize("place", ["Notice", "FollowUp"])
def test_a_worker_that_dies_while_it_tells_has_told_nothing_and_the_next_one_tells_all(
    hall: Hall, missed: list[Visit], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    give(hall, "next_day", *missed)

    def killed(*_args: Any, **_more: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        if place == "Notice":
            patched.setattr(chances, "plan_reminders", killed)
        else:
            patched.setattr(type(FollowUp.objects.all()), "update", killed)
        with pytest.raises(DatabaseError):
            chances.tell_chances(now=LATER)
    assert (told(), FollowUp.objects.exclude(told_at=None).count()) == ([], 0)

    assert chances.tell_chances(now=LATER) == 3
    assert told() == ALL


def test_a_day_that_cannot_be_told_holds_up_no_other(hall: Hall, missed: list[Visit], monkeypatch: pytest.MonkeyPatch) -> None:
    give(hall, "office", missed[0])
    give(hall, "office", *missed[1:])
    FollowUp.objects.filter(visit=missed[0]).update(drive_day=hall.tomorrow)
    write = chances._write

    def fail_once(drive_day: Any, *args: Any, **more: Any) -> None:
        if drive_day.pk == min(hall.today.pk, hall.tomorrow.pk):
            raise RuntimeError("cannot be told")
        write(drive_day, *args, **more)

    monkeypatch.setattr(chances, "_write", fail_once)
    with pytest.raises(RuntimeError, match="cannot be told"):
        chances.tell_chances(now=LATER)

    assert FollowUp.objects.filter(told_at=None).values("drive_day").distinct().count() == 1
    assert len(told()) == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_it_once(hall: Hall, missed: list[Visit]) -> None:
    give(hall, "next_day", *missed)
    connections.close_all()

    together(*[lambda _number: chances.tell_chances(now=LATER)] * 4)

    assert told() == ALL


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_the_day_the_second_worker_would_tell_it_again(
    hall: Hall, missed: list[Visit], monkeypatch: pytest.MonkeyPatch
) -> None:
    give(hall, "office", *missed)
    both_have_looked = Barrier(2)
    look, recipients = chances.untold, chances._recipients

    def write_together(*args: Any) -> Any:
        """Both have withdrawn what waited, and neither sees what the other writes."""
        both_have_looked.wait(timeout=120)
        return recipients(*args)

    def unlocked(*_args: object, **_more: object) -> object:
        return type(hall.today).objects.all()

    monkeypatch.setattr(chances, "_recipients", write_together)
    monkeypatch.setattr(chances, "uuid5", lambda *_args: uuid7())
    monkeypatch.setattr(type(type(hall.today).objects.all()), "select_for_update", unlocked)
    connections.close_all()
    together(*[lambda _number: chances.tell_chances(now=LATER)] * 2)

    # Both have written, and one has withdrawn nothing of the other: what the lock is for.
    assert (look(now=LATER).count(), len(told())) == (0, 6)


def later_day(hall: Hall) -> None:
    """A third day, a week on, with a reminder for its classes ahead."""
    day = DriveDayFactory(drive=hall.drive, day=DAY + timedelta(days=7))
    session = DriveSessionFactory(drive_day=day, starts_at=at(day.day, "09.00"), ends_at=at(day.day, "12.00"))
    TimeslotFactory(session=session, starts_at=at(day.day, "09.00"), ends_at=at(day.day, "09.30"), places=2)


def test_the_new_time_is_reminded_of_and_an_older_revision_reminds_no_more(hall: Hall, missed: list[Visit]) -> None:
    later_day(hall)
    hall.slots[3].places = 1
    hall.slots[3].save()
    actions.plan_notices(drive=hall.drive, now=NOW)
    give(hall, "next_day", *missed)

    chances.tell_chances(now=LATER)
    chances.tell_chances(now=LATER + timedelta(minutes=1))

    hall.drive.refresh_from_db()
    reminders = Notice.objects.filter(kind__startswith="reminder", withdrawn_at=None)
    assert set(reminders.values_list("revision", flat=True)) == {hall.drive.revision}
    expected = [(kind, DAY + timedelta(days=7), to) for kind in ("reminder_1", "reminder_3") for _channel, to in ALL[1:]]
    assert sorted(reminders.values_list("kind", "drive_day__day", "recipient")) == sorted(expected)
    day_before = at(DAY + timedelta(days=6), "08.00")
    outbox.run(clock=lambda: day_before)
    assert [letter.subject.partition(":")[0] for letter in mail.outbox][-2:] == ["Pengingat", "Pengingat"]


def test_what_the_planner_has_moved_and_not_announced_stays_to_be_announced(hall: Hall, missed: list[Visit]) -> None:
    other = hall.expect("Dodi", slot=3)
    actions.plan_notices(drive=hall.drive, now=NOW)
    appointment = Appointment.objects.get(person=other.person)
    TimeslotFactory(
        session=hall.slots[3].session, starts_at=at(hall.tomorrow.day, "10.00"), ends_at=at(hall.tomorrow.day, "10.30")
    )
    slot = hall.tomorrow.timeslots.order_by("-starts_at")[0]
    move_appointment(appointment=appointment, to=slot, by=hall.lead, now=EVENING)
    give(hall, "next_day", *missed)
    chances.tell_chances(now=LATER)

    hall.drive.refresh_from_db()
    assert has_unannounced_changes(hall.drive)


def test_the_student_sees_each_way_behind_the_own_link_at_once(hall: Hall, missed: list[Visit]) -> None:
    for way, visit in zip(("next_day", "office", "make_up"), missed, strict=True):
        give(hall, way, visit)

    first, second, third = (own_slot(Visit.objects.get(pk=visit.pk), now=EVENING) for visit in missed)

    assert first.starts_at == at(hall.tomorrow.day, "09.00")
    assert (second.starts_at, hall.drive.office.name in second.sentence) == (None, True)
    assert (third.starts_at, third.heading) == (None, "Anda mendapat kesempatan susulan")


def test_once_the_make_up_drive_is_published_the_old_link_shows_its_time_and_no_notice_repeats_it(
    hall: Hall, missed: list[Visit]
) -> None:
    give(hall, "make_up", *missed)
    day = DAY + timedelta(days=8)
    made = prepare_make_up(
        school=hall.school,
        plan=Plan(days=(day,), sessions=(Session(at(day, "08.00").time(), at(day, "11.00").time()),), kits=1),
        drive_id=uuid7(),
        by=UserFactory(planner=hall.drive.office),
        now=EVENING,
    )
    chances.tell_chances(now=LATER)
    publish(drive=Drive.objects.get(pk=made.drive.pk), by=None, now=LATER)

    outbox.run(clock=lambda: LATER + timedelta(minutes=1))

    shown = own_slot(Visit.objects.get(pk=missed[0].pk), now=LATER)
    assert (shown.starts_at, shown.code != missed[0].code) == (at(day, "08.00"), True)
    assert {letter.subject.partition(":")[0] for letter in mail.outbox} == {"Jadwal"}


def test_the_page_of_the_drive_has_the_text_for_the_class_to_paste(hall: Hall, client: Client, missed: list[Visit]) -> None:
    give(hall, "office", *missed)
    chances.tell_chances(now=LATER)
    with time_machine.travel(LATER, tick=False):
        client.force_login(UserFactory(school_admin=hall.school))
        page = client.get(f"/drives/{hall.drive.pk}/notices/").content.decode()
        notice = Notice.objects.get(kind="chance", channel="copy")
        client.post(f"/notices/{notice.pk}/sent/")

    notice.refresh_from_db()
    assert notice.sent_at == LATER
    assert "*Susulan perekaman e-KTP, kelas XII MIPA 2*" in page
    assert not any(name in page for name in NAMES)


def test_the_page_of_the_day_says_that_it_is_told_and_then_that_it_was(hall: Hall, client: Client, missed: list[Visit]) -> None:
    give(hall, "office", *missed)
    with time_machine.travel(LATER, tick=False):
        client.force_login(hall.lead)
        before = client.get(f"/follow-ups/days/{hall.today.pk}/").content.decode()
        tell_chances()
        after = client.get(f"/follow-ups/days/{hall.today.pk}/").content.decode()

    assert "diberi tahu secara otomatis lima menit" in before
    assert "Sekolah dan wali kelas sudah diberi tahu" in after


def test_beat_rings_for_it_each_minute() -> None:
    assert settings.CELERY_BEAT_SCHEDULE["chances-untold"] == {"task": tell_chances.name, "schedule": 60.0}
