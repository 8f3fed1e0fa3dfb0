"""What changes a season: its wishes, the turns on its board, proposals for it, and turns that become drives."""

from drives.season.actions.agreements import keep_agreements, stand_on_agreed_days
from drives.season.actions.deadlines import against_deadline, clear_deadline, set_deadline
from drives.season.actions.decisions import accept, drop, reject
from drives.season.actions.drafts import Published, draft_of, publish_cards
from drives.season.actions.proposals import ask_for_proposal
from drives.season.actions.searches import stop_search
from drives.season.actions.turns import leave_out, move_card, pin_card, place_school, put_back, remove_card, unpin_card
from drives.season.actions.undo import last_step, undo
from drives.season.actions.wishes import create_season, update_season

__all__ = [
    "Published",
    "accept",
    "against_deadline",
    "ask_for_proposal",
    "clear_deadline",
    "create_season",
    "draft_of",
    "drop",
    "keep_agreements",
    "last_step",
    "leave_out",
    "move_card",
    "pin_card",
    "place_school",
    "publish_cards",
    "put_back",
    "reject",
    "remove_card",
    "set_deadline",
    "stand_on_agreed_days",
    "stop_search",
    "undo",
    "unpin_card",
    "update_season",
]
