"""Phone numbers as people write them, kept as E.164."""

import phonenumbers

REGION = "ID"


def parse(text: str) -> str:
    """`"0812-3456-7890"`, `"62812…"` or `"+62812…"` → `"+6281234567890"`; "" for what is no number."""
    written = text.strip()
    if written.startswith("62"):
        written = f"+{written}"
    try:
        number = phonenumbers.parse(written, REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown(number: str) -> str:
    """`"+6281234567890"` → `"0812-3456-7890"`; what is no number stays as it is."""
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def whatsapp_url(number: str) -> str:
    """A link that opens a chat; "" for a number that is not a mobile one."""
    return f"https://wa.me/{number[1:]}" if number.startswith("+628") else ""
