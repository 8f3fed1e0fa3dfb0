"""A name typed wrong finds who is meant; one that is like nobody's finds nobody."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from drives.onsite.likeness import alike
from tests.drives.onsite.conftest import Hall

NAMES = ("CAHYA FABIAN", "MUHAMMAD RIZKY PRATAMA", "DEWI ANGGRAINI", "NUR AINI SALSABILA", "BAGUS WICAKSONO")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cahya fabain", [0]),
        ("fabain", [0]),
        ("rizqi", [1]),
        ("muhamad rizki", [1]),
        ("dwi", [2]),
        ("nuraini salsabila", [3]),
        ("salsabilla nur", [3]),
        ("bagus s", []),
        ("zzz", []),
        ("x", []),
        ("", []),
        ("\x00😀", []),
    ],
)
def test_who_is_called_nearly_so_is_offered(typed: str, meant: list[int]) -> None:
    assert alike(typed, enumerate(NAMES)) == meant


@given(st.text(max_size=60))
def test_no_text_is_too_strange_to_be_looked_for(text: str) -> None:
    assert len(alike(text, enumerate(NAMES * 3))) <= 5


@given(st.sampled_from(NAMES), st.data())
def test_one_wrong_letter_in_a_long_word_still_finds(name: str, data: st.DataObject) -> None:
    words = [word for word in name.split() if len(word) > 5]
    word = data.draw(st.sampled_from(words))
    place = data.draw(st.integers(2, len(word) - 1))

    assert NAMES.index(name) in alike(word[:place] + "Q" + word[place + 1 :], enumerate(NAMES))


@pytest.mark.django_db
@pytest.mark.usefixtures("this_morning")
def test_a_name_typed_wrong_is_asked_about_and_opens_nobody_by_itself(hall: Hall, tablet: Client) -> None:
    hall.expect("Cahya Fabian")

    page = tablet.post(f"/today/{hall.today.pk}/search/", {"q": "cahya fabain"}, headers={"HX-Request": "true"}).content.decode()

    assert "Tidak ada yang bernama “cahya fabain”. Apakah salah satu dari ini?" in page
    assert ("Cahya Fabian" in page, "Siap direkam" in page) == (True, False)
