"""`add_user USERNAME --name NAME --role ROLE (--region CODE | --school NPSN)`: an office's first account, and any other."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone, translation

from schools.models import Office, Role, School, User
from schools.staff.actions import Scope, add_user, new_password_path


class Command(BaseCommand):
    help = "Add a user with a role, and print the link at which the person chooses a password (once, within three days)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--region", metavar="CODE", help="the office of this region, such as 31.74")
        where.add_argument("--school", metavar="NPSN")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, username: str, name: str, role: str, **options: Any) -> None:
        with translation.override("id"):
            try:
                path = self._add(username, name, role, options["region"], options["school"])
            except ValidationError as refusal:
                reason = " ".join(refusal.messages)
                if options["json"]:
                    self.stdout.write(json.dumps({"username": username, "refused": {"message": reason}}, ensure_ascii=False))
                self.stderr.write(reason)
                raise SystemExit(1) from None
        link = settings.SITE_URL.rstrip("/") + path
        self.stdout.write(json.dumps({"username": username, "role": role, "link": link}) if options["json"] else link)

    @transaction.atomic
    def _add(self, username: str, name: str, role: str, region: str | None, npsn: str | None) -> str:
        office = Office.objects.filter(region=region).order_by("level", "pk").first() if region else None
        school = School.objects.filter(npsn=npsn.upper()).first() if npsn else None
        if office is None and school is None:
            raise ValidationError(f"Tidak ada kantor atau sekolah dengan kode {region or npsn}.")
        user = add_user(
            user=User(username=username, name=name),
            scope=Scope(role, office, school),
            starts_on=timezone.localdate(),
            ends_on=None,
        )
        return new_password_path(user=user)
