"""What to ask a person about the columns of a file: each heading as it stands there, examples, and a guess.

Knows no Django and runs in the reading process, so that only masked examples of a few headings leave it. Loaded only for a
file with something to ask.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from students.roster import values
from students.roster.cells import DATE, MARK, NUMBER, encode
from students.roster.columns import (
    ABOUT_PUPILS,
    ESSENTIAL,
    FIELD_OF,
    FOREIGN,
    HEADER_WITHIN_ROWS,
    WORTH_ASKING,
    Table,
    field_of,
    knowing,
    labels_at,
    shown_at,
)
from students.roster.limits import MAX_COLUMNS

Rows = Sequence[Sequence[object]]
MOST_COLUMNS, MOST_EXAMPLES, LONGEST_EXAMPLE, LONGEST_HEADING = 40, 3, 40, 200
# A masked value keeps as many digits as a masked NIK does.
_OPEN_DIGITS, _HIDDEN_FROM, _HIDDEN_IN_ALL_FROM = 4, 6, 9
_TABLE_HEADINGS, _TABLE_ROWS = 3, 2
_DIGITS_OF_NISN = 10
# Of these sets at least one field each: without it every line of the file would be held, or stand in no class.
NEEDED = (("name",), ("birth_date", "birth"), ("sex",), ("nik", "nisn"), ("class_name", "grade"))

_MIDNIGHT = re.compile(r"[T ]0?0[:.]00(?:[:.]00)?(?:\.0+)?$")
_WRITTEN_DAY = re.compile(r"\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}")
_LONG_NUMBER = re.compile(r"\d{5}")


@dataclass(frozen=True, slots=True)
class Question:
    """`heading` normalised, `shown` as in the file; `guess` a field, "" for none."""

    heading: str
    shown: str
    examples: Sequence[str] = field(repr=False)
    guess: str


@dataclass(frozen=True, slots=True)
class Asked:
    """`is_whole`: no roster was found, and a person says what each column is. `found`: fields that need no answer."""

    is_whole: bool
    found: Sequence[str]
    questions: Sequence[Question]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        return cls(told["is_whole"], tuple(told["found"]), tuple(Question(**question) for question in told["questions"]))


def about_some(rows: Rows, table: Table, answers: Mapping[str, str]) -> Asked | None:
    """What is unsure in a roster: headings that nearly name a missing field, columns that look like one, and where
    something is missing without which nobody enters, every heading of an own table that says nothing to us."""
    unknown = [
        (column, label)
        for column, label in _askable(rows, table.header)
        if label not in answers and column not in table.fields.values() and not field_of(label) and not _is_foreign(label)
    ]
    guesses: dict[str, str] = {}
    column_of = {label: column for column, label in unknown}
    for label, name in table.guesses:
        if name not in guesses.values() and not _belies(rows, table.first_row, column_of.get(label), name):
            guesses[label] = name
    known = knowing([*table.fields, *guesses.values()])
    if table.format == "table":
        wanted = [name for name in ("birth", *ESSENTIAL) if name not in known and not (name == "birth" and "birth_date" in known)]
        guesses |= _by_content(rows, table.first_row, [(at, label) for at, label in unknown if label not in guesses], wanted)
        known = knowing([*table.fields, *guesses.values()])
    asks_all = table.format == "table" and not (known >= {"name", "sex", "birth_date"} and known & {"nik", "nisn"})
    doubted = {label for label, _name in table.guesses} | guesses.keys()
    chosen = [(column, label) for column, label in unknown if asks_all or label in doubted]
    questions = _questions(rows, table.header, table.first_row, chosen[:MOST_COLUMNS], guesses)
    return Asked(False, sorted(table.fields), questions) if questions else None


def about_all(sheets: Sequence[tuple[str, Rows]], answers: Mapping[str, str]) -> Asked | None:
    """Every heading of sheets that plainly hold a table in which no roster was found; None when none does."""
    found: dict[str, Question] = {}
    names = []
    for name, rows in sheets[:MOST_COLUMNS]:
        header = _header_of_a_table(rows)
        if header is None:
            continue
        names.append(name)
        first_row = header + labels_at(rows, header)[1]
        columns = [pair for pair in _askable(rows, header) if pair[1] not in found]
        taken = {question.guess for question in found.values()}
        guesses = _guesses(rows, first_row, columns, answers, taken)
        columns.sort(key=lambda pair: _is_foreign(pair[1]))  # stable: only what is asked first, if there are too many
        for question in _questions(rows, header, first_row, columns[: MOST_COLUMNS - len(found)], guesses):
            found[question.heading] = question
    if len(found) < _TABLE_HEADINGS:
        return None
    has_class = bool(names) and all(values.class_group(encode(name)).grade for name in names)
    return Asked(True, ["class_name"] if has_class else [], list(found.values()))


def merged(asked: Iterable[Asked]) -> Asked | None:
    """One set of questions for several sheets: each heading once; found is what is found in all of them."""
    every = list(asked)
    if not every:
        return None
    questions = {question.heading: question for one in reversed(every) for question in one.questions}
    found = set(every[0].found).intersection(*(one.found for one in every))
    return Asked(False, sorted(found), list(questions.values())[:MOST_COLUMNS])


def masked(text: str) -> str:
    """Long numbers keep their first four digits: "3174••••••••••••"."""
    digits = sum(letter.isdigit() for letter in text)
    longest = max(map(len, re.findall(r"\d+", text)), default=0)
    if longest < _HIDDEN_FROM and digits < _HIDDEN_IN_ALL_FROM:
        return text
    seen, shown = 0, []
    for letter in text:
        seen += letter.isdigit()
        shown.append("•" if letter.isdigit() and seen > _OPEN_DIGITS else letter)
    return "".join(shown)


def _questions(
    rows: Rows, header: int, first_row: int, columns: Iterable[tuple[int, str]], guesses: Mapping[str, str]
) -> list[Question]:
    height = first_row - header
    return [
        Question(
            label,
            shown_at(rows, header, column, height) or label[:60],
            # Of parents and accounts not even an example is taken out.
            [] if _is_foreign(label) else _examples(rows, first_row, column),
            guesses.get(label, ""),
        )
        for column, label in sorted(columns)
    ]


def _examples(rows: Rows, first_row: int, column: int) -> list[str]:
    """The first different values below a heading, fit to be shown."""
    found: list[str] = []
    for cell in _below(rows, first_row, column):
        shown = cell[2:] if cell.startswith((NUMBER, DATE)) else cell
        shown = _MIDNIGHT.sub("", " ".join(values.text(shown).split()))
        shown = masked(shown)[:LONGEST_EXAMPLE].strip()
        if shown and shown not in found:
            found.append(shown)
        if len(found) == MOST_EXAMPLES:
            break
    return found


def _below(rows: Rows, first_row: int, column: int) -> list[str]:
    """The filled cells of a column, encoded."""
    cells = [encode(row[column]) for row in rows[first_row:] if column < len(row)]
    return [cell for cell in cells if values.text(cell) or cell.startswith(DATE)]


def _askable(rows: Rows, header: int) -> list[tuple[int, str]]:
    """(column, heading), each heading once."""
    first: dict[str, int] = {}
    for column, label in enumerate(labels_at(rows, header)[0][:MAX_COLUMNS]):
        if label and len(label) <= LONGEST_HEADING and not label.isdigit():
            first.setdefault(label, column)
    return [(column, label) for label, column in first.items()]


def _is_foreign(label: str) -> bool:
    return bool(FOREIGN.intersection(label.split())) and field_of(label) is None


# Where no roster was found.


def _header_of_a_table(rows: Rows) -> int | None:
    """The row with most headings, the first of them, that has rows of data below it; else None: this is prose, or empty."""
    best: tuple[int, int] | None = None
    for index in range(min(len(rows), HEADER_WITHIN_ROWS)):
        columns = _heading_columns(rows[index])
        if len(columns) < _TABLE_HEADINGS or (best and len(columns) <= best[0]):
            continue
        if _has_data(rows[index + 1 :], columns):
            best = (len(columns), index)
    return best[1] if best else None


def _heading_columns(row: Sequence[object]) -> list[int]:
    """The columns of a row that reads like headings: short different texts, no numbers, no dates."""
    columns, seen = [], set()
    for column, cell in enumerate(row[:MAX_COLUMNS]):
        if cell in ("", None):
            continue
        text = " ".join(encode(cell).split()) if isinstance(cell, str) else ""
        has_letter = any(map(str.isalpha, text))
        if not isinstance(cell, str) or len(text) > 60 or _LONG_NUMBER.search(text) or _WRITTEN_DAY.fullmatch(text):
            return []
        if not has_letter and any(map(str.isdigit, text)):
            return []
        if has_letter and text.lower() not in seen:
            seen.add(text.lower())
            columns.append(column)
    return columns


def _has_data(below: Rows, columns: Sequence[int]) -> bool:
    """Two rows that fill three of these columns and nothing far beside them; in one column most of them hold a date or a long
    number, as every list of students has."""
    full, beyond, numbers = 0, 0, dict.fromkeys(columns, 0)
    for row in below:
        cells = [(column, row[column]) for column in columns if column < len(row) and row[column] not in ("", None)]
        if len(cells) < _TABLE_HEADINGS:
            continue
        full += 1
        beyond += any(cell not in ("", None) for cell in row[columns[-1] + 3 :])
        for column, cell in cells:
            numbers[column] += sum(map(str.isdigit, encode(cell))) >= _HIDDEN_FROM
    return full >= _TABLE_ROWS and beyond < full and max(numbers.values(), default=0) * 2 >= max(full, 2 * _TABLE_ROWS)


# What a column may be.


def _guesses(
    rows: Rows, first_row: int, columns: Sequence[tuple[int, str]], answers: Mapping[str, str], taken: Collection[str]
) -> dict[str, str]:
    """Heading → field, no field twice: what is known, then what was answered before, what sounds like it, what looks like it."""
    guesses: dict[str, str] = {}
    used = {*taken} - {""}
    known = [(label, field_of(label)) for _column, label in columns if label not in answers]
    said = [(label, found[0]) for label, found in known if found]
    for label, name in [*said, *((label, answers[label]) for _column, label in columns if label in answers)]:
        if name not in used or label in answers:
            guesses[label] = "" if name in used else name
            used.add(name)
    column_of = {label: column for column, label in columns}
    for score, label, name in sorted(_by_sound(columns), reverse=True):
        if score < WORTH_ASKING or label in guesses or name in knowing(used):
            continue
        if not _belies(rows, first_row, column_of[label], name):
            guesses[label] = name
            used.add(name)
    open_columns = [pair for pair in columns if pair[1] not in guesses and not _is_foreign(pair[1])]
    wanted = [name for name in ("name", "birth", *ESSENTIAL) if name not in knowing(used)]
    return guesses | _by_content(rows, first_row, open_columns, wanted)


def _by_sound(columns: Iterable[tuple[int, str]]) -> list[tuple[float, str, str]]:
    """(score, heading, field) of the best known heading for each."""
    from rapidfuzz import fuzz, process  # costs 60 ms, and few files need it

    found = []
    known = [heading for heading in FIELD_OF if len(heading) > 3]
    for _column, label in columns:
        plain = " ".join(word for word in label.split() if word not in ABOUT_PUPILS) or label
        near = process.extractOne(plain, known, scorer=fuzz.ratio) if not _is_foreign(label) else None
        if near:
            found.append((float(near[1]), label, FIELD_OF[near[0]][0]))
    return found


def _belies(rows: Rows, first_row: int, column: int | None, name: str) -> bool:
    """Whether no value can be what the heading sounds like: a "Nomor Induk" of ten digits is no NIK, one of sixteen no NISN."""
    if name not in ("nik", "nisn") or column is None:
        return False
    cells = _below(rows, first_row, column)
    if not cells or any(cell.startswith(MARK) for cell in cells):
        return False  # Of what a spreadsheet made a number of, the digits are not counted.
    digits = [sum(map(str.isdigit, cell)) for cell in cells]
    return max(digits) <= _DIGITS_OF_NISN if name == "nik" else min(digits) > _DIGITS_OF_NISN


def _by_content(rows: Rows, first_row: int, columns: Sequence[tuple[int, str]], wanted: Iterable[str]) -> dict[str, str]:
    """For each field that is wanted the first column all of whose values could be it."""
    guesses: dict[str, str] = {}
    for name in wanted:
        if name in knowing(guesses.values()):
            continue
        for column, label in columns:
            cells = _below(rows, first_row, column)
            if label not in guesses and len(cells) >= _TABLE_ROWS and _LOOKS_LIKE[name](cells):
                guesses[label] = name
                break
    return guesses


def _all(fits: Callable[[str], object]) -> Callable[[list[str]], bool]:
    return lambda cells: all(map(fits, cells))


def _is_birth_date(cell: str) -> bool:
    try:
        return values.birth_date(cell, datetime.now(tz=UTC).date()) is not None
    except ValueError:
        return False


def _is_place_and_birth_date(cell: str) -> bool:
    place, day = values.place_and_date(cell)
    return bool(place) and _is_birth_date(day)


def _is_class(cell: str) -> bool:
    return any(map(str.isalpha, cell)) and values.class_group(cell).grade is not None


def _are_names(cells: list[str]) -> bool:
    """Different, of letters, most of two words or more."""
    letters = all(re.fullmatch(r"[^\W\d_]+(?:[ .,'’-]+[^\W\d_]+)*\.?", cell) for cell in cells)
    return letters and len(set(cells)) > len(cells) * 0.9 and sum(" " in cell for cell in cells) * 2 > len(cells)


_LOOKS_LIKE: Mapping[str, Callable[[list[str]], bool]] = {
    "name": _are_names,
    "birth": _all(_is_place_and_birth_date),
    "sex": _all(values.sex),
    "birth_date": _all(_is_birth_date),
    "nik": _all(lambda cell: re.fullmatch(r"'?[0-9]{16}", values.text(cell))),
    "nisn": _all(lambda cell: re.fullmatch(r"'?00[0-9]{8}", values.text(cell))),
    "class_name": _all(_is_class),
}
