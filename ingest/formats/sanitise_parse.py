"""Read the markup of books that are not as well formed as they should be.

Document types, and with them every entity a book defines, are cut off before the parser sees them: no bomb, no external
entity. The names of HTML (`&nbsp;`) are replaced by their characters, so that nothing is lost by that.
"""

from __future__ import annotations

import codecs
import re
from html.entities import html5

from lxml import etree
from lxml.etree import _Element as Element

from wenyuan.repo.chapters import SVG, XHTML

_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)""")
_META_CHARSET = re.compile(rb"""<meta[^>]*?charset\s*=\s*["']?([A-Za-z0-9._\-]+)""", re.IGNORECASE)
_CSS_CHARSET = re.compile(rb'@charset "([A-Za-z0-9._\-]+)"')
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs"}
"""Books that say GB2312 use characters of its successors; each decodes all of the former (WHATWG Encoding, 4.2)."""

_BEFORE_ROOT = re.compile(r"(?:\s++|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_DOCTYPE = re.compile(r"""<!DOCTYPE(?:[^\[>"']++|"[^"]*+"|'[^']*+')*+(?:\[.*?\]\s*+>|>)?""", re.IGNORECASE | re.DOTALL)
_DOCTYPE_START = re.compile("<!DOCTYPE", re.IGNORECASE)
_ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z_][\w.\-]*)\s+(?:"([^"&<%]{0,200})"|'([^'&<%]{0,200})')\s*>""")
_MOST_DEFINED = 1_000_000
"""Characters that all entities of a book's own may bring into a document; those beyond stay as they are written."""
_MOST_TAGS = 1_000_000
"""Each element takes some hundred bytes of memory. The largest book of the corpus has 520,000 tags in 94 chapters."""
_REFERENCE = re.compile(r"&([A-Za-z_][\w.\-]*);")
_LONE_AMPERSAND = re.compile(r"&(?!#[0-9]+;|#x[0-9A-Fa-f]+;|[A-Za-z_][\w.\-]*;)")
_NUMBER = re.compile(r"&#(?:x([0-9A-Fa-f]+)|([0-9]+));")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_SELF_CLOSED = re.compile(r"""<([A-Za-z][\w:.\-]*+)((?:[^<>"'/]++|"[^"<]*+"|'[^'<]*+'|/(?!>))*+)/>""")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_MIXED_CASE = (
    "animateMotion animateTransform clipPath feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix "
    "feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR "
    "feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight "
    "feTile feTurbulence foreignObject linearGradient radialGradient textPath attributeName clipPathUnits "
    "gradientTransform gradientUnits markerHeight markerUnits markerWidth maskContentUnits maskUnits pathLength "
    "patternContentUnits patternTransform patternUnits preserveAspectRatio refX refY spreadMethod startOffset "
    "stdDeviation textLength viewBox lengthAdjust"
)
_SVG_NAMES = {name.lower(): name for name in _MIXED_CASE.split()}
"""HTML parsers write names in lower case; SVG's are not (HTML, section 13.2.6.5)."""


def has_too_many_tags(data: bytes) -> bool:
    """Whether a document is markup without end, which would take gigabytes to read."""
    return data.count(b"<") > _MOST_TAGS


def decode(data: bytes) -> str:
    """The characters of an XHTML, SVG, CSS or package document, by byte order mark, declaration, or trial."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if data[:4] in (b"<\0?\0", b"<\0h\0", b"<\0!\0"):
        return data.decode("utf-16-le", "replace")
    if data[:4] in (b"\0<\0?", b"\0<\0h", b"\0<\0!"):
        return data.decode("utf-16-be", "replace")
    head = data[:2048]
    found = _ENCODING.search(head) or _CSS_CHARSET.match(head) or _META_CHARSET.search(head)
    declared = found.group(1).decode("ascii").lower() if found else "utf-8"
    for encoding in (_SUPERSETS.get(declared, declared), "utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError, ValueError):
            continue
    return data.decode("utf-8", "replace")


def parse_xml(data: bytes, *, huge: bool = False) -> Element | None:
    """The root of a package document, NCX, container or SVG; what is broken in it is skipped.

    None: no XML at all, or more tags than anybody writes.

    Args:
        data: in any encoding.
        huge: allow more than 256 levels and 10 MB of text in one node (drawings hold whole pictures as `data:`).
    """
    if has_too_many_tags(data):
        return None
    text = _prepared(decode(data))
    root = _fromstring(text, etree.XMLParser(huge_tree=huge, **_XML_OPTIONS))
    if root is None:
        root = _fromstring(text, etree.XMLParser(huge_tree=huge, recover=True, **_XML_OPTIONS))
    return root


def parse_markup(data: bytes) -> Element | None:
    """The root of a content document: as XML if it is well formed, else as browsers read HTML.

    None: nothing in it, or more tags than anybody writes.

    Of any depth: callers must not follow it down by recursion without a limit of their own. libxml2's limits would drop
    the rest of a chapter behind a picture of 10 MB in a `data:` address, without a word; entities, which they are
    there for, are gone by now.
    """
    if has_too_many_tags(data):
        return None
    text = _prepared(decode(data))
    root = _fromstring(text, etree.XMLParser(huge_tree=True, **_XML_OPTIONS))
    if root is not None:
        return root
    text = _SELF_CLOSED.sub(_open_and_close, text)
    root = _fromstring(text, etree.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8"))
    if root is not None:
        _name_as_xml(root)
    return root


_XML_OPTIONS = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "dtd_validation": False,
    "remove_comments": True, "remove_pis": True, "encoding": "utf-8",
}  # fmt: skip


def _prepared(text: str) -> str:
    text, names = _without_types(_CONTROLS.sub("", text))
    left = _MOST_DEFINED

    def character(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in _XML_NAMES:
            return found.group()
        nonlocal left
        value = names.get(name)
        if value:
            left -= len(value)  # a long word named a million times is a bomb, too
            value = value if left >= 0 else None
        else:
            value = html5.get(name + ";")
        return found.group().replace("&", "&amp;") if value is None else _escaped(value)

    return _LONE_AMPERSAND.sub("&amp;", _NUMBER.sub(_numbered, _REFERENCE.sub(character, text))).lstrip()


def _without_types(text: str) -> tuple[str, dict[str, str]]:
    """The text from its root on, and the entities that its document type defines. Each character is read once.

    Of what never ends the beginning goes, too: a parser must not take it for a document type.
    """
    names: dict[str, str] = {}
    at = _end(_BEFORE_ROOT.match(text))
    if not text.startswith("<", at):  # rubbish before it all
        rubbish = _DOCTYPE_START.search(text, at, at + 100_000)
        at = rubbish.start() if rubbish else at
    while doctype := _DOCTYPE.match(text, at):
        # Plain words only: an entity within an entity is how bombs are built.
        names |= {match[1]: match[2] or match[3] or "" for match in _ENTITY.finditer(doctype.group())}
        at = _end(_BEFORE_ROOT.match(text, doctype.end()))
    return text[at:], names


def _end(found: re.Match[str] | None) -> int:
    return found.end() if found else 0


def _numbered(found: re.Match[str]) -> str:
    """A character by number, if XML has it; 128 … 159 are meant as code page 1252 (HTML, section 13.2.5.80)."""
    digits = found.group(1) or found.group(2)
    code = int(digits, 16 if found.group(1) else 10) if len(digits) < 9 else 0
    if 0x80 <= code <= 0x9F:
        return bytes([code]).decode("cp1252", "ignore")
    return "" if code > 0x10FFFF or _CONTROLS.match(chr(code)) else found.group()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fromstring(text: str, parser: etree.XMLParser | etree.HTMLParser) -> Element | None:
    try:
        root: Element | None = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, etree.ParserError, ValueError):
        return None
    return root


def _open_and_close(found: re.Match[str]) -> str:
    """`<title/>` as HTML reads it has no end and swallows the book."""
    name = found.group(1)
    return found.group() if name.lower() in _VOID else f"<{name}{found.group(2)}></{name}>"


def _name_as_xml(root: Element) -> None:
    """Put the elements of an HTML tree into their namespaces, and names like `svg:textpath` and `xlink:href` right."""
    spaces: dict[Element, str] = {}
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.tag.rpartition(":")[2].rpartition("}")[2].lower()
        parent = element.getparent()
        space = spaces.get(parent, XHTML) if parent is not None else XHTML
        if name in ("svg", "math"):
            space = SVG if name == "svg" else "http://www.w3.org/1998/Math/MathML"
        elif parent is not None and parent.tag == f"{{{SVG}}}foreignObject":
            space = XHTML
        spaces[element] = space
        if space == SVG:
            name = _SVG_NAMES.get(name, name)
            for key in [key for key in element.attrib if key in _SVG_NAMES]:
                element.set(_SVG_NAMES[key], element.attrib.pop(key))
        element.tag = f"{{{space}}}{name}" if re.fullmatch(r"[A-Za-z_][\w.\-]*", name) else f"{{{XHTML}}}span"
