"""The pages of consent: scope, what is refused beside its field, that nothing happens twice, and what a page costs."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from schools.models import AuditEntry, School, User
from students.consents import actions
from students.consents.wording import CURRENT
from students.models import ClassGroup, Consent, Enrolment, Person
from tests.factories import NOW, CityFactory, ClassGroupFactory, OfficeFactory, PersonFactory, SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db
CLASS_QUERIES = 10
SCHOOL_QUERIES = 7


@pytest.fixture(autouse=True)
def friday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school() -> School:
    return SchoolFactory(name="SMAN 55 Jakarta", npsn="20102575")


@pytest.fixture
def group(school: School) -> ClassGroup:
    return ClassGroupFactory(school=school, name="XI MERDEKA 1")


@pytest.fixture
def pupils(group: ClassGroup) -> list[Person]:
    return [PersonFactory(name=name, enrolled=group) for name in ("ADE ROSMAN", "BUDI SANTOSO", "CITRA DEWI")]


@pytest.fixture
def clerk(client: Client, school: School) -> User:
    user = UserFactory(school_admin=school)
    client.force_login(user)
    return user


def page(key: str = "XI MERDEKA 1", npsn: str = "20102575") -> str:
    return reverse("students:consent_list", query={"school": npsn, "class": key})


def answers(*chosen: Person, who: str = "SITI AMINAH", **changes: Any) -> dict[str, Any]:
    common = {"relation": "mother", "channel": "paper", "declared_on": "2026-11-18", "wording_version": CURRENT.version}
    rows = {f"{person.pk.hex}-is_given": "on" for person in chosen} | {f"{person.pk.hex}-given_by": who for person in chosen}
    return common | rows | changes


def noted() -> list[tuple[str, str, str]]:
    return list(Consent.objects.order_by("person__name").values_list("person__name", "given_by", "relation"))


def one(person: Person, act: str = "detail") -> str:
    return reverse(f"students:consent_{act}", args=[person.pk])


def test_a_class_is_noted_from_paper(client: Client, clerk: User, pupils: list[Person]) -> None:
    ade, budi, _citra = pupils

    answer = client.post(page(), answers(ade, budi) | {f"{budi.pk.hex}-relation": "father", f"{budi.pk.hex}-given_by": "EKO"})

    assert (answer.status_code, answer["Location"]) == (302, page())
    assert noted() == [("ADE ROSMAN", "SITI AMINAH", "mother"), ("BUDI SANTOSO", "EKO", "father")]
    assert set(Consent.objects.values_list("declared_on", "at", "entered_by")) == {(date(2026, 11, 18), NOW, clerk.pk)}
    assert "2 dari 3 siswa mempunyai persetujuan." in client.get(page()).content.decode()


def test_a_double_submit_does_nothing_twice(client: Client, clerk: User, pupils: list[Person]) -> None:
    for _ in range(2):
        answer = client.post(page(), answers(*pupils), follow=True)

    assert Consent.objects.count() == 3
    assert "Tidak ada yang diubah." in answer.content.decode()


def test_the_names_may_stand_on_the_paper(client: Client, clerk: User, pupils: list[Person]) -> None:
    client.post(page(), answers(pupils[0], who="", is_on_paper="on"))

    assert noted() == [("ADE ROSMAN", "", "mother")]
    assert "sesuai formulir kertas" in client.get(page()).content.decode()


def test_a_missing_name_is_said_beside_the_pupil_and_nobody_is_noted(client: Client, clerk: User, pupils: list[Person]) -> None:
    ade, budi, _citra = pupils

    answer = client.post(page(), answers(ade, budi) | {f"{budi.pk.hex}-given_by": ""})

    text = answer.content.decode()
    assert (answer.status_code, Consent.objects.count()) == (422, 0)
    assert f'<a href="#id_{budi.pk.hex}-given_by">BUDI SANTOSO</a>' in text
    assert 'value="SITI AMINAH"' in text


def test_all_that_is_missing_is_said_at_once(client: Client, clerk: User, pupils: list[Person]) -> None:
    answer = client.post(page(), answers(pupils[0], who="", relation=""))

    assert list(answer.context["form"].errors) == ["relation"]
    assert [list(pupil.form.errors) for pupil in answer.context["pupils"]] == [["given_by"], [], []]


@pytest.mark.parametrize(
    "wrong",
    [
        {"relation": ""},
        {"channel": "pigeon"},
        {"declared_on": ""},
        {"declared_on": "2026-11-21"},
        {"wording_version": "1999"},
        {"is_on_paper": "on", "channel": "whatsapp"},
    ],
)
def test_what_cannot_be_is_refused(client: Client, clerk: User, pupils: list[Person], wrong: dict[str, str]) -> None:
    answer = client.post(page(), answers(*pupils) | wrong)

    assert (answer.status_code, Consent.objects.count()) == (422, 0)
    assert 'class="jb-errors"' in answer.content.decode()


def test_nobody_ticked_is_refused(client: Client, clerk: User, pupils: list[Person]) -> None:
    answer = client.post(page(), answers())

    assert answer.status_code == 422
    assert "Belum ada yang dipilih." in answer.content.decode()


def test_a_pupil_of_another_class_is_not_noted_here(client: Client, clerk: User, school: School, pupils: list[Person]) -> None:
    other = PersonFactory(enrolled=ClassGroupFactory(school=school, name="XI MERDEKA 2"))

    client.post(page(), answers(other))

    assert not Consent.objects.exists()


def test_who_left_is_not_on_the_list(client: Client, clerk: User, pupils: list[Person]) -> None:
    Enrolment.objects.filter(person=pupils[0]).update(ends_on=date(2026, 10, 1), end_reason="left")

    assert [pupil.person for pupil in client.get(page()).context["pupils"]] == pupils[1:]


def test_who_is_in_no_class_has_a_list_too(client: Client, clerk: User, pupils: list[Person]) -> None:
    Enrolment.objects.filter(person=pupils[0]).update(class_group=None)

    lines = client.get(page("")).context["lines"]

    assert [(line.key, line.pupil_count) for line in lines] == [("XI MERDEKA 1", 2), ("-", 1)]
    assert [pupil.person for pupil in client.get(page("-")).context["pupils"]] == pupils[:1]


def test_classes_are_counted(client: Client, clerk: User, school: School, pupils: list[Person]) -> None:
    PersonFactory(enrolled=ClassGroupFactory(school=school, name="X 1", grade=10))
    client.post(page(), answers(pupils[0]))

    lines = client.get(reverse("students:consent_list")).context["lines"]

    assert [(line.key, line.given_count, line.pupil_count) for line in lines] == [("X 1", 0, 1), ("XI MERDEKA 1", 1, 3)]


def test_a_planner_without_a_school_is_led_to_one(client: Client, school: School) -> None:
    client.force_login(UserFactory(planner=school.office))

    assert reverse("drives:school_list") in client.get(reverse("students:consent_list")).content.decode()


def test_a_school_without_students_says_where_they_come_from(client: Client, clerk: User) -> None:
    assert "Dapodik" in client.get(reverse("students:consent_list")).content.decode()


def test_what_is_out_of_scope_does_not_exist(client: Client, clerk: User) -> None:
    city = CityFactory(code="31.75", name="Kota Administrasi Jakarta Timur", search_name="KOTA ADMINISTRASI JAKARTA TIMUR")
    office = OfficeFactory(name="Suku Dinas Dukcapil Jakarta Timur", region=city)
    foreign = PersonFactory(enrolled=ClassGroupFactory(school=SchoolFactory(office=office, npsn="20109999"), name="XI 1"))

    tried = [
        client.get(page("XI 1", "20109999")),
        client.post(page("XI 1", "20109999"), answers(foreign)),
        client.get(one(foreign)),
        client.post(one(foreign, "give"), answers()),
        client.post(one(foreign, "withdraw"), answers()),
        client.get(page("XI 1")),
    ]

    assert [answer.status_code for answer in tried] == [404] * 6
    assert not Consent.objects.exists()


def test_one_pupil_is_noted_and_taken_back(client: Client, clerk: User, pupils: list[Person]) -> None:
    ade = pupils[0]
    client.post(one(ade, "give"), answers(given_by="SITI AMINAH"))
    assert client.get(one(ade)).context["is_withdrawal"] is True

    client.post(one(ade, "withdraw"), answers(given_by="EKO", relation="father", reason="Akan merekam di kelurahan"))

    text = client.get(one(ade)).content.decode()
    assert list(Consent.objects.newest_first().values_list("is_given", "given_by", "reason")) == [
        (False, "EKO", "Akan merekam di kelurahan"),
        (True, "SITI AMINAH", ""),
    ]
    assert "Alasan: Akan merekam di kelurahan." in text
    assert "Diberikan pada 18 November 2026, pemberi: SITI AMINAH (ibu), cara: formulir kertas" in text


def test_a_guests_consent_is_given_and_taken_back_at_the_office(client: Client, school: School) -> None:
    guest = PersonFactory(office=school.office)
    client.force_login(UserFactory(planner=school.office))
    form = {"relation": "mother", "channel": "paper", "declared_on": "2026-11-18", "given_by": "AMINAH"}

    given = client.post(reverse("students:consent_give", args=[guest.pk]), form | {"wording_version": CURRENT.version})
    shown = client.get(reverse("students:consent_detail", args=[guest.pk]))
    taken = client.post(reverse("students:consent_withdraw", args=[guest.pk]), form)

    assert (given.status_code, shown.status_code, taken.status_code) == (302, 200, 302)
    lines = Consent.objects.filter(person=guest).order_by("at", "id")
    assert [(line.is_given, line.school) for line in lines] == [(True, None), (False, None)]


def test_giving_and_taking_back_twice_does_nothing_twice(client: Client, clerk: User, pupils: list[Person]) -> None:
    for act in ("give", "give", "withdraw", "withdraw"):
        assert client.post(one(pupils[0], act), answers(given_by="SITI AMINAH")).status_code == 302

    assert Consent.objects.count() == 2


def test_a_withdrawal_says_what_is_missing(client: Client, clerk: User, pupils: list[Person]) -> None:
    client.post(one(pupils[0], "give"), answers(given_by="SITI AMINAH"))

    answer = client.post(one(pupils[0], "withdraw"), answers(given_by=""))

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["given_by"])


def test_a_whatsapp_without_a_name_is_refused(client: Client, clerk: User, pupils: list[Person]) -> None:
    answer = client.post(one(pupils[0], "give"), answers(given_by="", channel="whatsapp"))

    assert (answer.status_code, Consent.objects.count()) == (422, 0)


def test_every_look_at_a_pupil_is_noted(client: Client, clerk: User, pupils: list[Person]) -> None:
    client.get(one(pupils[0]))

    assert list(AuditEntry.objects.values_list("action", "subject_id", "by")) == [("viewed", pupils[0].pk, clerk.pk)]


def test_the_words_are_printed_as_they_stand(client: Client, clerk: User) -> None:
    text = client.get(reverse("students:consent_wording")).content.decode()

    assert [words in text for words in (CURRENT.statement, *CURRENT.points, CURRENT.ending)] == [True] * (len(CURRENT.points) + 2)


@pytest.mark.parametrize("rows", [1, 3])
def test_three_rows_cost_as_much_as_one(
    client: Client, clerk: User, group: ClassGroup, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _ in range(rows):
        person = PersonFactory(enrolled=group)
        actions.give(
            persons=[person],
            given_by="SITI",
            relation="mother",
            wording_version=CURRENT.version,
            channel="paper",
            by=clerk,
            now=NOW,
        )
        PersonFactory(enrolled=group)

    with django_assert_num_queries(CLASS_QUERIES):
        assert len(client.get(page()).context["pupils"]) == 2 * rows
    with django_assert_num_queries(SCHOOL_QUERIES):
        client.get(page(""))


@pytest.mark.parametrize(("is_required", "is_amber"), [(True, True), (False, False)])
def test_who_lacks_a_consent_is_amber_only_where_the_office_asks_for_it(
    client: Client, clerk: User, school: School, pupils: list[Person], is_required: bool, is_amber: bool
) -> None:
    school.office.consent_required = is_required
    school.office.save()

    page = client.get(reverse("students:consent_list")).content.decode()

    assert ("jb-chip--wait" in page, "Kurang 3" in page) == (is_amber, True)


def test_the_homeroom_teacher_is_seen_and_completed_beside_the_consents(
    client: Client, clerk: User, group: ClassGroup, pupils: list[Person]
) -> None:
    known = {"homeroom_name": "Sari Dewi", "homeroom_email": "sari@guru.example", "homeroom_phone": "081234567890"}

    answer = client.post(reverse("students:homeroom_note", args=[group.pk]), known)

    group.refresh_from_db()
    assert answer.headers["Location"] == page()
    assert (group.homeroom_name, group.homeroom_email, str(group.homeroom_phone)) == (
        "Sari Dewi", "sari@guru.example", "+6281234567890",
    )  # fmt: skip
    assert "Sari Dewi, sari@guru.example" in client.get(page()).content.decode()


def test_a_wrong_homeroom_address_is_refused_beside_its_field(
    client: Client, clerk: User, group: ClassGroup, pupils: list[Person]
) -> None:
    answer = client.post(reverse("students:homeroom_note", args=[group.pk]), {"homeroom_email": "sari"})

    assert (answer.status_code, list(answer.context["homeroom"].errors)) == (422, ["homeroom_email"])


def test_another_schools_homeroom_teacher_does_not_exist(client: Client, clerk: User) -> None:
    other = ClassGroupFactory(school=SchoolFactory())

    assert client.post(reverse("students:homeroom_note", args=[other.pk]), {}).status_code == 404
