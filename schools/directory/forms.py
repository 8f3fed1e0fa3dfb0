from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from schools.forms import PhoneField, helper
from schools.models import Office, Region, School, User

CONTACTS = ("principal_name", "contact_name", "email", "phone")


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
