"""Readers propose corrections, staff accepts or declines them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wenyuan.repo import corrections, history, texts
from wenyuan.repo.catalogue import text_proposals
from wenyuan.repo.catalogue.schema import UserRow
from wenyuan.repo.catalogue.text_proposals import Declining, Proposal, ProposalState
from wenyuan.repo.corrections import OpenText, corrected, open_text, read_layer
from wenyuan.repo.errors import NoSuchProposal, NothingChanged, ProposalDecided, TextChanged, TooManyProposals
from wenyuan.repo.layers import Line, Origin, TextLayer
from wenyuan.repo.library import Library
from wenyuan.repo.texts import NewLayer

WAITING_AT_MOST = 50
"""Of one reader: so much is gone through in a morning, and nobody can bury the others' proposals."""
NOTE_CHARACTERS = 500
REASON_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """One line of a proposal beside what is there.

    Attributes:
        number: of the line, from 0.
        seen: the line as the reader saw it.
        now: the words that stand there now; None where the page has other lines since.
        proposed: the reader's words.
    """

    number: int
    seen: Line
    now: str | None
    proposed: str

    @property
    def fits(self) -> bool:
        """Whether nobody has changed the line since the reader saw it."""
        return self.now == self.seen.text


@dataclass(frozen=True, slots=True)
class Compared:
    """A proposal beside the page's text as it is now."""

    proposal: Proposal
    held: OpenText
    lines: tuple[ProposedLine, ...]

    @property
    def fits(self) -> bool:
        """Whether it can be accepted: other lines may have changed, its own have not."""
        return all(line.fits for line in self.lines)


def propose(
    library: Library, item_id: str, key: int, lines: Mapping[int, str], by: str, *, base: str, note: str = ""
) -> int:
    """Keep a reader's correction until staff has looked at it; its number.

    Args:
        library: whose item it is.
        item_id: the item; the caller has asked the policy.
        key: of the page.
        lines: new words by the number of the line, from 0; those that are as they were are left out.
        by: name of the reader's account.
        base: `OpenText.digest` of what the reader saw.
        note: what the reader says to it.

    Raises:
        NoSuchItem, NoSuchPage: there is none.
        TextChanged: the page has another text by now.
        NothingChanged: nothing is different.
        TextUnusable: the words cannot be taken.
        TooManyProposals: so many of this reader wait already.
    """
    held = open_text(library, item_id, key)
    if held.digest != base or not base:
        raise TextChanged(item=item_id, page=key, found=held.digest)
    corrected(item_id, held, lines)
    changed = {number: text for number, text in lines.items() if text != held.layer.lines[number].text}
    if not changed:
        raise NothingChanged(item=item_id, page=key, problem="unchanged")
    told = Proposal(0, item_id, key, base, changed, note, by, ProposalState.WAITING, datetime.now(UTC))
    with library.catalogue.writing() as session:
        # Locked, so that two windows of one reader are counted one after the other.
        session.execute(select(UserRow.name).where(UserRow.name == by).with_for_update())
        if text_proposals.count(session, by=by) >= WAITING_AT_MOST:
            raise TooManyProposals(limit=WAITING_AT_MOST)
        return text_proposals.add(session, told)


def undecided(library: Library, number: int, of: tuple[str, int] | None = None) -> Proposal:
    """A proposal that waits for a decision.

    Args:
        library: whose proposal it is.
        number: of the proposal.
        of: the item and the key of the page that it must be for.

    Raises:
        NoSuchProposal: there is none, or it is another page's.
        ProposalDecided: somebody was first.
    """
    with library.catalogue.reading() as session:
        proposal = text_proposals.get(session, number)
    if of not in (None, (proposal.item, proposal.page)):
        raise NoSuchProposal(proposal=number)
    if proposal.state is not ProposalState.WAITING:
        raise ProposalDecided(proposal=number, state=proposal.state.value, by=proposal.decided_by or "")
    return proposal


def compare(library: Library, proposal: Proposal) -> Compared:
    """A proposal beside the page's text as it is now.

    Raises:
        NoSuchPage: the page is no more.
        ObjectMissing, Corrupt: a text is lost.
    """
    held = open_text(library, proposal.item, proposal.page)
    is_same = held.digest == proposal.base
    seen = held.layer if is_same else read_layer(library.blobs, proposal.base)
    lines = tuple(
        ProposedLine(number, seen.lines[number], _now(held.layer, seen, number), text)
        for number, text in sorted(proposal.lines.items())
    )
    return Compared(proposal, held, lines)


def _now(layer: TextLayer, seen: TextLayer, number: int) -> str | None:
    """The words of a line now; None where lines have come or gone since, so that its number means another one."""
    return layer.lines[number].text if len(layer.lines) == len(seen.lines) else None


def rivals(library: Library, some: Iterable[Proposal]) -> dict[int, tuple[int, ...]]:
    """By the number of each proposal the numbers of the others that wait for a decision on one of its lines.

    The same line is one of the same number and the same words: after a cut line 3 is another one.
    """
    of_page: defaultdict[tuple[str, int], list[Proposal]] = defaultdict(list)
    for each in some:
        of_page[each.item, each.page].append(each)
    found: dict[int, tuple[int, ...]] = {}
    for (item, page), shown in of_page.items():
        with library.catalogue.reading() as session:
            waiting = text_proposals.waiting_for(session, item, page)
        layers = _layers(library, {each.base for each in (*waiting, *shown)})
        lines = {each.id: _lines(each, layers) for each in (*waiting, *shown)}
        for each in shown:
            found[each.id] = tuple(one.id for one in waiting if one.id != each.id and lines[one.id] & lines[each.id])
    return found


def _layers(library: Library, digests: Iterable[str]) -> dict[str, TextLayer]:
    """These layers, without those that are lost."""
    found: dict[str, TextLayer] = {}
    for sha256 in digests:
        try:
            found[sha256] = read_layer(library.blobs, sha256)
        except history.DAMAGE:
            continue
    return found


def _lines(proposal: Proposal, layers: Mapping[str, TextLayer]) -> set[tuple[int, str]]:
    layer = layers.get(proposal.base)
    return {(number, layer.lines[number].text) for number in proposal.lines} if layer else set()


def accept(library: Library, number: int, agent: str, *, declining: Declining | None = None) -> list[int]:
    """Make a proposal the page's text: a new version in the reader's name, done by staff.

    Args:
        library: whose proposal it is.
        number: of the proposal.
        agent: the member of staff.
        declining: what is declined in the same moment: both are done, or nothing is.

    Returns:
        The numbers of those that were declined.

    Raises:
        NoSuchProposal: there is none.
        ProposalDecided: somebody else was first, with it or with one that `declining` names.
        TextChanged: its lines have been changed since the reader saw them.
    """
    proposal = undecided(library, number)
    compared = compare(library, proposal)
    held = compared.held
    if not compared.fits:
        raise TextChanged(item=proposal.item, page=proposal.page, found=held.digest)
    layer = corrected(proposal.item, held, proposal.lines)
    settings = {"by": proposal.by, "proposal": number, "accepted_by": agent}
    new = NewLayer(proposal.page, layer, Origin.CORRECTED, corrections.ENGINE, settings)

    declined: list[int] = []

    def decided(session: Session) -> None:
        now = datetime.now(UTC)
        text_proposals.decide(session, number, ProposalState.ACCEPTED, agent, now)
        if declining:
            declined[:] = text_proposals.decline_waiting(session, declining, agent, now)

    texts.add_layers(
        library,
        proposal.item,
        [new],
        agent,
        expected={proposal.page: held.digest},
        also=decided,
        detail={"proposal": number, "by": proposal.by},
    )
    return declined


def decline(library: Library, number: int, agent: str, reason: str) -> None:
    """Leave the text as it is, and tell the reader why.

    Raises:
        NoSuchProposal: there is none.
        ProposalDecided: somebody else was first.
    """
    with library.catalogue.writing() as session:
        text_proposals.decide(session, number, ProposalState.DECLINED, agent, datetime.now(UTC), reason)


def decline_all(library: Library, declining: Declining, agent: str) -> list[int]:
    """Decline many proposals at once, for one reason; the numbers of those that still waited.

    Raises:
        NoSuchProposal, ProposalDecided: one that it names does not wait; nothing was declined.
    """
    with library.catalogue.writing() as session:
        return text_proposals.decline_waiting(session, declining, agent, datetime.now(UTC))
