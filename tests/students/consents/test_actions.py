"""Parents' consent is a history: the newest line counts, the same state twice adds nothing, and no line is ever changed."""

import threading
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction
from hypothesis import given
from hypothesis import strategies as st

from schools.models import School, User
from students.consents import actions
from students.consents.wording import CURRENT, VERSIONS, WORDINGS
from students.models import Consent, Person
from tests.factories import NOW, TODAY, ClassGroupFactory, OfficeFactory, PersonFactory, SchoolFactory, UserFactory
from tests.together import PATIENCE, together

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return SchoolFactory()


@pytest.fixture
def clerk(school: School) -> User:
    return UserFactory(school_admin=school)


@pytest.fixture
def pupils(school: School) -> list[Person]:
    group = ClassGroupFactory(school=school)
    return [PersonFactory(enrolled=group) for _ in range(3)]


def give(persons: list[Person], by: User, **changes: Any) -> list[Consent]:
    answers: dict[str, Any] = {"given_by": "SITI AMINAH", "relation": "mother", "channel": "paper", "now": NOW}
    return actions.give(persons=persons, by=by, wording_version=CURRENT.version, **(answers | changes))


def withdraw(person: Person, by: User, **changes: Any) -> Consent | None:
    answers: dict[str, Any] = {"given_by": "SITI AMINAH", "now": NOW}
    return actions.withdraw(person=person, by=by, **(answers | changes))


def lacking(school: School) -> set[Person]:
    school.office.consent_required = True
    return set(actions.lacking_consent(Person.objects.all(), office=school.office))


def test_a_consent_says_who_how_to_which_words_and_when(pupils: list[Person], school: School, clerk: User) -> None:
    (line,) = give(pupils[:1], clerk, declared_on=TODAY - timedelta(3))

    line.refresh_from_db()
    assert (line.person, line.school, line.office, line.is_given) == (pupils[0], school, school.office, True)
    assert (line.given_by, line.relation, line.channel) == ("SITI AMINAH", "mother", "paper")
    assert (line.wording_version, line.declared_on, line.at) == (CURRENT.version, TODAY - timedelta(3), NOW)
    assert line.entered_by == clerk


def test_each_pupil_has_an_answer_of_its_own(pupils: list[Person], clerk: User) -> None:
    one, other, _third = pupils

    give([one, other], clerk, given_by={one.pk: "BUDI", other.pk: "SITI"}, relation={one.pk: "father", other.pk: "mother"})

    assert set(Consent.objects.values_list("person", "given_by", "relation")) == {
        (one.pk, "BUDI", "father"),
        (other.pk, "SITI", "mother"),
    }


def test_the_same_consent_twice_adds_nothing(pupils: list[Person], clerk: User) -> None:
    give(pupils[:2], clerk)

    made = give(pupils, clerk, given_by="BUDI", now=NOW + timedelta(minutes=1))

    assert [line.person for line in made] == pupils[2:]
    assert Consent.objects.count() == 3


def test_the_newest_line_counts(pupils: list[Person], school: School, clerk: User) -> None:
    give(pupils, clerk)
    withdraw(pupils[0], clerk, reason="Akan merekam di kelurahan")
    withdraw(pupils[1], clerk)
    give([pupils[1]], clerk)

    assert lacking(school) == {pupils[0]}
    assert Consent.objects.filter(person=pupils[1]).count() == 3


def test_a_withdrawal_names_what_it_withdraws(pupils: list[Person], clerk: User) -> None:
    give(pupils[:1], clerk, channel="whatsapp")

    line = withdraw(pupils[0], clerk, given_by="BUDI", relation="father", reason="Tidak jadi")

    assert line
    assert (line.is_given, line.given_by, line.relation, line.reason) == (False, "BUDI", "father", "Tidak jadi")
    assert (line.channel, line.wording_version) == ("whatsapp", CURRENT.version)


def test_where_no_consent_stands_nothing_is_withdrawn(pupils: list[Person], clerk: User) -> None:
    give(pupils[:1], clerk)
    withdraw(pupils[0], clerk)

    assert [withdraw(pupils[0], clerk), withdraw(pupils[1], clerk)] == [None, None]
    assert Consent.objects.count() == 2


def test_nobody_lacks_what_the_office_does_not_ask_for(pupils: list[Person], school: School) -> None:
    assert not school.office.consent_required
    assert list(actions.lacking_consent(Person.objects.all(), office=school.office)) == []


def test_who_lacks_consent_is_sought_among_those_asked_about(pupils: list[Person], school: School) -> None:
    school.office.consent_required = True

    found = actions.lacking_consent(Person.objects.filter(pk=pupils[1].pk), office=school.office)

    assert list(found) == [pupils[1]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"given_by": " ", "channel": "whatsapp"}, "who_missing"),
        ({"relation": "uncle"}, "unknown_relation"),
        ({"relation": ""}, "unknown_relation"),
        ({"channel": "pigeon"}, "unknown_channel"),
        ({"declared_on": TODAY + timedelta(1)}, "day_in_future"),
    ],
)
def test_what_cannot_be_is_refused_and_nobody_is_noted(
    pupils: list[Person], clerk: User, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        give(pupils, clerk, **changes)

    assert refusal.value.code == code
    assert not Consent.objects.exists()


def test_a_paper_form_may_hold_the_name_alone(pupils: list[Person], clerk: User) -> None:
    assert [line.given_by for line in give(pupils[:1], clerk, given_by="")] == [""]


def test_a_withdrawal_without_a_name_is_refused(pupils: list[Person], clerk: User) -> None:
    give(pupils[:1], clerk)

    with pytest.raises(ValidationError) as refusal:
        withdraw(pupils[0], clerk, given_by="")

    assert refusal.value.code == "who_missing"


def test_nobody_chosen_is_refused(clerk: User) -> None:
    with pytest.raises(ValidationError) as refusal:
        give([], clerk)

    assert refusal.value.code == "nobody_chosen"


def test_words_that_nobody_was_shown_cannot_be_agreed_to(pupils: list[Person], clerk: User) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.give(persons=pupils, given_by="X", relation="mother", wording_version="1999", channel="paper", by=clerk, now=NOW)

    assert refusal.value.code == "unknown_wording"


def test_who_left_the_school_gives_no_consent(school: School, clerk: User) -> None:
    gone = PersonFactory(office=school.office)

    with pytest.raises(ValidationError) as refusal:
        give([gone], clerk)

    assert refusal.value.code == "not_enrolled"


def test_who_left_the_school_may_still_take_the_consent_back(pupils: list[Person], clerk: User) -> None:
    give(pupils[:1], clerk)
    pupils[0].enrolments.update(ends_on=TODAY, end_reason="left")

    line = withdraw(pupils[0], clerk)

    assert line
    assert (line.is_given, line.school) == (False, None)


def test_a_guest_at_the_door_is_at_no_school_of_ours(school: School, clerk: User) -> None:
    guest = PersonFactory(office=school.office)

    (line,) = give([guest], clerk, is_at_the_door=True)

    assert (line.school, line.office) == (None, school.office)


def test_every_version_of_the_words_has_its_own_name_and_the_newest_is_current() -> None:
    assert len(VERSIONS) == len(WORDINGS)
    assert max(WORDINGS, key=lambda each: each.since) == CURRENT


@pytest.mark.parametrize("change", [{"is_given": False}, {"given_by": "LAIN"}, {"wording_version": "x"}, {"at": NOW}])
def test_a_line_is_never_changed(pupils: list[Person], clerk: User, change: dict[str, Any]) -> None:
    (line,) = give(pupils[:1], clerk, now=NOW - timedelta(1))

    with pytest.raises(ProgrammingError), transaction.atomic():
        Consent.objects.filter(pk=line.pk).update(**change)


def test_a_line_is_never_deleted(pupils: list[Person], clerk: User) -> None:
    give(pupils[:1], clerk)

    with pytest.raises(ProgrammingError), transaction.atomic():
        Consent.objects.all().delete()


def test_names_are_erased_when_their_time_has_come(pupils: list[Person], clerk: User) -> None:
    give(pupils[:1], clerk)

    Consent.objects.update(given_by="", relation="", reason="")

    assert list(Consent.objects.values_list("given_by", "relation", "is_given")) == [("", "", True)]


@given(steps=st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), max_size=8))
def test_whatever_the_clocks_say_what_was_noted_last_counts(steps: list[tuple[bool, int]]) -> None:
    """And two lines after one another never say the same."""
    with transaction.atomic():
        school = SchoolFactory(office=OfficeFactory())
        clerk, pupil = UserFactory(), PersonFactory(enrolled=ClassGroupFactory(school=school))
        for is_given, seconds in steps:
            moment = NOW + timedelta(seconds=seconds)
            if is_given:
                give([pupil], clerk, now=moment)
            else:
                withdraw(pupil, clerk, now=moment)
        states = list(Consent.objects.filter(person=pupil).newest_first().values_list("is_given", flat=True))
        is_lacking = pupil in lacking(school)
        transaction.set_rollback(True)

    assert states[:1] == [is_given for is_given, _seconds in steps[-1:]] * bool(states)
    assert all(one != other for one, other in pairwise(states))
    assert is_lacking == (not steps or not steps[-1][0])


@pytest.mark.django_db(transaction=True)
def test_two_who_note_the_same_class_at_once_note_it_once(pupils: list[Person], clerk: User) -> None:
    together(lambda _n: give(pupils, clerk), lambda _n: give(pupils[::-1], clerk))

    assert Consent.objects.count() == len(pupils)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_same_class_would_be_noted_twice(
    pupils: list[Person], clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard taken off: both read that nothing stands before either writes."""
    both_have_read = threading.Barrier(2)
    read = actions._newest

    def read_and_wait(persons: list[Person]) -> Any:
        found = read(persons)
        both_have_read.wait(PATIENCE)
        return found

    monkeypatch.setattr(
        actions, "_locked", lambda persons: list(Person.objects.select_related("office").filter(pk__in=[p.pk for p in persons]))
    )
    monkeypatch.setattr(actions, "_newest", read_and_wait)

    together(*[lambda _n: give(pupils, clerk)] * 2)

    assert Consent.objects.count() == 2 * len(pupils)
