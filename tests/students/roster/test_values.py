from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.roster import cells, values
from students.roster.values import ClassGroup

TODAY = date(2026, 11, 21)
BORN = date(2009, 8, 22)
any_cell = st.text(max_size=60) | (st.floats(allow_nan=False) | st.integers() | st.dates() | st.booleans()).map(cells.encode)


@pytest.mark.parametrize(
    "cell",
    [
        "2009-08-22",
        "2009-08-22 00:00:00",
        "2009-08-22T00:00:00.000",
        "2009/08/22",
        "22/08/2009",
        "22-08-2009",
        "22.08.2009",
        "22/8/2009",
        "22/08/09",
        "22 Agustus 2009",
        "22 agustus 2009",
        "22-Agt-2009",
        "22 Agu 09",
        "22 August 2009",
        "'22/08/2009",
        "\u00a022/08/2009 ",
        "40047",
        cells.encode(40047.0),
        cells.encode(date(2009, 8, 22)),
    ],
)
def test_a_birth_date_is_read_however_it_is_written(cell: str) -> None:
    assert values.birth_date(cell, TODAY) == BORN


@pytest.mark.parametrize("cell", ["", "-", "--", " ", "0000-00-00", "00/00/0000"])
def test_an_empty_birth_date_is_none(cell: str) -> None:
    assert values.birth_date(cell, TODAY) is None


@pytest.mark.parametrize(
    "cell",
    [
        "08/22/2009",
        "31/02/2009",
        "22 Foo 2009",
        "2009",
        "22/08",
        "2030-01-01",
        "1909-08-22",
        "2024-01-01",
        "kemarin",
        "99999",
        "3.17E+15",
    ],
)
def test_a_birth_date_is_never_guessed(cell: str) -> None:
    with pytest.raises(ValueError):
        values.birth_date(cell, TODAY)


@pytest.mark.parametrize(
    ("cell", "place", "day"),
    [
        ("Jakarta, 22 Agustus 2009", "Jakarta", "22 Agustus 2009"),
        ("JAKARTA SELATAN,22-08-2009", "JAKARTA SELATAN", "22-08-2009"),
        ("Depok 22/08/2009", "Depok", "22/08/2009"),
        ("Bogor, 2009-08-22", "Bogor", "2009-08-22"),
    ],
)
def test_place_and_date_in_one_cell_are_taken_apart(cell: str, place: str, day: str) -> None:
    assert values.place_and_date(cell) == (place, day)
    assert values.birth_date(day, TODAY) == BORN


@pytest.mark.parametrize(
    ("cell", "sex"),
    [
        *[(cell, "L") for cell in ("L", "l", "Laki-laki", "LAKI - LAKI", "Lk.", "pria", "Male")],
        *[(cell, "P") for cell in ("P", " p ", "Perempuan", "PR", "wanita", "F")],
        *[(cell, "") for cell in ("", "-", "X", "1", "L/P")],
    ],
)
def test_sex_is_l_or_p_or_unknown(cell: str, sex: str) -> None:
    assert values.sex(cell) == sex


@pytest.mark.parametrize(
    ("cell", "nisn", "problem"),
    [
        ("0091234567", "0091234567", ""),
        ("'0091234567", "0091234567", ""),
        ("００９１２３４５６７", "0091234567", ""),
        ("91234567", "0091234567", "nisn_zero_restored"),
        (cells.encode(91234567.0), "0091234567", "nisn_zero_restored"),
        (cells.encode(900005.0), "0000900005", "nisn_zero_restored"),
        ("", "", ""),
        ("-", "", ""),
        ("0", "", ""),
        ("0000000000", "", ""),
        ("12345", "", "nisn_invalid"),
        ("00912345678", "", "nisn_invalid"),
        ("9,12E+07", "", "nisn_invalid"),
        ("٠٠٩١٢٣٤٥٦٧", "", "nisn_invalid"),
    ],
)
def test_an_nisn_has_ten_digits_and_lost_zeros_come_back(cell: str, nisn: str, problem: str) -> None:
    assert values.nisn(cell) == (nisn, problem)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("081234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("0812 3456 7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("+62 812-3456-7890", "+6281234567890"),
        ("+62 (0)812 3456 7890", "+6281234567890"),
        ("006281234567890", "+6281234567890"),
        ("81234567890", "+6281234567890"),
        (cells.encode(81234567890.0), "+6281234567890"),
        (cells.encode(6281234567890.0), "+6281234567890"),
        ("'081234567890", "+6281234567890"),
        ("081234567890 / 081298765432", "+6281234567890"),
        ("- / 081298765432", "+6281298765432"),
        ("021-7654321", "+62217654321"),
        ("", ""),
        ("-", ""),
        ("0", ""),
        ("tidak ada", None),
        ("123", None),
        ("8,12346E+10", None),
        ("+60123456789", None),
        ("08123", None),
    ],
)
def test_a_phone_number_is_kept_as_e164(cell: str, number: str | None) -> None:
    assert values.phone(cell) == number


@pytest.mark.parametrize(
    ("cell", "grade", "name"),
    [
        ("X MERDEKA 3", 10, "X MERDEKA 3"),
        ("XII IPA 1", 12, "XII IPA 1"),
        ("Kelas XI-2", 11, "XI-2"),
        ("Kelas IX A", 9, "IX A"),
        ("Kelas 10 - KELAS X MIA", 10, "X MIA"),
        ("Kelas 7 - 01", 7, "7 - 01"),
        ("xi  mipa 2", 11, "XI MIPA 2"),
        ("X1", 10, "X1"),
        ("XI.3", 11, "XI.3"),
        ("10A", 10, "10A"),
        ("XIIPA1", 11, "XIIPA1"),
        ("XIIIPA1", 12, "XIIIPA1"),
        ("XII", 12, "XII"),
        ("X–TKJ–1", 10, "X-TKJ-1"),
        ("MERDEKA 3", None, "MERDEKA 3"),
        ("", None, ""),
        ("-", None, ""),
    ],
)
def test_a_class_says_its_grade(cell: str, grade: int | None, name: str) -> None:
    assert values.class_group(cell) == ClassGroup(grade, name)


@pytest.mark.parametrize(
    ("cell", "grade_cell", "expected"),
    [
        ("IPA 1", "XI", ClassGroup(11, "XI IPA 1")),
        ("IPA 1", "11", ClassGroup(11, "XI IPA 1")),
        ("XI IPA 1", "XI", ClassGroup(11, "XI IPA 1")),
        ("", "10", ClassGroup(10, "X")),
    ],
)
def test_a_grade_in_its_own_column_completes_the_class(cell: str, grade_cell: str, expected: ClassGroup) -> None:
    assert values.class_group(cell, grade_cell) == expected


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ("Kec. Tebet", "Tebet"),
        ("Kec Pancoran", "Pancoran"),
        ("Desa/Kel. Menteng Dalam", "Menteng Dalam"),
        ("jagakarsa ", "jagakarsa"),
    ],
)
def test_a_place_loses_its_label(cell: str, place: str) -> None:
    assert values.place_name(cell) == place


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("  SITI  NUR'AINI ", "SITI NUR'AINI"),
        ("SITI\u00a0NUR’AINI\u200b", "SITI NUR'AINI"),
        ("'SITI", "SITI"),
        ("JOSE\u0301", "JOSÉ"),
        ("-", ""),
        ("12345", ""),
        (cells.encode(12.0), ""),
    ],
)
def test_a_name_is_tidied_and_needs_a_letter(cell: str, name: str) -> None:
    assert values.name(cell) == name


@given(any_cell)
def test_whatever_a_cell_holds_each_reader_answers(cell: str) -> None:
    born = None
    with suppress(ValueError):
        born = values.birth_date(cell, TODAY)
    nisn, phone, (grade, class_name, _cut) = values.nisn(cell)[0], values.phone(cell), values.class_group(cell)

    assert born is None or values.YOUNGEST <= TODAY.year - born.year <= values.OLDEST
    assert nisn == "" or (len(nisn) == 10 and nisn.isascii() and nisn.isdigit())
    assert not phone or (phone.startswith("+62") and len(phone) <= 16 and phone[1:].isascii() and phone[1:].isdigit())
    assert grade is None or grade in values.ROMAN
    assert len(class_name) <= values.LONGEST_CLASS
    assert values.sex(cell) in ("", "L", "P")
    assert cells.MARK not in values.text(cell) + values.name(cell) + values.place_name(cell) + class_name


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2015, 12, 31)))
def test_every_date_is_the_same_in_every_writing(born: date) -> None:
    serial = (born - date(1899, 12, 30)).days
    written = [born.isoformat(), f"{born:%d/%m/%Y}", f"{born:%d-%m-%Y}", cells.encode(float(serial)), cells.encode(born)]

    assert {values.birth_date(cell, TODAY) for cell in written} == {born}


@given(
    st.lists(
        st.text(max_size=300) | st.floats(allow_nan=False) | st.integers() | st.booleans() | st.none() | st.dates(), min_size=1
    )
)
def test_a_column_comes_back_with_as_many_cells(column: list[object]) -> None:
    assert len(cells.split(cells.join(column), count=len(column))) == len(column)


@given(st.integers(min_value=0, max_value=10**16))
def test_a_number_keeps_its_kind_and_digits(number: int) -> None:
    assert cells.encode(float(number)) == cells.NUMBER + str(int(float(number)))


def test_long_names_of_classes_stay_two_classes() -> None:
    """The programme of an SMK is longer than most fields; cut off, its classes would become one."""
    programme = "XII PENGEMBANGAN PERANGKAT LUNAK DAN GIM"

    assert [values.class_group(f"{programme} {number}").name for number in (1, 2)] == [f"{programme} 1", f"{programme} 2"]
