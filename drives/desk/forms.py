"""What may be changed on a student's page; the rest comes with the roster."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from students.models import Person


class PersonForm(forms.ModelForm[Person]):
    phone = PhoneNumberField(label=_("Phone"), region="ID", required=False)
    places_needed = forms.TypedChoiceField(
        label=_("Time needed"),
        coerce=int,
        choices=[(1, _("One place")), (2, _("Extra time: two places")), (3, _("Extra time: three places"))],
        help_text=_("The reason is not stored."),
    )

    class Meta:
        model = Person
        fields = ["phone", "places_needed"]

    def clean_phone(self) -> str:
        phone: Any = self.cleaned_data["phone"]
        return str(phone.as_e164) if phone else ""
