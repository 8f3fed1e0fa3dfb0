"""From raw columns to lines with their problems. No message, and nothing that outlives a line, holds a family card number."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, repeat

from django.core.exceptions import ValidationError

from students import nik as niks
from students.nik import Regions
from students.problems import Problem, RosterRefused
from students.roster import values
from students.roster.cells import MARK, NUMBER
from students.roster.columns import normalise
from students.roster.overlay import Address, Cells, address, lay_over, typed_niks
from students.roster.reader import RawSheet

EXACT_BELOW = 2**53
DAMAGED_FROM = 5
# So many NIKs written as text, more than half of all, end in 0 by chance once in 30,000 files.
SUSPICIOUS_FROM = 8
COHORT_AGE = 17
LONGEST_PLACE, LONGEST_ADDRESS = 60, 200

_FIELDS = (
    "name", "sex", "birth_date", "nik", "nisn", "birth_place", "class_name", "family_card", "mobile", "phone", "address", "rt",
    "rw", "village", "district", "birth", "grade", "major", "parallel",
)  # fmt: skip


@dataclass(slots=True)
class RosterLine:
    """One student as the file has them. `nik` is None when it cannot be used, and then `nik_problem` tells why.

    `ready`: enters when approved; otherwise it is held until the file, or the line, has been mended.
    """

    row: int
    sheet: str
    name: str
    sex: str
    birth_date: date | None
    birth_place: str
    nik: str | None
    nisn: str
    grade: int | None
    class_name: str
    phone: str
    address: str
    village: str
    district: str
    ready: bool = False
    nik_problem: str = ""
    problems: list[Problem] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"RosterLine(row={self.row}, sheet={self.sheet!r}, ready={self.ready})"


def check_sheets(
    sheets: Sequence[RawSheet], *, today: date, regions: Regions, repairs: Mapping[Address, Cells] | None = None
) -> tuple[list[RosterLine], list[Problem]]:
    """The lines of all sheets, and the problems of the file as a whole. `repairs` are laid over the cells; whether the file
    as a whole is damaged is judged without them, so that mending some rows never makes the rest look sound.

    Raises RosterRefused `all_niks_damaged`.
    """
    checker = _Checker(today=today, regions=regions, sheets=sheets)
    if repairs:
        checker.typed = typed_niks(repairs)
        sheets = lay_over(sheets, repairs)
    lines = [line for sheet in sheets for line in checker.lines(sheet)]
    checker.compare(lines)
    return lines, checker.ignored


class _Checker:
    """What a line is judged against: the day, the regions, and the rest of its file."""

    def __init__(self, *, today: date, regions: Regions, sheets: Sequence[RawSheet]) -> None:
        self.today = today
        self.cohort = _years_before(today, COHORT_AGE)
        self.regions = regions
        self.ignored: list[Problem] = []
        self.typed: frozenset[Address] = frozenset()
        self.birth_digits: dict[tuple[date, str], str] = {}
        nik_cells = [cell for sheet in sheets for cell in sheet.columns.get("nik", ())]
        self.text_in_0_is_damage = is_text_damaged(nik_cells)
        if _are_all_damaged(nik_cells):
            raise RosterRefused("all_niks_damaged")
        self.family_cards = {cell for sheet in sheets for cell in sheet.columns.get("family_card", ()) if len(cell) == 16}

    def lines(self, sheet: RawSheet) -> Iterator[RosterLine]:
        columns: Iterable[tuple[str, ...]] = zip(
            *(sheet.columns.get(name) or repeat("", sheet.row_count) for name in _FIELDS), strict=True
        )
        sheet_class = sheet.name if not {"class_name", "grade"}.intersection(sheet.headings) else ""
        for row, cells in enumerate(columns, start=sheet.first_row):
            if self._is_student(row, cells) and not _repeats_header(cells, sheet.headings):
                yield self.line(row, sheet, cells, sheet_class)

    def _is_student(self, row: int, cells: tuple[str, ...]) -> bool:
        """Two filled cells make a student to ask about; one is a remark or a signature, and is reported as not read."""
        if cells[0] and cells[1]:
            return True
        filled = sum(bool(values.text(cell) or cell.startswith(MARK)) for cell in cells)
        if filled == 1:
            self.ignored.append(Problem("row_ignored", row))
        return filled > 1

    def line(self, row: int, sheet: RawSheet, cells: tuple[str, ...], sheet_class: str) -> RosterLine:
        (name, sex, born, nik, nisn, place, group, family_card, mobile, phone, address, rt, rw, village, district, birth, grade,
         major, parallel) = cells  # fmt: skip
        problems: list[Problem] = []

        def report(code: str, column: str) -> None:
            problems.append(Problem(code, row, sheet.headings.get(column, "")))

        written, name = name, values.name(name)
        if not name:
            report("name_missing", "name")
        elif len(written) > values.LONGEST_NAME and len(values.text(written)) > values.LONGEST_NAME:
            report("name_shortened", "name")
        sex = values.sex(sex)
        if not sex:
            report("sex_invalid", "sex")
        if birth and not born:
            place_found, born = values.place_and_date(birth)
            place = place or place_found
        birth_date = None
        try:
            birth_date = values.birth_date(born, self.today)
            if birth_date is None:
                report("birth_date_missing", "birth_date" if "birth_date" in sheet.headings else "birth")
        except ValueError:
            report("birth_date_invalid", "birth_date" if "birth_date" in sheet.headings else "birth")
        digits, nik_problem = self.nik(row, sheet, nik, birth_date, sex, family_card, problems)
        nisn, nisn_problem = values.nisn(nisn)
        if nisn_problem:
            report(nisn_problem, "nisn")
        class_group = values.class_group(group or sheet_class or f"{major} {parallel}".strip(), grade)
        if class_group.grade is None:
            report("class_unknown", "class_name" if "class_name" in sheet.headings else "grade")
        if class_group.is_shortened:
            report("class_shortened", "class_name" if "class_name" in sheet.headings else "major")
        mobile_number = values.phone(mobile)
        number = mobile_number or values.phone(phone)
        if number is None or (not number and mobile_number is None):
            report("phone_invalid", "mobile" if "mobile" in sheet.headings else "phone")
        place, street = values.short_text(place), _address(address, rt, rw)
        if len(place) > LONGEST_PLACE:
            report("birth_place_shortened", "birth_place" if "birth_place" in sheet.headings else "birth")
        if len(street) > LONGEST_ADDRESS:
            report("address_shortened", "address" if "address" in sheet.headings else "rt")
        village, district = values.place_name(village), values.place_name(district)
        if not village and not district and ("village" in sheet.headings or "district" in sheet.headings):
            report("domicile_unknown", "village" if "village" in sheet.headings else "district")
        return RosterLine(
            row,
            sheet.name,
            name,
            sex,
            birth_date,
            place[:LONGEST_PLACE],
            digits,
            nisn,
            class_group.grade,
            class_group.name,
            number or "",
            street[:LONGEST_ADDRESS].strip(),
            village,
            district,
            bool(name and sex and birth_date and (digits or class_group.name)),
            nik_problem,
            problems,
        )

    def nik(
        self, row: int, sheet: RawSheet, cell: str, birth_date: date | None, sex: str, family_card: str, problems: list[Problem]
    ) -> tuple[str | None, str]:
        """The digits if they may be stored, else the code of the error. Most cells agree with their row at a glance."""
        is_typed = bool(self.typed) and address(sheet.name, row) in self.typed
        text_in_0_is_damage = self.text_in_0_is_damage and not is_typed
        if is_typed and birth_date and sex and niks.clean(cell)[6:12] == self._birth_digits(birth_date, sex):
            # The two columns were swapped: what stands as No. KK is the NIK that a person has now written.
            family_card = ""
        if (
            birth_date
            and sex
            and len(cell) == 16
            and cell[6:12] == self._birth_digits(birth_date, sex)
            and cell[:6] in self.regions.prefixes
            and cell[12:] != "0000"
            and cell.isascii()
            and cell.isdigit()
            and cell != family_card
            and not (text_in_0_is_damage and cell[15] == "0")
        ):
            return cell, ""
        column = sheet.headings.get("nik", "")
        try:
            found, notes = self._careful_nik(cell, birth_date, sex, family_card, text_in_0_is_damage)
        except ValidationError as refusal:
            problems.append(Problem(refusal.code or "", row, column, refusal.params or {}))
            return None, refusal.code or ""
        problems.extend(note.at(row, column) for note in notes)
        error = next((note.code for note in notes if note.level == "error"), "")
        return (None, error) if error else (found, "")

    def _careful_nik(
        self, cell: str, birth_date: date | None, sex: str, family_card: str, text_in_0_is_damage: bool = False
    ) -> tuple[str, list[Problem]]:
        notes = []
        if (written := _number(cell)) is not None:
            is_long = len(written) >= 15 and written.isdigit()
            if is_long and (len(written) != 16 or written.endswith("0") or int(written) >= EXACT_BELOW):
                raise niks.refusal("nik_numeric_cell")
            cell = written.strip("0") and written
            notes.append(Problem("nik_numeric_exact"))
        elif cell.startswith(MARK):
            raise niks.refusal("nik_not_digits")
        found = niks.read(values.text(cell), declared=birth_date, cohort=self.cohort)
        if text_in_0_is_damage and found.digits.endswith("0"):
            raise niks.refusal("nik_numeric_cell")
        family_card = _number(family_card) or family_card
        if found.digits in self.family_cards and birth_date and found.birth_date != birth_date:
            family_card = found.digits
        notes += niks.check(
            found, regions=self.regions, declared_birth_date=birth_date, declared_sex=sex, family_card=family_card
        )
        return found.digits, notes

    def _birth_digits(self, birth_date: date, sex: str) -> str:
        key = birth_date, sex
        if key not in self.birth_digits:
            self.birth_digits[key] = niks.birth_digits(birth_date, sex)
        return self.birth_digits[key]

    def compare(self, lines: Sequence[RosterLine]) -> None:
        """Lines against each other. Of two lines with the same number none wins."""
        column = "NIK"
        for group in _repeated(lines, lambda line: line.nik):
            is_one_student = len({_who(line) for line in group}) == 1
            is_family_card = not is_one_student and not any(self._says_birth(line) for line in group)
            for line in group:
                others = _others(line, group)
                line.problems.append(Problem("nik_duplicate_in_file", line.row, column, {"rows": others}))
                line.nik_problem = "nik_duplicate_in_file"
                if is_family_card:
                    line.problems.append(Problem("nik_is_family_card", line.row, column))
                    line.nik_problem = "nik_is_family_card"
                if is_one_student:
                    line.problems.append(Problem("row_repeated", line.row, "", {"rows": others}))
                line.ready = line.ready and bool(line.class_name) and not is_one_student
            for line in group:
                line.nik = None
        for group in _repeated(lines, lambda line: line.nisn):
            for line in group:
                line.problems.append(Problem("nisn_duplicate_in_file", line.row, "NISN", {"rows": _others(line, group)}))
            for line in group:
                line.nisn = ""
        for group in _repeated(lines, lambda line: None if line.nik or not line.ready else _who(line)):
            for line in group:
                line.problems.append(Problem("row_repeated", line.row, "", {"rows": _others(line, group)}))
                line.ready = False

    def _says_birth(self, line: RosterLine) -> bool:
        return bool(line.nik and line.birth_date and line.nik[6:12] == self._birth_digits(line.birth_date, line.sex))


def counts(lines: Sequence[RosterLine]) -> dict[str, int]:
    """Rows read, ready, held, ready without a usable NIK; and how often each code occurs."""
    found = Counter(problem.code for line in lines for problem in line.problems)
    ready = sum(line.ready for line in lines)
    return {
        "rows": len(lines),
        "ready": ready,
        "held": len(lines) - ready,
        "without_nik": sum(line.ready and line.nik is None for line in lines),
        **dict(sorted(found.items())),
    }


def _repeated(lines: Sequence[RosterLine], key: Callable[[RosterLine], Hashable]) -> list[list[RosterLine]]:
    groups: defaultdict[Hashable, list[RosterLine]] = defaultdict(list)
    for line in lines:
        found = key(line)
        if found not in (None, ""):
            groups[found].append(line)
    return [group for group in groups.values() if len(group) > 1]


def _who(line: RosterLine) -> tuple[str, date | None]:
    return normalise(line.name), line.birth_date


def _others(line: RosterLine, group: Sequence[RosterLine]) -> str:
    """The rows that carry the same; with the sheet's name where it is another sheet."""
    others = list(islice((other for other in group if other is not line), 11))  # a group may be the whole file
    shown = [str(other.row) if other.sheet == line.sheet else f"{other.row} ({other.sheet})" for other in others[:10]]
    return ", ".join(shown) + (", …" if len(others) > len(shown) else "")


def _number(cell: str) -> str | None:
    """The digits of a cell that was a number, or of text that a program made from one ("3174010301099001.0")."""
    if cell.startswith(NUMBER):
        return cell[2:]
    plain = niks.clean(cell) if cell[-1:] in "0.," and ("." in cell or "," in cell) else ""
    digits, point, zeros = plain.replace(",", ".").partition(".")
    return digits if point and not zeros.strip("0") and digits.isdigit() and digits.isascii() and len(digits) >= 12 else None


def _is_damaged(cell: str) -> bool:
    return cell.endswith("0") or "E+" in cell.upper() or "e+" in cell


def _are_all_damaged(nik_cells: Sequence[str]) -> bool:
    filled = [cell for cell in nik_cells if len(cell) > 2]
    return len(filled) >= DAMAGED_FROM and all(map(_is_damaged, filled))


def is_text_damaged(nik_cells: Sequence[str]) -> bool:
    """A CSV forgets what was a number: when most NIKs end in 0, those that do are damaged."""
    sixteen = [cell for cell in nik_cells if len(cell) == 16 and not cell.startswith(MARK)]
    ending_in_0 = sum(cell[15] == "0" for cell in sixteen)
    return ending_in_0 >= SUSPICIOUS_FROM and 2 * ending_in_0 > len(sixteen)


def _repeats_header(cells: tuple[str, ...], headings: Mapping[str, str]) -> bool:
    """The headings again (a new printed page), or a row that numbers the columns 1, 2, 3."""
    name = cells[0].strip()
    if not name[-1:].isdigit():
        return bool(name) and name == headings["name"]
    filled = [cell.removeprefix(NUMBER) for cell in cells if cell]
    return len(filled) > 2 and all(cell.isdigit() and len(cell) <= 2 for cell in filled)


def _address(street: str, rt: str, rw: str) -> str:
    street = values.text(street)
    rt, rw = values.short_text(rt).lstrip("0"), values.short_text(rw).lstrip("0")
    if rt or rw:
        street = f"{street} RT {rt or '-'}/RW {rw or '-'}"
    return street.strip()


def _years_before(day: date, years: int) -> date:
    return date(day.year - years, day.month, min(day.day, 28))
