"""Addresses of static files that carry their content's digest, so that browsers may keep them for ever."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from flask import Flask, Response, request, send_from_directory, url_for

from wenyuan.reader import sheets
from wenyuan.reader.sheets import FOR_EVER

STATIC = Path(__file__).resolve().parent.parent / "static"


def install(app: Flask) -> None:
    """Give templates `static_url(name)` and static answers their lifetime.

    Scripts that import each other by relative addresses have one version together, which stands in the path, so that
    what they import can be kept for ever, too: `script_url("room/boot.js")`; `script_urls("room")` are all of a folder.
    """
    versions = {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in sorted(STATIC.rglob("*"))
        if path.is_file()
    }

    def static_url(name: str) -> str:
        return url_for("static", filename=name, v=versions[name])

    scripts = {name.removeprefix("js/"): digest for name, digest in versions.items() if name.startswith("js/")}
    together = hashlib.sha256(repr(scripts).encode()).hexdigest()[:10]

    def script_url(name: str) -> str:
        return url_for("script", version=together, name=name)

    def script_urls(folder: str) -> list[str]:
        return [script_url(name) for name in scripts if name.startswith(f"{folder}/")]

    def script(version: str, name: str) -> Response:
        response = send_from_directory(STATIC / "js", name)
        response.headers["Cache-Control"] = FOR_EVER if version == together else "no-cache"
        return response

    def lifetime(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            known = versions.get((request.view_args or {}).get("filename", ""))
            # Other people's files have their version in their folder, and are asked for by scripts of theirs, too.
            is_versioned = (request.view_args or {}).get("filename", "").startswith("vendor/")
            is_known = known and (is_versioned or request.args.get("v") == known)
            response.headers["Cache-Control"] = FOR_EVER if is_known else "no-cache"
        return response

    sent: dict[str, bytes] = {}

    def packing(response: Response) -> Response:
        """Scripts and style sheets are a quarter as long: a first visit by phone waits for them."""
        name = _packable(response)
        if name:
            if name not in sent:
                sent[name] = gzip.compress((STATIC / name).read_bytes(), mtime=0)
            response.close()  # the file
            response.direct_passthrough = False
            response.set_data(sent[name])
            response.headers["Content-Encoding"] = "gzip"
            response.headers.remove("Accept-Ranges")
            # Weak: the same text in other bytes (RFC 9110, §8.8.3.3).
            response.set_etag(response.get_etag()[0] or "", weak=True)
        return response

    app.jinja_env.globals.update(static_url=static_url, script_url=script_url, script_urls=script_urls)
    app.add_url_rule("/static/js@<version>/<path:name>", "script", script)
    sheets.install(app, STATIC / "css")
    app.after_request(lifetime)
    app.after_request(packing)


def _packable(response: Response) -> str:
    """The name of the static file that is being sent, where it is text and the client takes it packed; else empty."""
    told = request.view_args or {}
    name = {"static": told.get("filename"), "script": f"js/{told.get('name')}"}.get(request.endpoint or "")
    if not name or not name.endswith((".js", ".mjs", ".css", ".svg", ".json")):
        return ""
    response.vary.add("Accept-Encoding")
    wanted = response.status_code == 200 and request.method == "GET" and request.accept_encodings.quality("gzip") > 0
    return name if wanted else ""
