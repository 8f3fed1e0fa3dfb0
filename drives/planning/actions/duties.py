"""Which operators are on duty on which day; it is what lets an operator see the day's list at all."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from drives.models import Drive, OperatorDuty
from drives.planning.actions.refusals import locked, refuse_closed
from schools.models import Grant, Office, Role, User

ON_SITE = (Role.OPERATOR, Role.LEAD_OPERATOR)


def operators_of(office: Office, *, day: datetime) -> QuerySet[Grant]:
    """Grants of who can be on duty: operators of the office, of those above it and of those below it."""
    above = [office.pk, office.parent_id, office.parent.parent_id if office.parent else None]
    offices = Office.objects.within({office.pk}) | Office.objects.filter(pk__in=[pk for pk in above if pk])
    on = day.astimezone(office.zone).date()
    grants = Grant.objects.in_force(on).filter(role__in=ON_SITE, office__in=offices.values("pk"), user__is_active=True)
    return grants.select_related("user", "office").order_by("user__name", "user_id", "role")


@transaction.atomic
def set_operators(*, drive: Drive, on_duty: Mapping[UUID, Collection[UUID]], by: User | None, now: datetime) -> None:
    """Exactly these users (by id) on each drive day (by id) that is named; other days stay as they are.

    Raises ValidationError: `other_drive`, `not_an_operator`, `drive_closed`, `drive_cancelled`.
    """
    drive = locked(drive)
    refuse_closed(drive)
    if not set(on_duty) <= set(drive.days.values_list("pk", flat=True)):
        raise ValidationError(_("This day belongs to another drive."), code="other_drive")
    leads: dict[UUID, bool] = {}
    for grant in operators_of(drive.office, day=now):
        leads[grant.user_id] = leads.get(grant.user_id, False) or grant.role == Role.LEAD_OPERATOR
    if not {user for users in on_duty.values() for user in users} <= set(leads):
        raise ValidationError(_("Only operators of this office can be on duty. Choose again."), code="not_an_operator")
    for day_id, users in on_duty.items():
        OperatorDuty.objects.filter(drive_day=day_id).exclude(user__in=list(users)).delete()
        OperatorDuty.objects.bulk_create(
            [OperatorDuty(drive_day_id=day_id, user_id=user, is_lead=leads[user]) for user in sorted(users)],
            ignore_conflicts=True,
        )
