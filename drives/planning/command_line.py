"""What the commands that plan have in common: whose city, which moment, and a refusal as a person or a program reads it."""

import json
import sys
from datetime import UTC, date, datetime, time

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from schools.models import Office


def sudin_of(city: str) -> Office:
    """Raises CommandError, of which the shell sees 2."""
    office = Office.objects.filter(region=city, level=Office.Level.SUDIN).order_by("pk").first()
    if office is None:
        raise CommandError(f"There is no Sudin for the city {city}.", returncode=2)
    return office


def moment_of(office: Office, today: date | None, *, morning: time) -> datetime:
    """This moment, or the morning of the day asked for."""
    return datetime.combine(today, morning, office.zone).astimezone(UTC) if today else timezone.now()


def refuse(command: BaseCommand, refusal: ValidationError, *, as_json: bool) -> None:
    """Says why, and ends the command with 1."""
    message = " ".join(refusal.messages)
    if not as_json:
        raise CommandError(message, returncode=1)
    errors = next(iter(refusal.error_dict.values())) if hasattr(refusal, "error_dict") else refusal.error_list
    said = {"refused": {"code": errors[0].code or "invalid", "message": message}}
    command.stdout.write(json.dumps(said, ensure_ascii=False))
    sys.exit(1)
