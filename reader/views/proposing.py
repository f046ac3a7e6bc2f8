"""Corrections that readers propose: for staff to accept or decline, for the reader to see what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wenyuan.reader import correct_data, guard, paging, text_document
from wenyuan.reader.context import library, person, reading
from wenyuan.reader.correct_data import Strip, index_soon
from wenyuan.reader.translate import _
from wenyuan.repo import history, proposals
from wenyuan.repo.catalogue import items, text_proposals
from wenyuan.repo.catalogue.text_proposals import Declining, Proposal, ProposalState
from wenyuan.repo.chinese import Fragment
from wenyuan.repo.differences import Differences
from wenyuan.repo.errors import CorrectionUnclear, NoProposalForLine, NoSuchProposal, NotFound, Refused
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action, Role
from wenyuan.repo.proposals import Compared

blueprint = Blueprint("proposing", __name__)

AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a proposal: its picture, what the reader saw, what he proposes, and what stands there now."""

    number: int
    strip: Strip | None
    old: list[Fragment]
    new: list[Fragment]
    now: str | None
    fits: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal with all that is needed to decide on it.

    Attributes:
        compared: None where its page or text is lost.
        rivals: numbers of the other proposals that wait for one of its lines; told to staff only.
    """

    proposal: Proposal
    item: Item
    compared: Compared | None
    lines: tuple[ShownLine, ...]
    rivals: tuple[int, ...] = ()


@blueprint.get("/staff/proposals")
def waiting() -> ResponseReturnValue:
    """Proposals that wait, oldest first; or those that are decided."""
    guard.require_staff()
    state = ProposalState.WAITING
    wanted = request.args.get("state", "")
    if wanted in set(ProposalState):
        state = ProposalState(wanted)
    shown, pager = _page(state=state)
    if state is ProposalState.WAITING:
        against = proposals.rivals(library(), [each.proposal for each in shown])
        shown = [replace(each, rivals=against[each.proposal.id]) for each in shown]
    with reading() as session:
        counts = {each: text_proposals.count(session, state=each) for each in ProposalState}
    return render_template(
        "staff/proposals.html", shown=shown, pager=pager, state=state, states=list(ProposalState), counts=counts
    )


@blueprint.post("/staff/proposals/<number:number>")
def decide(number: int) -> ResponseReturnValue:
    """Accept or decline a proposal, alone or with all others that wait for one of its lines.

    Raises:
        CorrectionUnclear: the form does not say which.
        NoSuchProposal, ProposalDecided: it does not wait; nothing was done to the others either.
    """
    guard.require_staff()
    do = request.form.get("do", "")
    reason = correct_data.plain_words(request.form.get("reason", ""), proposals.REASON_CHARACTERS)
    accepted, declined = 0, 1
    if do in {"accept", "accept-only"}:
        others = Declining(others=_rivals_of(number), reason=reason) if do == "accept-only" else None
        accepted, declined = 1, len(proposals.accept(library(), number, _name(), declining=others))
        index_soon().ask()
    elif do == "decline-all":
        all_of_line = Declining(named=(number,), others=_rivals_of(number), reason=reason)
        declined = len(proposals.decline_all(library(), all_of_line, _name()))
    elif do == "decline":
        proposals.decline(library(), number, _name(), reason)
    else:
        raise CorrectionUnclear(piece=f"do={do}"[: text_document.MOST_QUOTED])
    flash(_("%(accepted)s 条已采纳，%(declined)s 条不采纳", accepted=accepted, declined=declined))
    return redirect(url_for("proposing.waiting"), 303)


@blueprint.get("/api/items/<item_id>/pages/<number:key>/proposals")
def of_page(item_id: str, key: int) -> ResponseReturnValue:
    """The proposals that wait for a decision on a page, as JSON for staff."""
    guard.item_for(Action.CORRECT_TEXT, item_id)
    with reading() as session:
        items.page_by_key(session, item_id, key)
        found = text_proposals.waiting_for(session, item_id, key)
    against = proposals.rivals(library(), found)
    return jsonify(proposals=[_told(each, against[each.id]) for each in found])


@blueprint.post("/api/items/<item_id>/pages/<number:key>/proposals")
def decide_page(item_id: str, key: int) -> ResponseReturnValue:
    """Decide on proposals of a page: `{"accept": 7, "decline": "others", "reason": "…"}`.

    `decline` is a list of numbers, `{"line": 3}` for all of a line, "others" for the rivals of what is accepted,
    "all" for all of the page. What is accepted and what is declined is one decision: all of it is done, or nothing.

    Raises:
        CorrectionUnclear, NamedTwice: it is no decision.
        NoSuchProposal: it names one that is not there, or that is another page's.
        NoProposalForLine: it names a line that none waits for.
        ProposalDecided: one that it names is decided already.
        TextChanged: the lines of what is to be accepted have been changed.
    """
    guard.item_for(Action.CORRECT_TEXT, item_id)
    told = text_document.sent()
    text_document.only(told, "accept", "decline", "reason")
    with reading() as session:
        items.page_by_key(session, item_id, key)
        waiting = text_proposals.waiting_for(session, item_id, key)
    page = (item_id, key)
    chosen = _accepted(told, page)
    declining = _declining(told, page, waiting, chosen)
    if chosen is not None:
        done = proposals.accept(library(), chosen.id, _name(), declining=declining)
        index_soon().ask()
    else:
        done = proposals.decline_all(library(), declining, _name())
    return jsonify(accepted=chosen.id if chosen else None, declined=done)


@blueprint.get("/my/proposals")
def mine() -> ResponseReturnValue:
    """What became of the reader's own proposals.

    Raises:
        Refused: nobody has signed in.
    """
    asking = person()
    if asking.role is Role.ANONYMOUS:
        raise Refused(action=Action.PROPOSE_TEXT.value, reason="needs-sign-in", remedy="sign-in")
    shown, pager = _page(by=asking.name)
    return render_template("my_proposals.html", shown=shown, pager=pager)


def _name() -> str:
    return person().name or ""


def _rivals_of(number: int) -> tuple[int, ...]:
    with reading() as session:
        proposal = text_proposals.get(session, number)
    return proposals.rivals(library(), [proposal])[number]


def _told(proposal: Proposal, rivals: tuple[int, ...]) -> dict[str, Any]:
    return {
        "proposal": proposal.id,
        "base": proposal.base,
        "lines": {str(number): text for number, text in sorted(proposal.lines.items())},
        "note": proposal.note,
        "by": proposal.by,
        "created": proposal.created.isoformat(),
        "rivals": rivals,
    }


def _accepted(told: Mapping[str, object], page: tuple[str, int]) -> Proposal | None:
    number = told.get("accept")
    if number is None:
        if told.get("decline") in (None, "others", []):
            raise CorrectionUnclear(piece="decline")
        return None
    return _one(number, page, "accept")


def _one(number: object, page: tuple[str, int], piece: str) -> Proposal:
    if not isinstance(number, int) or isinstance(number, bool):
        raise CorrectionUnclear(piece=piece)
    if not text_document.is_number(number):
        raise NoSuchProposal(proposal=number)
    return proposals.undecided(library(), number, page)


def _declining(
    told: Mapping[str, object], page: tuple[str, int], waiting: list[Proposal], chosen: Proposal | None
) -> Declining:
    asked, reason = told.get("decline"), _reason(told)
    left = [each for each in waiting if chosen is None or each.id != chosen.id]
    if asked is None:
        return Declining()
    if asked == "others" and chosen is not None:
        return Declining(others=_rivals_of(chosen.id), reason=reason)
    if asked == "all":
        return Declining(others=tuple(each.id for each in left), reason=reason)
    if isinstance(asked, Mapping) and type(asked.get("line")) is int and len(asked) == 1:
        if not any(asked["line"] in each.lines for each in waiting):
            raise NoProposalForLine(item=page[0], page=page[1], line=asked["line"] + 1, sent=asked["line"])
        return Declining(others=tuple(each.id for each in left if asked["line"] in each.lines), reason=reason)
    if isinstance(asked, list):
        numbers = tuple(_one(number, page, "decline").id for number in asked)
        if chosen is None or chosen.id not in numbers:
            return Declining(named=numbers, reason=reason)
    raise CorrectionUnclear(piece="decline")


def _reason(told: Mapping[str, object]) -> str:
    reason = told.get("reason", "")
    if not isinstance(reason, str):
        raise CorrectionUnclear(piece="reason")
    return correct_data.plain_words(reason, proposals.REASON_CHARACTERS)


def _page(*, state: ProposalState | None = None, by: str | None = None) -> tuple[list[Shown], paging.Pager]:
    number = paging.asked()
    with reading() as session:
        found, total = text_proposals.listed(session, state=state, by=by, offset=(number - 1) * AT_ONCE, limit=AT_ONCE)
        held = items.many(session, {each.item for each in found})
    # What was closed or withdrawn since is not shown to the reader again, though he has seen it.
    seen = [each for each in found if each.item in held and guard.may(Action.READ_TEXT, held[each.item])]
    differences = Differences()
    return [_shown(each, held[each.item], differences) for each in seen], paging.Pager(number, AT_ONCE, total)


def _shown(proposal: Proposal, item: Item, differences: Differences) -> Shown:
    try:
        compared = proposals.compare(library(), proposal)
    except (NotFound, *history.DAMAGE):
        return Shown(proposal, item, None, ())
    return Shown(proposal, item, compared, tuple(_line(line, differences) for line in compared.lines))


def _line(line: proposals.ProposedLine, differences: Differences) -> ShownLine:
    old, new = correct_data.difference(line.seen.text, line.proposed, differences)
    return ShownLine(line.number, correct_data.strip_of(line.seen), old, new, line.now, line.fits)
