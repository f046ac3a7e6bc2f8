"""For how long a reader may keep something on a device of his: one pure rule, with the clock as a parameter."""

from __future__ import annotations

from datetime import datetime, timedelta

from wenyuan.repo.description import Access
from wenyuan.repo.errors import NotForOffline
from wenyuan.repo.policy import Action, Person, decide

MOST_PAGES = 500
"""Of a scan, kept at once: some hundred megabytes."""


def kept_until(
    access: Access, person: Person, now: datetime, *, lease: timedelta, loan_until: datetime | None = None
) -> datetime | None:
    """The end of keeping; None where it has none.

    What is open to all may stay. What needs an account stays for a lease, which begins anew whenever the device is on
    the net; what is lent stays until the loan ends.

    Args:
        access: the item's tier.
        person: who asks. That he may read it at all is asked elsewhere (`wenyuan.repo.policy`), but never granted here.
        now: with a time zone.
        lease: how long a device may go without asking again.
        loan_until: when the loan ends under which he reads.

    Raises:
        NotForOffline: for staff alone, the loan is over, no lease is given, or not for this person.
    """
    if access is Access.STAFF or not decide(access, person, Action.READ_PAGE).allowed:
        raise NotForOffline(access=access.value)
    if loan_until is not None:
        if loan_until <= now:
            raise NotForOffline(access=access.value)
        return loan_until
    if access is Access.OPEN:
        return None
    if lease <= timedelta(0):
        raise NotForOffline(access=access.value)
    return now + lease


def chosen_places(told: str, count: int) -> tuple[int, ...]:
    """The 1-based places that `3-20` or `1,5-7` names in an item of so many pages; all where it is empty.

    Raises:
        ValueError: it names none, or is not so written.
    """
    if not told:
        return tuple(range(1, count + 1))
    places: set[int] = set()
    for part in told.split(","):
        first, _, last = part.partition("-")
        if not (first.isascii() and first.isdigit() and len(first) < 8):
            raise ValueError(told)
        if last and not (last.isascii() and last.isdigit() and len(last) < 8):
            raise ValueError(told)
        places.update(range(max(1, int(first)), min(count, int(last or first)) + 1))
    if not places:
        raise ValueError(told)
    return tuple(sorted(places))
