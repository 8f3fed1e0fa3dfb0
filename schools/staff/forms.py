from datetime import date
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from schools.forms import DayField, helper
from schools.models import Office, Role, School, User
from schools.names import normalise
from schools.staff.actions import Scope
from schools.staff.scope import offices_of, schools_of

SHOWN_AT_MOST = 5


class ScopeFields(forms.Form):
    """A role, where it holds, and from when until when."""

    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, capfirst(role.label)) for role in Role])
    office = forms.ModelChoiceField(Office.objects.none(), label=_("Office"), required=False, empty_label=_("Choose an office"))
    school = forms.CharField(
        label=_("School"),
        required=False,
        max_length=120,
        help_text=_("For a school administrator only: the NPSN, or the name as people say it."),
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"), required=False, help_text=_("Leave it empty when no end is known."))

    def __init__(self, *args: Any, admin: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.admin = admin
        offices = self.fields["office"]
        assert isinstance(offices, forms.ModelChoiceField)
        offices.queryset = offices_of(admin).order_by("region_id", "name")
        offices.help_text = _("For every role but that of a school administrator. It holds for the offices below it, too.")

    def clean_school(self) -> School | None:
        written: str = self.cleaned_data["school"].strip()
        if not written:
            return None
        found = list(schools_of(self.admin).matching(written).order_by("search_name", "npsn")[: SHOWN_AT_MOST + 1])
        exact = [school for school in found if written in (school.npsn, school.name)]
        if len(exact or found) != 1:
            raise _not_one(found)
        return (exact or found)[0]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        role, office, school = (cleaned.get(name) for name in ("role", "office", "school"))
        if role == Role.SCHOOL_ADMIN and not school and "school" not in self.errors:
            self.add_error("school", _("A school administrator needs a school."))
        if role and role != Role.SCHOOL_ADMIN and not office and "office" not in self.errors:
            self.add_error("office", _("This role needs an office."))
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day lies before the first."))
        return cleaned

    @property
    def scope(self) -> Scope:
        """Of what was filled in for the other kind of role nothing is taken."""
        role = self.cleaned_data["role"]
        if role == Role.SCHOOL_ADMIN:
            return Scope(role, None, self.cleaned_data["school"])
        return Scope(role, self.cleaned_data["office"], None)


def _not_one(found: list[School]) -> ValidationError:
    if not found:
        return ValidationError(_("No school of your offices is called so. Write its NPSN."), code="school_unknown")
    names = ", ".join(f"{school.name} ({school.npsn})" for school in found[:SHOWN_AT_MOST])
    return ValidationError(
        _("Several schools are called so: %(names)s. Write the NPSN of one."), code="school_unclear", params={"names": names}
    )


class GrantForm(ScopeFields):
    helper = helper()


class UserForm(ScopeFields):
    name = forms.CharField(label=_("Name"), max_length=120)
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=_("For signing in. Short and without spaces, such as ratna.wulandari."),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    field_order = ["name", "username", "email", "role", "office", "school", "starts_on", "ends_on"]
    helper = helper(
        Fieldset(_("Who"), "name", "username", "email"),
        Fieldset(_("What this person may do"), "role", "office", "school", "starts_on", "ends_on"),
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].strip().lower()
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("Somebody has this user name already."), code="username_taken")
        return username

    @property
    def user(self) -> User:
        """Not stored yet."""
        return User(**{name: self.cleaned_data[name] for name in ("name", "username", "email")})


class EndForm(forms.Form):
    last_day = DayField(label=_("Last day on which the role holds"), help_text=_("To end it at once, choose yesterday."))
    helper = helper()

    def clean_last_day(self) -> date:
        last_day: date = self.cleaned_data["last_day"]
        return last_day


class UserFilter(forms.Form):
    """The list's filters, as they stand in the address; what cannot be understood filters nothing."""

    q = forms.CharField(label=_("Name or user name"), required=False, max_length=80)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices])
    state = forms.ChoiceField(
        label=_("Account"),
        required=False,
        choices=[("", _("Active")), ("inactive", _("Deactivated")), ("all", _("All"))],
    )

    def wish(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))

    def words(self) -> list[str]:
        return normalise(self.wish("q")).split()
