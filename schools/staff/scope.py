"""Which users and grants a system administrator keeps: those of the own offices and the schools below them."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from schools.models import Grant, Office, Role, School, User
from schools.models.school import SchoolQuerySet
from schools.models.user import GrantQuerySet


def offices_of(admin: User) -> QuerySet[Office]:
    return Office.objects.filter(pk__in=admin.office_ids([Role.SYSTEM_ADMIN]))


def schools_of(admin: User) -> SchoolQuerySet:
    return School.objects.filter(office__in=admin.office_ids([Role.SYSTEM_ADMIN]))


def grants_of(admin: User) -> GrantQuerySet:
    offices = admin.office_ids([Role.SYSTEM_ADMIN])
    return Grant.objects.filter(Q(office__in=offices) | Q(school__office__in=offices))


def users_of(admin: User) -> QuerySet[User]:
    """Everybody who holds or held a grant there."""
    return User.objects.filter(Exists(grants_of(admin).filter(user=OuterRef("pk"))))


def keeps_account_of(admin: User, user: User, *, day: date) -> bool:
    """Whether the account itself is in the administrator's hands: no grant, today or later, reaches beyond the own offices.

    Else a link for a new password would open another office's data.
    """
    lasting = Grant.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), user=user)
    return not lasting.exclude(pk__in=grants_of(admin).values("pk")).exists()
