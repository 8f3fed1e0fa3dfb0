import base64
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from students import privacy
from students.privacy import SealBroken

NIK = "3174036208099001"
ROW = UUID("01926f00-0000-7000-8000-000000000001")
OTHER_ROW = UUID("01926f00-0000-7000-8000-000000000002")


def key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    with override_settings(NIK_SEAL_KEYS=[f"1:{key('a')}", f"2:{key('b')}"], NIK_DIGEST_KEY=key("c")):
        yield


def test_what_was_sealed_opens_in_its_row() -> None:
    assert privacy.unseal(privacy.seal(NIK, row_id=ROW), row_id=ROW) == NIK


def test_a_seal_copied_to_another_row_does_not_open() -> None:
    sealed = privacy.seal(NIK, row_id=ROW)

    with pytest.raises(SealBroken):
        privacy.unseal(sealed, row_id=OTHER_ROW)


def test_a_sealed_file_is_no_sealed_nik() -> None:
    sealed = privacy.seal_bytes(NIK.encode(), row_id=ROW)

    assert privacy.unseal_bytes(sealed, row_id=ROW) == NIK.encode()
    with pytest.raises(SealBroken):
        privacy.unseal(sealed, row_id=ROW)


@given(st.integers(min_value=0, max_value=44), st.integers(min_value=1, max_value=255))
def test_no_altered_byte_goes_unnoticed(at: int, change: int) -> None:
    sealed = bytearray(privacy.seal(NIK, row_id=ROW))
    sealed[at] ^= change

    with pytest.raises(SealBroken):
        privacy.unseal(bytes(sealed), row_id=ROW)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_do_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        privacy.unseal(sealed, row_id=ROW)


def test_the_same_nik_is_sealed_differently_each_time() -> None:
    assert len({privacy.seal(NIK, row_id=ROW) for _ in range(100)}) == 100


def test_the_last_key_seals_and_earlier_ones_still_open() -> None:
    with override_settings(NIK_SEAL_KEYS=[f"1:{key('a')}"]):
        old = privacy.seal(NIK, row_id=ROW)
    new = privacy.seal(NIK, row_id=ROW)

    assert (old[0], new[0]) == (1, 2)
    assert privacy.unseal(old, row_id=ROW) == privacy.unseal(new, row_id=ROW) == NIK


def test_a_seal_whose_key_is_gone_does_not_open() -> None:
    sealed = privacy.seal(NIK, row_id=ROW)

    with override_settings(NIK_SEAL_KEYS=[f"1:{key('a')}"]), pytest.raises(SealBroken):
        privacy.unseal(sealed, row_id=ROW)


def test_a_digest_finds_a_nik_and_needs_the_key() -> None:
    with override_settings(NIK_DIGEST_KEY=key("d")):
        elsewhere = privacy.digest(NIK)

    assert len(privacy.digest(NIK)) == 32
    assert privacy.digest(NIK) == privacy.digest(NIK)
    assert len({privacy.digest(NIK), privacy.digest("3174036208099002"), elsewhere}) == 3


@pytest.mark.parametrize(
    "text", ["", "317403620809900", "31740362080990011", "３１７４０３６２０８０９９００１", "317403620809900x"]
)
def test_only_sixteen_ascii_digits_are_sealed_or_digested(text: str) -> None:
    with pytest.raises(ValueError, match="16 ASCII digits"):
        privacy.seal(text, row_id=uuid4())
    with pytest.raises(ValueError, match="16 ASCII digits"):
        privacy.digest(text)


def test_the_mask_shows_province_and_city_alone() -> None:
    assert privacy.mask(NIK) == "3174••••••••••••"


@pytest.mark.parametrize(
    "keys", [[], ["1"], ["1:abc"], [f"256:{key('a')}"], [f"x:{key('a')}"], [f"1:{key('a')}", f"1:{key('b')}"]]
)
def test_bad_keys_are_a_mistake_of_the_configuration(keys: list[str]) -> None:
    with override_settings(NIK_SEAL_KEYS=keys), pytest.raises(ImproperlyConfigured):
        privacy.seal(NIK, row_id=ROW)
