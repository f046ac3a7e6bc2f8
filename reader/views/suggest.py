"""Names to choose from while a reader types."""

from __future__ import annotations

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from wenyuan.reader import labels
from wenyuan.reader.context import person, reading
from wenyuan.repo import query, suggestions
from wenyuan.repo.errors import QueryTooLong, QueryUnclear
from wenyuan.repo.policy import tiers
from wenyuan.repo.suggestions import Suggestion

blueprint = Blueprint("suggest", __name__)

MOST = 8


@blueprint.get("/suggest")
def suggest() -> ResponseReturnValue:
    """`{"suggestions": [{"text", "kind", "count", "address"}]}` for `?q=`; nothing typed, nothing told."""
    typed = request.args.get("q", "").strip()
    with reading() as session:
        found = suggestions.suggest(session, typed, tiers(person()), MOST) if typed else []
    answer = jsonify({"suggestions": [_told(one) for one in found]})
    # What is told hangs on who asks.
    answer.headers["Vary"] = "Cookie"
    answer.headers["Cache-Control"] = "private, max-age=60"
    return answer


def _told(one: Suggestion) -> dict[str, str | int]:
    if one.collection:
        address = url_for("browse.collection", key=one.collection)
    else:
        address = url_for("search.search", q=_query_for(one))
    return {"text": one.text, "kind": labels.suggested(one.kind), "count": one.items, "address": address}


def _query_for(one: Suggestion) -> str:
    quoted = one.text if _is_plain(one.text) else '"' + one.text.replace('"', " ") + '"'
    field = {"title": "title:", "person": "person:"}.get(one.kind, "")
    return field + quoted


def _is_plain(text: str) -> bool:
    """Whether a name is searched for as it stands: one piece, and no operator at its beginning."""
    try:
        return " " not in text and query.parse(text) == query.plain(text)
    except (QueryTooLong, QueryUnclear):
        return False
