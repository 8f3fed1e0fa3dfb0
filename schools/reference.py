"""Reference data: the regions of Indonesia, Jakarta's Dukcapil offices and its schools. Sources: `schools/data/README.md`."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.db import transaction

from schools.models import Office, Region, School
from schools.names import normalise, normalise_school
from schools.titles import address_title, school_title

DATA: Final = Path(__file__).resolve().parent / "data"
DINAS: Final = ("31", "Dinas Dukcapil DKI Jakarta")
SUDIN: Final = {
    "31.01": "Suku Dinas Dukcapil Kepulauan Seribu",
    "31.71": "Suku Dinas Dukcapil Jakarta Pusat",
    "31.72": "Suku Dinas Dukcapil Jakarta Utara",
    "31.73": "Suku Dinas Dukcapil Jakarta Barat",
    "31.74": "Suku Dinas Dukcapil Jakarta Selatan",
    "31.75": "Suku Dinas Dukcapil Jakarta Timur",
}
LEVELS: Final = {0: Region.Level.PROVINCE, 1: Region.Level.CITY, 2: Region.Level.DISTRICT, 3: Region.Level.VILLAGE}
KINDS: Final = {"SMA": School.Kind.SMA, "SMK": School.Kind.SMK, "SLB": School.Kind.SLB, "SMLB": School.Kind.SLB}
COMPARED: Final = ("name", "level", "parent_id", "population_count", "is_historic")


@dataclass(frozen=True)
class Loaded:
    """How many rows a load added or brought up to date, and how many stand there now."""

    regions_added: int
    regions_changed: int
    offices_added: int
    schools_added: int
    regions: int
    offices: int
    schools: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@transaction.atomic
def load() -> Loaded:
    """Bring the reference data in. Regions follow the files; an office or school that exists already belongs to the staff."""
    added, changed = _load_regions()
    offices_added = _load_offices()
    schools_added = _load_schools()
    region_codes.cache_clear()
    return Loaded(
        regions_added=added,
        regions_changed=changed,
        offices_added=offices_added,
        schools_added=schools_added,
        regions=Region.objects.count(),
        offices=Office.objects.count(),
        schools=School.objects.count(),
    )


@cache
def region_codes() -> dict[str, frozenset[str]]:
    """Codes a NIK may begin with, by level ("province", "city", "district"): today's, and those that old NIKs carry."""
    codes: dict[str, set[str]] = {"province": set(), "city": set(), "district": set()}
    for region in _regions():
        if region.level in codes:
            codes[region.level].add(region.code)
    return {level: frozenset(found) for level, found in codes.items()}


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of our files, keyed by its Indonesian column names."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _regions() -> Iterator[Region]:
    population = _population()
    for file in ("provinces", "cities", "districts", "villages_dki"):
        for row in rows(f"regions/{file}.csv"):
            yield _region(row["kode"], row["nama"], population)
    for row in rows("regions/historic_codes.csv"):
        yield _region(row["kode"], _plain_name(row["nama"]), {}, is_historic=True)


def _region(code: str, name: str, population: dict[str, int], *, is_historic: bool = False) -> Region:
    return Region(
        code=code,
        name=name,
        search_name=normalise(name),
        level=LEVELS[code.count(".")],
        parent_id=code.rpartition(".")[0] or None,
        population_count=population.get(code),
        is_historic=is_historic,
    )


def _plain_name(name: str) -> str:
    """`KAB. MERAUKE` → `Kabupaten Merauke`, as the files of today's codes have it."""
    return name.replace("KAB. ", "KABUPATEN ").title() if name.isupper() else name


def _population() -> dict[str, int]:
    """Dukcapil's count of the second half of 2024, by code."""
    counted = {row["kode"]: int(row["total"]) for row in rows("regions/population_2024_cities.csv") if row["total"]}
    for file in ("districts", "villages"):
        for row in rows(f"regions/population_2024_dki_{file}.csv"):
            counted[row["kode"]] = int(row["penduduk"])
    return counted


def _load_regions() -> tuple[int, int]:
    """Only what differs is written, so that a second load writes nothing."""
    stored = {code: tuple(facts) for code, *facts in Region.objects.values_list("code", *COMPARED)}
    differing = [region for region in _regions() if stored.get(region.code) != _facts(region)]
    fields = ["name", "search_name", "level", "parent", "population_count", "is_historic"]
    Region.objects.bulk_create(differing, batch_size=2000, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    changed = sum(region.code in stored for region in differing)
    return len(differing) - changed, changed


def _facts(region: Region) -> tuple[object, ...]:
    return tuple(getattr(region, name) for name in COMPARED)


def _load_offices() -> int:
    """The Dinas and its six Suku Dinas, known by their region; their settings belong to the staff."""
    code, name = DINAS
    dinas, made = Office.objects.get_or_create(region_id=code, level=Office.Level.DINAS, defaults={"name": name})
    facts = {"level": Office.Level.SUDIN}
    return made + sum(
        Office.objects.get_or_create(region_id=code, **facts, defaults={"name": name, "parent": dinas})[1]
        for code, name in SUDIN.items()
    )


def _load_schools() -> int:
    known = set(School.objects.values_list("npsn", flat=True))
    offices = {office.region_id: office for office in Office.objects.filter(level=Office.Level.SUDIN)}
    new = list(_schools(known, offices))
    School.objects.bulk_create(new, batch_size=500)
    return len(new)


def _schools(known: Iterable[str], offices: dict[str, Office]) -> Iterator[School]:
    for row in rows("schools/schools_dki.csv"):
        if row["npsn"] not in known:
            name = school_title(row["nama"])
            yield School(
                npsn=row["npsn"],
                name=name,
                search_name=normalise_school(name),
                kind=KINDS[row["jenjang"]],
                ownership=_ownership(row),
                office=offices[row["kode_kabkota"]],
                district_id=row["kode_kecamatan"],
                village_id=row["kode_kelurahan"] or None,
                address=address_title(row["alamat"]),
                latitude=float(row["lat"]) if row["lat"] else None,
                longitude=float(row["lng"]) if row["lng"] else None,
            )


def _ownership(row: dict[str, str]) -> School.Ownership:
    """Where the source does not say, the name does: a state school carries "Negeri" or an N in its name."""
    if row["status"] == "NEGERI":
        return School.Ownership.STATE
    is_unknown = row["status"] == "TIDAK_DIKETAHUI"
    is_named_state = (
        row["nama"].upper().startswith(("SMAN ", "SMKN ", "SLBN ", "SEKOLAH RAKYAT ")) or " NEGERI " in row["nama"].upper()
    )
    return School.Ownership.STATE if is_unknown and is_named_state else School.Ownership.PRIVATE
