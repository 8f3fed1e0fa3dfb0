import pytest

from students.roster.school_name import is_plainly_another_school


@pytest.mark.parametrize(
    ("found", "expected", "is_another"),
    [
        ("SMAN 55 JAKARTA", "SMA Negeri 55 Jakarta", False),
        ("SMAN 55 JAKARTA (CONTOH)", "SMAN 55 JAKARTA", False),
        ("SMA NEGERI 8 JAKARTA", "SMAN 55 Jakarta", True),
        ("SMAS LABSCHOOL KEBAYORAN", "SMA Labschool Kebayoran", False),
        ("SMA AL AZHAR 1", "SMA Labschool Kebayoran", True),
        ("", "SMAN 55 Jakarta", False),
    ],
)
def test_only_a_plainly_different_name_is_another_school(found: str, expected: str, is_another: bool) -> None:
    assert is_plainly_another_school(found, expected=expected) is is_another
