"""The house itself: its Celery application, its checks, and classes that may name their model."""

from typing import Any

from django.apps import AppConfig
from django.forms import BaseModelForm, ModelChoiceField
from django.forms.models import BaseModelFormSet


def _accept_type_arguments(*classes: type[Any]) -> None:
    """`ModelForm[School]` tells the type checker which model it is; at run time it is `ModelForm`."""
    for generic in classes:
        generic.__class_getitem__ = classmethod(lambda cls, _: cls)


_accept_type_arguments(BaseModelForm, ModelChoiceField, BaseModelFormSet)


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Tasks find this Celery application, in every process.
        from config import celery, checks  # noqa: F401
