"""`publish_season --city 31.74 [--month 2027-01] [--approve]`: turns of a season published together, one by one."""

import json
import os
import socket
import sys
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from drives.models import Season, SeasonCard, SeasonPublication, SeasonPublicationTurn
from drives.planning.command_line import moment_of, refuse, sudin_of
from drives.publishing.season import asking
from drives.publishing.season.working import work
from schools.models import Office

MORNING: Final = time(8)
State = SeasonPublicationTurn.State


class Command(BaseCommand):
    help = "Publish the turns of a season; only looks at them without --approve. Ends with 1 if any of them is refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--city", required=True, metavar="CODE", help="the city of a Sudin, such as 31.74")
        parser.add_argument("--season", metavar="NAME", help="needed where the city has more than one that is not over")
        part = parser.add_mutually_exclusive_group()
        part.add_argument("--month", metavar="YYYY-MM", help="turns that begin in this month")
        part.add_argument("--week", type=date.fromisoformat, metavar="DATE", help="turns that begin in the week of this day")
        part.add_argument("--drafts", action="store_true", help="turns that are drafts already")
        parser.add_argument("--approve", action="store_true", help="publish what is ready")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="another day than today")

    def handle(self, *args: Any, city: str, approve: bool, **options: Any) -> None:
        office = sudin_of(city)
        now = moment_of(office, options["today"], morning=MORNING)
        season = _season(office, options["season"], today=now.astimezone(office.zone).date())
        chosen = _chosen(season, month=options["month"], week=options["week"], only_drafts=options["drafts"])
        try:
            answer = _publish(season, chosen, approve=approve, now=now)
        except ValidationError as refusal:
            refuse(self, refusal, as_json=options["json"])
        else:
            self._say(answer, approve=approve, as_json=options["json"])

    def _say(self, answer: Mapping[str, Any], *, approve: bool, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            for each in answer["drives"]:
                said = each["reason"] or f"{each['seated']} students, {each['emails']} e-mails"
                self.stdout.write(f"  {each['days'][0]}  {each['state']}  {each['school']}: {said}")
            self.stdout.write(f"{answer['seated']} students have a timeslot; {answer['emails']} e-mails.")
            self.stdout.write("Published." if approve else "Nothing was written; use --approve.")
        if answer["refused_count"]:
            sys.exit(1)


def _season(office: Office, name: str | None, *, today: date) -> Season:
    seasons = Season.objects.filter(office=office).select_related("office")
    found = list(seasons.filter(name=name) if name else seasons.filter(ends_on__gte=today).order_by("starts_on", "pk"))
    if len(found) == 1:
        return found[0]
    known = ", ".join(seasons.order_by("starts_on", "pk").values_list("name", flat=True)) or "none"
    raise CommandError(f"Name the season with --season. There are: {known}.", returncode=2)


def _chosen(season: Season, *, month: str | None, week: date | None, only_drafts: bool) -> list[SeasonCard]:
    if month and not _is_month(month):
        raise CommandError("--month must be written as 2027-01.", returncode=2)
    monday = week - timedelta(days=week.weekday()) if week else None
    return [
        card
        for card in asking.publishable(season)
        if (not month or f"{card.days[0]:%Y-%m}" == month)
        and (monday is None or monday <= card.days[0] < monday + timedelta(days=7))
        and (not only_drafts or card.is_locked)
    ]


def _is_month(text: str) -> bool:
    try:
        return bool(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return False


def _publish(season: Season, chosen: list[SeasonCard], *, approve: bool, now: datetime) -> dict[str, Any]:
    """This process is the worker; what an earlier one left in the middle is finished first."""
    for standing in season.publications.unfinished():
        _work(standing, now=now)
    schools = [card.school_id for card in chosen]
    publication = asking.ask(season=season, schools=schools, by=None, now=now, ring_worker=False)
    _work(publication, now=now)
    publication.refresh_from_db()
    if approve and publication.turns.filter(state=State.READY).exists():
        asking.confirm(publication=publication, by=None, now=now, ring_worker=False)
        _work(publication, now=now)
    answer = _answer(season, publication)
    if not approve:
        publication.delete()
    return answer


def _work(publication: SeasonPublication, *, now: datetime) -> None:
    """Days are judged by the day asked for, the life of a worker by the clock on the wall."""
    began = timezone.now()
    worker = f"{socket.gethostname()}:{os.getpid()}"
    work(publication_id=publication.pk, worker=worker, clock=lambda: now + (timezone.now() - began))


def _answer(season: Season, publication: SeasonPublication) -> dict[str, Any]:
    turns = list(publication.turns.select_related("school").order_by("days", "school__search_name", "pk"))
    refused = [turn for turn in turns if turn.state in (State.BLOCKED, State.REFUSED)]
    going = [turn for turn in turns if turn not in refused]
    return {
        "season": season.name,
        "drives": [_drive(turn) for turn in turns],
        "published": sum(turn.state == State.PUBLISHED for turn in turns),
        "refused_count": len(refused),
        "seated": sum(turn.seated for turn in going),
        "emails": sum(turn.school_emails + turn.class_emails for turn in going),
    }


def _drive(turn: SeasonPublicationTurn) -> dict[str, Any]:
    return {
        "school": turn.school.name,
        "state": turn.state,
        "days": [day.isoformat() for day in turn.days],
        "places": turn.places,
        "seated": turn.seated,
        "left_over": [{"reason": reason, "count": len(people)} for reason, people in sorted(turn.left_over.items())],
        "without_consent": turn.without_consent,
        "emails": turn.school_emails + turn.class_emails,
        "texts": turn.class_texts,
        "code": turn.code,
        "reason": turn.reason,
    }
