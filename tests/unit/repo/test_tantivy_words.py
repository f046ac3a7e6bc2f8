"""The words of the tantivy engine: a phrase of them stands where a scan finds it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wenyuan.repo import chinese
from wenyuan.repo.search.tantivy_words import sequence, stream, ways

squeezed = st.text(st.sampled_from("天地玄黃宇ab9 ，\n"), max_size=24).map(chinese.squeezed_text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("天地玄", "天地 地玄"),
        ("天", ""),
        ("中国 isbn 978 号", "中国 国> isbn 978 <号"),
        ("a 国 b", "a <国 国> b"),
        ("", ""),
    ],
)
def test_a_text_becomes(text: str, words: str) -> None:
    assert stream(text).split() == words.split()


def test_words_that_begin_in_the_seam_are_marked() -> None:
    assert stream("天地玄黄", 2).split() == ["天地", "地玄", "玄黄~"]
    assert stream("天 a 玄黄", 1).split() == ["天>", "a~", "<玄~", "玄黄~"]


def test_a_phrase_may_go_on_in_the_seam_from_any_word_on() -> None:
    assert ways(["天地", "地玄", "玄黄"]) == [
        ["天地", "地玄", "玄黄"],
        ["天地", "地玄~", "玄黄~"],
        ["天地", "地玄", "玄黄~"],
    ]


def seam_of(following: str) -> str:
    """So much of what follows as a page is given of it (`chinese.with_seam`): a Latin word is not cut."""
    cut = chinese.SEAM
    while cut < len(following) and following[cut] != " " and not chinese.is_han(following[cut - 1]):
        cut += 1
    return following[:cut].rstrip()


@example("9 地 9 地 9 地 9 地 9 地 9 地 9", 1, "9 地 9 地 9 地 9 地 9 地 9 地 9")
@given(squeezed, st.integers(0, 24), squeezed)
def test_a_phrase_is_found_exactly_where_a_scan_finds_it(text: str, end: int, wanted: str) -> None:
    if len(wanted) < 2:
        return
    end = min(end, len(text))
    if end and (text[end - 1 : end] == " " or (text[end : end + 1] != " " and not chinese.is_han(text[end - 1]))):
        return  # a page does not end inside a word
    text = text[:end] + seam_of(text[end:])
    phrase = chinese.phrase_of(wanted)
    scanned = any(place < end for place in chinese.occurrences(text, phrase))
    held = stream(text, end).split()
    found = any(
        held[start : start + len(words)] == words for words in ways(sequence(wanted)) for start in range(len(held))
    )
    assert found == scanned
