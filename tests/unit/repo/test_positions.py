"""The later wins, the farther is offered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wenyuan.repo.annotations.model import Device
from wenyuan.repo.annotations.positions import FARTHER, Choice, Place, choose

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(device: str, minute: int, progression: float, page: int = 1) -> Place:
    return Place(Device(device, device), page, None, progression, NOON + timedelta(minutes=minute))


def test_without_places_there_is_none() -> None:
    assert choose([]) == Choice()


def test_the_later_wins() -> None:
    early, late = at("phone", 0, 0.3), at("desk", 5, 0.3)
    assert choose([late, early]).here == choose([early, late]).here == late


def test_the_farther_of_another_device_is_offered() -> None:
    early, late = at("phone", 0, 0.8), at("desk", 5, 0.3)
    assert choose([early, late], "desk") == Choice(late, early)


def test_half_a_percent_is_no_farther() -> None:
    assert choose([at("phone", 0, 0.505), at("desk", 5, 0.5)], "desk").offered is None
    assert choose([at("phone", 0, 0.5051), at("desk", 5, 0.5)], "desk").offered is not None


def test_ones_own_place_is_offered_where_it_is_another_and_nothing_is_farther() -> None:
    own, late = at("phone", 0, 0.2, page=2), at("desk", 5, 0.3, page=3)
    assert choose([own, late], "phone") == Choice(late, own)
    assert choose([own, late], "desk") == Choice(late, None)
    assert choose([at("phone", 0, 0.2, page=3), late], "phone") == Choice(late, None), "the same place"


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1)), unique_by=lambda one: one[0], max_size=9))
def test_whatever_there_is(told: list[tuple[int, float]]) -> None:
    places = [at(f"d{number}", number, progression) for number, progression in told]
    chosen = choose(places)
    assert (chosen.here is None) == (not places)
    if chosen.here is not None:
        assert all(one.time <= chosen.here.time for one in places)
        farther = [one for one in places if one.progression > chosen.here.progression + FARTHER + 1e-6]
        assert (chosen.offered is not None) >= bool(farther)
        assert chosen.offered is None or chosen.offered != chosen.here
