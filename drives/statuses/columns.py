"""Where a result list keeps its NIK, status and date. Knows no Django: it runs in the reading process."""

from collections.abc import Sequence
from typing import Any

from students.roster.columns import normalise

NIK = ("nik", "no nik", "nomor nik", "nomor induk kependudukan", "no induk kependudukan", "nik ktp", "no ktp")
STATUS = (
    "status",
    "status rekam",
    "status perekaman",
    "status ektp",
    "status e ktp",
    "status ktp el",
    "status ktp",
    "status dukcapil",
    "status biometrik",
    "current status code",
    "ektp status",
    "ektp current status code",
    "hasil",
    "hasil cek",
    "keterangan",
)
DATE = (
    "tanggal status",
    "tgl status",
    "tanggal rekam",
    "tgl rekam",
    "tanggal perekaman",
    "tgl perekaman",
    "tanggal cek",
    "per tanggal",
    "tanggal",
    "tgl",
    "status date",
    "date of the status",
    "date",
)


def find_columns(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]] | None:
    """(index of the row with the headings, field → column), of the first row that names both NIK and status."""
    for index, row in enumerate(rows):
        labels = [normalise(cell) for cell in row]
        found = {
            field: labels.index(best)
            for field, headings in (("nik", NIK), ("status", STATUS), ("date", DATE))
            if (best := next((heading for heading in headings if heading in labels), None))
        }
        if {"nik", "status"} <= found.keys():
            return index, found
    return None
