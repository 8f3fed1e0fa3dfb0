"""School names and addresses as people write them: the registers write in capitals."""

import re
from typing import Final

# A private school's register entry says "SMAS"; its gate says "SMA".
KINDS: Final = {"SMAS": "SMA", "SMKS": "SMK", "SLBS": "SLB"}
# Those with a vowel; a word without one is taken for an abbreviation anyway.
ABBREVIATIONS: Final = frozenset(
    {
        *("DKI", "IGN", "IIHS", "IP", "IPEKA", "IPPI", "IPTEK", "IT", "JAC", "PGRI", "PIK", "RPI", "SDLB", "SIS", "SMA", "SMAIT"),
        *("SMAK", "SMAN", "SMIP", "YAPPENDA", "YAPRI", "YMIK", "YPAC", "YPI", "YPIA", "YPIK", "YPUI"),
    }
)
SHORTENED: Final = {"ST": "St.", "PRG": "Perg.", "PERG": "Perg.", "NO": "No."}
ROMAN: Final = re.compile(r"^(?=.)X{0,3}(IX|IV|V?I{0,3})$")
LETTERS: Final = re.compile(r"[A-Z]+")
VOWEL: Final = re.compile(r"[AEIOU]")
DASH: Final = re.compile(r"\s+-\s+")


def school_title(raw: str) -> str:
    """`"SMAS KARTIKA VIII-1 JAKARTA"` → `"SMA Kartika VIII-1 Jakarta"`. A name with small letters was written with care."""
    plain = DASH.sub("-", " ".join(raw.replace("`", "'").split()))
    words = plain.split()
    if plain != plain.upper():
        return " ".join([KINDS.get(words[0], words[0]), *words[1:]])
    return " ".join([_kind(words[0]), *(_word(word) for word in words[1:])]) if words else ""


def _kind(word: str) -> str:
    """The first word: SMA, SMKN, SLB-E, SLB/C and their like."""
    return KINDS.get(word, word)


def _word(word: str) -> str:
    if word in SHORTENED:
        return SHORTENED[word]
    if word.strip("().") in ABBREVIATIONS:
        return word
    return "-".join(_part(part) for part in word.split("-"))


def _part(part: str) -> str:
    """One part of a hyphenated word."""
    letters = "".join(LETTERS.findall(part))
    if letters in ABBREVIATIONS or ROMAN.match(part) or not VOWEL.search(letters) or len(letters) == 1:
        return "St." if part == "ST." else part
    if len(part) > 2 and part[1] == "'":
        return part[:2] + part[2:].capitalize()
    return part.capitalize()


STREETS: Final = {
    "JL": "Jl.",
    "JLN": "Jl.",
    "JALAN": "Jl.",
    "GG": "Gg.",
    "NO": "No.",
    "KEL": "Kel.",
    "KEC": "Kec.",
    "KOMP": "Komp.",
    "KAV": "Kav.",
}
KEPT: Final = frozenset(["RT", "RW", "KM", "BLK", "PIK", "BSD", "TNI", "AL", "AD", "AU", "POLRI", "DKI"])
NUMBER_SIGN: Final = re.compile(r"\b(JLN|JL|GG|NO|KEL|KEC|KOMP|KAV)\.?\s*(?=[\w])")


def address_title(raw: str) -> str:
    """`"JL. MINYAK RAYA NO.12 RT 003/05"` → `"Jl. Minyak Raya No. 12 RT 003/05"`."""
    plain = " ".join(raw.replace("`", "'").split())
    if plain != plain.upper():
        return plain
    return " ".join(_address_word(word) for word in NUMBER_SIGN.sub(r"\1. ", plain).split())


def _address_word(word: str) -> str:
    bare = word.rstrip(".,")
    if bare in STREETS:
        return STREETS[bare]
    if any(letter.isdigit() for letter in word) or bare in KEPT or ROMAN.match(bare) or not VOWEL.search(bare):
        return word
    return "-".join(part.capitalize() for part in word.split("-"))
