"""`purge [--dry-run] [--json]`: what the retention periods say is to be forgotten."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from students.roster.retention import forget_old_rosters


class Command(BaseCommand):
    help = "Forget roster files and their rows after the office's days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        found = forget_old_rosters(now=timezone.now(), dry_run=options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps({"roster_files": found.files, "roster_rows": found.rows, "dry_run": options["dry_run"]}))
            return
        verb = "akan dihapus" if options["dry_run"] else "dihapus"
        self.stdout.write(f"{found.files} berkas daftar siswa dan {found.rows} barisnya {verb}.")
