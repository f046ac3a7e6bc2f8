"""Reading groups: who is in them, what they show each other, and the link by which one joins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from wenyuan.reader import guard, paging
from wenyuan.reader.annotation_answers import asker
from wenyuan.reader.context import is_api, library, person, public_address, reading
from wenyuan.reader.views.annotations import visible
from wenyuan.repo import annotating
from wenyuan.repo.annotations.model import Anchored, Annotation
from wenyuan.repo.catalogue import annotations as notes
from wenyuan.repo.catalogue import items, reading_groups
from wenyuan.repo.catalogue.annotations import Chosen
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import GroupNameUnusable, GroupOwnerOnly, TooManyGroups
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action, Role

blueprint = Blueprint("groups", __name__)

AT_ONCE = 100
"""Notes on one page of a group."""


@dataclass(frozen=True, slots=True)
class SharedNote:
    """A note of a member's, with the page it stands on where that is still there."""

    note: Annotation
    page: PageView | None

    @property
    def kind(self) -> str:
        """highlight, note or bookmark."""
        motivation = self.note.draft.motivation
        return {"highlighting": "highlight", "bookmarking": "bookmark"}.get(motivation, "highlight")

    @property
    def is_orphaned(self) -> bool:
        """Whether its text is not to be found."""
        return self.note.anchored is Anchored.ORPHANED


@dataclass(frozen=True, slots=True)
class OfItem:
    """What a group shares of one item, in the order of the book."""

    item: Item
    notes: tuple[SharedNote, ...]


@blueprint.before_request
def sign_in_first() -> ResponseReturnValue | None:
    """Groups are for people with an account: who opens a page of theirs is led to sign in and back."""
    if request.method == "GET" and not is_api() and person().role is Role.ANONYMOUS:
        return redirect(url_for("account.sign_in", next=request.path), 303)
    return None


@blueprint.get("/groups")
def home() -> ResponseReturnValue:
    """The groups one is in, and a form to make one."""
    return _home(asker())


@blueprint.post("/groups")
def create() -> ResponseReturnValue:
    """Make a group."""
    name = asker()
    try:
        with library().catalogue.writing() as session:
            group = reading_groups.create(session, request.form.get("name", ""), name, datetime.now(UTC))
    except (GroupNameUnusable, TooManyGroups) as error:
        return _home(name, error)
    return redirect(url_for("groups.group", number=group.id), 303)


@blueprint.get("/groups/<number>")
def group(number: str) -> ResponseReturnValue:
    """What the members share, by item; who they are; and for who leads it, the link to join."""
    name = asker()
    with reading() as session:
        found = reading_groups.get(session, number, name)
        members = reading_groups.members(session, number)
        about = notes.items_of(session, Chosen(groups=(number,)))
    chosen = Chosen(groups=(number,), items=visible(about))
    asked = paging.asked()
    with reading() as session:
        total = notes.count(session, chosen)
        held = notes.listed(session, chosen, (asked - 1) * AT_ONCE, AT_ONCE)
    link = public_address(url_for("groups.invitation", token=found.token)) if found.token else ""
    answer = make_response(
        render_template(
            "groups/group.html",
            group=found,
            members=members,
            shared=_by_item(held),
            pager=paging.Pager(asked, AT_ONCE, total),
            total=total,
            is_owner=found.owner == name,
            link=link,
        )
    )
    return _private(answer)


@blueprint.post("/groups/<number>/<what>")
def change(number: str, what: str) -> ResponseReturnValue:
    """Change a group: its link, its name, its members; leave it, or close it."""
    name = asker()
    if what == "leave":
        with library().catalogue.writing() as session:
            if reading_groups.get(session, number, name).owner == name:
                raise GroupOwnerOnly(group=number)
            reading_groups.leave(session, number, name)
        return redirect(url_for("groups.home"), 303)
    act = _acts(number, name).get(what)
    if act is None:
        raise BadRequest
    with library().catalogue.writing() as session:
        reading_groups.led_by(session, number, name)
        act(session)
    return redirect(url_for("groups.home") if what == "close" else url_for("groups.group", number=number), 303)


@blueprint.get("/groups/join/<token>")
def invitation(token: str) -> ResponseReturnValue:
    """Which group it is, and whose; a button joins."""
    with reading() as session:
        found = reading_groups.invited(session, token)
        is_in = any(one.id == found.id for one in reading_groups.of_member(session, asker()))
    if is_in:
        return redirect(url_for("groups.group", number=found.id), 303)
    return _private(make_response(render_template("groups/join.html", group=found, token=token)))


@blueprint.post("/groups/join/<token>")
def join(token: str) -> ResponseReturnValue:
    """Come in."""
    name = asker()
    with library().catalogue.writing() as session:
        found = reading_groups.join(session, token, name, datetime.now(UTC))
    return redirect(url_for("groups.group", number=found.id), 303)


def _acts(number: str, name: str) -> dict[str, Callable[[Session], None]]:
    """What only who leads a group does."""
    member = request.form.get("member", "")

    def take_out(session: Session) -> None:
        if member == name:
            return
        reading_groups.leave(session, number, member)
        if reading_groups.led_by(session, number, name).token is not None:
            reading_groups.renew_link(session, number)  # or who was taken out would come back by the one he has

    return {
        "link": lambda session: reading_groups.renew_link(session, number),
        "end-link": lambda session: reading_groups.end_link(session, number),
        "name": lambda session: reading_groups.rename(session, number, request.form.get("name", "")),
        "member": take_out,
        "close": lambda session: reading_groups.remove(session, number),
    }


def _home(name: str, error: GroupNameUnusable | TooManyGroups | None = None) -> Response:
    with reading() as session:
        mine = reading_groups.of_member(session, name)
    answer = make_response(
        render_template("groups/home.html", groups=mine, error=error, limit=reading_groups.NAME_CHARACTERS, me=name)
    )
    answer.status_code = error.status if error else 200
    return _private(answer)


def _by_item(held: list[Annotation]) -> list[OfItem]:
    held = annotating.anchored(library(), held, lambda item: guard.may(Action.READ_TEXT, item))
    with reading() as session:
        known = items.many(session, {one.draft.item for one in held})
        pages = items.pages_by_key(session, {(one.draft.item, one.anchor.page) for one in held})
    found: dict[str, list[SharedNote]] = {}
    for one in held:
        found.setdefault(one.draft.item, []).append(SharedNote(one, pages.get((one.draft.item, one.anchor.page))))

    def place(shared: SharedNote) -> tuple[int, int]:
        start = shared.note.anchor.start
        return (shared.page.position if shared.page else 2**31), -1 if start is None else start

    return [OfItem(known[item], tuple(sorted(of, key=place))) for item, of in found.items() if item in known]


def _private(answer: Response) -> Response:
    """A page with a secret link or with what others wrote is kept by nobody, and its address told to no other site."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
