"""NIKs at rest: sealed (AES-256-GCM, bound to their row), found by a keyed digest, masked on screen.

A sealed value is one byte of key id, a nonce of 12 bytes, the ciphertext and a tag of 16 bytes. The row's id is
authenticated with it: copied to another row, it does not open.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Callable
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_NONCE_BYTES = 12
_KEY_BYTES = 32
_NIK, _FILE, _TYPED = b"nik:", b"file:", b"typed:"


class SealBroken(Exception):  # noqa: N818
    """A sealed value does not open: altered, moved to another row, or its key is gone."""


def seal(nik: str, *, row_id: UUID) -> bytes:
    return _seal(_ascii(nik), context=_NIK + row_id.bytes)


def sealer() -> Callable[[str, UUID], bytes]:
    """`seal` for thousands of numbers at a time: the keys are looked up once."""
    key_ids, ciphers = _ciphers(tuple(settings.NIK_SEAL_KEYS))
    encrypt, random = ciphers[key_ids[0]].encrypt, os.urandom

    def seal_one(nik: str, row_id: UUID) -> bytes:
        nonce = random(_NONCE_BYTES)
        return key_ids + nonce + encrypt(nonce, _ascii(nik), _NIK + row_id.bytes)

    return seal_one


def digester() -> Callable[[str], bytes]:
    """`digest` for thousands of numbers at a time."""
    begun = HMAC(_digest_key(settings.NIK_DIGEST_KEY), SHA256())

    def digest_one(nik: str) -> bytes:
        found = begun.copy()
        found.update(_ascii(nik))
        return found.finalize()

    return digest_one


def unseal(sealed: bytes, *, row_id: UUID) -> str:
    return _unseal(sealed, context=_NIK + row_id.bytes).decode("ascii")


def seal_bytes(content: bytes, *, row_id: UUID) -> bytes:
    """A file as it was uploaded, under the id of its row."""
    return _seal(content, context=_FILE + row_id.bytes)


def unseal_bytes(sealed: bytes, *, row_id: UUID) -> bytes:
    return _unseal(sealed, context=_FILE + row_id.bytes)


def seal_typed(content: bytes, *, name: UUID) -> bytes:
    """What somebody typed and could not send."""
    return _seal(content, context=_TYPED + name.bytes)


def unseal_typed(sealed: bytes, *, name: UUID) -> bytes:
    return _unseal(sealed, context=_TYPED + name.bytes)


def digest(nik: str) -> bytes:
    """32 bytes that find a NIK and do not tell it (HMAC-SHA256)."""
    return hmac.digest(_digest_key(settings.NIK_DIGEST_KEY), _ascii(nik), "sha256")


def mask(nik: str) -> str:
    """`3174••••••••••••`: province and city alone; more would tell the birth date or leave ten candidates."""
    return nik[:4] + "•" * 12


def _ascii(nik: str) -> bytes:
    if not (len(nik) == 16 and nik.isascii() and nik.isdigit()):
        raise ValueError("A NIK has 16 ASCII digits.")
    return nik.encode("ascii")


def _seal(content: bytes, *, context: bytes) -> bytes:
    key_ids, ciphers = _ciphers(tuple(settings.NIK_SEAL_KEYS))
    nonce = os.urandom(_NONCE_BYTES)
    return key_ids + nonce + ciphers[key_ids[0]].encrypt(nonce, content, context)


def _unseal(sealed: bytes, *, context: bytes) -> bytes:
    sealed = bytes(sealed)
    _, ciphers = _ciphers(tuple(settings.NIK_SEAL_KEYS))
    if len(sealed) <= 1 + _NONCE_BYTES or sealed[0] not in ciphers:
        raise SealBroken
    try:
        return ciphers[sealed[0]].decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], context)
    except InvalidTag:
        raise SealBroken from None


@lru_cache(maxsize=4)
def _ciphers(keys: tuple[str, ...]) -> tuple[bytes, dict[int, AESGCM]]:
    """The id byte of the key that seals (the last one), and all keys that open."""
    ciphers = {}
    for entry in keys:
        key_id, _, encoded = entry.partition(":")
        if not (key_id.isascii() and key_id.isdigit() and int(key_id) < 256) or int(key_id) in ciphers:
            raise ImproperlyConfigured("NIK_SEAL_KEYS holds entries like 1:<base64>, with different numbers below 256.")
        ciphers[int(key_id)] = AESGCM(_key(encoded, "NIK_SEAL_KEYS"))
    if not ciphers:
        raise ImproperlyConfigured("NIK_SEAL_KEYS is empty.")
    return bytes([list(ciphers)[-1]]), ciphers


@lru_cache(maxsize=4)
def _digest_key(encoded: str) -> bytes:
    return _key(encoded, "NIK_DIGEST_KEY")


def _key(encoded: str, setting: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ImproperlyConfigured(f"{setting} needs {_KEY_BYTES} bytes, base64-encoded.")
    return key
