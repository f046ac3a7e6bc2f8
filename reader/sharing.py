"""What an item tells those who pass it on: reference managers, scholarly search engines, messages with a preview."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from flask import url_for

from wenyuan.reader import labels, links
from wenyuan.reader.context import library, public_address
from wenyuan.reader.references import Cited
from wenyuan.repo import dates
from wenyuan.repo.description import Access, ItemKind
from wenyuan.repo.items import Item

MOST_OF_SUMMARY = 200
"""Characters of a summary that previews and lists of hits show."""

_ZOTERO_KINDS = {
    ItemKind.BOOK: "book",
    ItemKind.NEWSPAPER: "newspaperArticle",
    ItemKind.GENEALOGY: "book",
    ItemKind.MANUSCRIPT: "manuscript",
    ItemKind.MAP: "map",
    ItemKind.PHOTOGRAPH: "artwork",
    ItemKind.REPORT: "report",
    ItemKind.EBOOK: "book",
    ItemKind.ARTICLE: "journalArticle",
}
"""What Zotero's translator Embedded Metadata takes from `DC.type`: the tags of Highwire are silent about kinds."""


def today() -> date:
    """The day of the library's clock: in China it is tomorrow already when UTC has eight hours of today left."""
    return datetime.now().astimezone().date()


def year(item: Item) -> str:
    """The Gregorian year or years of an item; empty where its date means none."""
    return dates.gregorian_label(item.description.date, "en") if item.description.date else ""


def address(item: Item) -> str:
    """The lasting address of an item."""
    return public_address(url_for("item.item_page", item_id=item.id))


def cited(item: Item, *, key: str = "", url: str = "", page: str = "") -> Cited:
    """An item as of today, or a page of it.

    Args:
        item: the item.
        key: names the entry; the item's number where empty.
        url: address of what is cited; the item's where empty.
        page: what the page is called.
    """
    return Cited(item.description, key or item.id, year(item), url or address(item), today(), page)


def citation_tags(item: Item) -> list[tuple[str, str]]:
    """`<meta name content>` after Google Scholar's inclusion guidelines (Highwire Press tags), and `DC.type`."""
    return [(name, content) for name, content in _tags(item) if content]


def preview_tags(item: Item) -> list[tuple[str, str]]:
    """`<meta property content>` after the Open Graph protocol (ogp.me), for messages that show what a link leads to."""
    told = item.description
    found = [
        ("og:type", "book" if told.kind in {ItemKind.BOOK, ItemKind.EBOOK, ItemKind.GENEALOGY} else "article"),
        ("og:title", told.title),
        ("og:url", address(item)),
        ("og:site_name", library().settings.site_name),
        ("og:description", summary(item)),
        ("og:image", public_address(links.cover(item)) if told.access is Access.OPEN else ""),
    ]
    return [(name, content) for name, content in found if content]


def summary(item: Item) -> str:
    """A line or two on an item: its summary, else who made it, when and what it is."""
    told = item.description
    if told.description:
        line = " ".join(told.description.split())
        return line if len(line) <= MOST_OF_SUMMARY else f"{line[: MOST_OF_SUMMARY - 1]}…"
    return "　".join(part for part in (labels.agents(told), labels.date(told), labels.kind(told.kind)) if part)


def _tags(item: Item) -> Iterator[tuple[str, str]]:
    told = item.description
    yield "DC.type", _ZOTERO_KINDS[told.kind]
    yield "citation_title", told.title
    for agent in told.agents:
        yield "citation_author", agent.name
    # Scholar's robots take a year, or year/month/day; no reign.
    yield (
        "citation_publication_date",
        told.date.replace("-", "/") if _is_day(told.date) else year(item).partition("–")[0],
    )
    yield "citation_publisher", told.publisher
    yield "citation_journal_title", told.series if told.kind is ItemKind.ARTICLE else ""
    yield "citation_technical_report_institution", told.publisher if told.kind is ItemKind.REPORT else ""
    yield "citation_volume", told.volume
    yield "citation_language", told.languages[0] if told.languages else ""
    yield "citation_keywords", "; ".join(told.subjects)
    yield "citation_public_url", address(item)


def _is_day(written: str) -> bool:
    try:
        return bool(date.fromisoformat(written))
    except ValueError:
        return False
