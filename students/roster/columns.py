"""Which column is what. Headings are matched by group and name, never by position.

Knows no Django: it runs in the reading process, so that what is not needed never leaves it.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from students.roster.cells import encode

# Field → headings, normalised (see `normalise`), the best first. Words such as "siswa" are taken off before the look-up.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "name": (
        "nama",
        "nama sesuai akta",
        "nama sesuai ijazah",
        "nama sesuai kk",
        "nama sesuai ktp",
        "student name",
        "full name",
        "name",
    ),
    "sex": ("jk", "jenis kelamin", "l p", "lp", "kelamin", "gender", "sex", "j k", "jns kelamin", "jenis kel"),
    "nisn": ("nisn", "no nisn", "nomor nisn", "nomor induk nasional", "no induk nasional", "nis nisn"),
    "nik": (
        "nik",
        "no nik",
        "nomor nik",
        "nomor induk kependudukan",
        "no induk kependudukan",
        "nomor induk kependudukan nik",
        "nik ktp",
        "no ktp",
        "nomor ktp",
        "nik no ktp",
        "nik sesuai kk",
        "nik kitas",
    ),
    "family_card": (
        "no kk",
        "nomor kk",
        "no kartu keluarga",
        "nomor kartu keluarga",
        "kk",
        "kartu keluarga",
        "nkk",
        "no kk keluarga",
    ),
    "birth_place": (
        "tempat lahir",
        "tmp lahir",
        "tmpt lahir",
        "tempat kelahiran",
        "kota lahir",
        "kelahiran tempat",
        "tempat tanggal lahir tempat",
    ),
    "birth_date": (
        "tanggal lahir",
        "tgl lahir",
        "tanggal kelahiran",
        "tgl kelahiran",
        "birth date",
        "date of birth",
        "kelahiran tanggal",
        "tempat tanggal lahir tanggal",
        "tanggal lahir dd mm yyyy",
    ),
    "birth": (
        "tempat tanggal lahir",
        "tempat tgl lahir",
        "ttl",
        "tempat dan tanggal lahir",
        "tmp tgl lahir",
        "tempat tanggal kelahiran",
    ),
    "class_name": (
        "rombel saat ini",
        "tingkat rombel",
        "rombel",
        "rombongan belajar",
        "nama rombel",
        "kelas rombel",
        "nama kelas",
        "kelas saat ini",
        "kelas sekarang",
        "kelas",
        "kls",
        "class",
    ),
    "grade": ("tingkat", "tingkat kelas", "tingkat pendidikan", "jenjang kelas", "grade", "kelas tingkat"),
    "major": ("jurusan", "peminatan", "program keahlian", "kompetensi keahlian", "konsentrasi keahlian"),
    "parallel": ("kelas paralel", "paralel"),
    "address": (
        "alamat",
        "alamat rumah",
        "alamat tempat tinggal",
        "alamat jalan",
        "alamat domisili",
        "alamat sesuai kk",
        "jalan",
    ),
    "rt": ("rt",),
    "rw": ("rw",),
    "village": ("kelurahan", "keluarahan", "desa kelurahan", "kelurahan desa", "desa", "kel", "desa kel", "nama kelurahan"),
    "district": ("kecamatan", "kec", "nama kecamatan"),
    "mobile": (
        "hp",
        "no hp",
        "nomor hp",
        "no handphone",
        "nomor handphone",
        "handphone",
        "no wa",
        "nomor wa",
        "whatsapp",
        "no whatsapp",
        "ponsel",
        "no hp wa",
    ),
    "phone": (
        "telepon",
        "no telepon",
        "nomor telepon",
        "telp",
        "no telp",
        "telepon rumah",
        "no tlp",
        "nomor telp",
        "no telepon hp",
    ),
}
# A heading with one of these words is about somebody or something else.
FOREIGN = frozenset(
    [
        *("ayah", "ibu", "wali", "ortu", "orang", "tua", "orangtua", "bapak", "saudara", "kepala", "guru", "darurat"),
        *("kks", "kps", "kip", "pip", "pkh", "rekening", "bank", "sekolah", "madrasah", "asal", "akta", "ijazah"),
        *("panggilan", "keluar"),
    ]
)
ABOUT_PUPILS = frozenset(["siswa", "siswi", "peserta", "didik", "pd", "murid", "santri", "lengkap", "calon"])
# Exact headings that hold a foreign word and are meant all the same.
_FOREIGN_AND_MEANT = frozenset({"nama sesuai akta", "nama sesuai ijazah"})
HEADER_WITHIN_ROWS = 30
ESSENTIAL = ("sex", "birth_date", "nik", "nisn", "class_name")
_SURE, WORTH_ASKING = 90, 72
# Of two columns for one field a heading that says so itself wins over one that was explained in another file.
_ANSWERED = 1_000

_BRACKETS = re.compile(r"\([^()]*\)")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
FIELD_OF = {heading: (name, rank) for name, headings in SYNONYMS.items() for rank, heading in enumerate(headings)}


class Table(NamedTuple):
    """A roster within a sheet; row and column numbers count from 0. (No dataclass: the reading process starts anew for each
    file, and `dataclasses` takes it a tenth of its start.)"""

    format: str
    first_row: int
    fields: Mapping[str, int]
    headings: Mapping[str, str]
    # Headings that may mean a field still missing: [heading, field]. A person is asked; the answer is remembered.
    guesses: Sequence[tuple[str, str]] = ()
    # Where its headings begin; they take one row or two.
    header: int = 0


def normalise(heading: object) -> str:
    """`"Jml. Saudara\\nKandung"` → `"jml saudara kandung"`; what stands in brackets is left out."""
    if not isinstance(heading, str):
        return ""
    text = unicodedata.normalize("NFKC", heading[:200]).lower()
    without_brackets = _NOT_WORD.sub(" ", _BRACKETS.sub(" ", text)).strip()
    return without_brackets or _NOT_WORD.sub(" ", text).strip()


def field_of(heading: str) -> tuple[str, int] | None:
    """The field that a normalised heading names, and how good the match is (0 is best)."""
    words = heading.split()
    if FOREIGN.intersection(words) and heading not in _FOREIGN_AND_MEANT:
        return None
    plain = " ".join(word for word in words if word not in ABOUT_PUPILS)
    return FIELD_OF.get(heading) or FIELD_OF.get(plain)


def find_table(rows: Sequence[Sequence[object]], *, answers: Mapping[str, str]) -> Table | None:
    """The roster in the first rows of a sheet, or None. `answers`: normalised heading → field ("" for none)."""
    best: tuple[int, Table] | None = None
    for index in range(min(len(rows), HEADER_WITHIN_ROWS)):
        labels, height = labels_at(rows, index)
        fields = _fields(labels, answers)
        if "name" not in fields or len(fields) < 3:
            continue
        known = knowing(fields)
        score = 10 * len(known.intersection(ESSENTIAL)) + len(fields)
        if best is None or score > best[0]:
            headings = {name: shown_at(rows, index, column, height) for name, column in fields.items()}
            best = (score, Table(_format(labels), index + height, fields, headings, header=index))
    if best is None:
        return _asked(rows, answers)
    table = best[1]
    if len(knowing(table.fields).intersection(ESSENTIAL)) < 2:
        return None
    return table if is_complete(table.fields) else _with_near_headings(rows, table, answers)


def is_complete(fields: Iterable[str]) -> bool:
    """Nothing that a pupil should have is without a column."""
    return knowing(fields).issuperset(ESSENTIAL)


def explained(rows: Sequence[Sequence[object]], table: Table, answers: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(heading as in the file, normalised, field) of every heading of this table that a person has explained; the field is ""
    where another column was read for it."""
    labels, height = labels_at(rows, table.header) if answers else ([], 1)
    first: dict[str, int] = {}
    for column, label in enumerate(labels):
        if label in answers:
            first.setdefault(label, column)
    return [
        (
            shown_at(rows, table.header, column, height),
            label,
            answers[label] if table.fields.get(answers[label]) == column else "",
        )
        for label, column in first.items()
    ]


def is_leavers_report(rows: Sequence[Sequence[object]]) -> bool:
    for row in rows[:HEADER_WITHIN_ROWS]:
        labels = {normalise(cell) for cell in row}
        if any("daftar peserta didik keluar" in label for label in labels) or {"keluar karena", "tanggal keluar"} <= labels:
            return True
    return False


def school_name(rows: Sequence[Sequence[object]]) -> str:
    """What stands below the title of a Dapodik report."""
    if len(rows) > 1 and rows[0] and rows[1] and normalise(rows[0][0]) == "daftar peserta didik" and isinstance(rows[1][0], str):
        return " ".join(encode(rows[1][0]).split())[:200]
    return ""


def labels_at(rows: Sequence[Sequence[object]], index: int) -> tuple[list[str], int]:
    """The normalised heading of every column, and how many rows the header takes (one or two)."""
    upper = [normalise(cell) for cell in rows[index]]
    if index + 1 >= len(rows) or not _is_subheader(upper, rows[index + 1]):
        return upper, 1
    lower = [normalise(cell) for cell in rows[index + 1]]
    labels, group = [], ""
    for column in range(max(len(upper), len(lower))):
        above = upper[column] if column < len(upper) else ""
        below = lower[column] if column < len(lower) else ""
        group = above or group
        labels.append(f"{group} {below}".strip() if below else above)
    return labels, 2


def _is_subheader(upper: Sequence[str], row: Sequence[object]) -> bool:
    """Short texts, at least two, and nothing below the pupil's own name and numbers: a pupil's row would have these."""
    filled = [cell for cell in row if cell not in ("", None)]
    if len(filled) < 2 or not all(isinstance(cell, str) and len(cell) < 40 and not re.search(r"\d{3}", cell) for cell in filled):
        return False
    own = [
        column for column, label in enumerate(upper) if (found := field_of(label)) and found[0] in ("name", "nik", "nisn", "sex")
    ]
    return bool(own) and all(column >= len(row) or row[column] in ("", None) for column in own)


def _fields(labels: Sequence[str], answers: Mapping[str, str]) -> dict[str, int]:
    """Field → column. Of two columns for one field the better heading wins, then the first."""
    best: dict[str, tuple[int, int]] = {}
    for column, label in enumerate(labels):
        found = (answers[label], _ANSWERED) if label in answers else field_of(label) if label else None
        if found and found[0] in SYNONYMS:
            name, rank = found
            best[name] = min(best.get(name, (rank, column)), (rank, column))
    fields = {name: column for name, (_, column) in best.items()}
    if "class_name" in fields and "grade" not in fields:
        # "Kelas" beside "Rombel" is the grade.
        named = [column for column, label in enumerate(labels) if label in ("kelas", "kls") and label not in answers]
        beside = [column for column in named if column != fields["class_name"]]
        fields.update({"grade": beside[0]} if beside else {})
    return fields


def knowing(fields: Iterable[str]) -> set[str]:
    """ "Tempat, tanggal lahir" in one column gives the birth date; a grade column gives the class."""
    known = set(fields)
    return known | ({"birth_date"} if "birth" in known else set()) | ({"class_name"} if "grade" in known else set())


def _format(labels: Sequence[str]) -> str:
    known = set(labels)
    if "rombel saat ini" in known and known & {"nipd", "jk"}:
        return "dapodik"
    if "tingkat rombel" in known or {"nis lokal", "tingkat kelas"} <= known:
        return "emis"
    return "table"


def shown_at(rows: Sequence[Sequence[object]], index: int, column: int, height: int) -> str:
    """The heading as a person sees it."""
    cells = [row[column] for row in rows[index : index + height] if column < len(row)]
    return " ".join(" ".join(encode(cell).split()) for cell in cells if isinstance(cell, str))[:60].strip()


def _with_near_headings(rows: Sequence[Sequence[object]], table: Table, answers: Mapping[str, str]) -> Table:
    """Missing fields found by headings that are nearly right ("Tangal Lahir"); what is less sure becomes a question."""
    from rapidfuzz import fuzz, process  # costs 60 ms, and few files need it

    index = table.header
    labels, height = labels_at(rows, index)
    fields, headings, guesses = dict(table.fields), dict(table.headings), []
    for column, label in enumerate(labels):
        if not label or label in answers or column in fields.values() or FOREIGN.intersection(label.split()) or field_of(label):
            continue
        missing = [heading for heading, (name, _) in FIELD_OF.items() if name not in knowing(fields) and len(heading) > 3]
        plain = " ".join(word for word in label.split() if word not in ABOUT_PUPILS) or label
        near = process.extractOne(plain, missing, scorer=fuzz.ratio, score_cutoff=WORTH_ASKING)
        if near is None:
            continue
        name = FIELD_OF[near[0]][0]
        if near[1] >= _SURE:
            fields[name], headings[name] = column, shown_at(rows, index, column, height) or label
        elif name in ESSENTIAL:
            guesses.append((label, name))
    open_guesses = [guess for guess in guesses if guess[1] not in knowing(fields)]
    return Table(table.format, table.first_row, fields, headings, open_guesses, index)


def _asked(rows: Sequence[Sequence[object]], answers: Mapping[str, str]) -> Table | None:
    """No column is surely the name: perhaps its heading is only misspelt ("Nma Lengkap")."""
    from rapidfuzz import fuzz

    for index in range(min(len(rows), HEADER_WITHIN_ROWS)):
        labels, height = labels_at(rows, index)
        fields = _fields(labels, answers)
        if len(knowing(fields).intersection(ESSENTIAL)) < 3:
            continue
        for column, label in enumerate(labels):
            plain = " ".join(word for word in label.split() if word not in ABOUT_PUPILS)
            near = max(fuzz.ratio(label, "nama lengkap"), fuzz.ratio(label, "nama siswa"), fuzz.ratio(plain, "nama"))
            is_free = column not in fields.values() and label not in answers
            if near >= 85 and is_free and not FOREIGN.intersection(label.split()):
                fields["name"] = column
                headings = {name: shown_at(rows, index, at, height) for name, at in fields.items()}
                return Table(_format(labels), index + height, fields, headings, header=index)
    return None
