"""Names offered while one types, on both databases, and what a reader may have meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from wenyuan.repo import holdings, indexing, suggestions
from wenyuan.repo.catalogue import names
from wenyuan.repo.catalogue.schema import ItemRow, NameRow
from wenyuan.repo.description import Access, Agent, Description
from wenyuan.repo.errors import AlreadyHeld
from wenyuan.repo.holdings import NewItem
from wenyuan.repo.items import Structure
from wenyuan.repo.library import Library

OPEN = frozenset({"open"})


def put(library: Library, number: int, title: str, **told: object) -> None:
    """An item of this title without pages."""
    description = Description.model_validate({"title": title, **told})
    item = holdings.item_id([f"{number:064}"])
    try:
        holdings.publish(
            library, NewItem(item, description, None, Structure((), ()), {}, None, datetime.now(UTC)), "test", {}
        )
    except AlreadyHeld:
        holdings.describe(library, item, description, "test")


@pytest.fixture
def session(library: Library) -> Iterator[Session]:
    """A catalogue with four items."""
    put(library, 1, "深圳地方志", agents=(Agent(name="陳伯陶"),), subjects=("方志",), place="深圳")
    put(library, 2, "深圳圖書館年報", agents=(Agent(name="陳伯陶"),))
    put(library, 3, "Shenzhen Daily 1985")
    put(library, 4, "深藏不露的密檔", access=Access.STAFF)
    with library.catalogue.reading() as open_session:
        yield open_session


def texts(session: Session, typed: str, access: frozenset[str] = OPEN) -> list[str]:
    return [one.text for one in suggestions.suggest(session, typed, access)]


@pytest.mark.parametrize("typed", ["深圳地", "深圳地方誌", "szdfz", "shenzhendi", "SZDF", "ｓｚｄｆ"])
def test_a_title_is_offered_however_it_is_typed(session: Session, typed: str) -> None:
    assert "深圳地方志" in texts(session, typed)


def test_traditional_titles_are_offered_for_simplified_letters(session: Session) -> None:
    assert texts(session, "深圳图书") == ["深圳圖書館年報"]


def test_a_person_is_told_once_with_the_number_of_works(session: Session) -> None:
    (one,) = suggestions.suggest(session, "cbt", OPEN)
    assert (one.text, one.kind, one.items) == ("陳伯陶", "person", 2)


def test_what_is_written_so_stands_before_what_sounds_so(session: Session) -> None:
    assert texts(session, "shenzhen")[0] == "Shenzhen Daily 1985"


def test_names_of_hidden_items_are_never_offered(session: Session) -> None:
    assert "深藏不露的密檔" not in texts(session, "深")
    assert texts(session, "scbl") == []
    assert texts(session, "深藏", frozenset({"open", "staff"})) == ["深藏不露的密檔"]


@pytest.mark.parametrize("typed", ["", "   ", "，。", "%", "_", "'; drop table names", "深" * 500, "\x00", "😀", "𠀀"])
def test_odd_letters_offer_nothing_and_break_nothing(session: Session, typed: str) -> None:
    assert texts(session, typed) == []


@pytest.mark.parametrize("typed", ["深川地方志", "神圳地方志", "深圳方地志", "深圳地志", "深圳的地方志"])
def test_a_slip_leads_to_the_name(session: Session, typed: str) -> None:
    assert "深圳地方志" in suggestions.did_you_mean(session, typed, OPEN, lambda _words: True)


def test_only_names_that_give_hits_are_told(session: Session) -> None:
    assert suggestions.did_you_mean(session, "深川地方志", OPEN, lambda _words: False) == []


def test_a_slip_never_leads_to_a_hidden_name(session: Session) -> None:
    assert suggestions.did_you_mean(session, "深藏不路的密檔", OPEN, lambda _words: True) == []


def test_a_new_title_takes_the_place_of_the_old(library: Library) -> None:
    put(library, 1, "舊題名")
    put(library, 1, "新題名")
    with library.catalogue.reading() as session:
        assert texts(session, "舊") == []
        assert texts(session, "xtm") == ["新題名"]
        assert names.lacking(session, 10) == []


def test_items_from_before_names_were_kept_get_theirs_with_the_next_index(library: Library) -> None:
    put(library, 1, "舊藏方志")
    with library.catalogue.writing() as session:
        session.execute(delete(NameRow))
        assert len(names.lacking(session, 10)) == 1
    indexing.rebuild(library)
    with library.catalogue.reading() as session:
        assert texts(session, "jcfz") == ["舊藏方志"]
        assert names.lacking(session, 10) == []


def test_a_letter_that_many_names_begin_with_is_no_burden(library: Library) -> None:
    with library.catalogue.writing() as session:
        for number in range(names.MOST_LOOKED_AT + 50):
            session.add(ItemRow(**_row(f"i{number}")))
        session.flush()
        session.add_all(
            NameRow(item=f"i{number}", position=0, kind="title", text="詩", folded="诗", pinyin="shi", initials="s")
            for number in range(names.MOST_LOOKED_AT + 50)
        )
    with library.catalogue.reading() as session:
        (one,) = suggestions.suggest(session, "s", OPEN)
        assert (one.text, one.items) == ("詩", names.MOST_LOOKED_AT), "looked at no more than that"


def _row(item: str) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "id": item,
        "state": "published",
        "access": "open",
        "kind": "book",
        "page_kind": "image",
        "title": "詩",
        "description": {"title": "詩"},
        "version": 1,
        "manifest": "0" * 64,
        "structure": "0" * 64,
        "page_count": 0,
        "size_bytes": 0,
        "created": now,
        "modified": now,
    }
