import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from schools.models import Role, User
from tests.factories import OfficeFactory, SchoolFactory

pytestmark = pytest.mark.django_db


def add(*arguments: str) -> dict[str, str]:
    out = StringIO()
    call_command("add_user", *arguments, "--json", stdout=out)
    answer: dict[str, str] = json.loads(out.getvalue())
    return answer


def test_the_first_administrator_chooses_a_password_by_the_printed_link(client: Client) -> None:
    OfficeFactory()

    answer = add("dewi", "--name", "Dewi Lestari", "--role", Role.SYSTEM_ADMIN, "--region", "31.74")

    user = User.objects.get(username="dewi")
    assert user.has_role(Role.SYSTEM_ADMIN)
    assert not user.has_usable_password()
    assert client.get(answer["link"].split("localhost:8000")[-1], follow=True).status_code == 200


@pytest.mark.parametrize(
    "arguments",
    [
        ["--role", Role.PLANNER, "--region", "99.99"],
        ["--role", Role.SCHOOL_ADMIN, "--school", "00000000"],
        ["--role", Role.PLANNER, "--school", "20102575"],
    ],
    ids=["unknown region", "unknown school", "a planner of a school"],
)
def test_a_role_without_its_scope_is_refused_with_exit_1(arguments: list[str]) -> None:
    SchoolFactory(npsn="20102575")

    with pytest.raises(SystemExit) as exit_:
        add("ratna", "--name", "Ratna", *arguments)

    assert exit_.value.code == 1
    assert not User.objects.filter(username="ratna").exists()
