"""For how long something may be kept on a reader's device: the rule by itself, with the clock in the test's hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wenyuan.repo.description import Access
from wenyuan.repo.errors import NotForOffline
from wenyuan.repo.keeping_offline import chosen_places, kept_until
from wenyuan.repo.policy import ANONYMOUS, Person, Role

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LEASE = timedelta(days=14)
PATRON, STAFF = Person("reader", Role.PATRON), Person("staff", Role.STAFF)


@pytest.mark.parametrize("person", [ANONYMOUS, PATRON, STAFF])
def test_what_is_open_to_all_stays_without_an_end(person: Person) -> None:
    assert kept_until(Access.OPEN, person, NOW, lease=LEASE) is None
    assert kept_until(Access.OPEN, person, NOW, lease=timedelta(0)) is None


def test_what_needs_an_account_stays_for_a_lease_that_begins_anew_each_time() -> None:
    first = kept_until(Access.SIGNED_IN, PATRON, NOW, lease=LEASE)
    later = kept_until(Access.SIGNED_IN, PATRON, NOW + timedelta(days=3), lease=LEASE)
    assert first == NOW + LEASE
    assert later == NOW + timedelta(days=17)


def test_what_is_lent_stays_until_the_loan_ends_whatever_the_lease() -> None:
    due = NOW + timedelta(hours=1)
    for access in (Access.OPEN, Access.SIGNED_IN):
        assert kept_until(access, PATRON, NOW, lease=LEASE, loan_until=due) == due
    assert kept_until(Access.SIGNED_IN, PATRON, NOW, lease=timedelta(0), loan_until=due) == due


def test_a_loan_that_is_over_keeps_nothing() -> None:
    for ended in (NOW, NOW - timedelta(seconds=1)):
        with pytest.raises(NotForOffline):
            kept_until(Access.SIGNED_IN, PATRON, NOW, lease=LEASE, loan_until=ended)


@pytest.mark.parametrize(
    ("access", "person", "lease"),
    [
        (Access.STAFF, STAFF, LEASE),
        (Access.STAFF, PATRON, LEASE),
        (Access.SIGNED_IN, ANONYMOUS, LEASE),
        (Access.SIGNED_IN, PATRON, timedelta(0)),
    ],
    ids=["staff's own", "staff's, by a patron", "without an account", "no lease is given"],
)
def test_it_is_refused(access: Access, person: Person, lease: timedelta) -> None:
    with pytest.raises(NotForOffline) as caught:
        kept_until(access, person, NOW, lease=lease)
    assert caught.value.data == {"access": access.value}


@pytest.mark.parametrize(
    ("told", "places"),
    [
        ("", (1, 2, 3, 4, 5)),
        ("2-4", (2, 3, 4)),
        ("3", (3,)),
        ("4,1-2,2", (1, 2, 4)),
        ("4-99", (4, 5)),
        ("0-2", (1, 2)),
    ],
)
def test_pages_are_named_by_place_and_what_lies_outside_is_left_out(told: str, places: tuple[int, ...]) -> None:
    assert chosen_places(told, 5) == places


@pytest.mark.parametrize("told", ["x", "2-x", "-", "9", "4-2", "1,", "²", "1-2-3", "12345678"])
def test_what_names_no_page_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        chosen_places(told, 5)
