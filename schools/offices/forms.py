from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from schools.forms import DayField, PhoneField, helper
from schools.models import Office

HELP = {
    "head_name": _("Signs the letters."),
    "minimum_age_months": _("Recording from this age on, judged on the student's own day. 192 months are 16 years."),
    "print_offset_days": _("0 prints the card on the 17th birthday, 1 on the day after."),
    "minutes_per_person": _("How long one person takes at a kit. Schools report 5 to 15 minutes."),
    "slack_percent": _("Time kept free for what goes wrong. With 15 percent, one kit serves 15 people in three hours."),
    "slot_minutes": _("How many minutes one timeslot lasts, for students who are called together."),
    "setup_minutes": _("Taken off the first session of each day; 0 where kits are set up before it begins."),
    "packup_minutes": _("Taken off the last session of each day; 0 where kits are packed up after it ends."),
    "documents_to_bring": _("Stands on every slip and in every notice."),
    "consent_required": _("Then nobody is scheduled before a parent's consent is noted."),
    "ikd_offered_to": _("Offered beside the recording. It is copied to a drive when the drive is published."),
    "ikd_minimum_age": _("From this age on, in years."),
    "outsider_cards_per_day": _("Cards a day for students who live in another city (circular e-0008/SE/2025)."),
    "roster_retention_days": _("After these days the uploaded file is deleted; what was imported from it stays."),
    "notices_from_hour": _("No notice is sent earlier in the day."),
    "notices_until_hour": _("No notice is sent later in the day."),
    "target_percent": _("How many percent of the eligible are to be recorded by the target date."),
}


class OfficeForm(forms.ModelForm[Office]):
    phone = PhoneField(label=_("Phone"))
    ikd_minimum_age = forms.IntegerField(label=_("Minimum age for IKD"), min_value=15, max_value=21)
    outsider_cards_per_day = forms.IntegerField(label=_("Cards for outsiders a day"), min_value=0, max_value=1000)
    roster_retention_days = forms.IntegerField(label=_("Days to keep a roster file"), min_value=1, max_value=365)
    notices_from_hour = forms.IntegerField(label=_("Notices from (hour)"), min_value=0, max_value=23)
    notices_until_hour = forms.IntegerField(label=_("Notices until (hour)"), min_value=1, max_value=24)
    target_percent = forms.DecimalField(
        label=_("Target in percent"), required=False, min_value=0, max_value=100, max_digits=4, decimal_places=1
    )
    target_on = DayField(label=_("Target date"), required=False)
    helper = helper(
        Fieldset(_("Letterhead"), "name", "head_name", "address", "phone", "email"),
        Fieldset(_("Who is recorded"), "minimum_age_months", "leap_rule", "print_offset_days", "consent_required"),
        Fieldset(
            _("A new drive begins with"),
            "minutes_per_person",
            "slack_percent",
            "slot_minutes",
            "setup_minutes",
            "packup_minutes",
            "documents_to_bring",
        ),
        Fieldset(_("Notices and files"), "notices_from_hour", "notices_until_hour", "roster_retention_days", "time_zone"),
        Fieldset(
            _("Cards and targets"), "ikd_offered_to", "ikd_minimum_age", "outsider_cards_per_day", "target_percent", "target_on"
        ),
    )

    class Meta:
        model = Office
        fields = [
            *("name", "head_name", "address", "phone", "email"),
            *("minimum_age_months", "leap_rule", "print_offset_days", "consent_required"),
            *("minutes_per_person", "slack_percent", "slot_minutes", "setup_minutes", "packup_minutes", "documents_to_bring"),
            *("notices_from_hour", "notices_until_hour", "roster_retention_days", "time_zone"),
            *("ikd_offered_to", "ikd_minimum_age", "outsider_cards_per_day", "target_percent", "target_on"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in HELP.items():
            self.fields[name].help_text = text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("notices_from_hour"), cleaned.get("notices_until_hour")
        if first is not None and last is not None and last <= first:
            self.add_error("notices_until_hour", _("The last hour must lie after the first."))
        if (cleaned.get("target_percent") is None) != (cleaned.get("target_on") is None) and not self.errors:
            self.add_error("target_on", _("A target needs both a percentage and a date."))
        return cleaned
