"""Who speaks: a tablet by its own secret, which no session and no cookie stands behind (docs/adr/0011)."""

import hashlib
import hmac
import secrets
from typing import Final
from uuid import UUID

from django.http import HttpRequest

from drives.models import Device

SCHEME: Final = "Tablet "
SECRET_BYTES: Final = 32
LONGEST_HEADER: Final = 200


def new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_of(secret: str) -> bytes:
    """256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def speaks_as_tablet(request: HttpRequest) -> bool:
    return request.headers.get("Authorization", "").startswith(SCHEME)


def device_of(request: HttpRequest, *, lock: bool = False) -> Device | None:
    """The tablet that sent `Authorization: Tablet <id>.<secret>`, also a revoked one; None for anything else.

    `lock` holds it until the transaction ends: what one tablet sends on two connections comes one after the other.
    """
    header = request.headers.get("Authorization", "")
    if not header.startswith(SCHEME) or len(header) > LONGEST_HEADER or not header.isascii():
        return None
    device_id, _dot, secret = header.removeprefix(SCHEME).strip().partition(".")
    try:
        key = UUID(device_id)
    except ValueError:
        return None
    held = " FOR NO KEY UPDATE" if lock else ""
    device = next(iter(Device.objects.raw(f"SELECT * FROM drives_device WHERE id = %s{held}", [key])), None)  # noqa: S608
    known = bytes(device.secret_digest or b"") if device else b""
    return device if hmac.compare_digest(known.ljust(32, b"\0"), digest_of(secret)) and known else None
