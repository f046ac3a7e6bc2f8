"""A searchable PDF: pages as pictures, exactly as their JPEGs are, with the text laid invisibly over them.

Written front to back and page by page: a thousand pages need no more memory than the largest of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from xml.sax.saxutils import escape

from wenyuan.repo import pdf_objects, pdf_runs
from wenyuan.repo.jpeg_head import JpegHead, read_head
from wenyuan.repo.layers import TextLayer
from wenyuan.repo.pdf_font import BlankFont
from wenyuan.repo.pdf_objects import Objects, array, dictionary, number, reference
from wenyuan.repo.word_lines import storable

_POINTS_PER_INCH = 72
_LONGEST_SIDE = 14_400.0
"""Points; the limit of Acrobat (ISO 32000-1, Annex C)."""
_SHORTEST_SIDE = 3.0
_PRODUCER = "文淵 Wenyuan"


@dataclass(frozen=True, slots=True)
class PdfPage:
    """One page.

    Attributes:
        jpeg: its picture, upright; None for a page without one.
        width: pixels of the page, of which `dpi` make an inch; the JPEG may be smaller or larger.
        height: likewise.
        dpi: pixels an inch; tells how large the page is on paper.
        layer: its text; None where it has none.
        label: as printed on the page; empty: its number.
    """

    jpeg: bytes | None
    width: int
    height: int
    dpi: float = 300.0
    layer: TextLayer | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the contents. `page` counts from 0."""

    title: str
    page: int
    children: tuple[Bookmark, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What the file says of itself.

    Attributes:
        title: of the item.
        language: BCP 47.
        authors: names.
        subjects: keywords.
        identifier: where the item is found: an address or a number.
        rights: what may be done with it.
        right_to_left: pages turn from left to right, as in vertical books.
        created: when the file is made; None: not told, so that same pages give the same bytes.
    """

    title: str
    language: str = "zh"
    authors: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    identifier: str = ""
    rights: str = ""
    right_to_left: bool = False
    created: datetime | None = None


def write(target: BinaryIO, pages: Iterable[PdfPage], about: About, contents: Sequence[Bookmark] = ()) -> int:
    """Write the PDF to a file or anything else that takes bytes; how many bytes it is.

    Raises:
        ValueError: see `stream`.
    """
    return sum(target.write(part) for part in stream(pages, about, contents))


def stream(pages: Iterable[PdfPage], about: About, contents: Sequence[Bookmark] = ()) -> Iterator[bytes]:
    """The bytes of the PDF, piece by piece, as pages come.

    Args:
        pages: in reading order; taken one by one.
        about: what the file says of itself.
        contents: its outline; entries whose page there is none of lead to the last page.

    Raises:
        ValueError: there are no pages, or a picture is no JPEG that a PDF can hold; what came before is no PDF yet.
    """
    document = _Document(about)
    yield document.objects.begin()
    for page in pages:
        yield from document.page(page)
    yield from document.end(contents)


class _Document:
    """What must be known of the pages written to write the rest."""

    def __init__(self, about: About) -> None:
        self.objects = Objects()
        self._about = about
        self._font = BlankFont()
        self._catalog, self._tree, self._font_object = (self.objects.reserve() for _ in range(3))
        self._pages: list[int] = []
        self._labels: list[str] = []

    def page(self, page: PdfPage) -> Iterator[bytes]:
        width, height = _size(page)
        obj, operators = self.objects.reserve(), self.objects.reserve()
        drawing, resources = b"", {"Font": b"<</F %s>>" % reference(self._font_object)}
        if page.jpeg is not None:
            picture = self.objects.reserve()
            resources["XObject"] = b"<</P %s>>" % reference(picture)
            drawing = b"q %s 0 0 %s 0 0 cm /P Do Q\n" % (number(width), number(height))
            yield from _picture(self.objects, picture, page.jpeg)
        text = pdf_runs.content(page.layer, self._font, width, height) if page.layer else b""
        yield self.objects.stream(operators, drawing + text, {})
        yield self.objects.put(
            obj,
            dictionary(
                {
                    "Type": b"/Page",
                    "Parent": reference(self._tree),
                    "MediaBox": array([b"0", b"0", number(width), number(height)]),
                    "Resources": dictionary(resources),
                    "Contents": reference(operators),
                }
            ),
        )
        self._pages.append(obj)
        self._labels.append(page.label)

    def end(self, contents: Sequence[Bookmark]) -> Iterator[bytes]:
        if not self._pages:
            raise ValueError("a PDF without pages")
        yield from self._font.write(self.objects, self._font_object)
        kids = array(map(reference, self._pages))
        tree = {"Type": b"/Pages", "Count": b"%d" % len(self._pages), "Kids": kids}
        yield self.objects.put(self._tree, dictionary(tree))
        outline, metadata, about = (self.objects.reserve() for _ in range(3))
        yield from self._outline(outline, contents)
        yield self.objects.stream(metadata, _xmp(self._about), {"Type": b"/Metadata", "Subtype": b"/XML"}, packed=False)
        yield self.objects.put(about, dictionary(_information(self._about)))
        yield self.objects.put(self._catalog, dictionary(self._entries(outline, metadata, bool(contents))))
        yield from self.objects.end({"Root": reference(self._catalog), "Info": reference(about), "ID": self._name()})

    def _entries(self, outline: int, metadata: int, has_contents: bool) -> dict[str, bytes]:
        direction = b"/R2L" if self._about.right_to_left else b"/L2R"
        entries = {
            "Type": b"/Catalog",
            "Pages": reference(self._tree),
            "Metadata": reference(metadata),
            "Lang": pdf_objects.text(self._about.language),
            "ViewerPreferences": b"<</DisplayDocTitle true/Direction %s>>" % direction,
        }
        if any(self._labels):
            entries["PageLabels"] = b"<</Nums %s>>" % array(
                b"%d <<%s>>" % (place, b"/P " + pdf_objects.text(label) if label else b"/S/D/St %d" % (place + 1))
                for place, label in enumerate(self._labels)
            )
        return entries | ({"Outlines": reference(outline), "PageMode": b"/UseOutlines"} if has_contents else {})

    def _outline(self, root: int, contents: Sequence[Bookmark]) -> Iterator[bytes]:
        if not contents:
            yield self.objects.put(root, b"<</Type/Outlines/Count 0>>")
            return
        numbers = [self.objects.reserve() for _ in contents]
        entries = {"First": reference(numbers[0]), "Last": reference(numbers[-1]), "Count": b"%d" % len(numbers)}
        yield self.objects.put(root, dictionary({"Type": b"/Outlines", **entries}))
        yield from self._bookmarks(root, contents, numbers)

    def _bookmarks(self, parent: int, marks: Sequence[Bookmark], numbers: list[int]) -> Iterator[bytes]:
        for place, (mark, obj) in enumerate(zip(marks, numbers, strict=True)):
            page = self._pages[min(max(mark.page, 0), len(self._pages) - 1)]
            entries = {
                "Title": pdf_objects.text(mark.title),
                "Parent": reference(parent),
                "Dest": array([reference(page), b"/Fit"]),
            }
            if place:
                entries["Prev"] = reference(numbers[place - 1])
            if place + 1 < len(numbers):
                entries["Next"] = reference(numbers[place + 1])
            below = [self.objects.reserve() for _ in mark.children]
            if below:
                # A negative count: closed until a reader opens it.
                entries |= {"First": reference(below[0]), "Last": reference(below[-1]), "Count": b"%d" % -len(below)}
            yield self.objects.put(obj, dictionary(entries))
            yield from self._bookmarks(obj, mark.children, below)

    def _name(self) -> bytes:
        told = repr((self._about, len(self._pages), self._labels))
        digest = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32].encode()
        return array([b"<%s>" % digest] * 2)


def _size(page: PdfPage) -> tuple[float, float]:
    """In points."""
    scale = _POINTS_PER_INCH / (page.dpi if page.dpi > 0 else 300.0)
    width, height = max(page.width, 1) * scale, max(page.height, 1) * scale
    scale = min(1.0, _LONGEST_SIDE / max(width, height))
    return max(width * scale, _SHORTEST_SIDE), max(height * scale, _SHORTEST_SIDE)


def _picture(objects: Objects, obj: int, jpeg: bytes) -> Iterator[bytes]:
    head: JpegHead = read_head(jpeg)
    space = {1: b"/DeviceGray", 3: b"/DeviceRGB", 4: b"/DeviceCMYK"}[head.components]
    if head.profile:
        profile = objects.reserve()
        yield objects.stream(profile, head.profile, {"N": b"%d" % head.components, "Alternate": space})
        space = array([b"/ICCBased", reference(profile)])
    entries = {
        "Type": b"/XObject",
        "Subtype": b"/Image",
        "Width": b"%d" % head.width,
        "Height": b"%d" % head.height,
        "ColorSpace": space,
        "BitsPerComponent": b"8",
        "Filter": b"/DCTDecode",
    }
    if head.components == 4 and head.is_adobe:
        entries["Decode"] = b"[1 0 1 0 1 0 1 0]"  # Adobe writes CMYK inverted
    yield objects.stream(obj, jpeg, entries, packed=False)


def _information(about: About) -> dict[str, bytes]:
    told = {
        "Title": about.title,
        "Author": "；".join(about.authors),
        "Keywords": "；".join(about.subjects),
        "Producer": _PRODUCER,
    }
    entries = {name: pdf_objects.text(value) for name, value in told.items() if value}
    if about.created:
        entries["CreationDate"] = f"(D:{about.created.astimezone(UTC):%Y%m%d%H%M%S}Z)".encode()
    return entries


def _xmp(about: About) -> bytes:
    """Dublin Core as XMP (ISO 16684-1)."""

    def several(name: str, kind: str, values: Iterable[str], mark: str = "") -> str:
        rows = "".join(f"<rdf:li{mark}>{escape(storable(value))}</rdf:li>" for value in values if value)
        return f"<dc:{name}><rdf:{kind}>{rows}</rdf:{kind}></dc:{name}>" if rows else ""

    default = ' xml:lang="x-default"'
    parts = [
        several("title", "Alt", [about.title], default),
        several("creator", "Seq", about.authors),
        several("subject", "Bag", about.subjects),
        several("language", "Bag", [about.language]),
        several("rights", "Alt", [about.rights], default),
        f"<dc:identifier>{escape(storable(about.identifier))}</dc:identifier>" if about.identifier else "",
        f"<pdf:Producer>{_PRODUCER}</pdf:Producer>",
        f"<xmp:CreateDate>{about.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</xmp:CreateDate>" if about.created else "",
    ]
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        f'{"".join(parts)}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()
