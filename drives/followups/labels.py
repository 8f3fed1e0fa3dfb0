"""The three ways in words, said in one place."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from drives.models import FollowUp

WAYS: Final[dict[str, Promise]] = {
    FollowUp.Way.NEXT_DAY: _("Next day of the drive"),
    FollowUp.Way.MAKE_UP: _("Make-up drive"),
    FollowUp.Way.OFFICE: _("At the office"),
}
