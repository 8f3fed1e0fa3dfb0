from dataclasses import dataclass
from datetime import date

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from schools.models import Grant, Office, Role, School, User
from schools.staff.scope import keeps_account_of


@dataclass(frozen=True)
class Scope:
    """Where a role holds: a school for its administrator, an office for everybody else."""

    role: str
    office: Office | None
    school: School | None


@transaction.atomic
def add_user(*, user: User, scope: Scope, starts_on: date, ends_on: date | None) -> User:
    """A new account with its first grant and no password; a link lets its owner choose one."""
    user.set_unusable_password()
    user.full_clean()
    user.save()
    give_grant(user=user, scope=scope, starts_on=starts_on, ends_on=ends_on)
    return user


@transaction.atomic
def give_grant(*, user: User, scope: Scope, starts_on: date, ends_on: date | None) -> Grant:
    """Raises ValidationError: `grant_exists` when the person holds this role there in these days already."""
    User.objects.select_for_update().get(pk=user.pk)
    same = Grant.objects.filter(user=user, role=scope.role, office=scope.office, school=scope.school)
    overlapping = [
        grant for grant in same if (ends_on or date.max) >= grant.starts_on and (grant.ends_on or date.max) >= starts_on
    ]
    if overlapping:
        raise ValidationError(_("This person already holds this role there in these days."), code="grant_exists")
    grant = Grant(user=user, role=scope.role, office=scope.office, school=scope.school, starts_on=starts_on, ends_on=ends_on)
    grant.full_clean()
    grant.save()
    return grant


@transaction.atomic
def end_grant(*, grant: Grant, last_day: date, by: User) -> None:
    """The role holds until and including that day; one that would end before it began was never held, and goes.

    Raises ValidationError: `own_grant`, lest an office be left without an administrator.
    """
    grant = Grant.objects.select_for_update().get(pk=grant.pk)
    if grant.user_id == by.pk and grant.role == Role.SYSTEM_ADMIN:
        raise ValidationError(_("You cannot end your own role as administrator. Ask a colleague to do it."), code="own_grant")
    if last_day < grant.starts_on:
        grant.delete()
        return
    grant.ends_on = last_day
    grant.save(update_fields=["ends_on"])


@transaction.atomic
def set_active(*, user: User, is_active: bool, by: User, day: date) -> None:
    """Let somebody in, or no longer; sessions of who is let out end with the next page.

    Raises ValidationError: `own_account`, `other_office`.
    """
    if user == by:
        raise ValidationError(_("You cannot deactivate your own account."), code="own_account")
    _refuse_foreign(user=user, by=by, day=day)
    user.is_active = is_active
    user.save(update_fields=["is_active"])


@transaction.atomic
def password_link(*, user: User, by: User, day: date) -> str:
    """The path at which the person chooses a password. Earlier links and the present password cease to work.

    Raises ValidationError: `other_office`.
    """
    _refuse_foreign(user=user, by=by, day=day)
    return new_password_path(user=user)


def new_password_path(*, user: User) -> str:
    """For who may hand it over already: a system administrator, or whoever has the server's command line."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    owner = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("schools:password_set", args=[owner, default_token_generator.make_token(user)])


def _refuse_foreign(*, user: User, by: User, day: date) -> None:
    if not keeps_account_of(by, user, day=day):
        raise ValidationError(
            _("This person also has a role in another office, so that only an administrator above both may do this."),
            code="other_office",
        )
