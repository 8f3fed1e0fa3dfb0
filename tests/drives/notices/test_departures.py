"""A school learns, once, whom another school has enrolled; an undone move was never told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from drives.models import Departure, Notice
from drives.notices import departures, outbox
from schools.models import School
from students.models import Person, RosterUpload
from students.roster.undo import undo_upload
from tests.factories import SchoolFactory, UserFactory
from tests.students.roster.uploads import MINUTE, girl, imported, roster

pytestmark = pytest.mark.django_db
# A Friday morning within the hours in which notices leave.
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def former(db: None) -> School:
    school = SchoolFactory(name="SMAN 55 Jakarta", email="sman55@sekolah.example")
    imported(school, roster(girl(0), girl(1), girl(2)), now=NOW)
    return school


def move(*numbers: int, now: datetime = NOW + MINUTE) -> RosterUpload:
    """Another school names these pupils."""
    return imported(SchoolFactory(name="SMAN 8 Jakarta"), roster(*map(girl, numbers)), now=now, decisions={"moved": "accept"})


def test_the_former_school_and_nobody_else_is_told(former: School) -> None:
    move(0, 1)

    departures.tell_schools(now=NOW + 2 * MINUTE)

    told = Departure.objects.standing().visible_to(UserFactory(school_admin=former))
    newcomer = Person.objects.filter(enrolments__departure__isnull=False).order_by("pk")[0].school
    assert newcomer is not None
    assert told.count() == 2
    assert not Departure.objects.visible_to(UserFactory(school_admin=newcomer)).exists()


def test_nobody_is_told_twice_however_often_it_is_swept(former: School) -> None:
    move(0)

    counts = [departures.tell_schools(now=NOW + number * MINUTE) for number in range(2, 5)]

    assert (counts, Notice.objects.filter(kind="departed").count()) == ([1, 0, 0], 1)


def test_a_worker_that_dies_while_it_tells_has_told_nothing_and_the_next_one_tells_all(
    former: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    move(0, 1)

    def killed(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(Departure.objects, "bulk_create", killed)
        with pytest.raises(DatabaseError):
            departures.tell_schools(now=NOW + 2 * MINUTE)
    assert (Departure.objects.count(), Notice.objects.count()) == (0, 0)

    assert departures.tell_schools(now=NOW + 3 * MINUTE) == 2
    assert Notice.objects.count() == 1


def test_the_e_mail_says_how_many_and_neither_who_nor_where_to(former: School) -> None:
    move(0, 1)
    departures.tell_schools(now=NOW + 2 * MINUTE)

    outbox.run(clock=lambda: NOW + 3 * MINUTE)

    [letter] = mail.outbox
    assert letter.to == ["sman55@sekolah.example"]
    assert "2 siswa sekolah Anda" in letter.body
    names = Person.objects.values_list("name", flat=True)
    assert not any(name in letter.body for name in [*names, "SMAN 8"])


def test_an_undone_move_is_taken_back_and_its_e_mail_never_leaves(former: School) -> None:
    upload = move(0)
    departures.tell_schools(now=NOW + 2 * MINUTE)

    undo_upload(upload=upload, by=None, now=NOW + 3 * MINUTE)
    assert not Departure.objects.standing().exists()
    departures.tell_schools(now=NOW + 4 * MINUTE)
    outbox.run(clock=lambda: NOW + 5 * MINUTE)

    assert (Departure.objects.count(), len(mail.outbox)) == (0, 0)


def test_moved_again_after_an_undo_it_is_told_again(former: School) -> None:
    undo_upload(upload=move(0), by=None, now=NOW + 2 * MINUTE)
    departures.tell_schools(now=NOW + 3 * MINUTE)

    move(0, now=NOW + 4 * MINUTE)

    assert departures.tell_schools(now=NOW + 5 * MINUTE) == 1


def test_what_happened_long_ago_is_told_to_nobody(former: School) -> None:
    move(0)

    assert departures.tell_schools(now=NOW + timedelta(days=90)) == 0


def test_an_objection_needs_a_sentence_and_the_first_one_stands(former: School) -> None:
    move(0)
    departures.tell_schools(now=NOW + 2 * MINUTE)
    departure, clerk = Departure.objects.get(), UserFactory(school_admin=former)

    with pytest.raises(ValidationError) as refusal:
        departures.object_to(departure=departure, sentence="  ", by=clerk, now=NOW)
    departures.object_to(departure=departure, sentence="Ia masih belajar di sini.", by=clerk, now=NOW)
    departures.object_to(departure=departure, sentence="Lain.", by=clerk, now=NOW + MINUTE)

    departure.refresh_from_db()
    assert refusal.value.code == "sentence_missing"
    assert (departure.objection, departure.objected_by, departure.seen_by) == ("Ia masih belajar di sini.", clerk, clerk)
