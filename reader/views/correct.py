"""Correcting the text of a page: staff saves, patrons propose; as a page with scripts, as a plain form, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from wenyuan.reader import correct_data, guard, problems, text_document
from wenyuan.reader.context import library, person, reading
from wenyuan.reader.correct_data import index_soon
from wenyuan.repo import corrections, proposals
from wenyuan.repo.catalogue import items, text_proposals
from wenyuan.repo.catalogue.text_proposals import ProposalState
from wenyuan.repo.corrections import OpenText
from wenyuan.repo.differences import Differences
from wenyuan.repo.errors import CorrectionUnclear, NoSuchPage, TextChanged, TextUnusable, VersionNotTold
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action

blueprint = Blueprint("correct", __name__)

MAX_TEXT_BYTES = 1024 * 1024
"""A full page of newspaper print, 20,000 characters, is 200 kB as a form."""
MAX_FIELDS = 6_000


@blueprint.url_value_preprocessor
def _room_for_text(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    # Before anything looks into the form (security.py does).
    request.max_content_length = MAX_TEXT_BYTES
    request.max_form_memory_size = MAX_TEXT_BYTES
    request.max_form_parts = MAX_FIELDS


@blueprint.get("/items/<item_id>/pages/<number:key>/correct")
def page(item_id: str, key: int) -> ResponseReturnValue:
    """The page's picture and its lines."""
    item, held = _open(Action.PROPOSE_TEXT, item_id, key)
    return _page(item, held)


@blueprint.post("/items/<item_id>/pages/<number:key>/correct")
def save_form(item_id: str, key: int) -> ResponseReturnValue:
    """Save or propose what the plain form says; where somebody was faster, both texts are shown."""
    item, held = _open(Action.PROPOSE_TEXT, item_id, key)
    base = request.form.get("base", "")
    mine = _changed(held, base, _form_lines())
    try:
        if base != held.digest:
            raise TextChanged(item=item_id, page=key, found=held.digest)
        if guard.allowed(Action.CORRECT_TEXT, item):
            corrections.save(library(), item_id, key, mine, _name(), expected=base)
            index_soon().ask()
            said = "saved"
        else:
            proposals.propose(library(), item_id, key, mine, _name(), base=base, note=_note(request.form))
            said = "proposed"
    except (TextChanged, TextUnusable) as error:
        with_problem = correct_data.Trial(mine, problems.problem_of(error), isinstance(error, TextChanged))
        return _page(item, held, with_problem, status=error.status)
    return redirect(url_for("correct.page", item_id=item_id, key=key, said=said), 303)


@blueprint.get("/api/items/<item_id>/pages/<number:key>/text")
def text(item_id: str, key: int) -> ResponseReturnValue:
    """The text of a page with its boxes; its entity tag names the version that a correction is made upon."""
    _item, held = _open(Action.READ_TEXT, item_id, key)
    return _document(held)


@blueprint.put("/api/items/<item_id>/pages/<number:key>/text")
def save(item_id: str, key: int) -> ResponseReturnValue:
    """Save a correction: `{"lines": {"3": "…"}, "then": {…}}` upon the version that If-Match names; the text after it.

    Raises:
        VersionNotTold: without If-Match, or with one that names no version.
        CorrectionUnclear, NamedTwice: it is none.
        TextUnusable: it cannot be made.
    """
    guard.item_for(Action.CORRECT_TEXT, item_id)
    # `*` is any version whatever: nothing would be told to who was slower.
    if not request.if_match or request.if_match.star_tag:
        raise VersionNotTold(header="If-Match")
    told = text_document.sent()
    text_document.only(told, "lines", "then")
    lines, step = text_document.lines_of(told), text_document.step_of(told)
    held = corrections.open_text(library(), item_id, key)
    try:
        if not request.if_match.contains(held.digest):
            raise TextChanged(item=item_id, page=key, found=held.digest)
        corrections.save(library(), item_id, key, lines, _name(), expected=held.digest, step=step)
    except TextChanged as error:
        return problems.answer(error, status=412)
    index_soon().ask()
    return _document(corrections.open_text(library(), item_id, key))


@blueprint.post("/api/items/<item_id>/pages/<number:key>/text")
def propose(item_id: str, key: int) -> ResponseReturnValue:
    """Propose a correction: `{"base": "<entity tag>", "lines": {"3": "…"}, "note": "…"}`."""
    guard.item_for(Action.PROPOSE_TEXT, item_id)
    told = text_document.sent()
    text_document.only(told, "base", "lines", "note")
    base = told.get("base")
    if not isinstance(base, str):
        raise CorrectionUnclear(piece="base")
    number = proposals.propose(
        library(), item_id, key, text_document.lines_of(told), _name(), base=base, note=_note(told)
    )
    return jsonify(proposal=number), 201


@blueprint.get("/items/<item_id>/pages/<number:key>/versions")
def versions(item_id: str, key: int) -> ResponseReturnValue:
    """All versions of a page's text, and one of them beside the current one."""
    item, held = _open(Action.CORRECT_TEXT, item_id, key)
    number = request.args.get("v", type=int) or held.version
    if held.versions and not 1 <= number <= len(held.versions):
        raise NoSuchPage(item=item_id, page=key)
    chosen = corrections.read_layer(library().blobs, held.versions[number - 1].sha256) if held.versions else held.layer
    return render_template(
        "correct_versions.html",
        item=item,
        held=held,
        page=held.page,
        number=number,
        rows=_beside([line.text for line in chosen.lines], [line.text for line in held.layer.lines]),
    )


@blueprint.post("/items/<item_id>/pages/<number:key>/versions")
def restore(item_id: str, key: int) -> ResponseReturnValue:
    """Make an earlier version the current one again; none is lost."""
    guard.item_for(Action.CORRECT_TEXT, item_id)
    number = request.form.get("version", type=int)
    if number is None:
        raise BadRequest
    corrections.restore(library(), item_id, key, number, _name(), expected=request.form.get("base", ""))
    index_soon().ask()
    return redirect(url_for("correct.page", item_id=item_id, key=key, said="restored"), 303)


def _open(action: Action, item_id: str, key: int) -> tuple[Item, OpenText]:
    item = guard.item_for(action, item_id)
    return item, corrections.open_text(library(), item_id, key)


def _page(
    item: Item, held: OpenText, trial: correct_data.Trial | None = None, *, status: int = 200
) -> ResponseReturnValue:
    with reading() as session:
        mine, waiting = text_proposals.listed(
            session, state=ProposalState.WAITING, by=_name(), page=(item.id, held.page.key), limit=5
        )
        of_all = text_proposals.listed(session, state=ProposalState.WAITING, page=(item.id, held.page.key), limit=0)[1]
        near = {
            step: items.page_at(session, item.id, held.page.position + step)
            for step in (-1, 1)
            if 1 <= held.page.position + step <= item.page_count
        }
    answer = make_response(
        render_template(
            "correct.html",
            item=item,
            held=held,
            page=held.page,
            trial=trial or correct_data.Trial({}, None, False),
            may_save=guard.allowed(Action.CORRECT_TEXT, item),
            mine=mine,
            waiting=waiting,
            of_all=of_all,
            near=near,
            said=request.args.get("said", ""),
            told=correct_data.told(item, held),
            strips=correct_data.strips(held),
        )
    )
    answer.status_code = status
    # A draft is kept in the browser; the page with it must be fresh after "back".
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _document(held: OpenText) -> Response:
    response = jsonify(text_document.of(held))
    response.set_etag(held.digest)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    response.make_conditional(request)
    return response


def _name() -> str:
    return person().name or ""


def _note(told: Mapping[str, object]) -> str:
    note = told.get("note", "")
    if not isinstance(note, str):
        raise CorrectionUnclear(piece="note")
    return correct_data.plain_words(note, proposals.NOTE_CHARACTERS)


def _form_lines() -> dict[int, str]:
    """The fields `line-3`. Browsers send the ends of lines as CR LF; those around the words are none of them."""
    found: dict[int, str] = {}
    for name, value in request.form.items():
        number = name.removeprefix("line-")
        if number != name and number.isascii() and number.isdigit() and len(number) < 7:
            found[int(number)] = value.strip("\r\n")
    return found


def _changed(held: OpenText, base: str, lines: Mapping[int, str]) -> dict[int, str]:
    """What the person has changed: against the version that the form was made of, where it is one of this page."""
    known = base and base in {version.sha256 for version in held.versions}
    seen = corrections.read_layer(library().blobs, base) if known and base != held.digest else held.layer
    before = [line.text for line in seen.lines]
    return {number: words for number, words in lines.items() if number >= len(before) or words != before[number]}


def _beside(then: list[str], now: list[str]) -> list[tuple[str, str]]:
    """Lines of two versions, those that are alike side by side."""
    rows: list[tuple[str, str]] = []
    for _tag, a, b, c, d in Differences().between(then, now):
        rows += zip_longest(then[a:b], now[c:d], fillvalue="")
    return rows
