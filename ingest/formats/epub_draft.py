"""E-books of other formats are written as an EPUB first, and are from there on e-books like any other.

So there is one sanitiser, one package and one way to read contents, covers and metadata, whatever a book came as. The
EPUB lies in a temporary folder, is never given to anybody, and need not please a validator. Not a format itself.
"""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from wenyuan.ingest.formats import epub
from wenyuan.ingest.formats.source import FoundText, Limits, Outline

CHAPTER = "application/xhtml+xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_CONTAINER = (
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
_XHTML = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the table of contents.

    Attributes:
        depth: 0 for the outermost.
        address: of a chapter of the draft, with a fragment perhaps.
    """

    title: str
    depth: int
    address: str


@dataclass(frozen=True, slots=True)
class Agent:
    """A person with a MARC relator code: aut, trl, edt."""

    name: str
    role: str


@dataclass(slots=True)
class Draft:
    """A book to be written; chapters and resources by their names in it, in order."""

    chapters: dict[str, bytes] = field(default_factory=dict)
    resources: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    """name → (bytes, media type)"""
    contents: list[Heading] = field(default_factory=list)
    elements: list[tuple[str, str]] = field(default_factory=list)
    """Dublin Core: (title, language, publisher, date …; text)."""
    agents: list[Agent] = field(default_factory=list)
    series: tuple[str, str] = ("", "")
    """Title and number."""
    cover: str = ""
    """Name of a resource."""
    progression: str = ""
    """`ltr`, `rtl` or empty."""
    is_fixed: bool = False
    """Whether its pages have a layout of their own."""

    def write(self, target: Path) -> None:
        """As an EPUB; the same draft gives the same bytes."""
        with zipfile.ZipFile(target, "w") as archive:
            _put(archive, "mimetype", b"application/epub+zip", zipfile.ZIP_STORED)
            _put(archive, "META-INF/container.xml", _CONTAINER.encode())
            _put(archive, "book.opf", self._package().encode())
            _put(archive, "nav.xhtml", self._navigation().encode())
            for name, document in self.chapters.items():
                _put(archive, name, document)
            for name, (data, _) in self.resources.items():
                _put(archive, name, data, zipfile.ZIP_STORED)

    def _package(self) -> str:
        items = [f'<item id="c{n}" href={quoteattr(x)} media-type="{CHAPTER}"/>' for n, x in enumerate(self.chapters)]
        for number, (name, (_, media_type)) in enumerate(self.resources.items()):
            cover = ' properties="cover-image"' if name == self.cover else ""
            items.append(f'<item id="r{number}" href={quoteattr(name)} media-type={quoteattr(media_type)}{cover}/>')
        spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(self.chapters)))
        direction = f" page-progression-direction={quoteattr(self.progression)}" if self.progression else ""
        return (
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">{self._metadata()}'
            f'</metadata><manifest>{"".join(items)}<item id="nav" href="nav.xhtml" media-type="{CHAPTER}" '
            f'properties="nav"/></manifest><spine{direction}>{spine}</spine></package>'
        )

    def _metadata(self) -> str:
        rows = [f"<dc:{name}>{escape(text)}</dc:{name}>" for name, text in self.elements if text]
        for agent in self.agents:
            name = "creator" if agent.role == "aut" else "contributor"
            rows.append(f"<dc:{name} opf:role={quoteattr(agent.role)}>{escape(agent.name)}</dc:{name}>")
        if self.series[0]:
            rows.append(f'<meta name="calibre:series" content={quoteattr(self.series[0])}/>')
            rows.append(f'<meta name="calibre:series_index" content={quoteattr(self.series[1])}/>')
        if self.is_fixed:
            rows.append('<meta property="rendition:layout">pre-paginated</meta>')
        return "".join(rows)

    def _navigation(self) -> str:
        rows: list[str] = []
        depth = -1
        for heading in self.contents:
            wanted = min(heading.depth, depth + 1)
            rows += ["<ol>"] if wanted > depth else ["</li>", *["</ol></li>"] * (depth - wanted)]
            rows.append(f"<li><a href={quoteattr(heading.address)}>{escape(heading.title)}</a>")
            depth = wanted
        rows += ["</li></ol>"] * (depth + 1)
        return f'<html {_XHTML}><body><nav epub:type="toc">{"".join(rows)}</nav></body></html>'


class Converted:
    """An e-book of another format, open; fulfils `Source`."""

    def __init__(self, draft: Draft, engine: str, file: str, limits: Limits) -> None:
        """Write the draft and open it.

        Args:
            draft: the book.
            engine: told as what read its text.
            file: the name that staff knows.
            limits: as for the file itself.

        Raises:
            BadInput: as `epub.open_source`.
        """
        self._engine = engine
        self._folder = tempfile.TemporaryDirectory(prefix="converted-")
        try:
            path = Path(self._folder.name) / "book.epub"
            draft.write(path)
            self._book = epub.open_source(path, file, limits)
        except BaseException:
            self._folder.cleanup()
            raise

    def outline(self) -> Outline:
        """Chapters, contents and metadata."""
        return self._book.outline()

    @property
    def warnings(self) -> tuple[Exception, ...]:
        """What was left out so far."""
        return self._book.warnings

    def text(self, index: int) -> FoundText | None:
        """The text of a chapter, anchored in the document the package has."""
        found = self._book.text(index)
        return FoundText(found.layer, found.origin, self._engine) if found else None

    def picture(self, index: int, *, width: int) -> None:
        """None: chapters flow."""
        return

    def cover(self) -> Any | None:
        """The cover as a `pyvips.Image`; None where the book has none that can be shown."""
        return self._book.cover()

    def package(self, target: Path) -> bool:
        """Write the sanitised book."""
        return self._book.package(target)

    def close(self) -> None:
        """Close the draft and take it away."""
        self._book.close()
        self._folder.cleanup()


def document(title: str, body: str, head: str = "") -> bytes:
    """A chapter around markup."""
    return f"<html {_XHTML}><head><title>{escape(title)}</title>{head}</head><body>{body}</body></html>".encode()


def _put(archive: zipfile.ZipFile, name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, method, compresslevel=1)
