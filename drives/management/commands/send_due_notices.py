"""`send_due_notices [--now MOMENT]`: one pass of the outbox, done here and without a worker."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from drives.notices import outbox


def moment(text: str) -> datetime:
    """`2026-11-23T08:00`, of the settings' zone unless it names one."""
    found = datetime.fromisoformat(text)
    return timezone.make_aware(found) if timezone.is_naive(found) else found


class Command(BaseCommand):
    help = "Send what is due in the outbox: one pass."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", type=moment, metavar="MOMENT", help="as if it were this moment, such as 2026-11-23T08:00")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, now: datetime | None, json: bool, **options: Any) -> None:
        started = timezone.now()
        shift = now - started if now else timedelta(0)
        report = outbox.run(clock=lambda: timezone.now() + shift).as_json()
        self.stdout.write(_as_json(report) if json else _sentence(report))


def _as_json(report: dict[str, int]) -> str:
    return json.dumps(report)


def _sentence(report: dict[str, int]) -> str:
    return (
        f"{report['sent']} sent, {report['retried']} to be tried again, {report['failed']} failed, "
        f"{report['withdrawn']} no longer needed; {report['uncertain']} wait for a decision."
    )
