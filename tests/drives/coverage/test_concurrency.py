"""Roll-ups at the same time, and work that a worker does by itself."""

from datetime import date

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction

from drives.coverage import rollup, tasks
from drives.coverage.differences import differences
from drives.models import CoverageTouch, DailyCoverage
from students.models import Person
from tests.drives.coverage.conftest import TODAY, fill
from tests.factories import ClassGroupFactory, DukcapilStatusFactory, PersonFactory, SchoolFactory
from tests.together import outcomes_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_roll_ups_at_the_same_time_neither_fail_nor_count_twice() -> None:
    schools = [SchoolFactory() for _ in range(3)]
    for school in schools:
        fill(school, 5, {TODAY: 2})
    since = dict.fromkeys([school.pk for school in schools], date(2026, 11, 20))

    def everything() -> None:
        rollup.roll_up(since_by_school=since, until=TODAY, noted_on=TODAY)

    def touched() -> None:
        rollup.roll_up_touched(today=TODAY)

    outcomes = outcomes_of(everything, touched, everything, touched)

    assert outcomes == ["done"] * 4
    assert not CoverageTouch.objects.exists()
    assert differences(schools=since, first=date(2026, 11, 20), last=TODAY) == []


def test_a_change_that_commits_during_a_roll_up_is_counted_by_the_next() -> None:
    person = PersonFactory(enrolled=ClassGroupFactory())
    rollup.roll_up_touched(today=TODAY)

    with transaction.atomic():
        DukcapilStatusFactory(person=person, dated_on=date(2026, 11, 23))
        outcomes = outcomes_of(lambda: rollup.roll_up_touched(today=TODAY))
    before = DailyCoverage.objects.get(day=TODAY).recorded_stock
    rollup.roll_up_touched(today=TODAY)

    assert (outcomes, before) == (["done"], 0)
    assert DailyCoverage.objects.get(day=TODAY).recorded_stock == 1


def test_notes_that_another_worker_holds_are_left_to_it() -> None:
    PersonFactory(enrolled=ClassGroupFactory())
    done: list[rollup.RolledUp] = []

    with transaction.atomic():
        list(CoverageTouch.objects.select_for_update())
        outcomes = outcomes_of(lambda: done.append(rollup.roll_up_touched(today=TODAY)))

    assert outcomes == ["done"]
    assert done == [rollup.RolledUp()]
    assert CoverageTouch.objects.exists()


def test_the_tasks_of_the_beat_exist_and_roll_up() -> None:
    person = PersonFactory(enrolled=ClassGroupFactory(), birth_date=date(2009, 6, 1))
    names = {entry["task"] for name, entry in settings.CELERY_BEAT_SCHEDULE.items() if name.startswith("coverage")}

    tasks.roll_up_touched_days()
    tasks.roll_up_nightly()

    assert names == {tasks.roll_up_touched_days.name, tasks.roll_up_nightly.name}
    assert names <= set(current_app.tasks)
    assert DailyCoverage.objects.get(day=TODAY, school=Person.objects.get(pk=person.pk).school).eligible_stock == 1
