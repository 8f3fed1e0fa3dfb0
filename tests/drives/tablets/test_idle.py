"""What nobody uses any more is revoked by itself; what still holds something is not."""

from datetime import timedelta

import pytest

from drives.models import Device
from drives.tablets.tasks import IDLE_AFTER, revoke_idle
from tests.drives.onsite.conftest import NOW, Hall
from tests.drives.tablets.conftest import make_ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


def test_a_tablet_of_no_day_for_three_months_is_revoked_unless_it_holds_something(hall: Hall) -> None:
    idle, holding = make_ready(hall), make_ready(hall)
    holding.ping(unsent=1)

    early = revoke_idle(now=NOW + IDLE_AFTER)
    late = revoke_idle(now=NOW + IDLE_AFTER + timedelta(days=2))

    assert (early, late) == (0, 1)
    assert list(Device.objects.trusted()) == [holding.device]
    assert idle.pack(hall.today.pk).status_code == 410
