"""Run by pretix's own Python: an organizer with one event, `count` paid positions on one check-in list, and a device.

Prints one JSON object: the device's token, the list, and the positions' secrets.
"""

import json
import os
import sys
from datetime import timedelta
from decimal import Decimal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pretix.settings")

import django

django.setup()

from django.utils.crypto import get_random_string  # noqa: E402
from django.utils.timezone import now  # noqa: E402
from django_scopes import scopes_disabled  # type: ignore[import-not-found]  # noqa: E402
from pretix.base.models import (  # type: ignore[import-not-found]  # noqa: E402
    CheckinList,
    Device,
    Event,
    Item,
    Order,
    OrderPosition,
    Organizer,
)


def main(count: int) -> None:
    # A run of its own: codes of orders are unique within an organizer.
    slug = get_random_string(10).lower()
    organizer = Organizer.objects.create(slug=slug, name="Bench")
    event = Event.objects.create(
        organizer=organizer, name="Day", slug=slug, date_from=now() - timedelta(hours=1), currency="IDR", plugins="", live=True
    )
    item = Item.objects.create(event=event, name="Place", default_price=Decimal("0.00"))
    device = Device.objects.create(
        organizer=organizer,
        name="Tablet",
        all_events=True,
        security_profile="full",
        initialized=now(),
        api_token=get_random_string(64),
    )
    checkin_list = CheckinList.objects.create(event=event, name="Hall", all_products=True)
    secrets = []
    for number in range(count):
        order = Order.objects.create(
            event=event,
            code=f"B{number:05d}"[:16],
            status=Order.STATUS_PAID,
            datetime=now(),
            expires=now() + timedelta(days=10),
            total=Decimal("0.00"),
            email="",
            locale="en",
            sales_channel=organizer.sales_channels.get(identifier="web"),
        )
        position = OrderPosition.objects.create(
            order=order,
            item=item,
            variation=None,
            price=Decimal("0.00"),
            attendee_name_parts={"full_name": f"Person {number}"},
            positionid=1,
        )
        order.create_transactions()
        secrets.append(position.secret)
    sys.stdout.write(
        json.dumps({"token": device.api_token, "organizer": organizer.slug, "list": checkin_list.pk, "secrets": secrets}) + "\n"
    )


with scopes_disabled():
    main(int(sys.argv[1]))
