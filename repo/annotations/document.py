"""Annotations as JSON-LD and back: W3C Web Annotation Data Model (REC 2017-02-23), §3 and §4.

Read generously, written in one way. What of another client's annotation means nothing here and does no harm (`rights`,
properties of its own, …) is kept and told again; what says where it stands, in a way that we cannot follow, is refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from wenyuan.repo.annotations.markup import plain
from wenyuan.repo.annotations.model import (
    CONTEXT_CHARACTERS,
    MOST_TAGS,
    MOTIVATIONS,
    NAME_CHARACTERS,
    NOTE_CHARACTERS,
    QUOTE_CHARACTERS,
    READING,
    TAG_CHARACTERS,
    Anchor,
    Annotation,
    Colour,
    Draft,
    Xywh,
)
from wenyuan.repo.annotations.sites import CONTAINER, Page, Site
from wenyuan.repo.errors import AnnotationFixed, AnnotationTooLong, AnnotationUnclear

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
MOST_QUOTED = 80
"""Characters of what was sent that an answer repeats."""
OTHERS_CHARACTERS = 8_000
"""Of all that other clients add, as JSON."""
STYLE = "wy-"
"""Before the colour in `styleClass`."""
_OURS = frozenset({
    "@context", "id", "type", "motivation", "body", "bodyValue", "target", "canonical", "audience", "creator",
    "created", "modified", "generated", "generator", "stylesheet",
})  # fmt: skip
"""Properties that are read, or said by the server whatever a client says."""
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_PIXELS = r"(\d{1,9}(?:\.\d{1,20})?)"
_XYWH = re.compile(rf"xywh=(?:pixel:)?{_PIXELS},{_PIXELS},{_PIXELS},{_PIXELS}")
_LARGEST = 2**31 - 1
_DEEPEST = 20
"""Levels of what other clients add."""
_TEXT_BODIES = frozenset({"", "TextualBody", "cnt:ContentAsText", "dctypes:Text", "Text"})


def parse(document: object, site: Site) -> Draft:
    """What a client's annotation says.

    Args:
        document: JSON as it was read.
        site: where we are.

    Raises:
        AnnotationUnclear: with the piece that cannot be used.
        AnnotationTooLong: with the piece, its length and the limit.
    """
    told = _object(document, "JSON")
    _check_kind(told)
    page, anchor, colour = _target(told.get("target"), site)
    note, tags = _bodies(told)
    motivation = _motivation(told.get("motivation"), anchor, note)
    return Draft(
        item=page.item,
        anchor=anchor,
        motivation=motivation,
        colour=colour,
        note=note,
        tags=tags,
        canonical=_canonical(told.get("canonical")),
        group=_audience(told.get("audience"), site),
        on_canvas=page.is_canvas,
        others=_others(told, site),
    )


def created_of(document: Mapping[str, Any], now: datetime) -> datetime:
    """When it was made, by its client (offline, some days ago); now, where it does not say or cannot be."""
    told = document.get("created")
    try:
        found = datetime.fromisoformat(told) if isinstance(told, str) else now
    except ValueError:
        return now
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if datetime(2000, 1, 1, tzinfo=UTC) < found < now else now


def check_same(document: Mapping[str, Any], draft: Draft, held: Annotation, site: Site) -> None:
    """Refuse a change of what stays (Protocol §5.3).

    Raises:
        AnnotationFixed: of its id, its canonical name, where it came from, or the item.
    """
    own = {site.annotation(held.id)} | {f"{base}{CONTAINER}{held.id}" for base in site.also}
    given = document.get("id")
    if given is not None and given not in own:
        raise AnnotationFixed(piece="id")
    if draft.canonical is not None and draft.canonical != held.draft.canonical:
        raise AnnotationFixed(piece="canonical")
    if "via" in document and document["via"] != held.draft.others.get("via", document["via"]):
        raise AnnotationFixed(piece="via")
    if draft.item != held.draft.item:
        raise AnnotationFixed(piece="item")


def write(annotation: Annotation, site: Site, *, alone: bool = True) -> dict[str, Any]:
    """An annotation as JSON-LD.

    Args:
        annotation: what is kept.
        site: where we are.
        alone: with its context; inside of a page of many, the page has it.
    """
    draft = annotation.draft
    told: dict[str, Any] = {"@context": CONTEXT} if alone else {}
    told |= {
        "id": site.annotation(annotation.id),
        "type": "Annotation",
        "motivation": draft.motivation,
        "created": moment(annotation.created),
        "modified": moment(annotation.modified),
        "creator": {"id": f"urn:wenyuan:person:{annotation.owner}", "type": "Person", "name": annotation.owner},
    }
    if draft.canonical:
        told["canonical"] = draft.canonical
    if draft.device:
        told["generator"] = {"id": draft.device.iri, "type": "Software", "name": draft.device.name}
    if bodies := _written_bodies(draft):
        told["body"] = bodies
    told["target"] = _written_target(draft, site)
    if draft.group:
        told["audience"] = {"id": site.group(draft.group), "type": "Audience"}
    told |= {name: value for name, value in draft.others.items() if name not in told}
    told["urn:wenyuan:anchored"] = annotation.anchored.value
    told["urn:wenyuan:version"] = annotation.version
    if draft.progression is not None:
        told["urn:wenyuan:progression"] = draft.progression
    return told


def moment(of: datetime) -> str:
    """A moment as the model wants it: ISO 8601 in UTC, with Z (§3.3.1)."""
    return of.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _written_bodies(draft: Draft) -> list[dict[str, str]]:
    texts = [("commenting", draft.note)] if draft.note else []
    texts += [("tagging", tag) for tag in draft.tags]
    return [{"type": "TextualBody", "purpose": why, "value": text, "format": "text/plain"} for why, text in texts]


def _written_target(draft: Draft, site: Site) -> dict[str, Any]:
    anchor = draft.anchor
    source = site.canvas if draft.on_canvas else site.place
    told: dict[str, Any] = {
        "type": "SpecificResource",
        "source": source(draft.item, anchor.page),
        "scope": site.item(draft.item),
    }
    selectors: list[dict[str, Any]] = []
    if anchor.start is not None:
        selectors.append({"type": "TextPositionSelector", "start": anchor.start, "end": anchor.end})
    if anchor.exact or anchor.prefix or anchor.suffix:
        quote = {"exact": anchor.exact, "prefix": anchor.prefix, "suffix": anchor.suffix}
        selectors.append({"type": "TextQuoteSelector", **quote})
    if anchor.box:
        box = anchor.box
        value = f"xywh={box.x},{box.y},{box.width},{box.height}"
        selectors.append({"type": "FragmentSelector", "conformsTo": MEDIA_FRAGMENTS, "value": value})
    if selectors:
        told["selector"] = selectors
    if draft.colour:
        told["styleClass"] = f"{STYLE}{draft.colour.value}"
    return told


def _check_kind(told: Mapping[str, Any]) -> None:
    context = told.get("@context", CONTEXT)
    if CONTEXT not in (context if isinstance(context, list) else [context]):
        _unclear("@context", context)
    kinds = _list(told.get("type"))
    if not {"Annotation", "oa:Annotation"} & {kind for kind in kinds if isinstance(kind, str)}:
        _unclear("type", told.get("type"))


def _motivation(told: object, anchor: Anchor, note: str) -> str:
    chosen = _list(told)
    if not chosen:
        return _fitting("commenting" if note else "bookmarking", anchor, note)
    first = chosen[0].removeprefix("oa:") if isinstance(chosen[0], str) else ""
    if first == READING:
        _unclear("motivation", f"{READING}: PUT /api/positions/<item>")
    if first not in MOTIVATIONS:
        _unclear("motivation", chosen[0])
    return _fitting(first, anchor, note)


def _fitting(motivation: str, anchor: Anchor, note: str) -> str:
    """A highlight with a note is a comment, a comment whose note was taken away a highlight."""
    if motivation in {"highlighting", "commenting"}:
        return "commenting" if note else "highlighting"
    if motivation == "bookmarking" and not note and anchor.exact:
        return "highlighting"
    return motivation


def _bodies(told: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    notes: list[str] = []
    tags: list[str] = []
    bodies = _list(told.get("body"))
    if told.get("bodyValue") is not None:
        bodies = [*bodies, _text(told["bodyValue"], "bodyValue")]
    for body in bodies:
        text, is_tag = _body(body)
        if text:
            (tags if is_tag else notes).append(text)
    note = "\n\n".join(notes)
    _limit("note", note, NOTE_CHARACTERS)
    for tag in tags:
        _limit("tag", tag, TAG_CHARACTERS)
    if len(tags) > MOST_TAGS:
        raise AnnotationTooLong(piece="tags", length=len(tags), limit=MOST_TAGS)
    return note, tuple(dict.fromkeys(tags))


def _body(body: object) -> tuple[str, bool]:
    if isinstance(body, str):
        return _text(body, "body").strip(), False
    told = _object(body, "body")
    kinds = {kind for kind in _list(told.get("type", "")) if isinstance(kind, str)}
    if "value" not in told or not kinds & _TEXT_BODIES:
        _unclear("body", told.get("type", sorted(told)))
    text = _text(told["value"], "body.value")
    form = told.get("format", "text/plain")
    if isinstance(form, str) and form.partition(";")[0].strip() in {"text/html", "application/xhtml+xml"}:
        text = plain(text)
    purposes = [str(each).removeprefix("oa:") for each in _list(told.get("purpose"))]
    return text.strip(), "tagging" in purposes


def _target(told: object, site: Site) -> tuple[Page, Anchor, Colour | None]:
    targets = _list(told)
    if len(targets) != 1:
        _unclear("target", f"{len(targets)} targets")
    target = targets[0]
    if isinstance(target, str):
        page, box = _source(target, site)
        return page, Anchor(page.key, box=box), None
    target = _object(target, "target")
    source = target.get("source", target.get("id"))
    if isinstance(source, Mapping):
        source = source.get("id")
    page, box = _source(_text(source, "target.source"), site)
    anchor = _anchor(page.key, _list(target.get("selector")), box)
    return page, anchor, _colour(target.get("styleClass"))


def _source(iri: str, site: Site) -> tuple[Page, Xywh | None]:
    address, _, fragment = iri.partition("#")
    page = site.page_of(address)
    if page is None:
        _unclear("target.source", iri)
    return page, _xywh(fragment) if fragment else None


def _anchor(key: int, selectors: list[object], box: Xywh | None) -> Anchor:
    """Several selectors of one target are ways to say the same (§4.2): those we know are enough."""
    place: tuple[int, int] | None = None
    quote = ("", "", "")
    unknown: list[str] = []
    for each in selectors:
        told = _object(each, "target.selector")
        kind = told.get("type")
        if told.get("refinedBy") is not None:
            unknown.append(f"{kind} refinedBy")
        elif kind == "TextPositionSelector":
            place = _place(told)
        elif kind == "TextQuoteSelector":
            quote = _quote(told)
        elif kind == "FragmentSelector":
            box = _xywh(_text(told.get("value"), "target.selector.value"))
        else:
            unknown.append(str(kind))
    if unknown and place is None and not any(quote) and box is None:
        _unclear("target.selector.type", ", ".join(unknown))
    start, end = place or (None, None)
    exact, prefix, suffix = quote
    return Anchor(key, start, end, exact, prefix, suffix, box)


def _place(told: Mapping[str, Any]) -> tuple[int, int]:
    start, end = _number(told.get("start"), "target.selector.start"), _number(told.get("end"), "target.selector.end")
    if end < start:
        _unclear("target.selector.end", end)
    if end - start > QUOTE_CHARACTERS:
        raise AnnotationTooLong(piece="quote", length=end - start, limit=QUOTE_CHARACTERS)
    return start, end


def _quote(told: Mapping[str, Any]) -> tuple[str, str, str]:
    exact, prefix, suffix = (
        _text(told.get(name, ""), f"target.selector.{name}") for name in ("exact", "prefix", "suffix")
    )
    _limit("quote", exact, QUOTE_CHARACTERS)
    return exact, prefix[-CONTEXT_CHARACTERS:], suffix[:CONTEXT_CHARACTERS]


def _xywh(fragment: str) -> Xywh:
    found = _XYWH.fullmatch(fragment)
    if not found:
        _unclear("target.selector.value", fragment)
    x, y, width, height = (round(float(number)) for number in found.groups())
    return Xywh(x, y, max(1, width), max(1, height))


def _colour(told: object) -> Colour | None:
    for name in _list(told):
        if isinstance(name, str) and name.startswith(STYLE) and name.removeprefix(STYLE) in set(Colour):
            return Colour(name.removeprefix(STYLE))
    return None


def _canonical(told: object) -> str | None:
    if told is None:
        return None
    iri = _text(told, "canonical")
    if not _IRI.fullmatch(iri) or len(iri) > NAME_CHARACTERS or iri.startswith("urn:wenyuan:"):
        _unclear("canonical", iri)
    return iri


def _audience(told: object, site: Site) -> str | None:
    audiences = _list(told)
    if not audiences:
        return None
    first = audiences[0].get("id") if isinstance(audiences[0], Mapping) else audiences[0]
    group = site.group_of(first) if isinstance(first, str) else None
    if group is None or len(audiences) > 1:
        _unclear("audience", first)
    return group


def _others(told: Mapping[str, Any], site: Site) -> dict[str, Any]:
    kept = {
        _text(name, "name"): value
        for name, value in told.items()
        if name not in _OURS and not name.startswith("urn:wenyuan:")
    }
    own = told.get("id")
    if isinstance(own, str) and _IRI.fullmatch(own) and not own.startswith(site.container):
        kept.setdefault("via", own)
    for name, value in kept.items():
        _check_kept(value, name, _DEEPEST)
    length = len(json.dumps(kept, ensure_ascii=False)) if kept else 0
    if length > OTHERS_CHARACTERS:
        raise AnnotationTooLong(piece=", ".join(sorted(kept))[:MOST_QUOTED], length=length, limit=OTHERS_CHARACTERS)
    return kept


def _check_kept(value: object, piece: str, deep: int) -> None:
    """Refuse what a database or another client could not take back."""
    if deep == 0:
        _unclear(piece, "too deep")
    if isinstance(value, str):
        _text(value, piece)
    elif isinstance(value, float) and not math.isfinite(value):
        _unclear(piece, "a number beyond all measure")  # 1e999, which no JSON that we write could say
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            _text(name, piece)
            _check_kept(inner, piece, deep - 1)
    elif isinstance(value, list):
        for inner in value:
            _check_kept(inner, piece, deep - 1)


def _object(told: object, piece: str) -> Mapping[str, Any]:
    if not isinstance(told, Mapping):
        _unclear(piece, told)
    return told


def _list(told: object) -> list[Any]:
    if told is None:
        return []
    return list(told) if isinstance(told, list) else [told]


def _text(told: object, piece: str) -> str:
    """Text that every database takes: no NUL (PostgreSQL), no half of a surrogate pair."""
    if not isinstance(told, str) or "\0" in told or any("\ud800" <= each <= "\udfff" for each in told):
        _unclear(piece, told)
    return told


def _number(told: object, piece: str) -> int:
    if not isinstance(told, int) or isinstance(told, bool) or not 0 <= told <= _LARGEST:
        _unclear(piece, told)
    return told


def _limit(piece: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise AnnotationTooLong(piece=piece, length=len(text), limit=limit)


def _unclear(piece: str, sent: object) -> NoReturn:
    told = json.dumps(sent, ensure_ascii=True, default=str) if not isinstance(sent, str) else repr(sent)
    raise AnnotationUnclear(piece=piece, sent=told[:MOST_QUOTED])
