"""Corrections that readers propose: for staff to accept or decline, for the reader to see what became of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wenyuan.reader import correct_data, guard, paging
from wenyuan.reader.context import library, person, reading
from wenyuan.reader.correct_data import Strip, index_soon
from wenyuan.repo import history, proposals
from wenyuan.repo.catalogue import items, text_proposals
from wenyuan.repo.catalogue.text_proposals import Proposal, ProposalState
from wenyuan.repo.chinese import Fragment
from wenyuan.repo.differences import Differences
from wenyuan.repo.errors import NotFound, Refused
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
    """A proposal with all that is needed to decide on it; `compared` is None where its page or text is lost."""

    proposal: Proposal
    item: Item
    compared: Compared | None
    lines: tuple[ShownLine, ...]


@blueprint.get("/staff/proposals")
def waiting() -> ResponseReturnValue:
    """Proposals that wait, oldest first; or those that are decided."""
    guard.require_staff()
    state = ProposalState.WAITING
    wanted = request.args.get("state", "")
    if wanted in set(ProposalState):
        state = ProposalState(wanted)
    shown, pager = _page(state=state)
    with reading() as session:
        counts = {each: text_proposals.count(session, state=each) for each in ProposalState}
    return render_template(
        "staff/proposals.html", shown=shown, pager=pager, state=state, states=list(ProposalState), counts=counts
    )


@blueprint.post("/staff/proposals/<number:number>")
def decide(number: int) -> ResponseReturnValue:
    """Accept or decline a proposal."""
    guard.require_staff()
    name = person().name or ""
    if request.form.get("do") == "accept":
        proposals.accept(library(), number, name)
        index_soon().ask()
    else:
        reason = correct_data.plain_words(request.form.get("reason", ""), proposals.REASON_CHARACTERS)
        proposals.decline(library(), number, name, reason)
    return redirect(url_for("proposing.waiting"), 303)


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
