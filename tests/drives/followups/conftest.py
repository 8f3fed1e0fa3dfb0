"""The hall of the drive day, on the evening after it."""

from tests.drives.onsite.conftest import hall

__all__ = ["hall"]
