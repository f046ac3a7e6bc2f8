"""The manifest of an item (IIIF Presentation API 3.0): the same for everybody who may see its description."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from statistics import median

from flask import url_for

from wenyuan.reader import describe, labels
from wenyuan.reader.context import library
from wenyuan.reader.iiif import addresses, answers, authorization, languages, structures
from wenyuan.reader.iiif.answers import Json
from wenyuan.reader.iiif.languages import LanguageMap, plain, words
from wenyuan.reader.translate import _
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.description import Access, Description, ItemKind
from wenyuan.repo.items import Collection, File, Item, Section
from wenyuan.repo.layers import Origin
from wenyuan.repo.recipes import made_sizes

RENDERINGS = 50
"""Whole files that a manifest offers beside its canvases; an item of more is one of parts, and has the item page."""

_BOUND = frozenset(
    {ItemKind.BOOK, ItemKind.GENEALOGY, ItemKind.MANUSCRIPT, ItemKind.REPORT, ItemKind.EBOOK, ItemKind.ARTICLE}
)
"""Kinds whose pages are leaves of one volume. Sheets of a newspaper lie on each other and do not face."""
_RIGHTS_STATEMENT = re.compile(r"https?://rightsstatements\.org/(?:vocab|page)/([A-Za-z-]+)/1\.0/?.*")
_LICENCE = re.compile(r"https?://creativecommons\.org/(licenses/[a-z-]+|publicdomain/(?:mark|zero))/(\d\.\d)(?:/.*)?")


@dataclass(frozen=True)
class Contents:
    """All that a manifest tells of.

    Attributes:
        base: address of the site, without a slash at its end.
        pages: in reading order; pages with a picture.
        collection: the one that the item stands in.
    """

    base: str
    item: Item
    pages: tuple[PageView, ...]
    sections: tuple[Section, ...]
    files: tuple[File, ...]
    collection: Collection | None

    @cached_property
    def id(self) -> str:
        """Address of the manifest."""
        return addresses.manifest(self.base, self.item.id)

    @cached_property
    def language(self) -> str:
        """The key of what stands on the thing itself."""
        return languages.own(self.item.description)

    @cached_property
    def leaves_are_upright(self) -> bool:
        """Whether most pages are taller than wide: single leaves, and not openings or sheets in one picture each."""
        return median(page.width / page.height for page in self.pages) <= 1

    @cached_property
    def is_paged(self) -> bool:
        """Whether two pages that follow each other may be shown side by side."""
        return self.item.description.kind in _BOUND and len(self.pages) > 1 and self.leaves_are_upright


def manifest(of: Contents) -> Json:
    """The whole manifest."""
    told = of.item.description
    document: Json = {
        "@context": _context(of),
        "id": of.id,
        "type": "Manifest",
        "label": plain(told.title, of.language),
        "metadata": _metadata(of.item),
        "viewingDirection": told.viewing_direction.value,
        "behavior": [_behavior(of)],
        "provider": [provider(of.base)],
        "homepage": [_homepage(of)],
        "thumbnail": _thumbnail(of),
    }
    optional: Json = {
        "summary": plain(told.description, of.language) if told.description else None,
        "rights": rights(told.rights),
        "requiredStatement": _required_statement(told),
        "rendering": _renderings(of),
        "partOf": [_part_of(of.base, of.collection)] if of.collection else None,
        "service": _search_services(of),
        "services": authorization.shared_services(told.access, of.base),
    }
    document |= {name: value for name, value in optional.items() if value}
    document["items"] = _canvases(of)
    ranges = structures.ranges(of.base, of.item.id, of.language, of.pages, of.sections)
    return document | ({"structures": ranges} if ranges else {})


def part(document: Json, address: str) -> Json | None:
    """A canvas or range of a manifest as a document of its own; None where it has no such part."""
    parts = [*document["items"], *structures.flat(document.get("structures", []))]
    found = next((each for each in parts if each["id"] == address), None)
    if found is None:
        return None
    whole = {"id": document["id"], "type": "Manifest", "label": document["label"]}
    return {"@context": document["@context"], **found, "partOf": [whole]}


def provider(base: str) -> Json:
    """The library, whose name is in no language."""
    name = plain(library().settings.site_name)
    page = {"id": f"{base}/", "type": "Text", "label": name, "format": "text/html"}
    return {"id": f"{base}/", "type": "Agent", "label": name, "homepage": [page]}


def rights(statement: str) -> str | None:
    """The statement as the specification allows it: http, without the language of a deed; None for any other."""
    if found := _RIGHTS_STATEMENT.fullmatch(statement):
        return f"http://rightsstatements.org/vocab/{found[1]}/1.0/"
    if found := _LICENCE.fullmatch(statement):
        return f"http://creativecommons.org/{found[1]}/{found[2]}/"
    return None


def page_labels(item: Item, pages: tuple[PageView, ...], language: str) -> list[LanguageMap]:
    """What each page is called."""
    told = languages.in_each(lambda: [labels.page(item, page.position, page.label) for page in pages])
    return [
        plain(page.label, language) if page.label else {tag: [texts[place]] for tag, texts in told.items()}
        for place, page in enumerate(pages)
    ]


def alto_files(pages: tuple[PageView, ...], files: tuple[File, ...]) -> dict[int, File]:
    """The ALTO file that each page's text comes from, by page key.

    A text file has the name of its picture with another ending; where two pictures have the same name nobody can tell.
    """
    texts = {_stem(file): file for file in files if file.role == "text" and file.path.lower().endswith(".xml")}
    originals = [file for file in files if file.role == "original"]
    times = Counter(_stem(file) for file in originals)
    by_source = {file.sha256: texts[name] for file in originals if times[name := _stem(file)] == 1 and name in texts}
    imported = (page for page in pages if page.origin is Origin.IMPORTED)
    return {page.key: by_source[page.source] for page in imported if page.source in by_source}


def _stem(file: File) -> str:
    return PurePosixPath(file.path).stem


def _context(of: Contents) -> list[str] | str:
    closed = of.item.description.access is not Access.OPEN
    extensions = [answers.SEARCH_2] * _has_text(of) + [answers.AUTHORIZATION] * closed
    return [*extensions, answers.PRESENTATION] if extensions else answers.PRESENTATION


def _behavior(of: Contents) -> str:
    if of.is_paged:
        return "paged"
    many_pictures = of.item.description.kind is ItemKind.PHOTOGRAPH and len(of.pages) > 1
    return "unordered" if many_pictures else "individuals"


def _metadata(item: Item) -> list[Json]:
    """The card of the catalogue; the title is the label already."""
    cards = languages.in_each(lambda: describe.rows(item))
    rows: list[Json] = []
    for same in zip(*cards.values(), strict=True):
        tags = list(cards)
        label = {tag: [row.label] for tag, row in zip(tags, same, strict=True)}
        values = {tag: [value for value in row.values if value] for tag, row in zip(tags, same, strict=True)}
        if same[0].values != (item.description.title,):
            rows.append({"label": label, "value": languages.together(values)})
    return rows


def _required_statement(told: Description) -> Json | None:
    """Who holds it and where the picture comes from, and what the library says of its rights."""
    statements = [text for text in (told.holder, told.source, told.rights_note) if text]
    if not statements:
        return None
    return {"label": words(lambda: _("馆藏与出处")), "value": plain(statements, languages.own(told))}


def _homepage(of: Contents) -> Json:
    return {
        "id": of.base + url_for("item.item_page", item_id=of.item.id),
        "type": "Text",
        "label": plain(of.item.description.title, of.language),
        "format": "text/html",
    }


def _part_of(base: str, collection: Collection) -> Json:
    label = languages.given(collection.titles, collection.key)
    return {"id": addresses.collection(base, collection.key), "type": "Collection", "label": label}


def _renderings(of: Contents) -> list[Json]:
    """Files that hold the whole or many pages: a PDF, an archive of pictures. A picture of one page is its canvas."""
    whole = [file for file in of.files if file.role == "original" and not file.media_type.startswith("image/")]
    if len(whole) > RENDERINGS:
        return []
    return [
        {
            "id": of.base + url_for("download.file", item_id=of.item.id, sha256=file.sha256),
            "type": "Text",
            "label": plain(PurePosixPath(file.path).name),
            "format": file.media_type,
        }
        for file in whole
    ]


def _has_text(of: Contents) -> bool:
    return any(page.layer for page in of.pages)


def _search_services(of: Contents) -> list[Json] | None:
    if not _has_text(of):
        return None
    item = of.item.id
    suggesting: Json = {"id": addresses.autocomplete(of.base, 2, item), "type": "AutoCompleteService2"}
    suggesting_1: Json = {
        "@id": addresses.autocomplete(of.base, 1, item),
        "@type": "AutoCompleteService1",
        "profile": "http://iiif.io/api/search/1/autocomplete",
    }
    return [
        {"id": addresses.search(of.base, 2, item), "type": "SearchService2", "service": [suggesting]},
        {
            "@context": answers.SEARCH_1,
            "@id": addresses.search(of.base, 1, item),
            "@type": "SearchService1",
            "profile": "http://iiif.io/api/search/1/search",
            "service": [suggesting_1],
        },
    ]


def _thumbnail(of: Contents) -> list[Json]:
    cover = next((page for page in of.pages if page.key == of.item.cover_page), of.pages[0])
    return [thumbnail(of.base, cover)]


def _canvases(of: Contents) -> list[Json]:
    names = page_labels(of.item, of.pages, of.language)
    alto = alto_files(of.pages, of.files)
    closed = of.item.description.access is not Access.OPEN
    canvases = []
    for page, name in zip(of.pages, names, strict=True):
        canvas = _canvas(of.base, page, name, with_probe=closed)
        if of.is_paged and page.width > page.height:
            # A folded plate or an opening in one picture among single leaves: it faces nothing, and would push the
            # leaves behind it to the wrong side.
            canvas["behavior"] = ["non-paged"]
        if page.key in alto:
            canvas["seeAlso"] = [_alto(of.base, page)]
        canvases.append(canvas)
    return canvases


def _canvas(base: str, page: PageView, name: LanguageMap, *, with_probe: bool) -> Json:
    address = addresses.canvas(base, page.item, page.key)
    painting = {
        "id": f"{address}/image",
        "type": "Annotation",
        "motivation": "painting",
        "body": _image(base, page, with_probe=with_probe),
        "target": address,
    }
    return {
        "id": address,
        "type": "Canvas",
        "label": name,
        "width": page.width,
        "height": page.height,
        "thumbnail": [thumbnail(base, page)],
        "items": [{"id": f"{address}/page", "type": "AnnotationPage", "items": [painting]}],
    }


def _image(base: str, page: PageView, *, with_probe: bool) -> Json:
    """The image: for plain clients in the largest size that is made at ingest, for others as a service."""
    width, height = list(made_sizes(page.width, page.height))[-1]
    service = _service(base, page)
    if with_probe:
        service["service"] = [authorization.probe_of(base, _identifier(page))]
    second = {
        "@id": f"{base}/iiif/image/2/{_identifier(page)}",
        "@type": "ImageService2",
        "profile": "http://iiif.io/api/image/2/level2.json",
    }
    return {**_picture(base, page, width, height), "service": [service, second]}


def thumbnail(base: str, page: PageView) -> Json:
    """The smallest picture of a page; the service tells the other sizes that are made, so that nobody asks for more."""
    sizes = made_sizes(page.width, page.height)
    width, height = next(iter(sizes))
    told = [{"width": across, "height": down} for across, down in sizes]
    return {**_picture(base, page, width, height), "service": [{**_service(base, page), "sizes": told}]}


def _picture(base: str, page: PageView, width: int, height: int) -> Json:
    return {
        "id": f"{base}/iiif/image/3/{_identifier(page)}/full/{width},{height}/0/default.jpg",
        "type": "Image",
        "format": "image/jpeg",
        "width": width,
        "height": height,
    }


def _service(base: str, page: PageView) -> Json:
    return {"id": f"{base}/iiif/image/3/{_identifier(page)}", "type": "ImageService3", "profile": "level2"}


def _identifier(page: PageView) -> str:
    return f"{page.item}-{page.key}"


def _alto(base: str, page: PageView) -> Json:
    return {
        "id": addresses.alto(base, page.item, page.key),
        "type": "Dataset",
        "label": plain("ALTO"),
        "format": "application/xml",
        "profile": "http://www.loc.gov/standards/alto/",
    }
