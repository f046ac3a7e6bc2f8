"""Reading without a network: the web app manifest, the worker that answers then, and what a book needs to be kept."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from wenyuan.reader import assets, guard, languages, offline_data, ranges, reader_tag
from wenyuan.reader.context import library, person, reading
from wenyuan.reader.offline_data import script_url, script_urls, static_url
from wenyuan.reader.translate import _
from wenyuan.repo import keeping_offline
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import NotForOffline
from wenyuan.repo.items import Item, ItemState
from wenyuan.repo.policy import Action

blueprint = Blueprint("offline", __name__)

PAPERS = {"light": "#faf8f3", "sepia": "#f3e7cd", "dark": "#181715"}
"""As in static/css/tokens.css: what the system paints around the pages."""
SEAL = "#a3262a"
WORKER_PARTS = ("records", "lease", "addresses", "worker/copies", "worker/pages")
"""Scripts of static/js/offline that the worker takes in, in this order."""
_WORKER = assets.STATIC / "sw.js"
_PAGE = Path(__file__).resolve().parent.parent / "templates" / "offline.html"
_SHELL_STYLES = ("tokens", "base", "components", "offline")
_WIDTHS = range(100, 4001)


@blueprint.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """Name, look and beginnings of the installed library (W3C Web Application Manifest)."""
    name = library().settings.site_name
    told = {
        "id": "/",
        "name": name,
        "short_name": name,
        "description": _("%(name)s：文献与图书，在线或离线阅读", name=name),
        "lang": languages.current().tag,
        "dir": "ltr",
        "start_url": url_for("my_library.home", at="app"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPERS["light"],
        "theme_color": PAPERS["light"],
        "categories": ["books", "education"],
        "icons": [
            *(_icon(static_url(f"img/icon-{size}.png"), size, "any") for size in (192, 512)),
            *(_icon(static_url(f"img/icon-maskable-{size}.png"), size, "maskable") for size in (192, 512)),
            {"src": static_url("img/seal.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        ],
        "shortcuts": [
            {"name": _("检索"), "url": url_for("search.search")},
            {"name": _("馆藏"), "url": url_for("browse.everything")},
            {"name": _("留在本机的书"), "url": url_for("offline.page")},
        ],
    }
    data = json.dumps(told, ensure_ascii=False, indent=1).encode()
    return ranges.send(ranges.in_memory("application/manifest+json", data), ranges=False)


@blueprint.get("/sw.js")
def worker() -> ResponseReturnValue:
    """The service worker: its version and what it takes in stand at its head, so that a new product is a new worker."""
    told = {
        "version": product_version(),
        "parts": [script_url(f"offline/{name}.js") for name in WORKER_PARTS],
        "page": url_for("offline.page"),
        "shell": [
            *(static_url(f"css/{name}.css") for name in _SHELL_STYLES),
            *script_urls("offline"),
            *(static_url(f"img/{name}") for name in ("seal.svg", "wordmark.svg", "icon-192.png")),
        ],
    }
    data = f"self.wenyuan = {json.dumps(told)};\n".encode() + _WORKER.read_bytes()
    response = ranges.send(ranges.in_memory("text/javascript", data), cache_control="no-cache", ranges=False)
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@blueprint.get("/offline")
def page() -> ResponseReturnValue:
    """What is kept on this device. It is asked for without an account, kept by the worker, and filled by a script."""
    return render_template("offline.html")


@blueprint.get("/read/<item_id>/offline.json")
def item(item_id: str) -> ResponseReturnValue:
    """What to fetch to keep an item or some of its pages, and until when: `?pages=3-20`, `?width=1024`.

    With `?brief=1` only whether and until when it may be kept.

    Raises:
        NotForOffline: it may be read here, but not be kept.
        BadRequest: the pages or the width are none, or too many.
    """
    found = guard.item_for(Action.READ_PAGE, item_id)
    asking, now = person(), datetime.now(UTC)
    if found.state is ItemState.WITHDRAWN:
        raise NotForOffline(access=found.description.access.value)
    lease = timedelta(days=library().settings.offline_days)
    until = keeping_offline.kept_until(found.description.access, asking, now, lease=lease)
    is_open = guard.is_open(Action.READ_PAGE, found)
    told: dict[str, Any] = {
        "item": found.id,
        "title": found.description.title,
        "until": until.isoformat() if until else None,
        "now": now.isoformat(),
        "person": reader_tag.NOBODY if is_open else reader_tag.tag_of(asking),
        "version": offline_data.version_of(found, product_version()),
        "count": found.page_count,
    }
    if not request.args.get("brief"):
        told |= offline_data.wanted(found, _pages(found), _width()).as_json()
        told["words"] = {
            "no_search": _("离线时不能在全书中查找。"),
            "no_search_remedy": _("连上网之后就可以。"),
        }
    response = jsonify(told)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def product_version() -> str:
    """Names the product as it is deployed: its scripts, styles and the page that the worker keeps."""
    version: str = current_app.config["WENYUAN_PRODUCT"]
    return version


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"kept_kind": offline_data.kind_of}


@blueprint.record_once
def _name_the_product(state: Any) -> None:
    digest = hashlib.sha256()
    for path in (*sorted(assets.STATIC.rglob("*")), _PAGE):
        if path.is_file():
            digest.update(f"{path.name}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    state.app.config["WENYUAN_PRODUCT"] = digest.hexdigest()[:10]


def _pages(found: Item) -> list[PageView]:
    """The pages that are asked for; of an e-book or a PDF all, for it is kept whole."""
    with reading() as session:
        views = items.pages(session, found.id)
    if not views:
        raise BadRequest
    if offline_data.kind_of(found) != offline_data.SCAN:
        return views
    try:
        places = keeping_offline.chosen_places(request.args.get("pages", ""), len(views))
    except ValueError as error:
        raise BadRequest from error
    if len(places) > keeping_offline.MOST_PAGES:
        raise BadRequest
    return [views[place - 1] for place in places]


def _width() -> int:
    told = request.args.get("width", "1024")
    if not (told.isascii() and told.isdigit() and len(told) < 5 and int(told) in _WIDTHS):
        raise BadRequest
    return int(told)


def _icon(address: str, size: int, purpose: str) -> dict[str, str]:
    return {"src": address, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
