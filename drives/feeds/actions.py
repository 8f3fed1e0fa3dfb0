"""Addresses are made, renewed and revoked; an address that was revoked never opens again."""

import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from drives.models import Feed, Kit
from schools.models import Office, School, User

TOKEN_BYTES = 24  # 192 bits


@transaction.atomic
def make_feed(*, of: Office | School | Kit, by: User, now: datetime) -> Feed:
    """The address of an office's, school's or kit's calendar; the one in force, where there is one already."""
    office_id = of.pk if isinstance(of, Office) else of.office_id
    Office.objects.select_for_update(no_key=True).get(pk=office_id)
    school, kit = of if isinstance(of, School) else None, of if isinstance(of, Kit) else None
    kind = Feed.Kind.SCHOOL if school else Feed.Kind.KIT if kit else Feed.Kind.OFFICE
    standing = Feed.objects.in_force().filter(kind=kind, office=office_id, school=school, kit=kit).first()
    return standing or Feed.objects.create(
        kind=kind,
        office_id=office_id,
        school=school,
        kit=kit,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        made_at=now,
        made_by=by,
    )


@transaction.atomic
def renew_feed(*, feed: Feed, by: User, now: datetime) -> Feed:
    """Another address for the same calendar; the old one ends at once. Raises ValidationError: `feed_revoked`."""
    revoke_feed(feed=feed, by=by, now=now)
    return make_feed(of=feed.kit or feed.school or feed.office, by=by, now=now)


@transaction.atomic
def revoke_feed(*, feed: Feed, by: User, now: datetime) -> None:
    """The address ends at once. Raises ValidationError: `feed_revoked`."""
    if not Feed.objects.in_force().filter(pk=feed.pk).update(revoked_at=now, revoked_by=by):
        raise ValidationError(_("This address was revoked already."), code="feed_revoked")
