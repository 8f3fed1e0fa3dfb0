"""A season's turns published together: looked at first, confirmed once, each by itself."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from drives.models import Appointment, Drive, KitDuty, Notice, Season, SeasonPublication, SeasonPublicationTurn
from drives.planning.actions import assign_everybody
from drives.publishing.season import asking, turns
from drives.publishing.season.working import LEASE, MAX_TRIES, claim, do, take, work
from drives.season import actions
from schools.models import Closure, School, User
from students.consents.actions import give
from students.consents.wording import CURRENT
from students.models import ClassGroup, Person
from tests.drives.planning.pupils import FRIDAY
from tests.drives.season.seasons import LAST, MONDAY, cards, make_city, make_season, planned, refused
from tests.factories import OfficeFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def schools() -> list[School]:
    return make_city((20, 5), (3, 1), (6, 0))


@pytest.fixture
def season(schools: list[School]) -> Season:
    ClassGroup.objects.update(homeroom_email="wali@sekolah.example")
    found = make_season()
    planned(found)
    return found


def asked(season: Season, *schools: School, now: datetime = FRIDAY) -> SeasonPublication:
    """Of these schools, or of all, and looked at."""
    wanted = [school.pk for school in schools] or [card.school_id for card in cards(season).values()]
    publication = asking.ask(season=season, schools=wanted, by=None, now=now, ring_worker=False)
    return worked(publication, now=now)


def worked(publication: SeasonPublication, *, now: datetime = FRIDAY) -> SeasonPublication:
    work(publication_id=publication.pk, worker="w", clock=lambda: now)
    publication.refresh_from_db()
    return publication


def confirmed(publication: SeasonPublication, *, now: datetime = FRIDAY) -> SeasonPublication:
    asking.confirm(publication=publication, by=None, now=now, ring_worker=False)
    return worked(publication, now=now)


def states(publication: SeasonPublication) -> dict[str, str]:
    return dict(publication.turns.values_list("school__name", "state"))


def turn(publication: SeasonPublication, school: School) -> SeasonPublicationTurn:
    return publication.turns.get(school=school)


def written() -> tuple[int, ...]:
    return tuple(model._base_manager.count() for model in (Drive, KitDuty, Appointment, Notice))


def test_a_preview_says_what_publishing_does_and_writes_nothing(season: Season, schools: list[School]) -> None:
    publication = asked(season)

    first = turn(publication, schools[0])
    assert set(states(publication).values()) == {"ready"}
    assert (publication.step, publication.status, written()) == ("check", "done", (0, 0, 0, 0))
    assert (first.seated, first.newly_seated, first.left_over, first.is_due) == (25, 25, {}, False)
    assert first.class_emails > 0


def test_what_is_published_is_what_the_preview_said(season: Season) -> None:
    figures = ("seated", "places", "left_over", "school_emails", "class_emails", "class_texts", "first_notice_at")
    publication = asked(season)
    said = list(publication.turns.order_by("pk").values_list(*figures))

    confirmed(publication)

    assert set(states(publication).values()) == {"published"}
    assert list(publication.turns.order_by("pk").values_list(*figures)) == said
    assert Drive.objects.filter(status="published").count() == 3
    emails = Notice.objects.filter(channel="email", withdrawn_at=None).count()
    assert emails == sum(each.school_emails + each.class_emails for each in publication.turns.all()) > 0


def test_who_is_left_over_is_named_with_the_reason(season: Season, schools: list[School]) -> None:
    card = cards(season)[schools[0].name]
    season.minutes_per_person = 60
    season.save()

    publication = asked(season, schools[0])

    found = turn(publication, schools[0])
    people = {person for ids in found.left_over.values() for person in ids}
    assert set(found.left_over) == {"no_room"}
    assert found.seated + len(people) == card.people
    assert {str(pk) for pk in Person.objects.filter(pk__in=people).values_list("pk", flat=True)} == people


def test_a_blocked_turn_says_why_and_the_rest_goes_on(season: Season, schools: list[School]) -> None:
    Closure.objects.create(school=schools[0], starts_on=MONDAY, ends_on=LAST, reason="Ujian akhir")

    publication = confirmed(asked(season))

    blocked = turn(publication, schools[0])
    assert (blocked.state, blocked.code, blocked.drive) == ("blocked", "closed_day", None)
    assert "Ujian akhir" in blocked.reason
    assert sorted(states(publication).values()) == ["blocked", "published", "published"]


def test_days_that_have_passed_block(season: Season) -> None:
    late = FRIDAY.replace(year=2027, month=3)

    publication = asked(season, now=late)

    assert set(publication.turns.values_list("state", "code")) == {("blocked", "past_day")}


def test_without_any_consent_nobody_is_published_and_the_reason_counts_them(season: Season, schools: list[School]) -> None:
    schools[0].office.consent_required = True
    schools[0].office.save()

    publication = asked(season, schools[0])

    found = turn(publication, schools[0])
    assert (found.state, found.code) == ("blocked", "no_consent")
    assert "25" in found.reason


def test_who_lacks_the_consent_is_counted_beside_the_others(season: Season, schools: list[School]) -> None:
    office = schools[1].office
    office.consent_required = True
    office.save()
    person = Person.objects.filter(enrolments__school=schools[1]).order_by("pk")[0]
    give(
        persons=[person],
        given_by="SITI AMINAH",
        relation="mother",
        wording_version=CURRENT.version,
        channel="paper",
        by=UserFactory(planner=office),
        now=FRIDAY,
    )

    publication = confirmed(asked(season, schools[1]))

    found = turn(publication, schools[1])
    assert (found.state, found.seated, found.without_consent) == ("published", 1, 3)


def test_a_draft_that_was_made_before_is_published_as_it_is(season: Season, schools: list[School]) -> None:
    made = actions.publish_cards(season=season, schools=[schools[0].pk], by=None, now=FRIDAY)[0].drive
    assert made is not None

    publication = confirmed(asked(season, schools[0]))

    found = turn(publication, schools[0])
    assert (found.drive_id, found.newly_seated, found.seated) == (made.pk, 0, 25)
    assert Drive.objects.count() == 1


def test_what_has_changed_since_the_preview_is_not_published(season: Season, schools: list[School]) -> None:
    publication = asked(season)
    actions.move_card(card=cards(season)[schools[1].name], days=[LAST], kits=1, by=None, now=FRIDAY)

    confirmed(publication)

    moved = turn(publication, schools[1])
    assert (moved.state, moved.code) == ("refused", "changed_since_preview")
    assert Drive.objects.count() == 2


def test_what_somebody_else_has_published_is_not_published_again(season: Season, schools: list[School]) -> None:
    publication, other = asked(season, schools[0]), asked(season, schools[0])
    confirmed(other)
    told = Notice.objects.count()

    confirmed(publication)

    assert turn(publication, schools[0]).state == "refused"
    assert (Drive.objects.count(), Notice.objects.count()) == (1, told)


def test_asked_and_confirmed_twice_everything_happens_once(season: Season, schools: list[School]) -> None:
    asks: dict[str, Any] = {"season": season, "schools": [schools[0].pk], "by": None, "now": FRIDAY, "ring_worker": False}
    first = asking.ask(**asks)
    again = asking.ask(publication_id=first.pk, **asks)
    worked(first)
    asking.confirm(publication=first, by=None, now=FRIDAY, ring_worker=False)
    asking.confirm(publication=first, by=None, now=FRIDAY, ring_worker=False)
    confirmed(worked(first))
    told = Notice.objects.count()

    confirmed(first)

    assert again == first
    assert (SeasonPublication.objects.count(), Drive.objects.count(), Notice.objects.count()) == (1, 1, told)


def test_one_publication_of_a_season_is_under_way_at_a_time(season: Season, schools: list[School]) -> None:
    asking.ask(season=season, schools=[schools[0].pk], by=None, now=FRIDAY, ring_worker=False)

    with refused("another_under_way"):
        asking.ask(season=season, schools=[schools[1].pk], by=None, now=FRIDAY, ring_worker=False)


def test_nothing_chosen_is_refused(season: Season) -> None:
    with refused("nothing_chosen"):
        asking.ask(season=season, schools=[], by=None, now=FRIDAY, ring_worker=False)


def test_a_preview_under_way_cannot_be_confirmed(season: Season, schools: list[School]) -> None:
    publication = asking.ask(season=season, schools=[schools[0].pk], by=None, now=FRIDAY, ring_worker=False)

    with refused("still_looking"):
        asking.confirm(publication=publication, by=None, now=FRIDAY, ring_worker=False)


def test_stopped_in_the_middle_the_others_stay_and_it_goes_on_later(season: Season) -> None:
    publication = asked(season)
    asking.confirm(publication=publication, by=None, now=FRIDAY, ring_worker=False)
    claimed = claim(publication_id=publication.pk, worker="w", now=FRIDAY)
    assert claimed is not None
    first = take(claimed, now=FRIDAY)
    assert first is not None
    asking.stop(publication=publication, by=None, now=FRIDAY)

    do(claimed, first, clock=lambda: FRIDAY)
    stopped = take(claimed, now=FRIDAY)
    publication.refresh_from_db()

    assert (stopped, publication.status) == (None, "done")
    assert sorted(states(publication).values()) == ["published", "ready", "ready"]
    assert set(states(confirmed(publication)).values()) == {"published"}


def test_a_stopped_preview_is_resumed(season: Season, schools: list[School]) -> None:
    publication = asking.ask(season=season, schools=[each.pk for each in schools], by=None, now=FRIDAY, ring_worker=False)
    asking.stop(publication=publication, by=None, now=FRIDAY)
    assert set(states(publication).values()) == {"waiting"}

    asking.resume(publication=publication, by=None, now=FRIDAY, ring_worker=False)

    assert set(states(worked(publication)).values()) == {"ready"}


def test_what_has_not_left_is_taken_back_and_what_has_is_kept(season: Season, schools: list[School]) -> None:
    publication = confirmed(asked(season))
    told = turn(publication, schools[0]).drive
    reached = Notice.objects.filter(drive=told, channel="email").order_by("due_at", "pk")[0]
    Notice.objects.filter(pk=reached.pk).update(claimed_at=FRIDAY, sent_at=FRIDAY)

    asking.withdraw(publication=publication, by=None, now=FRIDAY, ring_worker=False)
    worked(publication)
    asking.withdraw(publication=publication, by=None, now=FRIDAY, ring_worker=False)

    kept = turn(publication, schools[0])
    assert (kept.state, kept.code) == ("kept", "told_already")
    assert sorted(states(publication).values()) == ["kept", "withdrawn", "withdrawn"]
    assert sorted(Drive.objects.values_list("status", flat=True)) == ["draft", "draft", "published"]
    assert not Notice.objects.filter(drive__status="draft", withdrawn_at=None).exists()
    assert Appointment.objects.live().count() == 35


@pytest.mark.parametrize(("has_left", "expected"), [(True, "Penerbitan musim"), (False, "Penerbitan ditarik kembali")])
def test_the_page_does_not_call_withdrawn_what_every_school_keeps(
    client: Client, season: Season, schools: list[School], has_left: bool, expected: str
) -> None:
    publication = confirmed(asked(season, schools[0]))
    if has_left:
        Notice.objects.update(claimed_at=FRIDAY)
    asking.withdraw(publication=publication, by=None, now=FRIDAY, ring_worker=False)
    worked(publication)
    client.force_login(UserFactory(planner=season.office))

    page = client.get(reverse("drives:publication_detail", args=[publication.pk])).content.decode()

    assert f"<h1>{expected}</h1>" in page
    assert ("Tidak ada yang dapat ditarik kembali" in page) == has_left


def test_what_was_withdrawn_is_published_anew_by_another_publication(season: Season, schools: list[School]) -> None:
    publication = confirmed(asked(season, schools[0]))
    asking.withdraw(publication=publication, by=None, now=FRIDAY, ring_worker=False)
    worked(publication)
    with refused("withdrawn_already"):
        asking.confirm(publication=publication, by=None, now=FRIDAY, ring_worker=False)

    again = confirmed(asked(season, schools[0]))

    assert turn(again, schools[0]).state == "published"
    assert Drive.objects.count() == 1


def test_a_turn_that_fails_is_named_and_the_others_go_on(
    season: Season, schools: list[School], monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = asked(season)
    assign = assign_everybody

    def fails_once(*, drive: Drive, **more: Any) -> Any:
        if drive.school_id == schools[0].pk:
            raise ZeroDivisionError
        return assign(drive=drive, **more)

    monkeypatch.setattr(turns, "assign_everybody", fails_once)

    confirmed(publication)

    failed = turn(publication, schools[0])
    assert (failed.state, failed.code, failed.drive) == ("refused", "failed", None)
    assert sorted(states(publication).values()) == ["published", "published", "refused"]
    assert Drive.objects.count() == 2


def test_a_turn_that_ends_its_worker_again_and_again_is_passed_over(season: Season, schools: list[School]) -> None:
    publication = asked(season, schools[0], schools[1])
    asking.confirm(publication=publication, by=None, now=FRIDAY, ring_worker=False)
    now = FRIDAY
    for _killed in range(MAX_TRIES):
        claimed = claim(publication_id=publication.pk, worker="w", now=now)
        assert claimed is not None
        assert take(claimed, now=now) is not None
        now += LEASE

    worked(publication, now=now)

    assert sorted(publication.turns.values_list("state", "code")) == [("published", ""), ("refused", "broken_off")]


def test_another_worker_waits_until_the_first_is_silent(season: Season, schools: list[School]) -> None:
    publication = asking.ask(season=season, schools=[schools[0].pk], by=None, now=FRIDAY, ring_worker=False)
    first = claim(publication_id=publication.pk, worker="a", now=FRIDAY)
    assert first is not None

    too_early = claim(publication_id=publication.pk, worker="b", now=FRIDAY + LEASE - timedelta(seconds=1))
    second = claim(publication_id=publication.pk, worker="b", now=FRIDAY + LEASE)

    assert too_early is None
    assert second is not None
    assert take(first, now=FRIDAY + LEASE) is None


# On screen


@pytest.fixture
def planner(client: Client) -> User:
    user = UserFactory(planner=OfficeFactory())
    client.force_login(user)
    return user


@pytest.fixture
def friday() -> Iterator[None]:
    with time_machine.travel(FRIDAY, tick=False):
        yield


def posted(client: Client, name: str, publication: SeasonPublication) -> str:
    response = client.post(reverse(f"drives:{name}", args=[publication.pk]), follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


def test_turns_of_a_whole_season_are_folded_by_week_and_all_are_ticked(
    client: Client, planner: User, season: Season, friday: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drives.publishing.season.views.MOST_UNFOLDED", 2)

    response = client.get(reverse("drives:publication_add", args=[season.pk]))
    page = response.content.decode()

    assert sum(len(turns) for _week, turns in response.context["folded"]) == page.count(" checked>") == 3
    assert page.count('<details class="jb-fold">') == len(response.context["folded"]) >= 1


def test_turns_are_chosen_by_month_by_week_or_as_drafts(
    client: Client, planner: User, season: Season, schools: list[School], friday: None
) -> None:
    actions.publish_cards(season=season, schools=[schools[0].pk], by=None, now=FRIDAY)
    url = reverse("drives:publication_add", args=[season.pk])

    shown = {of: [each.card.school for each in client.get(url, {"of": of}).context["choices"]] for of in ("2027-01", "drafts")}

    assert {of: len(found) for of, found in shown.items()} == {"2027-01": 3, "drafts": 1}
    assert shown["drafts"] == [schools[0]]


def test_a_season_is_published_by_the_pages_alone(
    client: Client, planner: User, season: Season, schools: list[School], friday: None
) -> None:
    url = reverse("drives:publication_add", args=[season.pk])
    publication_id = client.get(url).context["publication_id"]
    wish = {"publication": str(publication_id), "school": [str(school.pk) for school in schools]}
    for _press in range(2):
        client.post(url, wish)
    publication = SeasonPublication.objects.get()
    assert "0 dari 3 sekolah selesai" in client.get(reverse("drives:publication_detail", args=[publication.pk])).content.decode()
    worked(publication)

    preview = client.get(reverse("drives:publication_detail", args=[publication.pk])).content.decode()
    assert "Terbitkan 3 kegiatan" in preview
    assert "25 siswa mendapat slot waktu" in preview
    posted(client, "publication_confirm", publication)
    worked(publication)
    result = client.get(reverse("drives:publication_detail", args=[publication.pk])).content.decode()

    assert "Tarik kembali yang belum terkirim" in result
    assert Drive.objects.filter(status="published", published_by=planner).count() == 3
    posted(client, "publication_withdraw", publication)
    worked(publication)
    assert Drive.objects.filter(status="draft").count() == 3


def test_nothing_ticked_is_said(client: Client, planner: User, season: Season, friday: None) -> None:
    response = client.post(reverse("drives:publication_add", args=[season.pk]), {})

    assert response.status_code == 422
    assert "Belum ada sekolah yang gilirannya dapat diterbitkan." in response.content.decode()


def test_who_is_left_over_is_listed_by_name(
    client: Client, planner: User, season: Season, schools: list[School], friday: None
) -> None:
    season.minutes_per_person = 60
    season.save()
    publication = asked(season, schools[0])
    ids = [pk for found in turn(publication, schools[0]).left_over.values() for pk in found]

    page = client.get(reverse("drives:publication_school", args=[publication.pk, schools[0].pk])).content.decode()

    names = list(Person.objects.filter(pk__in=ids).values_list("name", flat=True))
    assert [name for name in names if name not in page] == []
    assert len(names) == len(ids) > 0


def test_the_progress_ends_with_the_whole_page(
    client: Client, planner: User, season: Season, schools: list[School], friday: None
) -> None:
    publication = asking.ask(season=season, schools=[schools[0].pk], by=planner, now=FRIDAY, ring_worker=False)
    url = reverse("drives:publication_job", args=[publication.pk])

    waiting = client.get(url)
    worked(publication)
    done = client.get(url)

    assert (waiting.headers.get("HX-Refresh"), done.headers.get("HX-Refresh")) == (None, "true")


@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_is_shown_with_as_many_queries_however_many_schools(
    client: Client,
    planner: User,
    season: Season,
    schools: list[School],
    friday: None,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    publication = asked(season, *schools[:count])
    client.get(reverse("drives:publication_detail", args=[publication.pk]))

    with django_assert_num_queries(8):
        client.get(reverse("drives:publication_detail", args=[publication.pk]))


# As a command


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    out = StringIO()
    try:
        call_command("publish_season", "--city", "31.74", "--today", "2026-11-20", "--json", *arguments, stdout=out)
    except SystemExit as ending:
        return int(ending.code or 0), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_the_command_looks_and_publishes_only_when_approved(season: Season) -> None:
    read, written_then = run(), written()
    published = run("--approve")

    assert (read[0], read[1]["published"], read[1]["seated"], written_then) == (0, 0, 35, (0, 0, 0, 0))
    assert SeasonPublication.objects.count() == 1
    assert (published[0], published[1]["published"], published[1]["seated"]) == (0, 3, 35)
    assert [each["state"] for each in published[1]["drives"]] == ["published"] * 3


def test_the_command_ends_with_1_and_the_reason_where_a_turn_is_refused(season: Season, schools: list[School]) -> None:
    Closure.objects.create(school=schools[0], starts_on=MONDAY, ends_on=LAST, reason="Ujian akhir")

    code, found = run("--month", "2027-01", "--approve")

    assert (code, found["published"], found["refused_count"]) == (1, 2, 1)
    assert [each["code"] for each in found["drives"] if each["reason"]] == ["closed_day"]


def test_the_command_refuses_a_part_without_turns(season: Season) -> None:
    code, found = run("--week", "2027-06-01")

    assert (code, found["refused"]["code"]) == (1, "nothing_chosen")


@pytest.mark.parametrize("arguments", [("--season", "Musim lain"), ("--month", "Januari")])
def test_the_command_is_told_what_is_wrong_with_its_usage(season: Season, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, check=lambda error: error.returncode == 2):
        run(*arguments)
