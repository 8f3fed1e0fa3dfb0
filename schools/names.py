"""Names as people search for them: without accents, case, punctuation or double spaces."""

import re
import unicodedata

_PLAIN = re.compile(r"[A-Z0-9]+(?: [A-Z0-9]+)*")
_NOT_WORD = re.compile(r"[^A-Z0-9]+")
# How schools are written and how they are spoken of; both find the same rows.
_ABBREVIATIONS = (("SMA NEGERI", "SMAN"), ("SMK NEGERI", "SMKN"), ("SLB NEGERI", "SLBN"), ("MA NEGERI", "MAN"))
# A private school is an SMAS in the registers only.
_SPOKEN = {"JKT": "JAKARTA", "JKRT": "JAKARTA", "SMAS": "SMA", "SMKS": "SMK"}


def normalise(text: str) -> str:
    """`"  Siti  Nur'aini é "` → `"SITI NUR AINI E"`; sorting and searching use this form."""
    if _PLAIN.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NOT_WORD.sub(" ", plain.upper()).strip()


def normalise_school(name: str) -> str:
    """The same for schools: `"SMA Negeri 8 Jkt"` → `"SMAN 8 JAKARTA"`."""
    words = [_SPOKEN.get(word, word) for word in normalise(name).split()]
    plain = " ".join(words)
    for written, spoken in _ABBREVIATIONS:
        plain = re.sub(rf"\b{written}\b", spoken, plain)
    return re.sub(r"\b(SMAN|SMKN|SLBN|MAN|SMA|SMK)(\d)", r"\1 \2", plain)
