"""What may be changed on a student's page; the rest comes with the roster."""

from django import forms
from django.utils.translation import gettext_lazy as _

from schools.forms import PhoneField, helper
from students.models import Person


class PersonForm(forms.ModelForm[Person]):
    phone = PhoneField(label=_("Phone"))
    places_needed = forms.TypedChoiceField(
        label=_("Time needed"),
        coerce=int,
        choices=[(1, _("One place")), (2, _("Extra time: two places")), (3, _("Extra time: three places"))],
        help_text=_("The reason is not stored."),
    )
    helper = helper("phone", "places_needed")

    class Meta:
        model = Person
        fields = ["phone", "places_needed"]
