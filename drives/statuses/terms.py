"""What offices write in a result list, and the status of Dukcapil that it means."""

import re
from collections.abc import Mapping
from functools import lru_cache

from drives.models import DukcapilStatus

Status = DukcapilStatus.Status

# "Sudah rekam" says no more than that a recording exists, so it is taken as the earliest of those statuses.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    Status.UNREGISTERED: (
        "BELUM",
        "BELUM REKAM",
        "BELUM PEREKAMAN",
        "BELUM MEREKAM",
        "BELUM DIREKAM",
        "BELUM PERNAH REKAM",
        "BELUM ADA PEREKAMAN",
        "WAJIB REKAM",
        "NOT REGISTERED",
        "NOT RECORDED",
    ),
    Status.BIO_CAPTURED: (
        "SUDAH",
        "REKAM",
        "SUDAH REKAM",
        "SUDAH PEREKAMAN",
        "SUDAH MEREKAM",
        "SUDAH DIREKAM",
        "SUDAH PERNAH REKAM",
        "TELAH REKAM",
        "RECORDED",
        "BIO CAPTURE",
    ),
    Status.PROCESSING: ("PROSES", "DIPROSES", "DALAM PROSES", "SEDANG DIPROSES"),
    Status.SENT_FOR_ENROLLMENT: ("SFE", "SENT FOR ENROLMENT"),
    Status.RECEIVED_AT_CENTRAL: ("RECEIVED CENTRAL", "DITERIMA PUSAT"),
    Status.PRINT_READY_RECORD: ("PRR", "SIAP CETAK", "PRINT READY", "SIAP DICETAK"),
    Status.SENT_FOR_CARD_PRINTING: ("SFCP", "SENT FOR PRINTING"),
    Status.CARD_PRINTED: ("CETAK", "SUDAH CETAK", "SUDAH DICETAK", "TERCETAK", "PRINTED"),
    Status.CARD_SHIPPED: ("SUDAH DIKIRIM", "DIKIRIM", "SHIPPED"),
    Status.CARD_ISSUED: ("SUDAH DISERAHKAN", "DISERAHKAN", "SUDAH KTP", "SUDAH PUNYA KTP", "SUDAH MEMILIKI KTP", "ISSUED"),
    Status.ENROLL_FAILURE_AT_REGIONAL: ("ENROL FAILURE AT REGIONAL", "ENROLL FAILURE REGIONAL"),
    Status.ENROLL_FAILURE_AT_CENTRAL: ("ENROL FAILURE AT CENTRAL", "ENROLL FAILURE CENTRAL"),
    Status.SEARCH_FAILURE_AT_CENTRAL: ("SEARCH FAILURE CENTRAL", "SEARCH FAILURE"),
    Status.ADJUDICATE_RECORD: ("ADJUDICATE", "ADJUDIKASI"),
    Status.DUPLICATE_RECORD: ("DUPLICATE", "DUPLIKAT", "GANDA", "DATA GANDA", "REKAM GANDA"),
}
_NOT_WORD = re.compile(r"[^A-Z0-9]+")
_CARD_NAMES = re.compile(r"\b(?:KTP EL|E KTP|EKTP|KTPEL)\b")


def _plain(text: str) -> str:
    words = _NOT_WORD.sub(" ", text.upper()).strip()
    return " ".join(_CARD_NAMES.sub(" ", words).split()) or words


_STATUS_OF = {_plain(term): status for status, terms in SYNONYMS.items() for term in (status, *terms)}


@lru_cache(maxsize=1024)
def status_of(text: str) -> str:
    """ "Sudah rekam KTP-el" → BIO_CAPTURED; "" for what we do not know."""
    return str(_STATUS_OF.get(_plain(text), ""))
