"""The style sheets of a page as one answer.

Nothing is seen before all of them have come, and a phone's network takes half a second for each.
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from flask import Flask, Response, abort, url_for

from wenyuan.reader import packed, ranges

FOR_EVER = "public, max-age=31536000, immutable"
MOST = 20
"""Sheets of one page."""


def install(app: Flask, folder: Path) -> None:
    """Give templates `style_url("tokens", "base")`: one address for these sheets, in the order given.

    Args:
        app: the application.
        folder: has the sheets, `NAME.css`; they are read now.
    """
    sheets = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.css"))}

    def together(names: list[str]) -> bytes:
        return b"\n".join(sheets[name] for name in names)

    def version_of(names: list[str]) -> str:
        return hashlib.sha256(together(names)).hexdigest()[:10]

    def style_url(*names: str) -> str:
        return url_for("style", version=version_of(list(names)), names="+".join(names))

    def style(version: str, names: str) -> Response:
        wanted = names.split("+")
        if len(wanted) > MOST or not sheets.keys() >= set(wanted):
            abort(404)
        lifetime = FOR_EVER if version_of(wanted) == version else ranges.ASK_AGAIN
        return packed.send("text/css", gzip.compress(together(wanted), mtime=0), cache_control=lifetime)

    app.jinja_env.globals.update(style_url=style_url)
    app.add_url_rule("/static/css@<version>/<names>.css", "style", style)
