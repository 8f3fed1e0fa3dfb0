"""Each turn, and each school without one, says why: facts of the plan, in Indonesian."""

from datetime import date

import pytest

from drives.season.facts import question
from drives.season.reasons import Reasons
from drives.season.solver.plan import first_plan
from drives.season.solver.problem import Part, Placement, Plan, Unplaced
from drives.season.wording import days_name, sentence, sentences
from schools.models import Closure
from tests.drives.planning.pupils import FRIDAY, sman_55
from tests.drives.season.seasons import LAST, MONDAY, TUESDAY, WEDNESDAY, make_city, make_season

pytestmark = pytest.mark.django_db


def test_the_seed_case_says_that_228_are_already_17() -> None:
    school = sman_55()
    make_city((4, 40))
    asked = question(season=make_season(kits=5), now=FRIDAY)
    plan = first_plan(asked.problem)

    said = sentences(Reasons(asked, plan).of(school.pk))

    seventeen = asked.figures_of(school.pk, plan.placements[school.pk])["seventeen"]
    assert seventeen >= 228
    assert said[0] == f"SMAN 55 Jakarta lebih dahulu: {seventeen} siswa sudah 17 tahun."
    assert "Sekolah belum memiliki koordinat, jadi dipakai jarak rata-rata. Isi koordinatnya di halaman sekolah." in said


def test_what_kept_a_turn_from_being_earlier_is_said() -> None:
    one, other, third = make_city((20, 5), (20, 5), (20, 5))
    season = make_season(kits=1)
    Closure.objects.create(school=third, starts_on=MONDAY, ends_on=WEDNESDAY, reason="Ujian tengah semester")
    asked = question(season=season, now=FRIDAY)
    first, thursday = Placement((MONDAY, TUESDAY), 1), date(2027, 1, 14)
    plan = Plan({one.pk: first, other.pk: Placement((WEDNESDAY,), 1), third.pk: Placement((thursday,), 1)}, {}, 0.0)

    reasons = Reasons(asked, plan)

    assert "Ini hari kerja pertama dalam musim." in sentences(reasons.of(one.pk))
    assert "Tidak lebih awal karena semua alat terpakai 11–12 Januari." in sentences(reasons.of(other.pk))
    assert "Tidak lebih awal karena sekolah tutup 11–13 Januari: Ujian tengah semester." in sentences(reasons.of(third.pk))


def test_a_shared_day_names_the_other_school_and_the_way() -> None:
    one, other = make_city((2, 0), (2, 0))
    asked = question(season=make_season(kits=1), now=FRIDAY)
    turns = {one.pk: Placement((MONDAY,), 1, Part.MORNING), other.pk: Placement((MONDAY,), 1, Part.AFTERNOON)}

    reasons = Reasons(asked, Plan(turns, {}, 0.0))

    assert "Berbagi hari dengan SMAN 2 Jakarta, berjarak 1,0 km: pagi di sini, siang di sana." in sentences(reasons.of(one.pk))
    assert "Berbagi hari dengan SMAN 1 Jakarta, berjarak 1,0 km: siang di sini, pagi di sana." in sentences(reasons.of(other.pk))


def test_a_school_that_is_closed_all_the_time_is_told_what_to_ask_for() -> None:
    school = make_city((20, 5))[0]
    season = make_season()
    Closure.objects.create(school=school, starts_on=MONDAY, ends_on=LAST, reason="PKL")
    asked = question(season=season, now=FRIDAY)

    fact = Reasons(asked, first_plan(asked.problem)).unplaced()[0]

    assert (fact["name"], fact["people"], fact["code"]) == (school.name, 25, "closed")
    assert sentence(fact) == (
        "Sekolah tutup pada setiap hari kerja dalam musim (PKL). Pilih masa yang lebih panjang, atau mintalah satu hari kepada"
        " sekolah."
    )


def test_a_school_too_large_for_the_rules_says_which() -> None:
    make_city((40, 5))
    asked = question(season=make_season(longest_days=1, most_kits=1), now=FRIDAY)

    fact = Reasons(asked, first_plan(asked.problem)).unplaced()[0]

    assert sentence(fact) == (
        "Perlu 45 tempat; 1 alat selama 1 hari menampung lebih sedikit. Izinkan lebih banyak alat atau hari di satu sekolah."
    )


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        (date(2027, 2, 2), date(2027, 2, 2), "2 Februari"),
        (date(2027, 2, 2), date(2027, 2, 6), "2–6 Februari"),
        (date(2027, 1, 28), date(2027, 2, 3), "28 Januari–3 Februari"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 Desember 2026–3 Januari 2027"),
    ],
)
def test_a_span_of_days_is_named_shortly(first: date, last: date, name: str) -> None:
    assert days_name(first, last) == name


def test_a_fact_of_an_older_version_says_nothing() -> None:
    assert sentences([{"code": "astrology"}]) == []


def test_every_reason_of_the_solver_has_its_sentence() -> None:
    known = {"reason": "PKL", "needed": 1, "kits": 1, "days": 1, "day": "2027-01-29"}

    assert [str(why) for why in Unplaced if not sentence({"code": str(why), **known})] == []


def test_where_an_earlier_turn_was_possible_it_says_so() -> None:
    school = make_city((20, 5))[0]
    asked = question(season=make_season(kits=2), now=FRIDAY)
    plan = Plan({school.pk: Placement((WEDNESDAY,), 2)}, {}, 0.0)

    said = sentences(Reasons(asked, plan, is_thorough=True).of(school.pk))

    assert (
        "Lebih awal sebenarnya bisa, tetapi semua sekolah bersama-sama akan menunggu lebih lama atau mobil menempuh lebih jauh."
    ) in said
