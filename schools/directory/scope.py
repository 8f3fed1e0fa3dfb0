"""Which schools and closures somebody keeps, which is less than what the same person may see."""

from django.db.models import Q, QuerySet

from schools.models import Closure, Office, Role, School, User


def schools_kept_by(user: User, *roles: str) -> QuerySet[School]:
    """A school administrator the own school, the others those of their offices."""
    own = user.school_ids() if Role.SCHOOL_ADMIN in roles else set()
    return School.objects.filter(Q(office__in=user.office_ids(roles)) | Q(pk__in=own))


def offices_planned_by(user: User) -> QuerySet[Office]:
    """Those that have schools of their own: closures of a Dinas reach nobody."""
    return Office.objects.filter(pk__in=user.office_ids([Role.PLANNER]), level=Office.Level.SUDIN)


def closures_kept_by(user: User) -> QuerySet[Closure]:
    """A special working day is a planner's decision, so that a school cannot strike it."""
    offices = user.office_ids([Role.PLANNER])
    own = Q(school__in=user.school_ids(), effect=Closure.Effect.CLOSED)
    return Closure.objects.filter(Q(office__in=offices) | Q(school__office__in=offices) | own)
