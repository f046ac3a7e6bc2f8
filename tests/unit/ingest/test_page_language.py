"""The languages of a page, by what was read on it."""

from __future__ import annotations

import pytest

from wenyuan.ingest.page_language import languages_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("深圳市地方志编纂委员会办公室对历史资料进行了整理", ("zh-Hans",)),
        ("寶安縣志卷一建置沿革自東晉以來為縣屬廣州府", ("zh-Hant",)),
        ("山水之上天下大同", ("zh",)),
        ("学国体时间对东车马门 學國體時間對東車馬門", ("zh-Hant", "zh-Hans")),
        ("これは日本語の文章です", ("ja",)),
        ("The county lies between two rivers and is known for its oysters", ("en",)),
        ("Le préfet de la région s’étonna que les habitants dans la ville", ("fr",)),
        ("PAGE TWELVE", ("und-Latn",)),
        ("Съешь ещё этих мягких булок", ("und",)),
        ("123 。，", ()),
        ("", ()),
    ],
)
def test_a_page_tells_its_languages(text: str, expected: tuple[str, ...]) -> None:
    found = languages_of(text)
    assert found == expected or (len(expected) == 2 and sorted(found) == sorted(expected))


def test_what_takes_most_of_the_page_is_named_first() -> None:
    english = "The county lies between two rivers and is known for its oysters. " * 2
    assert languages_of("深圳市地方志编纂委员会办公室对历史资料进行整理" * 6 + english) == ("zh-Hans", "en")
    assert languages_of("宝安县历史资料" + english) == ("en", "zh-Hans")


def test_a_few_words_in_another_language_are_no_language_of_the_page() -> None:
    assert languages_of("深圳市地方志编纂委员会办公室对历史资料进行整理" * 6 + " GDP") == ("zh-Hans",)


def test_rare_characters_make_a_simplified_page_no_traditional_one() -> None:
    assert languages_of("深圳市地方志编纂委员会办公室对历史资料进行整理，縡裻骭") == ("zh-Hans",)
