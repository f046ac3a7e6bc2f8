"""Flask-Babel with types: the only module that knows that the package has none."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import cast

from flask_babel import Babel  # type: ignore[import-untyped]
from flask_babel import force_locale as _force_locale
from flask_babel import format_datetime as _format_datetime
from flask_babel import format_decimal as _format_decimal
from flask_babel import get_locale as _get_locale
from flask_babel import gettext as _gettext
from flask_babel import ngettext as _ngettext

__all__ = ["Babel", "_", "force_locale", "format_datetime", "format_decimal", "language_names", "ngettext"]


def _(text: str, **values: object) -> str:
    """The text in the language of the request."""
    return str(_gettext(text, **values))


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    """The text for a number of things; `%(num)s` is the number."""
    return str(_ngettext(one, many, number, **values))


def format_decimal(number: float) -> str:
    """A number with the separators of the language."""
    return str(_format_decimal(number))


def format_datetime(moment: datetime, length: str = "short") -> str:
    """A moment as the language writes it, in the server's time zone."""
    return str(_format_datetime(moment.astimezone(), length, rebase=False))


def language_names() -> dict[str, str]:
    """What languages are called, by CLDR code: zh_Hant, ja."""
    locale = _get_locale()
    return dict(locale.languages) if locale else {}


def force_locale(locale: str) -> AbstractContextManager[None]:
    """Speak another language than that of the request for a while; Babel's name of it."""
    return cast("AbstractContextManager[None]", _force_locale(locale))
