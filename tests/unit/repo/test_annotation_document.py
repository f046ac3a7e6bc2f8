"""Annotations as JSON-LD and back: what is kept comes back as it was; what is sent is taken or refused by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.repo.annotations import document, export
from wenyuan.repo.annotations.export import Entry, Words
from wenyuan.repo.annotations.markup import plain
from wenyuan.repo.annotations.model import Anchor, Anchored, Annotation, Colour, Device, Draft, Xywh
from wenyuan.repo.annotations.sites import Page, Site
from wenyuan.repo.errors import AnnotationTooLong, AnnotationUnclear

SITE = Site("https://library.example", ("http://127.0.0.1:8000",))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ITEM = "0a1b2c3d4e5f6"
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)


def kept(draft: Draft, **told: Any) -> Annotation:
    return Annotation("0123456789abcdef0123", "甲", draft, draft.anchor, Anchored.HERE, "", 1, NOW, NOW, **told)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    start = draw(st.integers(0, 1000) | st.none())
    exact = draw(WORDS) if start is not None and draw(st.booleans()) else ""
    end = start + len(exact) if start is not None else None
    box = draw(st.builds(Xywh, *[st.integers(0, 9999)] * 2, *[st.integers(1, 9999)] * 2) | st.none())
    note = draw(WORDS.map(str.strip) | st.just(""))
    anchor = Anchor(draw(st.integers(1, 10**8)), start, end, exact, draw(WORDS) if exact else "", "", box)
    return Draft(
        item=ITEM,
        anchor=anchor,
        motivation="commenting" if note else "highlighting",
        colour=draw(st.sampled_from(Colour) | st.none()),
        note=note,
        tags=tuple(draw(st.lists(WORDS.map(str.strip).filter(bool), max_size=3, unique=True))),
        canonical=draw(st.uuids().map(lambda one: one.urn) | st.none()),
        group=draw(st.just("0123456789") | st.none()),
        on_canvas=draw(st.booleans()),
        others=draw(st.dictionaries(WORDS.map(lambda name: f"x-{name}"), WORDS, max_size=2)),
    )


class TestThereAndBack:
    @given(drafts())
    @settings(max_examples=200, deadline=None)
    def test_what_is_written_is_read_as_the_same(self, draft: Draft) -> None:
        told = json.loads(json.dumps(document.write(kept(draft), SITE)))
        assert document.parse(told, SITE) == draft

    def test_a_position_tells_its_device_and_how_far(self) -> None:
        draft = Draft(ITEM, Anchor(2), "urn:wenyuan:reading", device=Device("x", "手機"), progression=0.5)
        told = document.write(kept(draft), SITE)
        assert told["generator"] == {"id": "urn:wenyuan:device:x", "type": "Software", "name": "手機"}
        assert told["urn:wenyuan:progression"] == 0.5


NAMES = st.sampled_from(["type", "source", "selector", "value", "id", "body", "target", "start", "end"])
PIECES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
)


class TestReading:
    @given(PIECES)
    @settings(max_examples=300, deadline=None)
    def test_whatever_is_sent_is_refused_by_name_or_taken(self, piece: Any) -> None:
        base = {"type": "Annotation", "target": f"{SITE.base}/read/{ITEM}/place/1"}
        refused: list[str] = []
        for name in ("target", "body", "motivation", "canonical", "audience", "type", "@context", "x"):
            try:
                document.parse({**base, name: piece}, SITE)
            except (AnnotationUnclear, AnnotationTooLong) as error:
                refused.append(error.data["piece"])
        assert all(refused)

    def test_addresses_of_ours_by_each_of_our_names(self) -> None:
        assert SITE.page_of(f"http://127.0.0.1:8000/read/{ITEM}/place/7") == Page(ITEM, 7, is_canvas=False)
        assert SITE.page_of(SITE.canvas(ITEM, 7)) == Page(ITEM, 7, is_canvas=True)
        for foreign in (
            f"https://library.example.evil/read/{ITEM}/place/7",
            f"/read/{ITEM}/place/7",
            SITE.item(ITEM),
            "",
        ):
            assert SITE.page_of(foreign) is None

    @pytest.mark.parametrize("deep", [30, 900])
    def test_what_is_too_deep_is_refused(self, deep: int) -> None:
        nested: Any = 1
        for _ in range(deep):
            nested = [nested]
        with pytest.raises(AnnotationUnclear):
            document.parse({"type": "Annotation", "target": SITE.place(ITEM, 1), "x": nested}, SITE)

    @pytest.mark.parametrize("told", ["1e999", "[-1e999]", '{"a": 1e999}'])
    def test_numbers_that_json_cannot_say_are_refused(self, told: str) -> None:
        with pytest.raises(AnnotationUnclear):
            document.parse({"type": "Annotation", "target": SITE.place(ITEM, 1), "x": json.loads(told)}, SITE)

    def test_numbers_that_no_picture_has(self) -> None:
        with pytest.raises(AnnotationUnclear):
            document.parse({"type": "Annotation", "target": f"{SITE.place(ITEM, 1)}#xywh={'9' * 400},1,1,1"}, SITE)

    @pytest.mark.parametrize("told", [None, 5, "yesterday", "2027-01-01T00:00:00Z", "1970-01-01"])
    def test_a_moment_that_cannot_be_is_now(self, told: object) -> None:
        assert document.created_of({"created": told}, NOW) == NOW

    def test_a_moment_of_any_zone_is_taken(self) -> None:
        told = document.created_of({"created": "2026-11-24T08:00:00+08:00"}, NOW)
        assert NOW - told == timedelta(hours=12)
        assert document.moment(told) == "2026-11-24T00:00:00.000Z"


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>一</p><p>二<br>三</p>", "一\n\n二\n三"),
        ("<script>alert(1)</script>四", "四"),
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
        ("<ul><li>x</li><li>y</li></ul>", "x\n\ny"),
        ("<b>五", "五"),
    ],
)
def test_html_becomes_its_words(markup: str, words: str) -> None:
    assert plain(markup) == words


class TestExport:
    words = Words("我的笔记", tuple("abcdefghijk"), {"": "笔记"}, {"red": "红色"}, {"orphaned": "找不到原文"}, "无")

    def entry(self, note: str = "", exact: str = "", title: str = "書") -> Entry:
        draft = Draft(ITEM, Anchor(2, 0, len(exact), exact), "commenting", Colour.RED, note)
        return Entry(kept(draft), title, "引文[M].", 2, "卷一 葉2", "https://library.example/x", "今日")

    @given(WORDS)
    @settings(max_examples=200, deadline=None)
    def test_no_cell_begins_a_formula(self, text: str) -> None:
        assert not export._cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))

    @pytest.mark.parametrize(
        "note",
        ["# 題", "- 一", "1. 一", "> 引", "<script>", "[x](javascript:y)", "    code", "`c`", "&lt;b&gt;", "==="],
    )
    def test_no_note_is_markup(self, note: str) -> None:
        lines = export.markdown([self.entry(note)], self.words).split("\n")
        assert note not in lines
        assert "<script>" not in lines

    def test_lines_of_a_quote_stay_in_it(self) -> None:
        assert "> 一\n> 二\n" in export.markdown([self.entry(exact="一\n二")], self.words)

    def test_nothing_is_told(self) -> None:
        assert export.markdown([], self.words) == "# 我的笔记\n\n无\n"
