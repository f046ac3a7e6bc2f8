"""The three languages of the pages. Source strings are simplified Chinese; `zh_Hant` and `en` have catalogues.

A language is chosen by `?lang=`, else by the cookie that `?lang=` leaves, else by `Accept-Language`, else
by the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, current_app, g, request

from wenyuan.reader import security
from wenyuan.reader.translate import Babel

COOKIE = "wenyuan_lang"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the pages.

    Attributes:
        tag: BCP 47, as in `lang` attributes, URLs and cookies.
        locale: Babel's name, as of the catalogue's folder.
        name: what its speakers call it.
        short: one or two characters for a narrow switch.
    """

    tag: str
    locale: str
    name: str
    short: str


LANGUAGES = (
    Language("zh-Hans", "zh_Hans", "简体中文", "简"),
    Language("zh-Hant", "zh_Hant", "繁體中文", "繁"),
    Language("en", "en", "English", "EN"),
)
_BY_TAG = {language.tag.lower(): language for language in LANGUAGES}
_TRADITIONAL = frozenset({"tw", "hk", "mo", "hant"})


def by_tag(tag: str) -> Language | None:
    """The language of a BCP 47 tag as readers' browsers send it: zh-TW and zh-HK are traditional, other zh are not."""
    parts = tag.lower().replace("_", "-").split("-")
    if parts[0] == "zh":
        simplified = "hans" in parts or not _TRADITIONAL & set(parts)
        return _BY_TAG["zh-hans" if simplified else "zh-hant"]
    return _BY_TAG.get(parts[0])


def current() -> Language:
    """The language of this request."""
    if "language" not in g:
        g.language = _choose()
    language: Language = g.language
    return language


def install(app: Flask, default: str) -> None:
    """Make the application speak them.

    Args:
        app: the application.
        default: tag of the language where a reader has chosen none.
    """
    app.config["WENYUAN_LANGUAGE"] = default
    Babel(
        app,
        default_locale="zh_Hans",
        default_translation_directories=str(Path(__file__).resolve().parent / "translations"),
        locale_selector=lambda: current().locale,
    )
    app.after_request(_remember)


def _choose() -> Language:
    for tag in (request.args.get("lang", ""), request.cookies.get(COOKIE, "")):
        if tag.lower() in _BY_TAG:
            return _BY_TAG[tag.lower()]
    for tag in request.accept_languages.values():
        if language := by_tag(tag):
            return language
    return _BY_TAG[str(current_app.config["WENYUAN_LANGUAGE"]).lower()]


def _remember(response: Response) -> Response:
    tag = request.args.get("lang", "").lower()
    if tag in _BY_TAG and request.cookies.get(COOKIE) != _BY_TAG[tag].tag:
        security.keep(response, COOKIE, _BY_TAG[tag].tag)
    return response
