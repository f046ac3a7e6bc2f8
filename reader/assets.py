"""Addresses of static files that carry their content's digest, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, request, url_for

STATIC = Path(__file__).resolve().parent.parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"


def install(app: Flask) -> None:
    """Give templates `static_url(name)` and static answers their lifetime."""
    versions = {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in sorted(STATIC.rglob("*"))
        if path.is_file()
    }

    def static_url(name: str) -> str:
        return url_for("static", filename=name, v=versions[name])

    def lifetime(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            known = versions.get((request.view_args or {}).get("filename", ""))
            response.headers["Cache-Control"] = FOR_EVER if known and request.args.get("v") == known else "no-cache"
        return response

    app.jinja_env.globals["static_url"] = static_url
    app.after_request(lifetime)
