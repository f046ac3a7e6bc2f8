"""What every template has at hand: the site, the person, the language, the look, and the makers of links and labels."""

from __future__ import annotations

from typing import Any

from flask import Flask, request, url_for

from wenyuan.reader import guard, labels, languages, links, paging, security
from wenyuan.reader.context import library, person
from wenyuan.repo.policy import Action, Role

THEMES = ("auto", "light", "sepia", "dark")
THEME_COOKIE = "wenyuan_theme"


def install(app: Flask) -> None:
    """Give templates their common values and functions."""
    app.context_processor(_common)
    app.jinja_env.globals.update(
        Action=Action,
        allowed=guard.allowed,
        form_token=security.form_token,
        labels=labels,
        links=links,
        language_url=language_url,
    )


def theme() -> str:
    """The look that the reader chose; `auto` follows the device."""
    chosen = request.cookies.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


def language_url(tag: str) -> str:
    """This page in another language."""
    if request.endpoint is None or request.method != "GET":
        return url_for("home.home", lang=tag)
    return url_for(request.endpoint, **{**paging.arguments(), "lang": tag})


def _common() -> dict[str, Any]:
    asking = person()
    return {
        "site_name": library().settings.site_name,
        "person": asking,
        "is_staff": asking.role is Role.STAFF,
        "language": languages.current(),
        "languages": languages.LANGUAGES,
        "theme": theme(),
        "themes": THEMES,
        "here": request.full_path.rstrip("?"),
    }
