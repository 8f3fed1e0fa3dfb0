"""What changes a drive: making and editing the draft, publishing and cancelling it, and who sits where."""

from drives.planning.actions.assigning import Placement, assign_everybody, board_state, classes_of, preview_assignment
from drives.planning.actions.change import Move, Relaid, SlotChange
from drives.planning.actions.changes import change_published
from drives.planning.actions.drafts import create_drive, update_draft
from drives.planning.actions.duties import operators_of, set_operators
from drives.planning.actions.kits import end_outage, note_outage, replace_kit
from drives.planning.actions.life import cancel_drive, publish_drive, withdraw_publication
from drives.planning.actions.places import free_place, free_places, move_appointment, move_many, place_people
from drives.planning.actions.swaps import set_pins, swap_places
from drives.planning.actions.undo import last_step, undo

__all__ = [
    "Move",
    "Placement",
    "Relaid",
    "SlotChange",
    "assign_everybody",
    "board_state",
    "cancel_drive",
    "change_published",
    "classes_of",
    "create_drive",
    "end_outage",
    "free_place",
    "free_places",
    "last_step",
    "move_appointment",
    "move_many",
    "note_outage",
    "operators_of",
    "place_people",
    "preview_assignment",
    "publish_drive",
    "replace_kit",
    "set_operators",
    "set_pins",
    "swap_places",
    "undo",
    "update_draft",
    "withdraw_publication",
]
