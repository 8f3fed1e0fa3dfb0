"""The demonstration: the two cases of November 2021 and 2025 and their city, with invented people."""

from collections.abc import Iterator


def accounts() -> Iterator[str]:
    """One line for each account, for who starts the product: name, role, place."""
    from schools.accounts.demo import demo_accounts

    for account in demo_accounts():
        yield f"{account.username}: {account.name}, {account.role} ({account.place})"
