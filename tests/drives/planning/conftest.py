"""A school with its drive, and a planner; a board is a drive whose pupils all have a place."""

import pytest

from drives.models import Drive
from drives.planning.actions import (
    assign_everybody,
    create_drive,
)
from schools.models import School, User
from tests.drives.planning.pupils import (
    FRIDAY,
    make_kits,
    make_school,
    plan,
)
from tests.factories import (
    OfficeFactory,
    UserFactory,
)


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


@pytest.fixture
def board(drive: Drive, planner: User) -> Drive:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    return drive
