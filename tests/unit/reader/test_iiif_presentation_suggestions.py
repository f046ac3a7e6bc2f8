"""What could be searched for: terms out of the text itself."""

from __future__ import annotations

from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.reader.iiif import suggestions
from wenyuan.repo import chinese

_items = count()


def terms(typed: str, *texts: str) -> list[tuple[str, int]]:
    """Text and count of each term; every call is of another item, so that nothing is remembered."""
    return [(each.text, each.count) for each in suggestions.terms(f"item-{next(_items)}", "s", typed, texts)]


def test_the_most_frequent_continuation_comes_first() -> None:
    told = terms("南山", "南山縣志。南山縣志！南山縣學", "南山日報")
    assert told[0] == ("南山", 4)
    assert told[1] == ("南山縣", 3)
    assert ("南山縣志", 2) in told


def test_a_term_that_always_goes_on_in_one_way_is_told_whole() -> None:
    assert terms("通", "通濟橋。通濟橋") == [("通濟橋", 2)]


def test_terms_run_over_ends_of_lines_and_end_at_punctuation() -> None:
    assert terms("天地", "天地玄\n黃，宇宙洪荒") == [("天地玄黃", 1)]
    assert terms("玄黃宇", "天地玄黃，宇宙。洪荒") == [("玄黃宇宙", 1)], "what is typed may run over it, as hits do"


def test_terms_are_written_as_in_the_text_however_they_were_typed() -> None:
    assert terms("后汉", "後漢書")[0][0] == "後漢書"


def test_words_of_other_scripts_are_told_whole_and_from_their_beginning() -> None:
    assert terms("bir", "Birds and a birthday; a Seabird. Birds") == [("Birds", 2), ("birthday", 1)]


def test_several_words_keep_their_blanks() -> None:
    assert terms("New Y", "in New York, of New\nYork") == [("New York", 2)]


def test_nothing_typed_and_far_too_much_typed_give_nothing() -> None:
    assert terms("", "天地") == terms("，。", "天地") == terms("天" * 41, "天" * 50) == []


def test_texts_read_only_in_part_are_not_remembered_as_the_whole() -> None:
    before, suggestions.SECONDS = suggestions.SECONDS, -1.0
    try:
        assert suggestions.terms("slow", "s", "天", ["天地"]) == ()
    finally:
        suggestions.SECONDS = before
    assert suggestions.terms("slow", "s", "天", ["天地"]) != ()


@given(st.text("天地玄黃宇宙bird ，\n", max_size=40), st.text("天地玄bi", min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_every_term_is_found_in_the_text_as_often_as_it_says(text: str, typed: str) -> None:
    for term, times in terms(typed, text):
        assert chinese.squeezed_text(term).startswith(chinese.squeezed_text(typed))
        assert times <= len(text)
        assert chinese.matches(text, chinese.parse(f"“{term}”"))
