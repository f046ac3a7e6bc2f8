"""Language maps (IIIF Presentation API 3.0, §4.1): the words of the interface in each language, texts as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from flask import g

from wenyuan.reader import labels, languages
from wenyuan.reader.translate import force_locale
from wenyuan.repo.description import Description

LanguageMap = dict[str, list[str]]

NONE = "none"
"""The key of texts whose language is not known, or that have none."""
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2,8})*")

Made = TypeVar("Made")


def in_each(make: Callable[[], Made]) -> dict[str, Made]:
    """What is made by asking once in each language of the interface, by tag."""
    asked = languages.current()
    found: dict[str, Made] = {}
    try:
        for language in languages.LANGUAGES:
            g.language = language
            with force_locale(language.locale):
                found[language.tag] = make()
    finally:
        g.language = asked
    return found


def words(say: Callable[[], str]) -> LanguageMap:
    """Words of the interface."""
    return {tag: [told] for tag, told in in_each(say).items()}


def together(by_tag: dict[str, list[str]], same: str = NONE) -> LanguageMap:
    """Texts by language; under one key where they are the same in all, as names and numbers are.

    Args:
        by_tag: texts by language tag.
        same: the key for texts that are the same in all languages.
    """
    texts = list(by_tag.values())
    return {same: texts[0]} if all(each == texts[0] for each in texts) else by_tag


def plain(texts: Iterable[str] | str, tag: str = NONE) -> LanguageMap:
    """Texts as they are."""
    return {tag: [texts] if isinstance(texts, str) else list(texts)}


def given(texts: dict[str, str], otherwise: str) -> LanguageMap:
    """Texts that the library wrote in several languages, as titles of collections; `otherwise` where there is none."""
    return {tag: [text] for tag, text in texts.items() if text and _TAG.fullmatch(tag)} or plain(otherwise)


def own(of: Description) -> str:
    """The key for what stands on the thing itself: its title, its headings."""
    tag = labels.lang_of(of) or NONE
    return tag if _TAG.fullmatch(tag) else NONE
