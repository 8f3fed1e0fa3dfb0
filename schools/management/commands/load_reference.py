"""Bring the reference data in: regions, offices and schools. Safe to run as often as one likes."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from schools import reference


class Command(BaseCommand):
    help = "Load regions, Jakarta's Dukcapil offices and its schools. What staff changed stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = reference.load()
        except DatabaseError as refusal:
            raise CommandError(f"The database does not take the reference data; is it migrated? {refusal}") from refusal
        if options["json"]:
            self.stdout.write(json.dumps(loaded.as_dict()))
            return
        self.stdout.write(f"Regions: {loaded.regions} ({loaded.regions_added} added, {loaded.regions_changed} changed).")
        self.stdout.write(f"Offices: {loaded.offices} ({loaded.offices_added} added).")
        self.stdout.write(f"Schools: {loaded.schools} ({loaded.schools_added} added).")
