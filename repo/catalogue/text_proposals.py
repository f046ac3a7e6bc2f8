"""Corrections that readers propose, in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue.schema import TextProposalRow
from wenyuan.repo.errors import NoSuchProposal, ProposalDecided


class ProposalState(StrEnum):
    """What became of a proposal."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A reader's correction of a page's text.

    Attributes:
        page: key of the page.
        base: SHA-256 of the layer that the reader saw.
        lines: new words by the number of the line, from 0.
        note: what the reader says to it.
        by: name of the reader's account.
        decided_by: name of the member of staff.
        reason: told to the reader where it was declined.
    """

    id: int
    item: str
    page: int
    base: str
    lines: Mapping[int, str]
    note: str
    by: str
    state: ProposalState
    created: datetime
    decided: datetime | None = None
    decided_by: str | None = None
    reason: str = ""


def add(session: Session, proposal: Proposal) -> int:
    """Keep a new proposal; its number."""
    row = TextProposalRow(
        item=proposal.item,
        page=proposal.page,
        base=proposal.base,
        lines={str(number): text for number, text in proposal.lines.items()},
        note=proposal.note,
        by=proposal.by,
        state=proposal.state.value,
        created=proposal.created,
        reason="",
    )
    session.add(row)
    session.flush()
    return row.id


def get(session: Session, number: int) -> Proposal:
    """One proposal.

    Raises:
        NoSuchProposal: there is none.
    """
    row = session.get(TextProposalRow, number)
    if row is None:
        raise NoSuchProposal(proposal=number)
    return _proposal(row)


def listed(
    session: Session,
    *,
    state: ProposalState | None = None,
    by: str | None = None,
    page: tuple[str, int] | None = None,
    offset: int = 0,
    limit: int = 20,
) -> tuple[list[Proposal], int]:
    """Proposals and how many there are in all: those that wait oldest first, others newest first.

    Args:
        state: only these.
        by: only of this reader.
        page: only of this page: item and key.
    """
    chosen = _chosen(state, by, page)
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    oldest_first = state is ProposalState.WAITING
    order = (TextProposalRow.created, TextProposalRow.id)
    ordered = chosen.order_by(*(order if oldest_first else (each.desc() for each in order)))
    return [_proposal(row) for row in session.scalars(ordered.offset(offset).limit(limit))], total


def waiting_for(session: Session, item: str, page: int) -> list[Proposal]:
    """All proposals that wait for a decision on this page, oldest first."""
    chosen = _chosen(ProposalState.WAITING, None, (item, page))
    return [_proposal(row) for row in session.scalars(chosen.order_by(TextProposalRow.created, TextProposalRow.id))]


def count(session: Session, *, state: ProposalState = ProposalState.WAITING, by: str | None = None) -> int:
    """How many there are of a state, of one reader or of all."""
    return session.scalar(select(func.count()).select_from(_chosen(state, by, None).subquery())) or 0


def decide(session: Session, number: int, state: ProposalState, by: str, now: datetime, reason: str = "") -> None:
    """Accept or decline a proposal that waits.

    Raises:
        NoSuchProposal: there is none.
        ProposalDecided: somebody else was first.
    """
    decision = (
        update(TextProposalRow)
        .where(TextProposalRow.id == number, TextProposalRow.state == ProposalState.WAITING.value)
        .values(state=state.value, decided=now, decided_by=by, reason=reason)
        .returning(TextProposalRow.id)
    )
    if session.scalar(decision) is None:
        raise _decided(session, number)


@dataclass(frozen=True, slots=True)
class Declining:
    """Which proposals are to be declined at once.

    Attributes:
        named: meant one by one: whoever asks is told where one of them is decided already.
        others: found beside them, as rivals or on a line: those that wait no longer are left as they are.
        reason: told to each reader.
    """

    named: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    reason: str = ""


def decline_waiting(session: Session, declining: Declining, by: str, now: datetime) -> list[int]:
    """Decline those of these proposals that still wait, in one statement; their numbers in order.

    Raises:
        NoSuchProposal, ProposalDecided: one of `named` is not there, or does not wait; the caller's transaction ends.
    """
    numbers = {*declining.named, *declining.others}
    decision = (
        update(TextProposalRow)
        .where(TextProposalRow.id.in_(sorted(numbers)), TextProposalRow.state == ProposalState.WAITING.value)
        .values(state=ProposalState.DECLINED.value, decided=now, decided_by=by, reason=declining.reason)
        .returning(TextProposalRow.id)
        .execution_options(synchronize_session=False)
    )
    declined = sorted(session.scalars(decision))
    for number in declining.named:
        if number not in declined:
            raise _decided(session, number)
    return declined


def _decided(session: Session, number: int) -> ProposalDecided:
    held = get(session, number)
    return ProposalDecided(proposal=number, state=held.state.value, by=held.decided_by or "")


def _chosen(state: ProposalState | None, by: str | None, page: tuple[str, int] | None) -> Select[TextProposalRow]:
    chosen: Select[Any] = select(TextProposalRow)
    if state is not None:
        chosen = chosen.where(TextProposalRow.state == state.value)
    if by is not None:
        chosen = chosen.where(TextProposalRow.by == by)
    if page is not None:
        chosen = chosen.where(TextProposalRow.item == page[0], TextProposalRow.page == page[1])
    return chosen


def _proposal(row: TextProposalRow) -> Proposal:
    return Proposal(
        row.id,
        row.item,
        row.page,
        row.base,
        {int(number): str(text) for number, text in row.lines.items()},
        row.note,
        row.by,
        ProposalState(row.state),
        row.created,
        row.decided,
        row.decided_by,
        row.reason,
    )
