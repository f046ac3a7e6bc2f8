"""Turning error codes into words, in the person's language. Used at the edges only: commands, pages, receipts shown."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
_FALLBACK = "library-error"


@dataclass(frozen=True, slots=True)
class Words:
    """What happened, and what the person can do."""

    what: str
    remedy: str


def describe(code: str, data: dict[str, Any], language: str) -> Words:
    """The words for an error or for the reason of a decision.

    Args:
        code: of a `LibraryError` or `Decision`; an unknown one gets the general words.
        data: fills the places in the words; what is missing shows as "?".
        language: zh-Hans, zh-Hant or en; any other is told in zh-Hans.
    """
    table = _table()
    entry = table.get(code, table[_FALLBACK])
    tongue = language if language in LANGUAGES else LANGUAGES[0]
    known: defaultdict[str, Any] = defaultdict(lambda: "?", {key: _shown(value) for key, value in data.items()})
    return Words(entry["what"][tongue].format_map(known), entry["remedy"][tongue].format_map(known))


def codes() -> frozenset[str]:
    """All codes that have words."""
    return frozenset(_table())


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    return "?" if value is None else str(value)


@cache
def _table() -> dict[str, dict[str, dict[str, str]]]:
    with resources.files("wenyuan.repo").joinpath("data/wording.toml").open("rb") as file:
        return tomllib.load(file)
