"""The accounts of the demonstration: one button a role, and only where the whole installation is a demonstration."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.functional import Promise

from schools.models import Grant, Role, User

PREFIX: Final = "demo-"
ORDER: Final = {role: place for place, role in enumerate(Role.values)}


@dataclass(frozen=True)
class DemoAccount:
    username: str
    name: str
    role: str | Promise
    place: str


def demo_users() -> list[User]:
    """Nobody, unless this is a demonstration."""
    if not settings.DEMO:
        return []
    in_force = Grant.objects.in_force(timezone.localdate()).select_related("office", "school")
    users = User.objects.filter(username__startswith=PREFIX, is_active=True).prefetch_related(Prefetch("grants", in_force))
    return sorted((user for user in users if user.grants.all()), key=lambda user: (ORDER[_first(user).role], user.username))


def demo_accounts() -> list[DemoAccount]:
    return [
        DemoAccount(user.username, user.name, grant.get_role_display(), str(grant.school or grant.office))
        for user in demo_users()
        for grant in [_first(user)]
    ]


def _first(user: User) -> Grant:
    return min(user.grants.all(), key=lambda grant: ORDER[grant.role])
