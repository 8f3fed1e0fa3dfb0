"""What single cells say: text, sex, dates, NISN, phone numbers, classes. Plain functions over encoded cells (`cells`)."""

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from students.roster.cells import DATE, MARK, NUMBER

EMPTY = frozenset({"", "-", "--", "---", "–", "—", "'", "'-", ".", "n/a", "N/A", "NULL", "null", "#N/A", "#REF!", "#VALUE!"})
YOUNGEST, OLDEST = 9, 80
# As long as the field of a person's name, and of a class: "XII PENGEMBANGAN PERANGKAT LUNAK DAN GIM 1" has 42.
LONGEST_NAME, LONGEST_CLASS = 120, 60
# Three numbers with words between them; what is longer is no list of numbers, and is not taken apart.
LONGEST_PHONES = 80
# Beyond it, looking for where the place ends takes ever longer.
LONGEST_PLACE_AND_DATE = 100

_TIDY = re.compile(r"[!-&(-~][!-~]*(?: [!-~]+)*")
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_APOSTROPHES = re.compile("[\u2018\u2019\u201b\u02b9\u02bc\u0060\u00b4]")

_PLACE_LABEL = re.compile(r"^(?:(?:kecamatan|kelurahan|keluarahan|desa|kec|kel|ds)\b[\s./]*)+(?=\S)", re.IGNORECASE)

_SEXES = {
    "L": ("l", "lk", "laki", "laki laki", "lakilaki", "laki2", "pria", "cowok", "male", "m", "putra"),
    "P": ("p", "pr", "perempuan", "wanita", "cewek", "female", "f", "putri"),
}
_SEX_OF = {word: sex for sex, words in _SEXES.items() for word in words}

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january",
            "februari pebruari feb peb february",
            "maret mar march mrt",
            "april apr",
            "mei may",
            "juni jun june",
            "juli jul july",
            "agustus agu ags agt agst aug august",
            "september sep sept",
            "oktober okt october oct",
            "november nopember nov nop",
            "desember des december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[t ].*)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\s?[-/.]\s?([0-9]{1,2})\s?[-/.]\s?([0-9]{4}|[0-9]{2})(?: 0?0[:.]00(?:[:.]00)?)?")
_IN_WORDS = re.compile(r"([0-9]{1,2})[\s.-]*([a-z]{3,9})[\s.,-]*([0-9]{4}|[0-9]{2})")
_SERIAL = re.compile(r"[0-9]{5}(?:[.,]0+)?")
_EXCEL_EPOCH = date(1899, 12, 30)
_WRITTEN_DATE = r"[0-9]{1,2}\s?[-/. ]\s?(?:[0-9]{1,2}|[A-Za-z]{3,9})\s?[-/., ]\s?[0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PLACE_AND_DATE = re.compile(rf"([^0-9]*?)[\s,;/]*({_WRITTEN_DATE})")

_NISN = re.compile(r"[0-9]{10}")
_MOBILE = re.compile(r"0(8[0-9]{8,11})")
_PHONE_NOISE = re.compile(r"\(0\)|[^0-9+]")
_SEVERAL = re.compile(r"[/,;|&]| atau | dan ", re.IGNORECASE)
_E_NOTATION = re.compile(r"[0-9][.,]?[0-9]*[eE][+]")
_NATIONAL = re.compile(r"8[0-9]{8,11}|[2-79][0-9]{7,10}")

ROMAN = {7: "VII", 8: "VIII", 9: "IX", 10: "X", 11: "XI", 12: "XII", 13: "XIII"}
_GRADE_OF = {roman: grade for grade, roman in ROMAN.items()} | {str(grade): grade for grade in ROMAN}
_CLASS = re.compile(
    r"(?:(?:KELAS|KLS|TINGKAT|ROMBEL)\b[\s.:-]*)?"
    r"(?:(XIII|XII|XI|X|IX|VIII|VII|1[0-3]|[789])(?![A-Z0-9])|(XIII|XII|XI|X|IX)(?=[0-9])|(1[0-3])(?=[A-Z]))(.*)"
)
# "XIIPA1" is XI IPA 1, not XII PA 1: what follows the numeral must be something that classes are called.
_RUN_TOGETHER = re.compile(
    r"(XIII|XII|XI|X)(?=MIPA|IPA|IPS|MIA|IIS|IBB|BAHASA|AGAMA|MERDEKA|FASE|TK[JR]|T[BS]SM|TSM|RPL|AKL|OTKP|MPLB|PPLG|TJKT|DKV)(.*)"
)
_LABEL = re.compile(r"^(?:KELAS|KLS|ROMBEL)\b[\s.:-]*")


class ClassGroup(NamedTuple):
    """`grade` 7 to 13, None when it cannot be read; the name in capitals, as the school writes it."""

    grade: int | None
    name: str
    # The school writes more than a name may hold.
    is_shortened: bool = False


def text(cell: str) -> str:
    """Tidy text: no hidden characters, no leading apostrophe, single spaces; "" for a dash or nothing."""
    if _TIDY.fullmatch(cell):
        return "" if cell in EMPTY else cell
    if cell.startswith(MARK):
        return cell[2:] if cell.startswith(NUMBER) else ""
    plain = _HIDDEN.sub("", unicodedata.normalize("NFC", cell))
    plain = " ".join(_APOSTROPHES.sub("'", plain).split()).removeprefix("'").strip()
    return "" if plain in EMPTY else plain


@lru_cache(maxsize=4096)
def short_text(cell: str) -> str:
    """The same, remembered: places, villages and districts repeat in every row."""
    return text(cell)


@lru_cache(maxsize=8192)
def place_name(cell: str) -> str:
    """ "Kec. Tebet" → "Tebet", "Desa/Kel. Menteng Dalam" → "Menteng Dalam"; at most 80 characters."""
    return _PLACE_LABEL.sub("", text(cell))[:80].strip()


def name(cell: str) -> str:
    """A person's name, at most 120 characters; "" when no letter is in it."""
    found = text(cell)[:LONGEST_NAME].rstrip()
    return found if found.isalpha() or any(map(str.isalpha, found)) else ""


@lru_cache(maxsize=256)
def sex(cell: str) -> str:
    """ "L", "P", or "" when empty or unknown."""
    return _SEX_OF.get(re.sub(r"[\s.-]+", " ", text(cell)).strip().lower(), "")


@lru_cache(maxsize=20_000)
def birth_date(cell: str, today: date) -> date | None:
    """The date that a cell says, None when it is empty. The day stands before the month, as in Indonesia.

    Raises ValueError for what is no date, or is not the birth date of anybody who goes to school.
    """
    found = _date(cell, today)
    if found is not None and not YOUNGEST <= today.year - found.year <= OLDEST:
        raise ValueError
    return found


def place_and_date(cell: str) -> tuple[str, str]:
    """ "Jakarta, 22 Agustus 2009" → place and date, both still as text."""
    plain = text(cell)
    parts = _PLACE_AND_DATE.fullmatch(plain) if len(plain) <= LONGEST_PLACE_AND_DATE else None
    return (parts.group(1).strip(" ,"), parts.group(2)) if parts else ("", plain)


def _date(cell: str, today: date) -> date | None:
    if cell.startswith(DATE):
        return date.fromisoformat(cell[2:])
    plain = text(cell).lower().rstrip(".")
    if not plain or plain.strip("0-/. ") == "":
        return None
    if parts := _ISO.fullmatch(plain):
        return date(int(parts[1]), int(parts[2]), int(parts[3]))
    if parts := _DAY_FIRST.fullmatch(plain):
        return date(_year(parts[3], today), int(parts[2]), int(parts[1]))
    if parts := _IN_WORDS.fullmatch(plain):
        return date(_year(parts[3], today), _MONTHS.get(parts[2], 0), int(parts[1]))
    if _SERIAL.fullmatch(plain):
        return _EXCEL_EPOCH + timedelta(days=int(plain[:5]))
    raise ValueError


def _year(digits: str, today: date) -> int:
    """Two digits are the latest such year in which somebody of school age was born."""
    if len(digits) == 4:
        return int(digits)
    youngest = today.year - YOUNGEST
    return youngest - (youngest - int(digits)) % 100


def nisn(cell: str) -> tuple[str, str]:
    """The NISN and a problem code: `nisn_zero_restored` (up to four zeros lost), `nisn_invalid` (then the NISN is "")."""
    if _NISN.fullmatch(cell):
        return (cell, "") if cell.strip("0") else ("", "")
    plain = unicodedata.normalize("NFKC", text(cell)).replace(" ", "").strip("'\"=")
    if not plain.strip("0-"):
        return "", ""
    if not (plain.isascii() and plain.isdigit()) or not 6 <= len(plain) <= 10:
        return "", "nisn_invalid"
    return plain.zfill(10), "" if len(plain) == 10 else "nisn_zero_restored"


def phone(cell: str) -> str | None:
    """E.164; "" for an empty cell, None for what is no Indonesian number. Of several numbers the first good one."""
    if usual := _MOBILE.fullmatch(cell):
        return "+62" + usual.group(1)
    plain = unicodedata.normalize("NFKC", text(cell))[:LONGEST_PHONES]
    if not plain.strip("0-+ "):
        return ""
    found = (_e164(part, was_number=cell.startswith(MARK)) for part in [plain, *_SEVERAL.split(plain, maxsplit=5)])
    return next(filter(None, found), None)


def _e164(written: str, *, was_number: bool) -> str | None:
    if _E_NOTATION.search(written):
        return None
    digits = _PHONE_NOISE.sub("", written)
    if digits.startswith(("+", "0062", "62")):
        national = digits.removeprefix("+").removeprefix("00")
        if not national.startswith("62"):
            return None
        national = national.removeprefix("62").removeprefix("0")
    elif digits.startswith("0"):
        national = digits[1:]
    else:
        # The zero at the front was lost; only a mobile number shows it.
        national = digits if digits.startswith("8") or was_number else ""
    return f"+62{national}" if _NATIONAL.fullmatch(national) else None


@lru_cache(maxsize=4096)
def class_group(cell: str, grade_cell: str = "") -> ClassGroup:
    """ "Kelas 10 - KELAS X MIA" → (10, "X MIA"); "IPA 1" beside the grade "XI" → (11, "XI IPA 1"). At most 60 characters."""
    written = " ".join(re.sub(r"[–—]", "-", unicodedata.normalize("NFKC", text(cell))).upper().split())
    hint = class_group(grade_cell).grade if grade_cell else None
    if not written:
        return ClassGroup(hint, ROMAN[hint] if hint else "")
    found = _CLASS.fullmatch(written) or _RUN_TOGETHER.fullmatch(written)
    if found is None:
        plain = _LABEL.sub("", written)
        return _fitted(hint, f"{ROMAN[hint]} {plain}" if hint else written)
    grade = _GRADE_OF[next(filter(None, found.groups()[:-1]))]
    inner = _LABEL.sub("", (found.groups()[-1] or "").strip(" -.:/"))
    again = _CLASS.fullmatch(inner) or _RUN_TOGETHER.fullmatch(inner)
    if again and _GRADE_OF[next(filter(None, again.groups()[:-1]))] == grade:
        return _fitted(grade, inner)
    return _fitted(grade, _LABEL.sub("", written))


def _fitted(grade: int | None, name: str) -> ClassGroup:
    return ClassGroup(grade, name[:LONGEST_CLASS].strip(), is_shortened=len(name) > LONGEST_CLASS)
