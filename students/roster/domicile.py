"""From the names of a village and a district, as a roster writes them, to region codes; homes lie on the family card,
never in the NIK."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from schools.models import Region, School
from schools.names import normalise

# A name that several districts bear is looked for near the school: its city, its province, then the neighbours
# (Banten and West Java round Jakarta); farther away nothing is guessed.
NEIGHBOURS: Final = {"31": ("36", "32"), "32": ("31", "36"), "36": ("31", "32")}

Place = tuple[str, str]  # village, district


def codes_of(places: Iterable[Place], *, school: School) -> dict[Place, str]:
    """The code of the village, or of the district where the village is not known; "" where neither is."""
    wanted = set(places)
    districts = _districts({normalise(district) for _village, district in wanted if district}, school.district_id)
    villages = _villages(set(districts.values()), {normalise(village) for village, _district in wanted if village})
    found = {}
    for village, district in wanted:
        code = districts.get(normalise(district), "")
        found[village, district] = villages.get((code, normalise(village)), code)
    return found


def _districts(names: set[str], school_district: str) -> dict[str, str]:
    city, province = school_district[:5], school_district[:2]
    order = (city, province, *NEIGHBOURS.get(province, ()))
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    rows = Region.objects.filter(level=Region.Level.DISTRICT, search_name__in=names, is_historic=False)
    for name, code in rows.values_list("search_name", "code"):
        by_name[name].append(code)
    found = {}
    for name, codes in by_name.items():
        for place in order:
            near = sorted(code for code in codes if code.startswith(place))
            if len(near) == 1 or (near and place == city):
                found[name] = near[0]
                break
            if near:
                # Several as near as each other: nothing is guessed.
                break
    return found


def _villages(districts: set[str], names: set[str]) -> dict[tuple[str, str], str]:
    rows = Region.objects.filter(level=Region.Level.VILLAGE, parent__in=districts, search_name__in=names)
    return {(parent, name): code for parent, name, code in rows.values_list("parent_id", "search_name", "code")}
