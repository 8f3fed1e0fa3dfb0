from typing import Any

from crispy_forms.layout import Div
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schools.forms import DayField, helper
from students.consents.wording import CURRENT, WORDINGS
from students.models import Consent

NO_NAME = _("Write who gave it, or tick above that the name stands on the paper form.")


def _relations(first: Promise) -> list[tuple[str, Any]]:
    return [("", first), *Consent.Relation.choices]


class StatementForm(forms.Form):
    """How a statement of a parent came."""

    relation = forms.ChoiceField(label=_("Relation"), choices=lambda: _relations(_("Choose…")))
    channel = forms.ChoiceField(label=_("How it came"), choices=Consent.Channel.choices, initial=Consent.Channel.PAPER)
    declared_on = DayField(label=_("Day of the statement"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(*self.fields)


class ClassConsentForm(StatementForm):
    """What the consents of a class have in common."""

    wording_version = forms.ChoiceField(
        label=_("Wording"), choices=[(each.version, each.version) for each in WORDINGS], initial=CURRENT.version
    )
    is_on_paper = forms.BooleanField(
        label=_("The names of those who gave it stand on the paper forms, which the school keeps."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        halves = [Div(name, css_class="col-md-6") for name in ("relation", "channel", "declared_on", "wording_version")]
        self.helper = helper(Div(*halves, css_class="row"), "is_on_paper")

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or self.cleaned_data
        if answers.get("is_on_paper") and answers.get("channel") not in ("", None, Consent.Channel.PAPER):
            self.add_error("is_on_paper", _("Only a paper form holds a name. Write the names, or choose the paper form."))
        return answers


class PupilForm(forms.Form):
    """A row of the class: given or not, by whom, and the relation where it is not the common one."""

    is_given = forms.BooleanField(required=False)
    given_by = forms.CharField(required=False, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    relation = forms.ChoiceField(required=False, choices=lambda: _relations(_("as above")))

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        for field, css in (("is_given", "form-check-input"), ("given_by", "form-control"), ("relation", "form-select w-auto")):
            self.fields[field].widget.attrs["class"] = css


class GiveForm(StatementForm):
    """The consent for one pupil."""

    given_by = forms.CharField(
        label=_("Given by"),
        required=False,
        max_length=120,
        help_text=_("May stay empty where the name stands on the paper form."),
    )
    wording_version = forms.ChoiceField(
        label=_("Wording"), choices=[(each.version, each.version) for each in WORDINGS], initial=CURRENT.version
    )
    field_order = ["given_by", "relation", "channel", "declared_on", "wording_version"]


class WithdrawForm(StatementForm):
    """A parent takes the consent back, and need not say why."""

    given_by = forms.CharField(label=_("Withdrawn by"), max_length=120)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=200, help_text=_("Only what the parent wants noted. Never a diagnosis.")
    )
    field_order = ["given_by", "relation", "channel", "declared_on", "reason"]
