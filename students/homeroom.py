"""Who leads a class, and how to reach them: asked on the school's page and beside the consents of the class."""

from django import forms
from django.utils.translation import gettext_lazy as _

from schools.forms import PhoneField, helper
from students.models import ClassGroup


class HomeroomForm(forms.ModelForm[ClassGroup]):
    homeroom_phone = PhoneField(label=_("Homeroom teacher's phone"), help_text=_("A mobile number gets a link to WhatsApp."))
    helper = helper("homeroom_name", "homeroom_email", "homeroom_phone")

    class Meta:
        model = ClassGroup
        fields = ["homeroom_name", "homeroom_email", "homeroom_phone"]
        labels = {"homeroom_name": _("Homeroom teacher"), "homeroom_email": _("Homeroom teacher's e-mail")}
        help_texts = {"homeroom_email": _("Reminders for this class are sent to this address.")}
