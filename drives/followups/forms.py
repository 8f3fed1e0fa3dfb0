"""A make-up drive in one short form; the planner goes on at its slot board."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from drives.planning.forms import DEFAULT_SESSIONS, read_session
from drives.planning.plan import Plan
from schools.forms import DayField, helper
from schools.models import Office


class MakeUpForm(forms.Form):
    """`drive_id` is made with the page and becomes the draft's, so that sent twice it makes one."""

    drive_id = forms.UUIDField(widget=forms.HiddenInput)
    day = DayField(label=_("Day"))
    hours = forms.CharField(label=_("Session"), max_length=20, initial=DEFAULT_SESSIONS[0])
    kits = forms.IntegerField(label=_("Kits"), min_value=1, max_value=20, initial=1)
    helper = helper("drive_id", "day", "hours", "kits")

    def __init__(self, *args: Any, office: Office, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.office = office
        self.fields["drive_id"].initial = uuid7

    def clean_hours(self) -> Any:
        return read_session(self.cleaned_data["hours"])

    def plan(self) -> Plan:
        """With the office's own minutes and slack."""
        data, office = self.cleaned_data, self.office
        return Plan(
            days=(data["day"],),
            sessions=(data["hours"],),
            kits=data["kits"],
            minutes=office.minutes_per_person,
            slack_percent=office.slack_percent,
            slot_minutes=office.slot_minutes,
            setup_minutes=office.setup_minutes,
            packup_minutes=office.packup_minutes,
            minimum_age_months=office.minimum_age_months,
        )
