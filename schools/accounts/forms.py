from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from schools.forms import helper
from schools.models import User


class SettingsForm(forms.ModelForm[User]):
    colour_scheme = forms.ChoiceField(
        label=_("Colour scheme"), choices=[(scheme.value, capfirst(scheme.label)) for scheme in User.ColourScheme]
    )
    helper = helper()

    class Meta:
        model = User
        fields = ["language", "colour_scheme"]


class OwnPasswordForm(PasswordChangeForm):
    helper = helper()


class NewPasswordForm(SetPasswordForm[User]):
    """For who follows a link of the administrator."""

    helper = helper()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password2"].label = _("The same password again")
