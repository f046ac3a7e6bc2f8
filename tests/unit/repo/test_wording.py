"""Every code that the program can say has words in three languages, and no words stand for nothing."""

from __future__ import annotations

import itertools
import re
import string
import tomllib
from importlib import resources

import pytest

from wenyuan.repo import errors, wording
from wenyuan.repo.description import Access
from wenyuan.repo.policy import Action, Person, Role, decide
from wenyuan.storage.errors import LibraryError

assert errors  # its classes are found as subclasses

TABLE = tomllib.loads(resources.files("wenyuan.repo").joinpath("data/wording.toml").read_text("utf-8"))
INTERNAL = "internal"
"""What is not a LibraryError: `error_to_json`."""


def classes(base: type[LibraryError] = LibraryError) -> list[type[LibraryError]]:
    """All of ours, the base too."""
    found = [base] if base.__module__.startswith("wenyuan.") else []
    return found + [one for sub in base.__subclasses__() for one in classes(sub)]


CLASSES = sorted(set(classes()), key=lambda one: one.code)
REASONS = {
    decision.reason
    for access, role, action in itertools.product(Access, Role, Action)
    if not (decision := decide(access, Person(None, role), action)).allowed
}


def places(code: str) -> set[str]:
    """Names of the places in the words of a code."""
    texts = [text for part in TABLE[code].values() for text in part.values()]
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


def documented(kind: type[LibraryError]) -> set[str]:
    """Data keys that the docstrings of a class and of those above it name: `Data: file, detail.`, "carries `file`"."""
    keys: set[str] = set()
    for one in kind.__mro__:
        text = (one.__doc__ or "") if issubclass(one, LibraryError) else ""
        for listed in re.findall(r"Data[.:]\s*([^.]*)", text):
            keys |= set(re.findall(r"[a-z0-9_]+", re.sub(r"\(.*?\)", "", listed).lower()))
        keys |= set(re.findall(r"`([a-z_]+)`", text))
    return keys


def test_every_error_and_every_reason_has_words_and_no_words_are_left_over() -> None:
    assert wording.codes() == {one.code for one in CLASSES} | REASONS | {INTERNAL}


def test_no_two_errors_share_a_code() -> None:
    assert len({one.code for one in CLASSES}) == len(CLASSES)


@pytest.mark.parametrize("code", sorted(TABLE))
def test_words_say_what_and_what_to_do_in_three_languages(code: str) -> None:
    assert set(TABLE[code]) == {"what", "remedy"}
    for part in TABLE[code].values():
        assert set(part) == set(wording.LANGUAGES)
        assert all(text.strip() == text and text for text in part.values())
        assert not re.search(r"[\u4e00-\u9fff]", part["en"])
        assert len({frozenset(re.findall(r"\{\w+\}", text)) for text in part.values()}) == 1, "other places"


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.code)
def test_the_places_in_the_words_are_data_that_the_class_promises(kind: type[LibraryError]) -> None:
    assert places(kind.code) <= documented(kind)


def test_traditional_words_are_not_the_simplified_ones() -> None:
    def both(code: str, language: str) -> str:
        return "".join(part[language] for part in TABLE[code].values())

    assert [code for code in TABLE if both(code, "zh-Hans") == both(code, "zh-Hant")] == []


def test_words_are_filled_with_data_and_what_is_missing_shows_as_a_question_mark() -> None:
    words = wording.describe("too-large", {"file": "地圖.tif", "found": 900, "unit": "megapixels"}, "en")

    assert words.what == "地圖.tif: 900 megapixels, more than the limit of ?."


def test_an_unknown_code_and_an_unknown_language_get_general_words() -> None:
    assert wording.describe("no-such-code", {}, "en") == wording.describe("library-error", {}, "en")
    assert wording.describe("refused", {}, "fr") == wording.describe("refused", {}, "zh-Hans")


def test_lists_read_as_lists_and_braces_in_data_are_only_text() -> None:
    words = wording.describe("unknown-backend", {"value": "{x}", "allowed": ["local", "minio"]}, "en")

    assert "{x}" in words.what
    assert words.remedy == "It can be: local, minio"
