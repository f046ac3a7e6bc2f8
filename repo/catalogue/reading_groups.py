"""Reading groups: readers who show each other notes. Whoever has a group's link may join while it is in force."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import annotations as notes
from wenyuan.repo.catalogue.inserting import insert_missing
from wenyuan.repo.catalogue.schema import ReadingGroupMemberRow, ReadingGroupRow
from wenyuan.repo.errors import (
    GroupFull,
    GroupNameUnusable,
    GroupOwnerOnly,
    InvitationEnded,
    NoSuchGroup,
    TooManyGroups,
)

NAME_CHARACTERS = 60
MOST_LED = 50
"""Groups that one reader leads: more than any teacher has classes."""
MOST_MEMBERS = 500


@dataclass(frozen=True, slots=True)
class ReadingGroup:
    """A group.

    Attributes:
        token: what the link to join carries; None: nobody can join now.
        count: of its members, its owner among them.
    """

    id: str
    name: str
    owner: str
    token: str | None
    created: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a group."""

    name: str
    joined: datetime


def create(session: Session, name: str, owner: str, now: datetime) -> ReadingGroup:
    """Make a group with a link to join it; its owner is its first member.

    Raises:
        GroupNameUnusable: without a name, or with one too long.
        TooManyGroups: its owner leads as many as one reader may.
    """
    name = cleaned(name)
    led = select(func.count()).select_from(ReadingGroupRow).where(ReadingGroupRow.owner == owner)
    if (session.scalar(led) or 0) >= MOST_LED:
        raise TooManyGroups(limit=MOST_LED)
    row = ReadingGroupRow(id=secrets.token_hex(10), name=name, owner=owner, token=_token(), created=now)
    session.add(row)
    session.flush()
    insert_missing(session, ReadingGroupMemberRow, reading_group=row.id, member=owner, joined=now)
    return _group(row, 1)


def cleaned(name: str) -> str:
    """A name on one line.

    Raises:
        GroupNameUnusable: nothing is left of it, or too much.
    """
    found = " ".join("".join(each if each.isprintable() else " " for each in name).split())
    if not 1 <= len(found) <= NAME_CHARACTERS:
        raise GroupNameUnusable(limit=NAME_CHARACTERS)
    return found


def of_member(session: Session, member: str) -> list[ReadingGroup]:
    """The groups that somebody is in, by name."""
    mine = select(ReadingGroupMemberRow.reading_group).where(ReadingGroupMemberRow.member == member)
    counted = (
        select(ReadingGroupRow, func.count())
        .join(ReadingGroupMemberRow, ReadingGroupMemberRow.reading_group == ReadingGroupRow.id)
        .where(ReadingGroupRow.id.in_(mine))
        .group_by(ReadingGroupRow.id)
        .order_by(ReadingGroupRow.name, ReadingGroupRow.id)
    )
    return [_group(row, number) for row, number in session.execute(counted)]


def get(session: Session, number: str, member: str) -> ReadingGroup:
    """A group that somebody is in.

    Raises:
        NoSuchGroup: there is none, or the person is not in it, which is not told apart.
    """
    row = session.get(ReadingGroupRow, number)
    if row is None or session.get(ReadingGroupMemberRow, (number, member)) is None:
        raise NoSuchGroup(group=number)
    return _group(row, _count(session, number))


def share_with(session: Session, number: str, member: str) -> None:
    """Let somebody's note be shared with a group they are in: neither goes before this transaction has ended.

    Raises:
        NoSuchGroup: as `get`.
    """
    group = select(ReadingGroupRow.id).where(ReadingGroupRow.id == number)
    held = select(ReadingGroupMemberRow.member).where(
        ReadingGroupMemberRow.reading_group == number, ReadingGroupMemberRow.member == member
    )
    # Without locks one could leave between the question and the note (PostgreSQL; SQLite has one writer at a time).
    # Always the group first, then the member, then notes, as in `remove` and `leave`: else two wait for each other.
    for each in (group.with_for_update(read=True, key_share=True), held.with_for_update(read=True)):
        if session.scalar(each) is None:
            raise NoSuchGroup(group=number)


def led_by(session: Session, number: str, owner: str) -> ReadingGroup:
    """A group that somebody leads.

    Raises:
        NoSuchGroup: as `get`.
        GroupOwnerOnly: the person is in it, and somebody else leads it.
    """
    found = get(session, number, owner)
    if found.owner != owner:
        raise GroupOwnerOnly(group=number)
    return found


def invited(session: Session, token: str) -> ReadingGroup:
    """The group to which a link leads.

    Raises:
        InvitationEnded: to none, or to none any more.
    """
    row = session.scalars(select(ReadingGroupRow).where(ReadingGroupRow.token == token)).first()
    if row is None:
        raise InvitationEnded
    return _group(row, _count(session, row.id))


def join(session: Session, token: str, member: str, now: datetime) -> ReadingGroup:
    """Come in by a link; harmless for who is in.

    Raises:
        InvitationEnded: the link is not in force.
        GroupFull: as many are in as may be.
    """
    found = invited(session, token)
    if session.get(ReadingGroupMemberRow, (found.id, member)) is None:
        if found.count >= MOST_MEMBERS:
            raise GroupFull(limit=MOST_MEMBERS)
        insert_missing(session, ReadingGroupMemberRow, reading_group=found.id, member=member, joined=now)
    return found


def members(session: Session, number: str) -> list[Member]:
    """Who is in a group, in the order in which they came."""
    chosen = select(ReadingGroupMemberRow).where(ReadingGroupMemberRow.reading_group == number)
    rows = session.scalars(chosen.order_by(ReadingGroupMemberRow.joined, ReadingGroupMemberRow.member))
    return [Member(row.member, row.joined) for row in rows]


def leave(session: Session, number: str, member: str) -> None:
    """Take somebody out of a group; what they shared with it is theirs alone again."""
    chosen = delete(ReadingGroupMemberRow).where(
        ReadingGroupMemberRow.reading_group == number, ReadingGroupMemberRow.member == member
    )
    session.execute(chosen)
    notes.unshare(session, number, member)


def rename(session: Session, number: str, name: str) -> None:
    """Give a group another name.

    Raises:
        GroupNameUnusable: as `create`.
    """
    session.execute(update(ReadingGroupRow).where(ReadingGroupRow.id == number).values(name=cleaned(name)))


def renew_link(session: Session, number: str) -> None:
    """Make another link; the one before leads nowhere any more."""
    session.execute(update(ReadingGroupRow).where(ReadingGroupRow.id == number).values(token=_token()))


def end_link(session: Session, number: str) -> None:
    """Let nobody join any more."""
    session.execute(update(ReadingGroupRow).where(ReadingGroupRow.id == number).values(token=None))


def remove(session: Session, number: str) -> None:
    """Close a group; what was shared with it is its owners' alone again."""
    session.execute(select(ReadingGroupRow.id).where(ReadingGroupRow.id == number).with_for_update())
    notes.unshare(session, number)
    session.execute(delete(ReadingGroupRow).where(ReadingGroupRow.id == number))


def _token() -> str:
    """128 bits that nobody guesses."""
    return secrets.token_urlsafe(16)


def _count(session: Session, number: str) -> int:
    chosen = select(func.count()).select_from(ReadingGroupMemberRow)
    return session.scalar(chosen.where(ReadingGroupMemberRow.reading_group == number)) or 0


def _group(row: ReadingGroupRow, count: int) -> ReadingGroup:
    return ReadingGroup(row.id, row.name, row.owner, row.token, row.created, count)
