"""What the Web Annotation Protocol (REC 2017-02-23) asks of answers: forms, headers, preferences; and what is sent."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, request

from wenyuan.reader.context import person, public_address
from wenyuan.repo.annotations.sites import Site
from wenyuan.repo.errors import AnnotationUnclear, FormNotOffered, MediaTypeUnknown, NamedTwice, NotSignedIn
from wenyuan.repo.policy import Role

PROFILE = "http://www.w3.org/ns/anno.jsonld"
JSON_LD = f'application/ld+json; profile="{PROFILE}"'
_PLAIN_JSON = "application/json"
_ANY = frozenset({"application/ld+json", "application/*", "*/*"})
READ_TYPES = ("application/ld+json", _PLAIN_JSON)
RESOURCE_LINKS = (
    '<http://www.w3.org/ns/ldp#Resource>; rel="type"',
    '<http://www.w3.org/ns/oa#Annotation>; rel="type"',
)
CONTAINER_LINKS = (
    '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"',
    '<http://www.w3.org/TR/annotation-protocol/>; rel="http://www.w3.org/ns/ldp#constrainedBy"',
)
_MINIMAL = "http://www.w3.org/ns/ldp#PreferMinimalContainer"
_IRIS = "http://www.w3.org/ns/oa#PreferContainedIRIs"
_DESCRIPTIONS = "http://www.w3.org/ns/oa#PreferContainedDescriptions"
_INCLUDE = re.compile(r';\s*include\s*=\s*(?:"([^"]*)"|([^\s;,]+))', re.IGNORECASE)
_MOST_QUOTED = 80


@dataclass(frozen=True, slots=True)
class Preference:
    """What a client prefers to get of a container (§4.2.1)."""

    minimal: bool = False
    iris: bool | None = None
    """Addresses alone; None: it does not say."""


def asker() -> str:
    """The name of who is asking.

    Raises:
        NotSignedIn: nobody has signed in.
    """
    asking = person()
    if asking.role is Role.ANONYMOUS or asking.name is None:
        raise NotSignedIn
    return asking.name


def site() -> Site:
    """Where we are, for the addresses in what is told and read."""
    base = public_address("").rstrip("/")
    asked = request.host_url.rstrip("/") if request.host else base
    return Site(base, (asked,) if asked != base else ())


def preference() -> Preference:
    """The client's preference; where it wants addresses and descriptions both, which cannot be, it has none."""
    wanted: set[str] = set()
    for told in request.headers.getlist("Prefer"):
        if "return=representation" in told.replace(" ", ""):
            for quoted, bare in _INCLUDE.findall(told):
                wanted.update((quoted or bare).split())
    both = {_IRIS, _DESCRIPTIONS} <= wanted
    iris = None if both or not {_IRIS, _DESCRIPTIONS} & wanted else _IRIS in wanted
    return Preference(_MINIMAL in wanted, iris)


def form() -> str:
    """The media type in which the client takes an answer.

    Raises:
        FormNotOffered: in none of ours.
    """
    accepted = request.accept_mimetypes
    if not accepted:
        return JSON_LD
    taken = {str(value).partition(";")[0].strip().lower() for value, quality in accepted if quality > 0}
    if taken & _ANY:
        return JSON_LD
    if _PLAIN_JSON in taken:
        return _PLAIN_JSON
    raise FormNotOffered(offered=JSON_LD)


def sent() -> dict[str, Any]:
    """The JSON object that a client has sent.

    Raises:
        MediaTypeUnknown: it is not told to be JSON or JSON-LD.
        AnnotationUnclear: it is none.
        NamedTwice: a name is there twice; which of both values counts is for nobody to guess (RFC 8259, §4).
    """
    if request.mimetype not in READ_TYPES:
        raise MediaTypeUnknown(sent=request.mimetype[:_MOST_QUOTED] or "?", wanted=JSON_LD)
    try:
        told = json.loads(request.get_data(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise AnnotationUnclear(piece="JSON", sent=str(error)[:_MOST_QUOTED]) from error
    if not isinstance(told, dict):
        raise AnnotationUnclear(piece="JSON", sent=type(told).__name__)
    return told


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise NamedTwice(name=name[:_MOST_QUOTED])
        found[name] = value
    return found


def _no_number(name: str) -> object:
    raise ValueError(name)


def answer(
    document: Mapping[str, Any],
    *,
    allow: tuple[str, ...],
    links: tuple[str, ...] = (),
    etag: str | None = None,
    status: int = 200,
) -> Response:
    """A document with the headers of the protocol; the entity tag is that of its bytes where none is given.

    Args:
        document: JSON-LD.
        allow: methods of the address.
        links: values of `Link`.
        etag: of what is shown.
        status: of HTTP.
    """
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    response = make_response(body, status)
    response.content_type = form()
    tell(response, allow=allow, links=links)
    response.set_etag(etag or hashlib.sha256(body).hexdigest()[:20])
    response.headers["Cache-Control"] = "private, no-cache"
    if status == 200 and request.method in {"GET", "HEAD"}:
        response.make_conditional(request)
    return response


def tell(response: Response, *, allow: tuple[str, ...], links: tuple[str, ...] = ()) -> Response:
    """Put the headers on an answer that every answer of an address has."""
    response.headers["Allow"] = ", ".join(allow)
    for link in links:
        response.headers.add("Link", link)
    response.vary.update(("Accept", "Prefer", "Cookie"))
    if "POST" in allow:
        response.headers["Accept-Post"] = f"{JSON_LD}, {_PLAIN_JSON}"
    return response
