"""A few Kemendagri codes: Jakarta Selatan and its neighbours."""

from students.nik import Regions

REGIONS = Regions(
    provinces=frozenset({"31", "32", "91"}),
    cities=frozenset({"31.74", "31.71", "32.76", "32.01", "91.71"}),
    districts=frozenset(
        [*(f"31.74.{n:02d}" for n in range(1, 11)), *(f"32.76.{n:02d}" for n in range(1, 12)), "31.71.01", "32.01.01", "91.71.01"]
    ),
)
