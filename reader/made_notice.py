"""A picture in the place of a page that cannot be shown for the moment, which says so in the reader's language."""

from __future__ import annotations

import unicodedata
from html import escape

from flask import Blueprint, Response, request

from wenyuan.reader import problems
from wenyuan.storage.errors import Unavailable

WIDTH, HEIGHT = 400, 300
_SIZE = 18
_COLUMNS = 36
"""Widths of a Latin letter in a line; a Chinese character is two."""
_LINES = 5
_FONTS = "Noto Serif CJK SC, Source Han Serif SC, Songti SC, SimSun, serif"


def install(blueprint: Blueprint) -> None:
    """Answer with such a picture where a picture was to be shown; who reads text is told in text."""
    blueprint.register_error_handler(Unavailable, _answer)


def draw(what: str, remedy: str) -> bytes:
    """What happened and what to do, as SVG."""
    told = [(line, "#26231e") for line in _lines(what)] + [(line, "#6b6454") for line in _lines(remedy)]
    step = round(_SIZE * 1.6)
    top = (HEIGHT - step * (len(told) - 1)) // 2
    texts = "".join(
        f'<text x="{WIDTH // 2}" y="{top + step * place}" fill="{colour}">{escape(line)}</text>'
        for place, (line, colour) in enumerate(told)
    )
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#f6efdd"/>'
        f'<g font-family="{_FONTS}" font-size="{_SIZE}" text-anchor="middle">{texts}</g></svg>'
    )
    return drawing.encode()


def _answer(error: Unavailable) -> Response:
    if not _is_shown():
        return problems.answer(error)
    problems.log(error)
    problem = problems.problem_of(error)
    response = Response(draw(problem.what, problem.remedy), problem.status, mimetype="image/svg+xml")
    response.headers["Retry-After"] = problems.retry_after(error)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    return response


def _is_shown() -> bool:
    """Whether the answer is to be shown as a picture: browsers say so, or ask for pictures and no page.

    Not where our own pages ask, whose addresses carry a version: the reading room would take it for the page, and not
    ask again.
    """
    if "v" in request.args:
        return False
    asked = list(request.accept_mimetypes.values())
    by_type = any(each.startswith("image/") for each in asked) and "text/html" not in asked
    return request.headers.get("Sec-Fetch-Dest") == "image" or by_type


def _lines(text: str) -> list[str]:
    """A text in lines that fit; it ends in an ellipsis where it does not."""
    lines, width = [""], 0
    for sign in text:
        own = 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if width + own > _COLUMNS:
            # A word of Latin letters goes to the next line as a whole.
            kept, _, rest = lines[-1].rpartition(" ") if sign.isascii() else (lines[-1], "", "")
            lines[-1] = kept or lines[-1]
            lines.append(rest if kept else "")
            width = len(lines[-1])
        lines[-1] += sign
        width += own
    return lines if len(lines) <= _LINES else [*lines[: _LINES - 1], lines[_LINES - 1][:-1] + "…"]
