"""Build a clean chapter out of a book's: what is known is copied into a new tree, the rest stays behind.

Nothing of the old document reaches the new one but names and attributes from `sanitise_names`, text, and addresses
written anew by `sanitise_links`; so there is no comment, processing instruction, entity, foreign namespace or attribute
that could have been overlooked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree
from lxml.etree import _Element as Element

from wenyuan.ingest.formats import sanitise_names as names
from wenyuan.ingest.formats.sanitise_links import Kind, References, external
from wenyuan.ingest.formats.sanitise_style import sanitise_declarations, sanitise_style, sanitise_value
from wenyuan.repo.chapters import MATHML, SVG, XHTML

EPUB = "http://www.idpf.org/2007/ops"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"

_MAX_DEPTH = 100
"""Elements within elements; of what is deeper the text remains. Real books stay under 40."""
_PICTURES = frozenset((Kind.IMAGE, Kind.DRAWING))
_MEDIA = {
    ("img", "src"): _PICTURES,
    ("audio", "src"): frozenset((Kind.SOUND, Kind.FILM)),
    ("video", "src"): frozenset((Kind.FILM, Kind.SOUND)),
    ("video", "poster"): _PICTURES,
    ("track", "src"): frozenset((Kind.CAPTIONS,)),
    ("source", "src"): frozenset((Kind.SOUND, Kind.FILM, Kind.IMAGE, Kind.DRAWING)),
}
_SRCSET = re.compile(r"([^\s,]\S*+)((?<!,)\s++[0-9.]++[wx](?=[\s,]|$))?+(?:(?<!,)[^,]*+)?")
"""Candidates as HTML (section 4.8.4.2.1) has them: a comma behind an address ends it, another is part of it."""
_VIEWPORT = re.compile(r"(width|height)\s*[=:]\s*([0-9]{1,5}(?:\.[0-9]+)?)(?:px)?(?=[\s,;]|$)", re.IGNORECASE)


class Copier:
    """Copies one document of a book."""

    def __init__(self, references: References) -> None:
        """Set up for the entry whose addresses `references` knows."""
        self._references = references
        self._written: Element | None = None
        self._texts: list[str] = []

    def chapter(self, source: Element, *, style_sheet: str | None, attributes: Mapping[str, str]) -> Element:
        """A new XHTML document.

        Args:
            source: `html`, or any other root, which is then taken for what `body` should hold.
            style_sheet: address of the sheet that comes first, before the book's own.
            attributes: to be set on the root besides its own.
        """
        root: Element = etree.Element(f"{{{XHTML}}}html", nsmap={None: XHTML, "epub": EPUB})
        is_html = _split(source.tag)[1].lower() == "html"
        if is_html:
            self._attributes(source, root, XHTML, "html")
        for key, value in attributes.items():
            root.set(key, value)
        head = self._child(root, XHTML, "head")
        title = self._child(head, XHTML, "title")
        if style_sheet:
            self._child(head, XHTML, "link", rel="stylesheet", type="text/css", href=style_sheet)
        body_source = source
        if is_html:
            parts = {_split(part.tag)[1].lower(): part for part in reversed(source) if isinstance(part.tag, str)}
            self._head(parts.get("head"), head, title)
            body_source = parts.get("body", source)
        body = self._child(root, XHTML, "body")
        if body_source is not source:
            self._attributes(body_source, body, XHTML, "body")
            self._children(body_source, body, 2)
        elif is_html:
            self._children(source, body, 2)
        else:
            self._element(source, body, 2)
        self._flush()
        return root

    def drawing(self, source: Element, attributes: Mapping[str, str]) -> Element:
        """A new SVG document."""
        root: Element = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})
        self._attributes(source, root, SVG, "svg")
        for key, value in attributes.items():
            root.set(key, value)
        self._children(source, root, 1)
        self._flush()
        return root

    def _head(self, source: Element | None, head: Element, title: Element) -> None:
        for part in source if source is not None else ():
            if not isinstance(part.tag, str):
                continue
            name = _split(part.tag)[1].lower()
            if name == "title" and not title.text:
                title.text = " ".join("".join(part.itertext()).split())
            elif name == "style":
                self._style(part, head, XHTML)
            elif name == "link":
                self._link(part, head)
            elif name == "meta" and (part.get("name") or "").strip().lower() == "viewport":
                size = viewport(part.get("content") or "")
                if size:
                    self._child(head, XHTML, "meta", name="viewport", content=f"width={size[0]}, height={size[1]}")

    def _children(self, source: Element, target: Element, depth: int) -> None:
        self._append(target, source.text)
        for child in source:
            if isinstance(child.tag, str):
                self._element(child, target, depth)
            self._append(target, child.tail)

    def _append(self, target: Element, text: str | None) -> None:
        """Text behind what the element holds so far; written together with what else comes behind it."""
        if self._written is not target:
            self._flush()
        if text:
            self._written = target
            self._texts.append(text)

    def _flush(self) -> None:
        """Write the text that waits. Called before each new element."""
        if self._written is not None:
            text, last = "".join(self._texts), next(self._written.iterchildren(reversed=True), None)
            if last is None:
                self._written.text = (self._written.text or "") + text
            else:
                last.tail = (last.tail or "") + text
        self._written, self._texts = None, []

    def _child(self, parent: Element, space: str, name: str, /, **attributes: str) -> Element:
        self._flush()
        nsmap = {None: space} if parent.nsmap.get(None) != space else None
        child: Element = etree.SubElement(parent, f"{{{space}}}{name}", attributes, nsmap=nsmap)
        return child

    def _element(self, source: Element, parent: Element, depth: int) -> None:
        space, name = _split(source.tag)
        holder_space, holder = _split(parent.tag)
        if not space and holder_space == SVG and holder != "foreignObject":
            space = SVG  # a drawing whose author forgot the namespace
        if depth > _MAX_DEPTH:
            self._append(parent, "".join(text for text in source.itertext()))
        elif space == SVG:
            self._svg(source, parent, name, depth)
        elif space == MATHML:
            self._plain(source, parent, MATHML, name, depth, kept=name in names.MATHML_KEPT, dropped="-" in name)
        elif space in (XHTML, ""):
            self._html(source, parent, name.lower(), depth)
        else:
            self._foreign(source, parent, space, name, depth)

    def _html(self, source: Element, parent: Element, name: str, depth: int) -> None:
        holder_space, holder = _split(parent.tag)
        if name == "style":
            self._style(source, parent, XHTML)
        elif name == "link":
            self._link(source, parent)
        elif name == "object":
            self._object(source, parent, depth)
        elif name in names.HTML_DROPPED:
            return
        elif holder_space == SVG and holder not in ("foreignObject", "desc", "title"):
            self._children(source, parent, depth + 1)
        else:
            self._plain(source, parent, XHTML, name, depth, kept=name in names.HTML_KEPT, dropped=False)

    def _svg(self, source: Element, parent: Element, name: str, depth: int) -> None:
        if name == "style":
            self._style(source, parent, SVG)
            return
        dropped = name in names.SVG_DROPPED
        if name in names.SVG_ANIMATIONS:
            attribute = source.get("attributeName", "transform" if name != "set" else "").strip()
            dropped = attribute not in names.SVG_DRAWN and attribute not in ("fill", "stroke")
        self._plain(source, parent, SVG, name, depth, kept=name in names.SVG_KEPT, dropped=dropped)

    def _plain(
        self, source: Element, parent: Element, space: str, name: str, depth: int, *, kept: bool, dropped: bool
    ) -> None:
        """Copy, pass over, or leave out with everything in it."""
        if dropped:
            return
        target = parent
        if kept:
            target = self._child(parent, space, name)
            self._attributes(source, target, space, name)
        self._children(source, target, depth + 1)

    def _foreign(self, source: Element, parent: Element, space: str, name: str, depth: int) -> None:
        """Elements of other vocabularies: `epub:switch` shows one of its branches, of others only the text stays."""
        if space == EPUB and name == "switch":
            branches = [child for child in source if isinstance(child.tag, str)]
            chosen = [child for child in branches if _split(child.tag)[1] == "default"] or branches[:1]
            for branch in chosen:
                self._children(branch, parent, depth + 1)
        elif space != EPUB or name != "trigger":
            self._children(source, parent, depth + 1)

    def _object(self, source: Element, parent: Element, depth: int) -> None:
        """A picture of the book becomes `img`; of all else what the book offers instead remains."""
        address = self._references.resource(source.get("data") or "", _PICTURES)
        if address is None:
            self._children(source, parent, depth + 1)
            return
        alternative = source.get("title") or " ".join("".join(source.itertext()).split())
        picture = self._child(parent, XHTML, "img", src=address, alt=alternative)
        self._attributes(source, picture, XHTML, "img")

    def _style(self, source: Element, parent: Element, space: str) -> None:
        text = sanitise_style("".join(source.itertext()), self._references)
        if text:
            self._child(parent, space, "style", type="text/css").text = text

    def _link(self, source: Element, parent: Element) -> None:
        relations = (source.get("rel") or "").lower().split()
        if "stylesheet" not in relations or "alternate" in relations:
            return
        address = self._references.resource(source.get("href") or "", frozenset((Kind.STYLE,)))
        if address is not None:
            link = self._child(parent, XHTML, "link", rel="stylesheet", type="text/css", href=address)
            media = source.get("media")
            if media and re.fullmatch(r"[\w\s(),:.\-]+", media):
                link.set("media", media)

    def _attributes(self, source: Element, target: Element, space: str, name: str) -> None:
        for raw, value in source.items():
            attribute_space, key = _attribute(raw)
            if attribute_space == XML and key in ("lang", "space"):
                target.set(f"{{{XML}}}{key}", value)
            elif attribute_space == EPUB and key == "type":
                target.set(f"{{{EPUB}}}type", value)
            elif key in ("href", "src", "srcset", "poster", "usemap") and attribute_space in ("", XLINK):
                self._address(target, space, name, key, value)
            elif attribute_space == "":
                self._attribute(target, space, name, key, value)
        if space == XHTML and name == "a" and target.get("name") and not target.get("id"):
            target.set("id", target.get("name", ""))  # the anchors of old; fragments lead to ids

    def _attribute(self, target: Element, space: str, name: str, key: str, value: str) -> None:
        if space == XHTML:
            key = key.lower()
            allowed = key in names.HTML_ANYWHERE or key in names.HTML_ATTRIBUTES.get(name, ())
        else:
            allowed = key in (names.SVG_ATTRIBUTES if space == SVG else names.MATHML_ATTRIBUTES)
        if not allowed:
            return
        if key == "style":
            value = sanitise_declarations(value, self._references)
        elif space == SVG:
            clean = sanitise_value(value, self._references)
            if clean is None:
                return
            value = clean
        if value or key != "style":
            target.set(key, value)

    def _address(self, target: Element, space: str, name: str, key: str, value: str) -> None:
        found: str | None = None
        if name in ("a", "area") and key == "href":
            self._anchor(target, value)
        elif key == "srcset" and name in ("img", "source"):
            found = self._srcset(value)
        elif key == "usemap" and name == "img":
            found = self._references.fragment(value)
        elif space == XHTML:
            kinds = _MEDIA.get((name, key))
            found = self._references.resource(value, kinds) if kinds else None
        elif space == SVG and key == "href" and name in ("image", "feImage"):
            found = self._references.fragment(value) if name == "feImage" else None
            found = found or self._references.resource(value, _PICTURES)
        elif space == SVG and key == "href":
            found = self._references.fragment(value)
            if found is None and name == "use":
                found = self._references.resource(value, frozenset((Kind.DRAWING,)))
        if found is not None:
            target.set(key, found)

    def _anchor(self, target: Element, value: str) -> None:
        """Links inside the book keep their way; links to the web become data that the reader may ask about."""
        place = self._references.locate(value)
        if place is not None:
            self._references.used.add(place.entry)
            target.set("href", self._references.written(place))
            target.set("target", "_self")
            target.set("data-wy-entry", place.entry)
            if place.fragment:
                target.set("data-wy-fragment", place.fragment)
            return
        address = external(value)
        if address:
            target.set("data-wy-external", address)

    def _srcset(self, value: str) -> str | None:
        candidates = []
        for match in _SRCSET.finditer(value):
            address = self._references.resource(match[1].rstrip(","), _PICTURES)
            if address and not address.startswith("data:"):
                candidates.append(address + (match[2] or ""))
        return ", ".join(candidates) or None


def viewport(content: str) -> tuple[str, str] | None:
    """Width and height in CSS pixels of a fixed-layout page (EPUB 3.3, section 8.2.2.6), None where not both are given.

    >>> viewport("width=1200, height=1600")
    ('1200', '1600')
    """
    found = {match[1].lower(): match[2] for match in _VIEWPORT.finditer(content)}
    return (found["width"], found["height"]) if len(found) == 2 else None


def _attribute(raw: str) -> tuple[str, str]:
    """Namespace and name; HTML parsers leave the prefix in the name."""
    space, key = _split(raw)
    if not space and ":" in key:
        prefix, _, key = key.partition(":")
        space = {"epub": EPUB, "xlink": XLINK, "xml": XML}.get(prefix, prefix)
    return space, key


def _split(tag: str) -> tuple[str, str]:
    space, _, name = tag.rpartition("}")
    return space[1:], name
