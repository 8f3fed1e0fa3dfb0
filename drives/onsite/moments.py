"""When a fact happened, as well as it is known: the clock of whoever told it, set right, and never later than its arrival."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

from django.db.models import Case, DateField, DateTimeField, DurationField, ExpressionWrapper, F, Func, Q, Value, When
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import Cast, Least
from django.db.models.lookups import LessThanOrEqual

from drives.models import VisitEvent
from drives.onsite.rules import local_day

# A clock may run ahead this much before its time is not believed.
CLOCK_TOLERANCE: Final = timedelta(minutes=5)


def happened_at(event: VisitEvent, zone: tzinfo) -> datetime:
    """A time that is not of the event's day, or lies in the future, is a wrong clock: then the server's own."""
    said = event.device_at + timedelta(seconds=event.skew_seconds)
    is_sound = said <= event.received_at + CLOCK_TOLERANCE and local_day(said, zone) == event.day
    return said if is_sound else event.received_at


def heard_at(event: VisitEvent, zone: tzinfo) -> datetime:
    """For people to read, and to say how long ago it was."""
    return min(happened_at(event, zone), event.received_at)


def _later(moment: str, by: Combinable) -> "ExpressionWrapper[CombinedExpression]":
    return ExpressionWrapper(F(moment) + by, output_field=DateTimeField())


_SKEW: Final = ExpressionWrapper(F("skew_seconds") * Value(timedelta(seconds=1)), output_field=DurationField())
_SAID: Final = _later("device_at", _SKEW)
_DAY_SAID: Final = Cast(Func(F("office__time_zone"), _SAID, function="timezone", output_field=DateTimeField()), DateField())
_IS_SOUND: Final = Q(LessThanOrEqual(_SAID, _later("received_at", Value(CLOCK_TOLERANCE)))) & Q(day=_DAY_SAID)
# As `heard_at`, of the events of a query.
HEARD_AT: Final = Case(When(_IS_SOUND, then=Least(_SAID, F("received_at"))), default=F("received_at"))
