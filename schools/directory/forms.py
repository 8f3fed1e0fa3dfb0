from datetime import date, timedelta
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from schools.forms import DayField, PhoneField, helper
from schools.models import Closure, Office, Region, School, User

CONTACTS = ("principal_name", "contact_name", "email", "phone")
GRADES = [(10, "X"), (11, "XI"), (12, "XII")]
LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=2 * 366)


class ContactForm(forms.ModelForm[School]):
    """What a school may change about itself."""

    phone = PhoneField(label=_("Phone"), help_text=_("A mobile number gets a link to WhatsApp."))
    helper = helper("address", *CONTACTS)

    class Meta:
        model = School
        fields = ["address", *CONTACTS]
        labels = {"contact_name": _("School operator")}
        help_texts = {"email": _("Reminders are sent to this address.")}


class SchoolForm(ContactForm):
    """All of it. The office follows from the district: the Suku Dinas of its city."""

    helper = helper(
        Fieldset(_("School"), "npsn", "name", "kind", "ownership"),
        Fieldset(_("Where"), "district", "address"),
        Fieldset(_("Contacts"), *CONTACTS),
    )

    class Meta(ContactForm.Meta):
        fields = ["npsn", "name", "kind", "ownership", "district", "address", *CONTACTS]
        help_texts = ContactForm.Meta.help_texts | {
            "npsn": _("The national school number, eight characters."),
            "name": _("As it stands on the gate, such as SMA Labschool Kebayoran."),
        }

    def __init__(self, *args: Any, user: User, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offices = Office.objects.filter(pk__in=user.office_ids(roles), level=Office.Level.SUDIN).select_related("region")
        if self.instance.district_id:
            offices = offices.filter(pk=self.instance.office_id)
        self.offices = {office.region_id: office for office in offices}
        districts = Region.objects.filter(parent__in=self.offices, is_historic=False).select_related("parent")
        field = self.fields["district"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = districts.order_by("parent__code", "name")
        field.label_from_instance = self._district_label  # type: ignore[method-assign]

    def _district_label(self, obj: Region) -> str:
        """The city is named where there are several."""
        return obj.name if len(self.offices) == 1 or not obj.parent else f"{obj.name}, {obj.parent.name}"

    def clean_npsn(self) -> str:
        return str(self.cleaned_data["npsn"]).strip().upper()

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if district := cleaned.get("district"):
            self.instance.office = self.offices[district.parent_id]
        return cleaned


class ClosureForm(forms.ModelForm[Closure]):
    effect = forms.ChoiceField(
        label=_("What happens"), choices=[(effect.value, capfirst(effect.label)) for effect in Closure.Effect]
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"), help_text=_("The last day; for one day, the same day again."))
    grades = forms.TypedMultipleChoiceField(
        label=_("Grades"),
        choices=GRADES,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen means all grades."),
    )

    class Meta:
        model = Closure
        fields = ["effect", "starts_on", "ends_on", "grades", "reason"]
        labels = {"reason": _("Reason")}
        help_texts = {"reason": _("Such as mid-term exams, report day, industrial placement of class XI.")}

    def __init__(self, *args: Any, today: date, may_open: bool, has_grades: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if not may_open:
            del self.fields["effect"]
        if not has_grades:
            del self.fields["grades"]
        self.helper = helper(*self.fields)

    def clean_reason(self) -> str:
        return " ".join(self.cleaned_data["reason"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last:
            for refusal in _refusals(first, last, self.today):
                self.add_error("ends_on", refusal)
        return cleaned


def _refusals(first: date, last: date, today: date) -> list[ValidationError]:
    if last < first:
        return [ValidationError(_("The last day lies before the first."), code="ends_before_it_begins")]
    if last < today:
        return [ValidationError(_("These days are over already."), code="closure_in_the_past")]
    if last - first > LONGEST:
        return [ValidationError(_("More than a year at once cannot be closed."), code="closure_too_long")]
    if first - today > FURTHEST:
        return [ValidationError(_("This is more than two years away."), code="closure_too_far")]
    return []
