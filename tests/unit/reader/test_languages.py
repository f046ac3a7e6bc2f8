"""Tags that browsers send, and the language that follows."""

from __future__ import annotations

import pytest

from wenyuan.reader.languages import by_tag


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh-SG", "zh-Hans"), ("zh-Hans-HK", "zh-Hans"),
        ("zh-TW", "zh-Hant"), ("zh-HK", "zh-Hant"), ("zh-Hant-CN", "zh-Hant"), ("ZH_tw", "zh-Hant"),
        ("en", "en"), ("en-GB", "en"),
    ],
)  # fmt: skip
def test_browser_tags_choose_a_language(tag: str, language: str) -> None:
    found = by_tag(tag)
    assert found is not None
    assert found.tag == language


def test_other_languages_choose_none() -> None:
    assert by_tag("fr-FR") is None
    assert by_tag("*") is None
