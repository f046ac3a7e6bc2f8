"""Small items published without ingest, damage done to them, and everything that a reader could see of a library."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pyvips

from wenyuan.repo import holdings, indexing, layers, manifests
from wenyuan.repo.catalogue import collections, events, items
from wenyuan.repo.description import Access, Agent, Description, ItemKind, ViewingDirection, Writing
from wenyuan.repo.holdings import NewItem
from wenyuan.repo.items import Collection, File, Item, LayerVersion, Page, PageKind, Section, Structure
from wenyuan.repo.layers import Box, Direction, Line, Origin, Region, RegionKind, TextLayer
from wenyuan.repo.library import Library
from wenyuan.repo.packages import PACKAGE
from wenyuan.repo.search.index import Filters
from wenyuan.storage.keys import derivative_key

WHEN = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
AGENT = "館員甲"
BOOK_TEXTS = ("新安縣志卷之一", "邑在廣州府東南", "天地玄黃宇宙洪荒", "")
"""Text of the pages of the book; the last one has none."""
QUERIES = ("縣志", "县志", "宇宙", "廣州府", "第一回", "望海樓", "新安縣志", "沒有這個")
ALL = Filters(access=frozenset({"open", "signed-in", "staff"}))


def picture(number: int, width: int = 60, height: int = 80) -> bytes:
    """A PNG that differs for each number."""
    image = (pyvips.Image.black(width, height) + (number * 37 % 250)).cast("uchar")
    data: bytes = image.pngsave_buffer()
    return data


def vertical_layer(text: str, width: int = 60, height: int = 80) -> TextLayer:
    """One column from the top, with a box for each character, and a page number outside of it."""
    glyphs = tuple(Box(40, 2 + 7 * place, 7, 7) for place in range(len(text)))
    column = Line(text, Direction.TOP_TO_BOTTOM, Box(40, 2, 7, 7 * len(text)), glyphs)
    number = Line("一", Direction.TOP_TO_BOTTOM, Box(2, 70, 7, 7))
    return TextLayer(width, height, (Region((column,)), Region((number,), RegionKind.FURNITURE)))


def chapter_layer(*lines: str) -> TextLayer:
    """Text without a place on a page, with anchors."""
    told = tuple(Line(line, anchor=f"p{number}") for number, line in enumerate(lines))
    return TextLayer(0, 0, (Region(told),))


def make_collections(library: Library) -> None:
    """方志 below 地方文獻, and 照片 beside."""
    for collection in (
        Collection("local", {"zh-Hans": "地方文献", "zh-Hant": "地方文獻", "en": "Local history"}, {"en": "All."}),
        Collection("gazetteers", {"zh-Hant": "方志"}, {}, "local", 2),
        Collection("photographs", {"zh-Hant": "照片"}, {}, None, 1),
    ):
        holdings.save_collection(library, collection)


def make_book(library: Library, *, collection: str | None = "gazetteers", names: tuple[str, ...] | None = None) -> Item:
    """Four scans with text layers, one of them in two versions, nested contents, an ALTO file beside."""
    count = len(BOOK_TEXTS)
    names = names or tuple(f"第{number}葉.png" for number in range(1, count + 1))
    files = [_file(library, name, picture(number)) for number, name in enumerate(names)]
    alto = _file(library, "第1葉.xml", b"<alto/>", "application/xml", "text")
    pages = tuple(
        Page(number + 1, PageKind.IMAGE, number, 0, 60, 80, f"卷一 葉{number + 1}", None, _book_layers(library, number))
        for number in range(count)
    )
    sections = (Section("卷一", 1, None, (Section("輿圖", 2), Section("沿革", 3))), Section("卷二", 4))
    description = Description(
        title="嘉慶新安縣志",
        title_variants=("新安县志",),
        agents=(Agent(name="舒懋官", dynasty="清", role="修"), Agent(name="王崇熙", dynasty="清", role="纂")),
        edition="清嘉慶二十四年刻本",
        date="嘉慶二十四年",
        place="新安",
        classification="K296.53",
        subjects=("方志", "廣東"),
        languages=("lzh",),
        call_number="善 0042",
        holder="深圳圖書館",
        series="新安縣志",
        volume="卷一",
        identifiers=("ISBN 0-00-000000-0",),
        viewing_direction=ViewingDirection.RIGHT_TO_LEFT,
        writing=Writing.VERTICAL,
    )
    structure = Structure((*files, alto), pages, sections)
    return _publish(library, description, collection, structure, dict(enumerate(BOOK_TEXTS[:-1], start=1)))


def make_ebook(library: Library) -> Item:
    """Two chapters of an e-book whose text has anchors; for signed-in readers."""
    file = _file(library, "樓記.epub", b"PK\x03\x04 not really", "application/epub+zip")
    told = (chapter_layer("第一回", "登望海樓"), chapter_layer("第二回", "樓上觀潮"))
    pages = tuple(
        Page(number, PageKind.CHAPTER, 0, number - 1, entry=f"OEBPS/c{number}.xhtml", layers=(_layer(library, layer),))
        for number, layer in enumerate(told, start=1)
    )
    description = Description(title="樓記", kind=ItemKind.EBOOK, access=Access.SIGNED_IN)
    texts = {number: layer.text for number, layer in enumerate(told, start=1)}
    sections = (Section("第一回", 1, "p0"), Section("第二回", 2))
    return _publish(library, description, "local", Structure((file,), pages, sections), texts)


def make_photograph(library: Library) -> Item:
    """One picture without text, in no collection."""
    file = _file(library, "IMG 0001.png", picture(99))
    description = Description(title="望海樓舊影", kind=ItemKind.PHOTOGRAPH, date="1936-05-01")
    return _publish(library, description, None, Structure((file,), (Page(1, PageKind.IMAGE, 0, 0, 60, 80),)), {})


def make_library(library: Library) -> dict[str, str]:
    """Collections and three items, two of them changed after they were published; ids by a short name."""
    make_collections(library)
    book, ebook, photograph = make_book(library), make_ebook(library), make_photograph(library)
    holdings.describe(library, book.id, book.description.model_copy(update={"edition": "清嘉慶刻本"}), AGENT)
    holdings.order_pages(library, book.id, [2, 1, 4, 3], AGENT)
    holdings.withdraw(library, photograph.id, AGENT, "權利未明")
    holdings.save_collection(library, Collection("photographs", {"zh-Hant": "老照片"}, {}, "local", 3))
    drain(library)
    return {"book": book.id, "ebook": ebook.id, "photograph": photograph.id}


def make_derivatives(library: Library) -> None:
    """Something under each key that a page picture or package has."""
    for key in derivative_keys(library):
        library.store.put(key, io.BytesIO(b"derivative"))


def derivative_keys(library: Library) -> list[str]:
    """Keys of all derivatives that a complete library has."""
    wanted: set[str] = set()
    with library.catalogue.reading() as session:
        for item in items.all_ids(session):
            for page in items.pages(session, item):
                if page.kind is PageKind.CHAPTER:
                    wanted.add(derivative_key(page.source, 0, PACKAGE))
                else:
                    wanted.update(derivative_key(page.source, page.index, one.file_name) for one in library.recipes.all)
    return sorted(wanted)


def flip_a_bit(library: Library, key: str) -> None:
    """The same number of bytes, one bit of them wrong."""
    with library.store.open(key) as stream:
        data = bytearray(stream.read())
    data[len(data) // 2] ^= 1
    library.store.delete(key)
    library.store.put(key, io.BytesIO(bytes(data)))


def drain(library: Library) -> None:
    """Bring all changes into the index."""
    while indexing.drain(library):
        pass


def everything(library: Library) -> dict[str, Any]:
    """All that readers and staff can see of a library, as plain values to compare."""
    with library.catalogue.reading() as session:
        ids = items.all_ids(session)
        return {
            "items": items.many(session, ids),
            "structures": {item: items.structure(session, item) for item in ids},
            "pages": {item: items.pages(session, item) for item in ids},
            "texts": {item: list(items.page_texts(session, item)) for item in ids},
            "events": {item: events.of_item(session, item) for item in ids},
            "collections": [
                (collections.collection_of(row), row.path, row.manifest, row.version)
                for row in collections.every(session)
            ],
            "tree": collections.tree(session, ALL.access),
            "hits": {query: library.index.search(query, ALL) for query in QUERIES},
        }


def _publish(
    library: Library, description: Description, collection: str | None, structure: Structure, texts: dict[int, str]
) -> Item:
    number = holdings.item_id(file.sha256 for file in structure.files)
    new = NewItem(number, description, collection, structure, texts, structure.pages[0].key, WHEN)
    return holdings.publish(library, new, AGENT, {"delivery": 1, "refused": []})


def _file(library: Library, path: str, data: bytes, media_type: str = "image/png", role: str = "original") -> File:
    stored = library.blobs.add(io.BytesIO(data), media_type=media_type)
    return File(stored.sha256, stored.size_bytes, media_type, path, role)


def _book_layers(library: Library, number: int) -> tuple[LayerVersion, ...]:
    text = BOOK_TEXTS[number]
    if not text:
        return ()
    current = _layer(library, _without_furniture(vertical_layer(text)))
    if number:
        return (current,)
    return (_layer(library, vertical_layer("新女縣志卷之一"), Origin.OCR), current)


def _without_furniture(layer: TextLayer) -> TextLayer:
    return TextLayer(layer.width, layer.height, layer.regions[:1])


def _layer(library: Library, layer: TextLayer, origin: Origin = Origin.IMPORTED) -> LayerVersion:
    sha256 = library.blobs.add_bytes(layers.encode(layer))
    return LayerVersion(sha256, origin, "by hand 1", WHEN, len(layer.text), {"dpi": 300})


def structure_key_of(library: Library, item: str) -> str:
    """SHA-256 of the structure of an item's newest version."""
    with library.catalogue.reading() as session:
        return items.get(session, item).structure


def chain_of(library: Library, item: str) -> list[str]:
    """SHA-256 of all manifests of an item, oldest first."""
    found: list[str] = []
    with library.catalogue.reading() as session:
        at: str | None = items.get(session, item).manifest
    while at:
        found.append(at)
        at = manifests.manifest_from_bytes(library.blobs.read(at, manifest=True), at).previous
    return found[::-1]
