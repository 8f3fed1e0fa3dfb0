"""Parents' consent: giving and withdrawing it adds a line to the history, and the same state twice adds none."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from schools.models import Office, User
from students.consents.wording import VERSIONS
from students.models import Consent, Person

Each = str | Mapping[UUID, str]
"""One answer for all persons, or each person's own."""

# The clock is read before the lock is had: who waited for it may come with an earlier moment than the newest line has.
LATER = timedelta(microseconds=1)


def lacking_consent(persons: QuerySet[Person], *, office: Office) -> QuerySet[Person]:
    """Those without a standing consent; nobody where the office requires none."""
    if not office.consent_required:
        return persons.none()
    return persons.alias(has_consent=Consent.objects.standing_for("pk")).filter(has_consent=False)


@transaction.atomic
def give(
    *,
    persons: Collection[Person],
    given_by: Each,
    relation: Each,
    wording_version: str,
    channel: str,
    by: User,
    now: datetime,
    declared_on: date | None = None,
    is_at_the_door: bool = False,
) -> list[Consent]:
    """Note the consent for each person who has none to this wording yet. An empty `given_by`: as on the paper form.

    `is_at_the_door`: a guest at a drive has shown it, and may be at no school of ours.

    Raises ValidationError: `nobody_chosen`, `not_enrolled`, `who_missing`, `unknown_relation`, `unknown_channel`,
    `unknown_wording`, `day_in_future`.
    """
    if not persons:
        raise ValidationError(_("Nobody is chosen. Choose at least one student."), code="nobody_chosen")
    if wording_version not in VERSIONS:
        raise ValidationError(_("This wording was never handed out. Choose one from the list."), code="unknown_wording")
    found = _locked(persons)
    if not is_at_the_door:
        _check_enrolled(found)
    newest = _newest(found)
    made = [
        _line(
            person,
            newest.get(person.pk),
            is_given=True,
            given_by=_of(given_by, person),
            relation=_of(relation, person),
            wording_version=wording_version,
            channel=channel,
            declared_on=declared_on,
            by=by,
            now=now,
        )
        for person in found
        if not _stands(newest.get(person.pk), wording_version)
    ]
    return Consent.objects.bulk_create(made)


@transaction.atomic
def withdraw(
    *,
    person: Person,
    given_by: str,
    by: User,
    now: datetime,
    relation: str = "",
    channel: str = "",
    reason: str = "",
    declared_on: date | None = None,
) -> Consent | None:
    """End the standing consent; without one nothing happens. Relation and channel are those of the consent if not said.

    Raises ValidationError: `who_missing`, `unknown_relation`, `unknown_channel`, `day_in_future`.
    """
    (locked,) = _locked([person])
    standing = _newest([locked]).get(person.pk)
    if standing is None or not standing.is_given:
        return None
    line = _line(
        locked,
        standing,
        is_given=False,
        given_by=given_by,
        relation=relation or standing.relation,
        wording_version=standing.wording_version,
        channel=channel or standing.channel,
        declared_on=declared_on,
        by=by,
        now=now,
    )
    if not line.given_by:
        raise _who_missing()
    line.reason = reason
    line.save(force_insert=True)
    return line


def _locked(persons: Iterable[Person]) -> list[Person]:
    """In the order of their ids, so that two who note for the same class wait for each other and never both forever."""
    ids = {person.pk for person in persons}
    found = Person.objects.select_for_update(of=("self",), no_key=True).select_related("office").filter(pk__in=ids)
    return list(found.order_by("pk"))


def _check_enrolled(persons: Iterable[Person]) -> None:
    for person in persons:
        if person.school_id is None:
            raise ValidationError(_("%(name)s is at no school now.") % {"name": person.name}, code="not_enrolled")


def _newest(persons: Collection[Person]) -> dict[UUID, Consent]:
    lines = Consent.objects.filter(person__in=persons).order_by("person_id", "-at", "-id").distinct("person_id")
    return {line.person_id: line for line in lines}


def _stands(newest: Consent | None, wording_version: str) -> bool:
    return newest is not None and newest.is_given and newest.wording_version == wording_version


def _of(answers: Each, person: Person) -> str:
    return answers if isinstance(answers, str) else answers.get(person.pk, "")


def _line(
    person: Person,
    newest: Consent | None,
    *,
    is_given: bool,
    given_by: str,
    relation: str,
    wording_version: str,
    channel: str,
    declared_on: date | None,
    by: User,
    now: datetime,
) -> Consent:
    today = now.astimezone(person.office.zone).date()
    if relation not in Consent.Relation.values:
        raise ValidationError(_("Choose whether father, mother or guardian said so."), code="unknown_relation")
    if channel not in Consent.Channel.values:
        raise ValidationError(_("Choose how the statement came."), code="unknown_channel")
    if not given_by.strip() and channel != Consent.Channel.PAPER:
        raise _who_missing()
    if declared_on and declared_on > today:
        raise ValidationError(_("This day has not come yet."), code="day_in_future")
    return Consent(
        person=person,
        school_id=person.school_id,
        office_id=person.office_id,
        is_given=is_given,
        given_by=given_by.strip(),
        relation=relation,
        wording_version=wording_version,
        channel=channel,
        declared_on=declared_on or today,
        at=max(now, newest.at + LATER) if newest else now,
        entered_by=by,
    )


def _who_missing() -> ValidationError:
    return ValidationError(
        _("Write who said so. A name may be missing only where it stands on a paper form."), code="who_missing"
    )
