"""What the operator sends. Each form that writes carries an id of its own, so that sent twice it does nothing twice."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from drives.models import Kit, Visit
from drives.onsite.day_close import KitReport
from drives.onsite.fold import IKD_PRECEDENCE, PRECEDENCE, State
from drives.onsite.labels import IKD_STATES, KINDS, SERVICES, STATES
from drives.onsite.rules import OF_IKD, OF_RECORDING, Kind, service_of
from drives.onsite.walk_ins import Guest
from students.models import Consent


class OnceForm(forms.Form):
    """`event_id` is made with the page and becomes the id of the fact."""

    event_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event_id"].initial = uuid7
        self.helper = FormHelper()
        self.helper.form_tag = False


class OutcomeForm(OnceForm):
    """`outcome` is "recorded", or a kind with its reason as in "failed:biometric"."""

    outcome = forms.CharField(max_length=40)

    def kind_and_reason(self) -> tuple[str, str]:
        kind, _colon, reason = self.cleaned_data["outcome"].partition(":")
        return kind, reason


class UndoForm(OnceForm):
    target = forms.UUIDField(widget=forms.HiddenInput)


class CorrectionForm(OnceForm):
    kind = forms.ChoiceField(label=_("What is right"), widget=forms.RadioSelect)
    kit = forms.ChoiceField(
        label=_("Kit"), required=False, help_text=_("Where the person sat. It counts for the kit in the evening.")
    )
    note = forms.CharField(label=_("Why"), max_length=200, help_text=_("Stays in the record beside your name."))

    def __init__(self, *args: Any, visit: Visit, kits: list[Kit], kit: Kit | None = None, **kwargs: Any) -> None:
        """`kit` is where the person sat, as far as it is known."""
        super().__init__(*args, **kwargs)
        self.kits = kits
        self.fields["kit"].initial = str(kit.pk) if kit else ""
        self.fields["kit"].choices = [("", _("Not known")), *((str(one.pk), one.name) for one in kits)]  # type: ignore[attr-defined]
        if not kits:
            del self.fields["kit"]
        is_recording = visit.service == Visit.Service.RECORDING
        unfit = ({Kind.SERVED} if is_recording else OF_RECORDING) if service_of(visit) else set()
        first = [(kind, STATES[kind]) for kind in PRECEDENCE if kind not in unfit]
        is_ikd_offered = visit.ikd_state or visit.drive.ikd_minimum_age is not None
        second = [(kind, IKD_STATES[kind]) for kind in IKD_PRECEDENCE] if is_ikd_offered else []
        back = [(Kind.UNDONE, _("Nothing: take back what was noted"))] if visit.state != State.EXPECTED else []
        self.fields["kind"].choices = [*first, *second, *back]  # type: ignore[attr-defined]

    def chosen_kit(self) -> Kit | None:
        """That of an outcome at a station; nobody is absent there, and a phone is activated beside it."""
        data = self.cleaned_data
        if data["kind"] in (Kind.ABSENT, Kind.UNDONE, *OF_IKD):
            return None
        return next((kit for kit in self.kits if str(kit.pk) == data.get("kit")), None)


class BirthDateField(forms.DateField):
    """Typed as on the family card, with or without strokes: a calendar takes dozens of taps to 1985."""

    widget = forms.DateInput(attrs={"inputmode": "numeric", "autocomplete": "off"}, format="%d-%m-%Y")
    input_formats = ("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y", "%d%m%Y", "%Y-%m-%d")
    default_error_messages = {"invalid": _("Write day, month and year, such as 04031985.")}

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str) and value.strip().isdigit() and len(value.strip()) != 8:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class WalkInForm(OnceForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words", "autofocus": True}),
    )
    kind = forms.ChoiceField(
        label=_("Who is the guest?"),
        choices=[(kind, label) for kind, label in KINDS.items() if kind != Visit.Kind.STUDENT],
        initial=Visit.Kind.TEACHER,
        widget=forms.RadioSelect,
    )
    service = forms.ChoiceField(
        label=_("What for?"), choices=list(SERVICES.items()), initial=Visit.Service.RECORDING, widget=forms.RadioSelect
    )
    birth_date = BirthDateField(
        label=_("Birth date"), required=False, help_text=_("Day, month and year, such as 04031985. Needed for a recording.")
    )
    nik = forms.CharField(
        label="NIK",
        required=False,
        max_length=40,
        help_text=_("May stay empty. It tells whether the person is known and needs recording, nothing more."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    consent_from = forms.ChoiceField(
        label=_("A student: is the parents' signed consent there?"),
        required=False,
        choices=[("", _("Not seen, or no student")), *Consent.Relation.choices],
        widget=forms.RadioSelect,
        help_text=_("Choose who signed the paper form. It is noted for a student or a child, where the office asks for it."),
    )
    consent_given_by = forms.CharField(
        label=_("Name of who signed"),
        required=False,
        max_length=120,
        help_text=_("As on the paper. Needed only if you have seen one."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words"}),
    )

    overrule = forms.CharField(
        label=_("Why another guest is taken although the day is full"),
        required=False,
        max_length=200,
        help_text=_("Stays in the record beside your name."),
    )

    def __init__(
        self, *args: Any, asks_consent: bool = False, offers_ikd: bool = True, may_overrule: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not asks_consent:
            del self.fields["consent_from"], self.fields["consent_given_by"]
        if not may_overrule:
            del self.fields["overrule"]
        if not offers_ikd:
            services = [(service, label) for service, label in SERVICES.items() if service != Visit.Service.IKD]
            self.fields["service"].choices = services  # type: ignore[attr-defined]

    def guest(self) -> Guest:
        data = self.cleaned_data
        return Guest(
            name=data["name"],
            kind=data["kind"],
            service=data["service"],
            birth_date=data["birth_date"],
            nik=data["nik"],
            consent_from=data.get("consent_from", ""),
            consent_given_by=data.get("consent_given_by", ""),
        )


class LookUpForm(forms.Form):
    """The three fields of the guest's form by which a person is known."""

    name = forms.CharField(required=False, max_length=120)
    birth_date = BirthDateField(required=False)
    nik = forms.CharField(required=False, max_length=40)


class DayCloseForm(forms.Form):
    """For each kit its own count, and a reason where it differs from ours."""

    signed_by_name = forms.CharField(label=_("Signed by"), max_length=120)

    unassigned_reason = forms.CharField(label=_("Why do they name no kit?"), max_length=200, required=False)
    knows_what_is_open = forms.BooleanField(label=_("I know what is still open, and close the day."), required=False)

    def __init__(self, *args: Any, kits: list[Kit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kits = kits
        self.helper = FormHelper()
        self.helper.form_tag = False
        for kit in kits:
            self.fields[f"count_{kit.pk.hex}"] = forms.IntegerField(label=kit.name, min_value=0, max_value=5000)
            self.fields[f"reason_{kit.pk.hex}"] = forms.CharField(
                label=_("Reason for a difference"), max_length=200, required=False
            )

    def rows(self) -> list[tuple[Kit, forms.BoundField, forms.BoundField]]:
        return [(kit, self[f"count_{kit.pk.hex}"], self[f"reason_{kit.pk.hex}"]) for kit in self.kits]

    def field_of(self, problem: ValidationError) -> str | None:
        """Beside which field a refusal to close stands."""
        if problem.code == "still_open":
            return "knows_what_is_open"
        if problem.code != "gap_needs_reason":
            return None
        kit_id = (problem.params or {}).get("kit_id")
        name = f"reason_{kit_id.hex}" if kit_id else "unassigned_reason"
        return name if name in self.fields else None

    def reports(self) -> list[KitReport]:
        data = self.cleaned_data
        return [KitReport(kit.pk, data[f"count_{kit.pk.hex}"], data[f"reason_{kit.pk.hex}"]) for kit in self.kits]
