"""Versions of texts: added, never lost, the best of them read; and all that know an item's bytes know theirs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import made_items
import pytest
from lxml import etree
from made_items import AGENT, BOOK_TEXTS, vertical_layer
from sqlalchemy.orm import Session

from wenyuan.repo import corrections, fixity, history, holdings, indexing, layers, proposals, texts
from wenyuan.repo.catalogue import events, items, outbox, text_proposals, users
from wenyuan.repo.catalogue.text_proposals import Declining, ProposalState
from wenyuan.repo.correcting import Cut
from wenyuan.repo.errors import (
    NoSuchItem,
    NoSuchPage,
    NoSuchProposal,
    NothingChanged,
    ProposalDecided,
    TextChanged,
    TextUnusable,
    TooManyProposals,
)
from wenyuan.repo.export.bag import export_bag
from wenyuan.repo.items import Item, LayerVersion, current
from wenyuan.repo.layers import Origin
from wenyuan.repo.library import Library
from wenyuan.repo.manifests import AddedLayers
from wenyuan.repo.policy import Role
from wenyuan.repo.rebuild import rebuild_catalogue
from wenyuan.repo.texts import NewLayer
from wenyuan.storage.keys import blob_key

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def make_book(library: Library) -> Item:
    return made_items.make_book(library, collection=None)


def new(page: int, text: str, origin: Origin = Origin.CORRECTED) -> NewLayer:
    return NewLayer(page, vertical_layer(text), origin, "engine 1", {"dpi": 300})


def text_of(library: Library, item: Item, page: int) -> str:
    with library.catalogue.reading() as session:
        return items.page_text(session, item.id, page)


def versions(library: Library, item: Item, page: int) -> list[LayerVersion]:
    with library.catalogue.reading() as session:
        return items.layers(session, item.id, page)


def digest(library: Library, item: Item, page: int) -> str:
    return corrections.open_text(library, item.id, page).digest


class TestTheBest:
    def of(self, *origins: Origin) -> LayerVersion:
        made = [LayerVersion(str(place), origin, "x", NOW, 1) for place, origin in enumerate(origins)]
        read = current(made)
        assert read is not None
        return read

    def test_a_person_wins_over_every_engine_whenever_it_ran(self) -> None:
        assert self.of(Origin.OCR, Origin.CORRECTED, Origin.OCR, Origin.EMBEDDED_OCR).sha256 == "1"

    def test_of_the_same_origin_the_latest_wins(self) -> None:
        assert self.of(Origin.OCR, Origin.OCR).sha256 == "1"
        assert self.of(Origin.CORRECTED, Origin.CORRECTED, Origin.BORN_DIGITAL).sha256 == "1"

    def test_a_page_without_text_has_none(self) -> None:
        assert current([]) is None


class TestAdding:
    def test_a_page_gets_a_new_version_and_the_old_one_stays(self, library: Library) -> None:
        book = make_book(library)
        after = texts.add_layers(library, book.id, [new(2, "邑在廣州府西南")], AGENT)
        assert after.version == 2
        assert text_of(library, book, 2) == "邑在廣州府西南"
        first, second = versions(library, book, 2)
        assert (first.origin, second.origin, second.engine, second.settings) == (
            Origin.IMPORTED, Origin.CORRECTED, "engine 1", {"dpi": 300},
        )  # fmt: skip
        assert history.read_text(library.blobs, first.sha256) == BOOK_TEXTS[1]

    def test_a_worse_text_is_kept_and_not_read(self, library: Library) -> None:
        book = make_book(library)
        made_items.drain(library)
        texts.add_layers(library, book.id, [new(2, "邑存廣川府", Origin.OCR)], AGENT)
        assert text_of(library, book, 2) == BOOK_TEXTS[1]
        assert len(versions(library, book, 2)) == 2
        with library.catalogue.reading() as session:
            assert outbox.count(session) == 0, "nothing changes for who searches"

    def test_a_page_that_had_no_text_has_one(self, library: Library) -> None:
        book = make_book(library)
        texts.add_layers(library, book.id, [new(4, "新頁", Origin.OCR)], AGENT, expected={4: ""})
        assert text_of(library, book, 4) == "新頁"

    def test_many_pages_are_one_version_and_one_event(self, library: Library) -> None:
        book = make_book(library)
        after = texts.add_layers(library, book.id, [new(1, "甲"), new(2, "乙"), new(4, "丙")], AGENT)
        assert after.version == 2
        assert [text_of(library, book, page) for page in (1, 2, 3, 4)] == ["甲", "乙", BOOK_TEXTS[2], "丙"]
        with library.catalogue.reading() as session:
            event = events.of_item(session, book.id)[-1]
            assert outbox.waiting(session)[-1].pages == (1, 2, 4)
        assert (event.type, event.agent, event.detail) == ("text correction", AGENT, {"pages": [1, 2, 4]})

    def test_the_alto_beside_it_says_the_same(self, library: Library) -> None:
        book = make_book(library)
        texts.add_layers(library, book.id, [new(2, "邑在廣州府西南")], AGENT)
        alto = versions(library, book, 2)[-1].alto
        assert alto is not None
        root = etree.fromstring(library.blobs.read(alto))
        assert "".join(root.xpath("//*[local-name()='String']/@CONTENT")).startswith("邑在廣州府西南")

    def test_a_chapter_has_text_without_alto(self, library: Library) -> None:
        made_items.make_collections(library)
        ebook = made_items.make_ebook(library)
        texts.add_layers(
            library, ebook.id, [NewLayer(1, made_items.chapter_layer("第一回"), Origin.CORRECTED, "x")], AGENT
        )
        assert versions(library, ebook, 1)[-1].alto is None

    def test_who_saw_another_text_is_told(self, library: Library) -> None:
        book = make_book(library)
        seen = digest(library, book, 2)
        texts.add_layers(library, book.id, [new(2, "甲")], AGENT, expected={2: seen})
        with pytest.raises(TextChanged) as changed:
            texts.add_layers(library, book.id, [new(2, "乙")], AGENT, expected={2: seen})
        assert changed.value.data["found"] == digest(library, book, 2)
        assert text_of(library, book, 2) == "甲"

    def test_what_must_be_true_at_the_same_moment_undoes_it(self, library: Library) -> None:
        book = make_book(library)

        def fails(session: Session) -> None:
            raise RuntimeError

        with pytest.raises(RuntimeError):
            texts.add_layers(library, book.id, [new(2, "甲")], AGENT, also=fails)
        assert text_of(library, book, 2) == BOOK_TEXTS[1]
        assert len(versions(library, book, 2)) == 1

    def test_what_is_not_there_is_told(self, library: Library) -> None:
        book = make_book(library)
        with pytest.raises(NoSuchPage):
            texts.add_layers(library, book.id, [new(99, "甲")], AGENT)
        with pytest.raises(NoSuchItem):
            texts.add_layers(library, "0000000000000", [new(1, "甲")], AGENT)


class TestWhatIsWritten:
    def test_a_line_of_a_long_book_writes_kilobytes(self, embedded_library: Library) -> None:
        """2,000 pages: the structure is 600 kB, and a corrected page writes a hundredth of it."""
        library, book = embedded_library, long_book(embedded_library)
        with library.catalogue.reading() as session:
            whole = len(library.blobs.read(items.get(session, book.id).structure))
        before = stored(library)
        texts.add_layers(library, book.id, [new(700, "甲")], AGENT)
        assert sum(size for key, size in stored(library).items() if key not in before) < whole / 50

    def test_lists_upon_lists_end_in_a_structure_written_anew(self, embedded_library: Library) -> None:
        library = embedded_library
        book = make_book(library)
        kinds = []
        for number in range(40):
            after = texts.add_layers(library, book.id, [new(1 + number % 4, f"第{number}次")], AGENT)
            kinds.append(isinstance(history.read_part(library.blobs, after.structure), AddedLayers))
            with library.catalogue.reading() as session:
                assert history.read_structure(library.blobs, after.structure) == items.structure(session, book.id)
        assert kinds.count(False) == 2, "after 16 versions in a list"
        assert kinds[0]

    def test_a_new_order_of_pages_keeps_all_texts(self, library: Library) -> None:
        book = make_book(library)
        texts.add_layers(library, book.id, [new(2, "甲")], AGENT)
        after = holdings.order_pages(library, book.id, [4, 3, 2, 1], AGENT)
        assert text_of(library, book, 2) == "甲"
        assert len(versions(library, book, 2)) == 2
        assert isinstance(history.read_structure(library.blobs, after.structure).pages[2].layers, tuple)
        texts.add_layers(library, book.id, [new(2, "乙")], AGENT)
        assert text_of(library, book, 2) == "乙"


class TestEverybodyKnowsThem:
    @pytest.fixture
    def book(self, library: Library) -> Item:
        book = make_book(library)
        texts.add_layers(library, book.id, [new(1, "識讀", Origin.OCR), new(2, "甲")], AGENT)
        texts.add_layers(library, book.id, [new(2, "乙"), new(4, "丙", Origin.OCR)], AGENT)
        made_items.drain(library)
        return book

    def test_a_rebuild_brings_back_every_version_and_the_same_is_read(self, library: Library, book: Item) -> None:
        before = made_items.everything(library)
        report = rebuild_catalogue(library, replace=True)
        assert (report.damage, report.forks) == ([], [])
        assert made_items.everything(library) == before
        assert text_of(library, book, 2) == "乙"

    def test_the_scrub_reads_all_of_them_and_their_alto(self, library: Library, book: Item) -> None:
        report = fixity.check(library)
        assert (report.failures, report.unreferenced) == ([], [])
        hurt = [
            name
            for page in (1, 2, 4)
            for one in versions(library, book, page)
            for name in (one.sha256, one.alto)
            if name
        ]
        for name in hurt:
            made_items.flip_a_bit(library, blob_key(name))
        found = fixity.check(library).failures
        assert {failure.key for failure in found} == {blob_key(name) for name in hurt}
        assert {failure.items for failure in found} == {(book.id,)}

    def test_a_list_whose_base_is_lost_is_told_by_the_scrub(self, library: Library, book: Item) -> None:
        with library.catalogue.reading() as session:
            held = history.read_part(library.blobs, items.get(session, book.id).structure)
        assert isinstance(held, AddedLayers)
        library.store.delete(blob_key(held.on))
        assert [failure.key for failure in fixity.check(library).failures] == [blob_key(held.on)]

    def test_an_export_holds_all_of_them(self, library: Library, book: Item, tmp_path: Path) -> None:
        export_bag(library, book.id, tmp_path / "bag")
        data = tmp_path / "bag" / "data"
        for page in (1, 2, 3, 4):
            for number, version in enumerate(versions(library, book, page), start=1):
                place = data / "layers" / f"{page:05}"
                assert (place / f"{number}.json.z").read_bytes() == library.blobs.read(version.sha256)
                assert (place / f"{number}.alto.xml").exists() == (version.alto is not None)
        assert (data / "text" / "00001.txt").read_text("utf-8") == BOOK_TEXTS[0], "the best, not the last"
        assert (data / "text" / "00002.txt").read_text("utf-8") == "乙"
        told = json.loads((data / "metadata" / "structure.json").read_bytes())
        assert sorted(told["layers"]) == ["1", "2", "4"]
        assert json.loads((data / "metadata" / "structure-base.json").read_bytes())["format"] == 1

    def test_the_index_finds_the_new_words_and_not_the_old(self, library: Library, book: Item) -> None:
        texts.add_layers(library, book.id, [new(2, "邑在潮州府西北")], AGENT)
        made_items.drain(library)
        for query, there in (("潮州府", True), ("宇宙洪荒", True), ("廣州府", False)):
            assert bool(library.index.search(query, made_items.ALL).hits) == there, query


class TestCorrecting:
    def test_saving_and_going_back(self, library: Library) -> None:
        book = make_book(library)
        corrections.save(library, book.id, 1, {0: "新安縣誌卷之一"}, AGENT, expected=digest(library, book, 1))
        assert text_of(library, book, 1) == "新安縣誌卷之一"
        held = corrections.open_text(library, book.id, 1)
        assert (held.version, held.versions[-1].settings) == (3, {"by": AGENT})
        corrections.restore(library, book.id, 1, 2, AGENT, expected=held.digest)
        assert text_of(library, book, 1) == BOOK_TEXTS[0]
        back = versions(library, book, 1)
        assert (len(back), back[3].sha256, back[3].settings["restored"]) == (4, back[1].sha256, 2)

    def test_a_change_of_lines_comes_after_the_words(self, library: Library) -> None:
        book = make_book(library)
        corrections.save(
            library, book.id, 1, {0: "新安縣誌卷之一"}, AGENT, expected=digest(library, book, 1), step=Cut(0, 4)
        )
        assert text_of(library, book, 1) == "新安縣誌\n卷之一"

    def test_nothing_different_is_no_version(self, library: Library) -> None:
        book = make_book(library)
        assert (
            corrections.save(library, book.id, 1, {0: BOOK_TEXTS[0]}, AGENT, expected=digest(library, book, 1)) is None
        )
        assert len(versions(library, book, 1)) == 2

    def test_what_cannot_be_a_line_is_told_with_its_number(self, library: Library) -> None:
        book = make_book(library)
        with pytest.raises(TextUnusable) as refused:
            corrections.save(library, book.id, 1, {0: "新\n安"}, AGENT, expected=digest(library, book, 1))
        assert (refused.value.data["problem"], refused.value.data["line"]) == ("control-character", 1)

    def test_chapters_are_the_books_own(self, library: Library) -> None:
        made_items.make_collections(library)
        with pytest.raises(NoSuchPage):
            corrections.open_text(library, made_items.make_ebook(library).id, 1)


class TestProposals:
    @pytest.fixture
    def book(self, library: Library) -> Item:
        with library.catalogue.writing() as session:
            users.put(session, "讀者", "x", Role.PATRON)
        return make_book(library)

    def propose(self, library: Library, book: Item, text: str, page: int = 2) -> int:
        return proposals.propose(
            library, book.id, page, {0: text}, "讀者", base=digest(library, book, page), note="見刻本"
        )

    def test_one_that_is_accepted_becomes_the_text_in_the_readers_name(self, library: Library, book: Item) -> None:
        number = self.propose(library, book, "邑在廣州府西南")
        assert text_of(library, book, 2) == BOOK_TEXTS[1], "not before somebody has looked at it"
        proposals.accept(library, number, AGENT)
        assert text_of(library, book, 2) == "邑在廣州府西南"
        version = versions(library, book, 2)[-1]
        assert version.settings == {"by": "讀者", "proposal": number, "accepted_by": AGENT}
        with library.catalogue.reading() as session:
            held = text_proposals.get(session, number)
            event = events.of_item(session, book.id)[-1]
        assert (held.state, held.decided_by, held.note) == (ProposalState.ACCEPTED, AGENT, "見刻本")
        assert (event.agent, event.detail["by"], event.detail["proposal"]) == (AGENT, "讀者", number)

    def test_one_that_is_declined_leaves_the_text_and_says_why(self, library: Library, book: Item) -> None:
        number = self.propose(library, book, "邑在廣州府西南")
        proposals.decline(library, number, AGENT, "原刻如此")
        assert text_of(library, book, 2) == BOOK_TEXTS[1]
        with library.catalogue.reading() as session:
            assert text_proposals.get(session, number).reason == "原刻如此"

    def test_it_is_decided_once(self, library: Library, book: Item) -> None:
        number = self.propose(library, book, "邑在廣州府西南")
        proposals.accept(library, number, AGENT)
        with pytest.raises(ProposalDecided):
            proposals.accept(library, number, "館員乙")
        with pytest.raises(ProposalDecided) as decided:
            proposals.decline(library, number, "館員乙", "")
        assert decided.value.data["by"] == AGENT
        assert len(versions(library, book, 2)) == 2

    def test_where_one_that_is_named_cannot_be_declined_none_is_accepted(self, library: Library, book: Item) -> None:
        first, second, third = (self.propose(library, book, f"邑在{place}府西南") for place in ("廣州", "惠州", "潮州"))
        proposals.decline(library, second, "館員乙", "")
        with pytest.raises(ProposalDecided) as decided:
            proposals.accept(library, first, AGENT, declining=Declining(named=(second,), others=(third,)))
        assert (decided.value.data["proposal"], decided.value.data["by"]) == (second, "館員乙")
        with pytest.raises(ProposalDecided):
            proposals.decline_all(library, Declining(named=(second,), others=(first, third)), AGENT)
        with library.catalogue.reading() as session:
            assert [each.id for each in text_proposals.waiting_for(session, book.id, 2)] == [first, third]
        assert text_of(library, book, 2) == BOOK_TEXTS[1]
        assert proposals.accept(library, first, AGENT, declining=Declining(others=(second, third))) == [third]
        assert text_of(library, book, 2) == "邑在廣州府西南"

    def test_it_is_accepted_upon_changes_of_other_lines(self, library: Library, book: Item) -> None:
        corrections.save(library, book.id, 2, {}, AGENT, expected=digest(library, book, 2), step=Cut(0, 3))
        base = digest(library, book, 2)
        number = proposals.propose(library, book.id, 2, {1: "州府西南"}, "讀者", base=base)
        corrections.save(library, book.id, 2, {0: "色在廣"}, AGENT, expected=base)
        proposals.accept(library, number, AGENT)
        assert text_of(library, book, 2) == "色在廣\n州府西南"

    def test_it_is_not_accepted_upon_a_change_of_its_own_line(self, library: Library, book: Item) -> None:
        number = self.propose(library, book, "邑在廣州府西南")
        corrections.save(library, book.id, 2, {0: "邑在惠州府東南"}, AGENT, expected=digest(library, book, 2))
        with pytest.raises(TextChanged):
            proposals.accept(library, number, AGENT)
        with library.catalogue.reading() as session:
            compared = proposals.compare(library, text_proposals.get(session, number))
        assert (compared.fits, compared.lines[0].now) == (False, "邑在惠州府東南")

    def test_it_is_not_accepted_when_lines_have_come_or_gone(self, library: Library, book: Item) -> None:
        number = self.propose(library, book, "邑在廣州府西南")
        corrections.save(library, book.id, 2, {}, AGENT, expected=digest(library, book, 2), step=Cut(0, 3))
        with pytest.raises(TextChanged):
            proposals.accept(library, number, AGENT)

    def test_one_reader_cannot_bury_the_others(self, library: Library, book: Item) -> None:
        for number in range(proposals.WAITING_AT_MOST):
            self.propose(library, book, f"第{number}種讀法")
        with pytest.raises(TooManyProposals):
            self.propose(library, book, "再來一種")
        with library.catalogue.reading() as session:
            waiting, total = text_proposals.listed(session, state=ProposalState.WAITING, limit=3)
        assert [each.lines[0] for each in waiting] == ["第0種讀法", "第1種讀法", "第2種讀法"]
        assert total == proposals.WAITING_AT_MOST
        proposals.decline(library, waiting[0].id, AGENT, "")
        self.propose(library, book, "再來一種")

    def test_nothing_different_is_no_proposal(self, library: Library, book: Item) -> None:
        with pytest.raises(NothingChanged):
            self.propose(library, book, BOOK_TEXTS[1])

    def test_it_must_be_upon_what_is_there(self, library: Library, book: Item) -> None:
        with pytest.raises(TextChanged):
            proposals.propose(library, book.id, 2, {0: "甲"}, "讀者", base="0" * 64)
        with pytest.raises(NoSuchProposal):
            proposals.accept(library, 99, AGENT)

    def test_a_rebuild_keeps_those_that_wait(self, library: Library, book: Item) -> None:
        number = self.propose(library, book, "邑在廣州府西南")
        rebuild_catalogue(library, replace=True)
        proposals.accept(library, number, AGENT)
        assert text_of(library, book, 2) == "邑在廣州府西南"


def long_book(library: Library, count: int = 2_000) -> Item:
    """One picture a page, each with a column of text."""
    file = made_items._file(library, "卷.png", made_items.picture(1))
    layer = made_items._layer(library, vertical_layer("天地玄黃"))
    pages = tuple(
        made_items.Page(number, made_items.PageKind.IMAGE, 0, 0, 60, 80, layers=(layer,))
        for number in range(1, count + 1)
    )
    described = made_items.Description(title="長編")
    written = dict.fromkeys(range(1, count + 1), "天地玄黃")
    return made_items._publish(library, described, None, made_items.Structure((file,), pages), written)


def stored(library: Library) -> dict[str, int]:
    return {found.key: found.size_bytes for prefix in ("blobs/", "manifests/") for found in library.store.list(prefix)}


def test_a_layer_reads_back_as_it_was_kept(library: Library) -> None:
    book = make_book(library)
    layer = vertical_layer("𠀋𠀀神")
    texts.add_layers(library, book.id, [NewLayer(2, layer, Origin.CORRECTED, "x")], AGENT)
    assert layers.decode(library.blobs.read(versions(library, book, 2)[-1].sha256)) == layer
    assert indexing.drain(library) >= 0
