"""Who may do what: the whole table."""

from __future__ import annotations

import itertools

import pytest

from wenyuan.repo.description import Access
from wenyuan.repo.policy import ANONYMOUS, Action, Decision, Person, Role, decide, tiers

PATRON = Person("讀者", Role.PATRON)
STAFF = Person("館員", Role.STAFF)
SEEN_BY_ALL = {Action.SEE_METADATA, Action.SEE_THUMBNAIL}
CORRECTING = {Action.PROPOSE_TEXT, Action.CORRECT_TEXT}
READING = set(Action) - SEEN_BY_ALL - {Action.ADMINISTER} - CORRECTING


@pytest.mark.parametrize("access", Access)
def test_staff_may_do_everything(access: Access) -> None:
    assert {decide(access, STAFF, action) for action in Action} == {Decision(True)}


@pytest.mark.parametrize("person", [ANONYMOUS, PATRON])
def test_only_staff_administers_and_others_are_told_so(person: Person) -> None:
    for access in Access:
        decision = decide(access, person, Action.ADMINISTER)
        assert (decision.allowed, decision.reason, decision.hidden) == (False, "staff-only", False)


@pytest.mark.parametrize("person", [ANONYMOUS, PATRON])
def test_everybody_reads_what_is_open(person: Person) -> None:
    assert all(decide(Access.OPEN, person, action).allowed for action in READING | SEEN_BY_ALL)


@pytest.mark.parametrize("person", [ANONYMOUS, PATRON])
def test_what_is_for_staff_is_hidden_from_others(person: Person) -> None:
    for action in READING | SEEN_BY_ALL:
        decision = decide(Access.STAFF, person, action)
        assert (decision.allowed, decision.hidden) == (False, True)


def test_what_is_for_signed_in_readers_is_listed_for_all_and_read_after_signing_in() -> None:
    assert all(decide(Access.SIGNED_IN, ANONYMOUS, action).allowed for action in SEEN_BY_ALL)
    for action in READING:
        decision = decide(Access.SIGNED_IN, ANONYMOUS, action)
        assert decision == Decision(False, "needs-sign-in", "sign-in")
        assert decide(Access.SIGNED_IN, PATRON, action).allowed


@pytest.mark.parametrize("access", [Access.OPEN, Access.SIGNED_IN])
def test_who_has_signed_in_proposes_texts_and_staff_alone_corrects_them(access: Access) -> None:
    assert decide(access, ANONYMOUS, Action.PROPOSE_TEXT) == Decision(False, "needs-sign-in", "sign-in")
    assert decide(access, PATRON, Action.PROPOSE_TEXT).allowed
    assert decide(access, PATRON, Action.CORRECT_TEXT) == Decision(False, "staff-only", "ask-library")
    assert not decide(access, ANONYMOUS, Action.CORRECT_TEXT).allowed


@pytest.mark.parametrize("person", [ANONYMOUS, PATRON])
@pytest.mark.parametrize("action", sorted(CORRECTING))
def test_texts_of_what_is_hidden_are_neither_proposed_nor_corrected(person: Person, action: Action) -> None:
    decision = decide(Access.STAFF, person, action)
    assert (decision.allowed, decision.hidden) == (False, True)


def test_searching_inside_is_as_closed_as_reading() -> None:
    for access, person in itertools.product(Access, (ANONYMOUS, PATRON, STAFF)):
        searching, reading = (decide(access, person, action) for action in (Action.SEARCH_INSIDE, Action.READ_TEXT))
        assert searching == reading


def test_lists_hold_the_tiers_that_the_table_allows() -> None:
    assert tiers(ANONYMOUS) == {"open", "signed-in"}
    assert tiers(ANONYMOUS, Action.SEARCH_INSIDE) == {"open"}
    assert tiers(PATRON, Action.SEARCH_INSIDE) == {"open", "signed-in"}
    assert tiers(STAFF) == {"open", "signed-in", "staff"}


def test_every_refusal_names_a_reason_and_what_to_do() -> None:
    for access, role, action in itertools.product(Access, Role, Action):
        decision = decide(access, Person(None, role), action)
        assert decision.allowed or (decision.reason != "open" and decision.remedy)
