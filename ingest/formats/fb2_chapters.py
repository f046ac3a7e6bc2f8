"""The chapters, notes, pictures and metadata of a FictionBook (schema 2.21 of gribuser.ru), as a draft of an e-book.

Names are those of the schema. Sections become chapters; one that has sections of its own and is long is cut at them.
Notes stand as footnotes at the end of the chapter that first refers to them, so that the reading page can show them
beside the word. What is not in the schema is passed over, its text stays.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator
from html import escape

from lxml.etree import _Element as Element

from wenyuan.ingest.formats.epub_book import children, first, local
from wenyuan.ingest.formats.epub_draft import Agent, Draft, Heading, document

_LONG = 12_000
"""Characters of a section with sections in it, above which each of them is a chapter."""
_MAX_DEPTH = 60
"""Elements within elements; of what is deeper the text remains."""
_MOST_CHAPTERS = 5_000
"""Of a dictionary with a section for each word some sections stand together in a chapter."""
_SHEET = (
    "<style>.epigraph,.text-author{margin-inline-start:4em}.text-author{text-align:end}.stanza{margin-block:1em}"
    ".stanza p,.poem p{text-indent:0;margin-block:0}.subtitle{text-align:center;font-weight:bold}"
    ".picture{text-align:center;text-indent:0}</style>"
)
_INLINE = {
    "strong": "strong",
    "emphasis": "em",
    "strikethrough": "s",
    "sub": "sub",
    "sup": "sup",
    "code": "code",
    "style": "span",
}
_BLOCKS = {
    "p": ("p", ""),
    "v": ("p", "v"),
    "text-author": ("p", "text-author"),
    "date": ("p", "date"),
    "subtitle": ("h4", "subtitle"),
    "epigraph": ("blockquote", "epigraph"),
    "cite": ("blockquote", "cite"),
    "annotation": ("div", "annotation"),
    "poem": ("div", "poem"),
    "stanza": ("div", "stanza"),
    "section": ("section", ""),
    "table": ("table", ""),
    "tr": ("tr", ""),
    "td": ("td", ""),
    "th": ("th", ""),
}
_CELLS = ("colspan", "rowspan", "align", "valign")
_TYPES = {
    b"\x89PNG": ("png", "image/png"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"GIF8": ("gif", "image/gif"),
    b"RIFF": ("webp", "image/webp"),
}


def draft_of(root: Element) -> Draft:
    """The whole book."""
    return _Book(root).draft()


class _Book:
    """What is known of the book while its chapters are written."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._draft = Draft()
        self._pictures: dict[str, str] = {}
        self._notes: dict[str, Element] = {}
        self._placed: dict[str, str] = {}
        """id of an element → chapter"""
        self._bodies: list[Element] = []
        self._wanted: list[str] = []
        """Notes of the chapter that is being written."""
        self._name = ""

    def draft(self) -> Draft:
        """Write everything."""
        self._describe()
        self._gather_pictures()
        notes: list[Element] = []
        for body in children(self._root, "body"):
            is_notes = (body.get("name") or "").lower() in ("notes", "comments", "footnotes")
            (notes if is_notes else self._bodies).append(body)
        for body in notes:
            for section in children(body, "section"):
                if section.get("id"):
                    self._notes.setdefault(section.get("id") or "", section)
        cut = _joined(list(self._cut()))
        for number, (parts, _) in enumerate(cut):
            for part in parts:
                for element in part.iter():
                    if element.get("id"):
                        self._placed.setdefault(element.get("id") or "", _chapter(number))
        for number, (parts, depth) in enumerate(cut):
            self._write(number, parts, depth)
        self._write_other_notes(len(cut))
        return self._draft

    # Where chapters begin.

    def _cut(self) -> Iterator[tuple[list[Element], int]]:
        """The elements of each chapter, and how deep it stands in the contents."""
        for body in self._bodies:
            yield from self._cut_section(body, 0, 0, always=True)

    def _cut_section(
        self, section: Element, depth: int, nested: int, *, always: bool = False
    ) -> Iterator[tuple[list[Element], int]]:
        inner = list(children(section, "section"))
        if not inner or nested > _MAX_DEPTH or not (always or _length(section) > _LONG):
            yield [section], depth
            return
        before = [child for child in section if isinstance(child.tag, str) and local(child) != "section"]
        if before:
            yield before, depth
        for child in inner:
            yield from self._cut_section(child, depth + bool(before and not always), nested + 1)

    # Chapters.

    def _write(self, number: int, parts: list[Element], depth: int) -> None:
        self._name, self._wanted = _chapter(number), []
        body = "".join(self._blocks(part, 0) for part in parts)
        body += "".join(self._footnote(note) for note in self._wanted)
        headings = [_title(part) for part in parts]
        first_named = next((place for place, found in enumerate(headings) if found), 0)
        self._draft.chapters[self._name] = document(headings[first_named], body, _SHEET)
        for place, (part, heading) in enumerate(zip(parts, headings, strict=True)):
            if heading and (place == first_named or local(part) == "section"):
                address = self._name if place == first_named else f"{self._name}#{self._anchor(part)}"
                self._draft.contents.append(Heading(heading[:1000], depth, address))
            self._list_inner(part, depth + 1, 0)

    def _list_inner(self, section: Element, depth: int, nested: int) -> None:
        """The sections inside a chapter that has not been cut."""
        for child in children(section, "section") if nested <= _MAX_DEPTH else ():
            heading = _title(child)
            if heading:
                address = f"{self._name}#{self._anchor(child)}"
                self._draft.contents.append(Heading(heading[:1000], depth, address))
            self._list_inner(child, depth + bool(heading), nested + 1)

    def _write_other_notes(self, number: int) -> None:
        """Notes that nobody refers to are still there to be read."""
        left = [note for identifier, note in self._notes.items() if identifier not in self._placed]
        if left:
            self._name = _chapter(number)
            self._draft.chapters[self._name] = document("", "".join(self._blocks(note, 0) for note in left), _SHEET)

    def _footnote(self, identifier: str) -> str:
        content = self._inside(self._notes[identifier], 1)
        return f'<aside epub:type="footnote" role="doc-footnote" id="{escape(identifier)}">{content}</aside>'

    def _anchor(self, section: Element) -> str:
        """The id of a section; one is made for those that have none."""
        if not section.get("id"):
            path = section.getroottree().getpath(section)
            section.set("id", f"s{binascii.crc32(path.encode()):08x}")
        return section.get("id") or ""

    def _blocks(self, element: Element, depth: int) -> str:
        """Markup of an element of the text, with its tail left to the caller."""
        name = local(element)
        if depth > _MAX_DEPTH:
            return escape("".join(element.itertext()))
        if name in _BLOCKS:
            tag, kind = _BLOCKS[name]
            if name == "section" and _title(element):
                self._anchor(element)
            return f"<{tag}{_attributes(element, kind)}>{self._inside(element, depth)}</{tag}>"
        if name == "title":
            return self._heading(element, depth)
        if name == "empty-line":
            return "<p><br/></p>"
        if name == "image":
            return f'<p class="picture">{self._picture(element)}</p>'
        return self._inline(element, depth)

    def _inline(self, element: Element, depth: int) -> str:
        name = local(element)
        if name in _INLINE:
            return f"<{_INLINE[name]}>{self._inside(element, depth)}</{_INLINE[name]}>"
        if name == "a":
            return self._link(element, depth)
        if name == "image":
            return self._picture(element)
        return self._inside(element, depth)

    def _inside(self, element: Element, depth: int) -> str:
        in_text = local(element) in ("p", "v", "subtitle", "text-author", "td", "th", "a", *_INLINE)
        parts = [escape(element.text or "")]
        for child in element:
            if isinstance(child.tag, str):
                parts.append(self._inline(child, depth + 1) if in_text else self._blocks(child, depth + 1))
            parts.append(escape(child.tail or ""))
        return "".join(parts)

    def _heading(self, element: Element, depth: int) -> str:
        level = min(6, 2 + sum(local(above) == "section" for above in element.iterancestors()))
        level = 1 if local(element.getparent()) == "body" else level - 1
        lines = [self._inside(line, depth + 1) for line in children(element, "p")]
        return f"<h{level}>{'<br/>'.join(lines)}</h{level}>"

    def _link(self, element: Element, depth: int) -> str:
        target, text = _href(element), self._inside(element, depth)
        if not target.startswith("#"):
            return f'<a href="{escape(target)}">{text}</a>' if target else text
        identifier = target[1:]
        if identifier in self._notes and identifier not in self._placed:
            self._placed[identifier] = self._name
            self._wanted.append(identifier)
        kind = ' epub:type="noteref" role="doc-noteref"' if identifier in self._notes else ""
        chapter = self._placed.get(identifier, self._name)
        return f'<a{kind} href="{chapter}#{escape(identifier)}">{text}</a>'

    def _picture(self, element: Element) -> str:
        name = self._pictures.get(_href(element).removeprefix("#"))
        told = escape(element.get("alt") or element.get("title") or "")
        return f'<img src="{name}" alt="{told}"/>' if name else told

    # Pictures and metadata.

    def _gather_pictures(self) -> None:
        for binary in children(self._root, "binary"):
            identifier = binary.get("id") or ""
            try:
                data = b64decode("".join((binary.text or "").split()))
            except (binascii.Error, ValueError):
                continue
            ending, media_type = next((known for head, known in _TYPES.items() if data.startswith(head)), ("", ""))
            if ending and identifier not in self._pictures:
                name = f"pictures/{len(self._pictures) + 1:04}.{ending}"
                self._pictures[identifier] = name
                self._draft.resources[name] = (data, media_type)
        cover = first(first(self._root, "coverpage"), "image")
        if cover is not None:
            self._draft.cover = self._pictures.get(_href(cover).removeprefix("#"), "")

    def _describe(self) -> None:
        book = first(self._root, "title-info")
        published, made = first(self._root, "publish-info"), first(self._root, "document-info")
        found = self._draft.elements
        found += [("title", _text(book, "book-title")), ("language", _text(book, "lang"))]
        found += [("publisher", _text(published, "publisher")), ("date", _text(published, "year") or _date(book))]
        found += [("identifier", _isbn(published)), ("identifier", _text(made, "id"))]
        found += [("description", _text(book, "annotation"))]
        found += [("subject", word.strip()) for word in _text(book, "keywords").split(",")]
        for name, role in (("author", "aut"), ("translator", "trl")):
            self._draft.agents += [Agent(_person(who), role) for who in children(book, name) if _person(who)]
        sequence = first(book, "sequence")
        if sequence is None:
            sequence = first(published, "sequence")
        if sequence is not None:
            self._draft.series = (sequence.get("name") or "", sequence.get("number") or "")


def _joined(cut: list[tuple[list[Element], int]]) -> list[tuple[list[Element], int]]:
    """The same elements in no more chapters than a book may have."""
    size = max(1, -(-len(cut) // _MOST_CHAPTERS))
    groups = (cut[start : start + size] for start in range(0, len(cut), size))
    return [([part for parts, _ in group for part in parts], group[0][1]) for group in groups]


def _chapter(number: int) -> str:
    return f"chapter-{number + 1:04}.xhtml"


def _length(section: Element) -> int:
    return sum(len(text) for text in section.itertext())


def _title(part: Element) -> str:
    """The heading of a section, its lines joined; of a title itself likewise."""
    title = part if local(part) == "title" else next(iter(children(part, "title")), None)
    lines = (" ".join("".join(line.itertext()).split()) for line in (title if title is not None else ()))
    return "　".join(line for line in lines if line)


def _attributes(element: Element, kind: str) -> str:
    found = {
        "id": element.get("id"),
        "class": kind,
        "xml:lang": element.get("{http://www.w3.org/XML/1998/namespace}lang"),
    }
    if local(element) in ("td", "th"):
        found |= {name: element.get(name) for name in _CELLS}
    return "".join(f' {name}="{escape(value)}"' for name, value in found.items() if value)


def _href(element: Element) -> str:
    """Of a link or picture, whatever prefix or namespace the attribute has."""
    return next((str(value).strip() for key, value in element.items() if key.rpartition("}")[2] == "href"), "")


def _text(element: Element | None, name: str) -> str:
    found = first(element, name)
    return " ".join("".join(found.itertext()).split()) if found is not None else ""


def _isbn(published: Element | None) -> str:
    number = _text(published, "isbn")
    return f"urn:isbn:{number}" if number else ""


def _date(book: Element | None) -> str:
    found = first(book, "date")
    return (found.get("value") or "".join(found.itertext()).strip()) if found is not None else ""


def _person(who: Element) -> str:
    """Han names as they are written, without blanks between the parts."""
    parts = [part for part in (_text(who, name) for name in ("first-name", "middle-name", "last-name")) if part]
    if parts and all("\u2e80" <= part[0] <= "\U0003ffff" for part in parts):
        return "".join(reversed(parts))
    return " ".join(parts) or _text(who, "nickname")
