"""The files of the Whoosh codec, and a batch that is larger than its memory."""

from __future__ import annotations

import random
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.repo.search import codec, packed
from wenyuan.repo.search.index import Filters, ItemDocument, PageText
from wenyuan.repo.search.whoosh import open_index


@given(st.lists(st.integers(0, packed.MOST_DOCUMENTS - 1), min_size=1, max_size=300, unique=True), st.integers(1, 255))
def test_postings_come_back_as_they_were(documents: list[int], count: int) -> None:
    row = array("I", [document << packed.COUNT_BITS | count for document in sorted(documents)])
    assert packed.unpack(memoryview(packed.pack(row))) == row


@pytest.mark.parametrize("length", range(1, 200, 7))
def test_dense_lists_are_deflated_and_come_back(length: int) -> None:
    row = array("I", [document << packed.COUNT_BITS | 1 for document in range(length)])
    assert packed.unpack(memoryview(packed.pack(row))) == row


def test_terms_are_found_by_field_and_bytes(tmp_path: Path) -> None:
    terms = ["a", "天", "天下", "天地", "𠀀", "\ud800"]
    with (tmp_path / "x.trm").open("wb") as keys, (tmp_path / "x.pst").open("wb") as rows:
        writer = packed.TermsWriter(keys, rows)
        for field in ("t", "u"):
            for number, term in enumerate(sorted(terms)):
                writer.add(field, packed.encoded(term), array("I", [number << packed.COUNT_BITS | 1]))
        writer.close()
    file = packed.TermsFile(tmp_path / "x.trm", tmp_path / "x.pst")
    for number, term in enumerate(sorted(terms)):
        assert list(file.postings("u", term)) == [number << packed.COUNT_BITS | 1]
    assert list(file.postings("t", "天下大")) == []
    assert list(file.postings("v", "天")) == []
    assert len(list(file.rows())) == 12


@pytest.mark.parametrize("place", [0, 5, 9, -1, -6])
def test_one_changed_byte_is_noticed(tmp_path: Path, place: int) -> None:
    path = tmp_path / "x.doc"
    with path.open("wb") as file:
        writer = packed.DocumentsWriter(file)
        writer.add("天下大同", 4)
        writer.close()
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"x\.doc"):
        packed.DocumentsFile(path)


def test_a_batch_that_spills_to_disk_and_merges_gives_the_same_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(4)
    texts = ["".join(draw.choices("天地玄黃宇宙洪荒日月盈昃", k=40)) for _ in range(120)]

    def document(number: int) -> ItemDocument:
        pages = [PageText(place, place, text) for place, text in enumerate(texts[number * 4 : number * 4 + 4], 1)]
        return ItemDocument(f"b{number:02}", texts[number][:3], (), ("all",), "open", "book", pages)

    whole, spilled = open_index(tmp_path / "whole"), open_index(tmp_path / "spilled")
    with whole.write() as writer:
        for number in range(30):
            writer.replace(document(number))
    monkeypatch.setattr(codec, "MOST_TERMS", 50)
    for start in (0, 10, 20):
        with spilled.write() as writer:
            for number in range(start, start + 10):
                writer.replace(document(number))
    with spilled.write() as writer:  # in another order, with most of it dead
        for number in range(25, -1, -1):
            writer.replace(document(number))
    assert spilled.count() == whole.count() == (30, 120)
    for length in (1, 2, 3, 5):
        for text in texts[:40]:
            query = text[10 : 10 + length]
            options = {"limit": 100, "pages_per_item": 100}
            assert spilled.search(query, Filters(), **options) == whole.search(query, Filters(), **options)
    assert not list((tmp_path / "spilled").glob("**/*.run*"))
