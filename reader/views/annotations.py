"""The end point of the W3C Web Annotation Protocol (REC 2017-02-23): one container, filtered by what is asked for.

Readers see what is theirs, and what is shared with a group they are in and is about an item they may read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed, NotFound

from wenyuan.reader import annotation_answers, guard
from wenyuan.reader.annotation_answers import CONTAINER_LINKS, RESOURCE_LINKS, answer, asker, preference, sent, site
from wenyuan.reader.context import library, reading
from wenyuan.repo import annotating
from wenyuan.repo.annotations import document
from wenyuan.repo.annotations.model import READING, Annotation, Draft
from wenyuan.repo.annotations.sites import Site
from wenyuan.repo.catalogue import annotations as notes
from wenyuan.repo.catalogue import items, reading_groups
from wenyuan.repo.catalogue.annotations import Chosen
from wenyuan.repo.errors import AnnotationChanged, ConditionMissing, NoSuchAnnotation, NoSuchGroup
from wenyuan.repo.policy import Action

blueprint = Blueprint("annotations", __name__)

PAGE = 500
"""Annotations on one page: what a reader keeps of one book comes at once."""
MINE = "mine"
"""`?group=mine`: what others share with any group of one's own."""
_CONTAINER_METHODS = ("GET", "HEAD", "OPTIONS", "POST")
_PAGE_METHODS = ("GET", "HEAD", "OPTIONS")
_OWN_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")
_SHARED_METHODS = ("GET", "HEAD", "OPTIONS")


@blueprint.route("/api/annotations/", methods=["OPTIONS"], provide_automatic_options=False)
def container_options() -> ResponseReturnValue:
    """What can be done with the container."""
    return annotation_answers.tell(make_response("", 204), allow=_CONTAINER_METHODS, links=CONTAINER_LINKS)


@blueprint.get("/api/annotations/", provide_automatic_options=False)
def container() -> ResponseReturnValue:
    """The container, with its first page unless the client prefers it without; or one of its pages."""
    annotation_answers.form()
    name, here = asker(), site()
    chosen = _chosen(name)
    with reading() as session:
        total = notes.count(session, chosen)
    preferred = preference()
    iris = request.args.get("iris") == "1" if "iris" in request.args else bool(preferred.iris)
    if "page" in request.args:
        number = _page_number(total)
        told = {"@context": document.CONTEXT, **_page(here, chosen, number, total, iris=iris)}
        return answer(told, allow=_PAGE_METHODS)
    address = _address(here, iris=iris)
    told = {
        "@context": [document.CONTEXT, "http://www.w3.org/ns/ldp.jsonld"],
        "id": address,
        "type": ["BasicContainer", "AnnotationCollection"],
        "label": "Annotations",
        "total": total,
    }
    if total:
        first = _page(here, chosen, 0, total, iris=iris)
        told["first"] = first["id"] if preferred.minimal else first
        told["last"] = _address(here, iris=iris, page=_last(total))
    response = answer(told, allow=_CONTAINER_METHODS, links=CONTAINER_LINKS)
    response.headers["Content-Location"] = address
    if preferred.minimal or preferred.iris is not None:
        response.headers["Preference-Applied"] = "return=representation"
    return response


@blueprint.post("/api/annotations/", provide_automatic_options=False)
def create() -> ResponseReturnValue:
    """Keep a new annotation; one that is there already under its canonical name is told as it is."""
    annotation_answers.form()
    name, here, now = asker(), site(), datetime.now(UTC)
    told = sent()
    draft = document.parse(told, here)
    _check_allowed(draft)
    kept, is_new = annotating.keep(library(), name, draft, document.created_of(told, now), now)
    response = _one(kept, here, name, status=201 if is_new else 200)
    response.headers["Location"] = here.annotation(kept.id)
    response.headers["Content-Location"] = here.annotation(kept.id)
    return response


@blueprint.route("/api/annotations/<number>", methods=["OPTIONS"], provide_automatic_options=False)
def options(number: str) -> ResponseReturnValue:
    """What can be done with an annotation, whether it is there or not."""
    return annotation_answers.tell(make_response("", 204), allow=_OWN_METHODS, links=RESOURCE_LINKS)


@blueprint.get("/api/annotations/<number>", provide_automatic_options=False)
def annotation(number: str) -> ResponseReturnValue:
    """One annotation."""
    annotation_answers.form()
    name = asker()
    held = _current([_seen(name, number)])[0]
    return _one(held, site(), name)


@blueprint.put("/api/annotations/<number>", provide_automatic_options=False)
def replace(number: str) -> ResponseReturnValue:
    """Put a new state in the place of the one that If-Match names."""
    annotation_answers.form()
    name, here = asker(), site()
    held = _own(name, number)
    told = sent()
    draft = document.parse(told, here)
    document.check_same(told, draft, held, here)
    _check_version(held)
    is_shared_anew = draft.group is not None and draft.group != held.draft.group
    if is_shared_anew or draft.anchor != held.anchor:  # words, and sharing taken back, are one's own whatever the book
        _check_allowed(draft)
    changed = annotating.change(library(), held, draft, datetime.now(UTC))
    return _one(changed, here, name)


@blueprint.delete("/api/annotations/<number>", provide_automatic_options=False)
def remove(number: str) -> ResponseReturnValue:
    """Take away the one that If-Match names."""
    held = _own(asker(), number)
    _check_version(held)
    annotating.remove(library(), held)
    return annotation_answers.tell(make_response("", 204), allow=_OWN_METHODS)


@blueprint.get("/api/groups")
def groups() -> ResponseReturnValue:
    """The reading groups one is in: to choose one to share with."""
    name, here = asker(), site()
    with reading() as session:
        found = reading_groups.of_member(session, name)
    told = [{"id": here.group(one.id), "name": one.name, "owner": one.owner, "members": one.count} for one in found]
    response = jsonify(groups=told)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    return response


def visible(held: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Those of these items on which one may see others' notes: withdrawn and hidden ones are not spoken of."""
    with reading() as session:
        known = items.many(session, held)
    return tuple(each for each in held if each in known and guard.may(Action.READ_TEXT, known[each]))


def _chosen(name: str) -> Chosen:
    """What the request asks for.

    Raises:
        NoSuchGroup: a group that one is not in.
    """
    item = request.args.get("item")
    motivation = request.args.get("motivation") or None
    wanted = (item,) if item else None
    group = request.args.get("group")
    if not group:
        return Chosen(owner=name, items=wanted, motivation=motivation)
    with reading() as session:
        if group == MINE:
            ids = tuple(one.id for one in reading_groups.of_member(session, name))
            chosen = Chosen(groups=ids, not_of=name, items=wanted, motivation=motivation)
        else:
            chosen = Chosen(groups=(reading_groups.get(session, group, name).id,), items=wanted, motivation=motivation)
        about = notes.items_of(session, chosen)
    return Chosen(groups=chosen.groups, not_of=chosen.not_of, items=visible(about), motivation=motivation)


def _page_number(total: int) -> int:
    text = request.args.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1
    if not 0 <= number <= _last(total):
        raise NotFound
    return number


def _last(total: int) -> int:
    return max(0, -(-total // PAGE) - 1)


def _page(here: Site, chosen: Chosen, number: int, total: int, *, iris: bool) -> dict[str, Any]:
    """One page of the container (§4.3)."""
    with reading() as session:
        held = notes.listed(session, chosen, number * PAGE, PAGE)
    told: dict[str, Any] = {
        "id": _address(here, iris=iris, page=number),
        "type": "AnnotationPage",
        "partOf": {"id": _address(here, iris=iris), "total": total},
        "startIndex": number * PAGE,
    }
    if number > 0:
        told["prev"] = _address(here, iris=iris, page=number - 1)
    if number < _last(total):
        told["next"] = _address(here, iris=iris, page=number + 1)
    if iris:
        told["items"] = [here.annotation(one.id) for one in held]
    else:
        told["items"] = [document.write(one, here, alone=False) for one in _current(held)]
    return told


def _address(here: Site, *, iris: bool, page: int | None = None) -> str:
    asked = {key: value for key in ("item", "group", "motivation") if (value := request.args.get(key))}
    asked["iris"] = "1" if iris else "0"
    if page is not None:
        asked["page"] = str(page)
    return f"{here.container}?{urlencode(asked)}"


def _current(held: list[Annotation]) -> list[Annotation]:
    return annotating.anchored(library(), held, lambda item: guard.may(Action.READ_TEXT, item))


def _one(held: Annotation, here: Site, name: str, *, status: int = 200) -> Response:
    own = held.owner == name
    allow = _OWN_METHODS if own else _SHARED_METHODS
    told = document.write(held, here)
    return answer(told, allow=allow, links=RESOURCE_LINKS, etag=str(held.version), status=status)


def _seen(name: str, number: str) -> Annotation:
    """An annotation that the person may read.

    Raises:
        NoSuchAnnotation: unknown, or another's: not told apart.
    """
    with reading() as session:
        held = notes.get(session, number)
        if held.owner == name:
            return held
        try:
            reading_groups.get(session, held.draft.group or "", name)
        except NoSuchGroup as error:
            raise NoSuchAnnotation(annotation=number) from error
    if not visible([held.draft.item]):
        raise NoSuchAnnotation(annotation=number)
    return held


def _own(name: str, number: str) -> Annotation:
    """An annotation that the person may change.

    Raises:
        NoSuchAnnotation: as `_seen`.
        MethodNotAllowed: one may read it, for it is shared, and no more.
    """
    held = _seen(name, number)
    if held.owner != name or held.draft.motivation == READING:
        raise MethodNotAllowed(valid_methods=list(_SHARED_METHODS))
    return held


def _check_version(held: Annotation) -> None:
    """Let a change go on only upon the version that is there.

    Raises:
        ConditionMissing: the request does not say upon which.
        AnnotationChanged: upon another.
    """
    if not request.if_match:
        raise ConditionMissing(header="If-Match")
    if not request.if_match.contains(str(held.version)):
        raise AnnotationChanged(annotation=held.id, found=held.version)


def _check_allowed(draft: Draft) -> None:
    """Refuse what one may not keep: of an item one may not read.

    Raises:
        NoSuchItem, Refused: as the guard.
    """
    item = guard.item_for(Action.READ_PAGE, draft.item)
    if draft.anchor.has_text:
        guard.require(Action.READ_TEXT, item)
