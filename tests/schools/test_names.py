"""How names are written, shown and searched for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools import phones
from schools.models import School
from schools.names import normalise, normalise_school
from schools.titles import address_title, school_title
from tests.factories import SchoolFactory


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("SMAN 55 JAKARTA", "SMAN 55 Jakarta"),
        ("SMA LABSCHOOL KEBAYORAN", "SMA Labschool Kebayoran"),
        ("SMAS KARTIKA VIII-1 JAKARTA", "SMA Kartika VIII-1 Jakarta"),
        ("SMKS YPK KESATUAN", "SMK YPK Kesatuan"),
        ("SMAK TIRTAMARTA BPK PENABUR", "SMAK Tirtamarta BPK Penabur"),
        ("SMA ST. BELLARMINUS", "SMA St. Bellarminus"),
        ("SMKS ST THERESIA", "SMK St. Theresia"),
        ("SMK AS-SYAFI`IYAH JAKARTA", "SMK As-Syafi'iyah Jakarta"),
        ("SMKS L`PINA JAKARTA", "SMK L'Pina Jakarta"),
        ("SMAS ISLAM AL - JIHAD JAKARTA", "SMA Islam Al-Jihad Jakarta"),
        ("SMKS MUHAMMADIYAH II", "SMK Muhammadiyah II"),
        ("SLB-E HANDAYANI", "SLB-E Handayani"),
        ("SLB D-D1 YPAC", "SLB D-D1 YPAC"),
        ("SMA EMIISc Jakarta", "SMA EMIISc Jakarta"),
        ("", ""),
    ],
)
def test_a_school_is_shown_as_people_write_it(raw: str, shown: str) -> None:
    assert school_title(raw) == shown


@given(st.text(alphabet="ABEIKNORSTU 0123456789-.`/'&()abc", max_size=40))
def test_a_shown_name_is_shown_the_same_again_and_still_found(raw: str) -> None:
    shown = school_title(raw)

    assert shown == " ".join(shown.split())
    assert normalise(shown).replace(" ", "").casefold() == normalise(_without_private(raw)).replace(" ", "").casefold()


def _without_private(raw: str) -> str:
    """Letters may be written differently; none is added or lost but the register's S, and abbreviations stay so."""
    words = raw.replace("`", "'").split()
    return " ".join(
        [{"SMAS": "SMA", "SMKS": "SMK", "SLBS": "SLB"}.get(word, word) if n == 0 else word for n, word in enumerate(words)]
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("JL. MINYAK RAYA DUREN TIGA", "Jl. Minyak Raya Duren Tiga"),
        ("JLN. RADIN INTEN NO.12 RT 003/05", "Jl. Radin Inten No. 12 RT 003/05"),
        ("Jl. Haji Nawi", "Jl. Haji Nawi"),
    ],
)
def test_an_address_is_shown_as_people_write_it(raw: str, shown: str) -> None:
    assert address_title(raw) == shown


@pytest.mark.django_db
@pytest.mark.parametrize("wish", ["sman 8 jkt", "SMA Negeri 8", "sman8", "8 jakarta", "20102568", "2010256", "  SMAN   8 "])
def test_search_forgives(wish: str) -> None:
    wanted = SchoolFactory(npsn="20102568", name="SMAN 8 Jakarta")
    for npsn, name in (("20107319", "SMAN 28 Jakarta"), ("20102565", "SMAN 86 Jakarta"), ("20107313", "SMA Labschool Kebayoran")):
        SchoolFactory(npsn=npsn, name=name)

    found = list(School.objects.matching(wish))

    assert wanted in found
    assert (len(found) == 1) == (wish != "2010256")


@pytest.mark.django_db
@pytest.mark.parametrize("wish", ["\x00", "'; drop table", "%", "((", "\\", "a" * 500])
def test_search_survives_anything(wish: str) -> None:
    SchoolFactory(name="SMAN 8 Jakarta")

    assert len(School.objects.matching(wish)) in (0, 1)


def test_a_private_school_is_found_by_either_spelling() -> None:
    assert normalise_school("SMAS Labschool Kebayoran") == normalise_school("SMA LABSCHOOL KEBAYORAN")


@pytest.mark.parametrize("written", ["0812-3456-7890", "6281234567890", "+62 812 3456 7890", "(0812) 34567890"])
def test_phone_numbers_are_kept_as_e164(written: str) -> None:
    assert phones.parse(written) == "+6281234567890"


@pytest.mark.parametrize("written", ["", "abc", "12", "0812", "0" * 40])
def test_what_is_no_phone_number_is_none(written: str) -> None:
    assert phones.parse(written) == ""


def test_only_a_mobile_number_has_a_chat() -> None:
    assert phones.whatsapp_url("+6281234567890") == "https://wa.me/6281234567890"
    assert phones.whatsapp_url("+622179901234") == ""


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_nothing(written: str) -> None:
    found = phones.parse(written)

    assert found == "" or phones.parse(found) == found
