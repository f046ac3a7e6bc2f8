"""Who may do what: one pure function that every route asks (design §9).

Today's tiers are open, signed in and staff; the rights issue adds on site, partner library, licensed and embargoed to
the same function. Answers are codes; `wenyuan.repo.wording` has the words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wenyuan.repo.description import Access


class Role(StrEnum):
    """What a person is to the library."""

    ANONYMOUS = "anonymous"
    PATRON = "patron"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking."""

    name: str | None
    role: Role


ANONYMOUS = Person(None, Role.ANONYMOUS)


class Action(StrEnum):
    """What can be asked for."""

    SEE_METADATA = "see-metadata"
    SEE_THUMBNAIL = "see-thumbnail"
    READ_PAGE = "read-page"
    READ_TEXT = "read-text"
    SEARCH_INSIDE = "search-inside"
    DOWNLOAD_PAGE = "download-page"
    DOWNLOAD_FILE = "download-file"
    PROPOSE_TEXT = "propose-text"
    """Propose a correction of a page's text to the library."""
    CORRECT_TEXT = "correct-text"
    """Correct the text of a page."""
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, and why, and what the person can do; `hidden` means: do not even say that it exists."""

    allowed: bool
    reason: str = "open"
    remedy: str = ""
    hidden: bool = False


_ALLOWED = Decision(True)
_SIGN_IN = Decision(False, "needs-sign-in", "sign-in")
_STAFF_ONLY = Decision(False, "staff-only", "ask-library", hidden=True)
_NOT_STAFF = Decision(False, "staff-only", "ask-library")
_SEEN_BY_ALL = frozenset({Action.SEE_METADATA, Action.SEE_THUMBNAIL})


def decide(access: Access, person: Person, action: Action) -> Decision:
    """Whether a person may do something with an item of this tier."""
    if person.role is Role.STAFF:
        return _ALLOWED
    if action is Action.ADMINISTER:
        return _NOT_STAFF
    if access is Access.STAFF:
        return _STAFF_ONLY
    if access is Access.SIGNED_IN and person.role is Role.ANONYMOUS and action not in _SEEN_BY_ALL:
        return _SIGN_IN
    if action is Action.CORRECT_TEXT:
        return _NOT_STAFF
    if action is Action.PROPOSE_TEXT and person.role is Role.ANONYMOUS:
        return _SIGN_IN
    return _ALLOWED


def tiers(person: Person, action: Action = Action.SEE_METADATA) -> frozenset[str]:
    """The tiers in which the person may do this; lists and searches filter by them."""
    return frozenset(access.value for access in Access if decide(access, person, action).allowed)
