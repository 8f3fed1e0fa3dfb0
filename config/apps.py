"""The house itself: its Celery application, its checks, and classes that may name their model."""

from typing import Any

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Tasks find this Celery application, in every process.
        from config import celery, checks  # noqa: F401

        _let_forms_name_their_model()


def _let_forms_name_their_model() -> None:
    """`ModelForm[School]` tells the type checker which model it is about; at run time it is `ModelForm`."""
    from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
    from django.forms.models import BaseModelForm, BaseModelFormSet, ModelChoiceField

    generics: tuple[type[Any], ...] = (BaseModelForm, BaseModelFormSet, ModelChoiceField, SetPasswordForm, PasswordChangeForm)
    for generic in generics:
        generic.__class_getitem__ = classmethod(lambda cls, _: cls)
