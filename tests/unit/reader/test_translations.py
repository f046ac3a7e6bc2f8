"""Every string has its words in every language, and what is compiled is what was written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

READER = Path(__file__).resolve().parents[3] / "reader"
LOCALES = ("zh_Hant", "en")
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
SIMPLIFIED_ONLY = re.compile("[这个书页检馆录语阅读类归档图报时间们没无为么写体简题责权编译处还对应发开关门问闻]")


def source_strings() -> set[str]:
    """The first form of every string in code and templates."""
    found = extract_from_dir(READER, METHODS, keywords=KEYWORDS)
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def catalogue(locale: str) -> Catalog:
    with (READER / "translations" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


def words(catalog: Catalog) -> dict[str, list[str]]:
    """Translations by the first form of the source string."""
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            [message.string] if isinstance(message.string, str) else list(message.string)
        )
        for message in catalog
        if message.id
    }


def test_strings_are_found() -> None:
    assert len(source_strings()) > 150


@pytest.mark.parametrize("locale", LOCALES)
def test_no_string_is_untranslated(locale: str) -> None:
    told = words(catalogue(locale))
    assert source_strings() - told.keys() == set()
    assert told.keys() - source_strings() == set(), "no longer used"
    assert [text for text, forms in told.items() if not all(forms)] == []
    assert [message.id for message in catalogue(locale) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_places_to_fill_are_the_same(locale: str) -> None:
    for text, forms in words(catalogue(locale)).items():
        for form in forms:
            assert set(re.findall(r"%\((\w+)\)s", form)) == set(re.findall(r"%\((\w+)\)s", text)), text


@pytest.mark.parametrize("locale", LOCALES)
def test_the_compiled_catalogue_is_the_written_one(locale: str) -> None:
    with (READER / "translations" / locale / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        assert words(read_mo(file)) == words(catalogue(locale))


def test_traditional_words_have_no_simplified_characters() -> None:
    wrong = {form for forms in words(catalogue("zh_Hant")).values() for form in forms if SIMPLIFIED_ONLY.search(form)}
    assert wrong == set()


def test_english_words_have_no_han_characters() -> None:
    wrong = {form for forms in words(catalogue("en")).values() for form in forms if re.search("[\u4e00-\u9fff]", form)}
    assert wrong == set()
