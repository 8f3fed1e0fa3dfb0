"""The sentences of the page that prepares a tablet."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Final[dict[str, Promise]] = {
    "pin_weak": _("A PIN has at least 6 digits, and not the same one each time."),
    "pin_differs": _("The two PINs differ. Type the same one twice."),
    "pin_pause": _("Too many wrong PINs. Try again in {seconds} seconds."),
    "pin_old_wrong": _("This is not the PIN that this tablet was prepared with."),
    "pin_needed": _("Not sent yet: {count}. Without the old PIN they would be lost, so the tablet cannot be set up anew."),
    "name_of_tablet_missing": _("Give the tablet a name, so that the board can say which one it is."),
    "prepare_no_answer": _("The server did not answer. Look for better Wi-Fi and try again; nothing has been lost."),
    "prepare_unsent": _("Not sent yet: {count}. Find a network, so that the notes go out before the tablet is prepared anew."),
    "prepare_no_list": _("The list did not arrive whole. Look for better Wi-Fi and try again."),
    "prepare_no_program": _("The program could not be stored. Free some space on the tablet and try again."),
    "prepare_failed": _("The tablet could not be prepared. Load this page anew and try again."),
    "browser_too_old": _(
        "This browser cannot work without network. Use a current Chrome, Edge, Firefox or Safari, not in private mode."
    ),
    "step_working": _("Working …"),
    "step_program": _("Stored. It opens without network from now on."),
    "step_list": _("{count} people, sealed on this tablet."),
    "step_scanner": _("Stored."),
    "step_no_scanner": _("Not stored. Type the code, or use a hand scanner."),
    "step_no_camera": _("This tablet has no camera. Type the code, or use a hand scanner."),
    "step_pin": _("Set. Without it nobody reads the list."),
    "step_kept": _("The browser has promised to keep it."),
    "step_not_kept": _("Stored, but the browser may clear it when space runs out. Keep some space free."),
}


def texts() -> dict[str, object]:
    return {"sentences": {name: str(sentence) for name, sentence in SENTENCES.items()}}


STEPS: Final[dict[str, Promise]] = {
    "pin": _("The PIN"),
    "program": _("The program"),
    "list": _("The list"),
    "scanner": _("The scanner"),
    "storage": _("The storage"),
}


def page() -> dict[str, object]:
    """What `drives/tablets/prepare.html` needs besides the drive day."""
    return {"texts": texts(), "steps": [(name, str(label)) for name, label in STEPS.items()]}
