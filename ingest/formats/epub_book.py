"""The skeleton of an e-book: container, package document, manifest, spine (EPUB 3.3 sections 4 and 5; OPF 2.0.1).

EbookLib reads the descriptive metadata (`epub_metadata`). It does not read the skeleton: its reader takes a whole book
into memory without limits, and refuses books with one missing or one UTF-16 entry (2 of the 14 in our corpus, which
every reading system opens). So the skeleton is read here, by local names, with what is wrong in it left out and told.
"""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml.etree import _Element as Element

from wenyuan.ingest.formats.archive import Archive, entry_chunks, entry_name, read_entry, too_many_bytes
from wenyuan.ingest.formats.sanitise_parse import parse_xml
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import DamagedSource, EncryptedSource

_PACKAGE_TYPE = "application/oebps-package+xml"
_RIGHTS = ("META-INF/license.lcpl", "META-INF/rights.xml", "META-INF/sinf.xml")
"""Readium LCP; Adobe ADEPT and others (EPUB 3.3, section 4.2.6.3.5); Apple FairPlay."""


@dataclass(frozen=True, slots=True)
class Resource:
    """An item of the manifest. `path` is inside the archive, not escaped; it may not exist there."""

    id: str
    path: str
    media_type: str
    properties: frozenset[str] = frozenset()
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of the spine."""

    id: str
    properties: frozenset[str]
    linear: bool


@dataclass(frozen=True, slots=True)
class Book:
    """What the package document says.

    Attributes:
        path: of the package document in the archive.
        package: its root element.
        progression: `ltr`, `rtl` or empty.
        fixed: whether pages have a layout of their own, unless one says otherwise.
        contents: id of the NCX, if the spine names one.
    """

    path: str
    package: Element
    resources: dict[str, Resource]
    spine: tuple[Reference, ...]
    progression: str = ""
    fixed: bool = False
    contents: str = ""

    def by_path(self) -> dict[str, Resource]:
        """The manifest by path; the first of several wins."""
        return {resource.path: resource for resource in reversed(self.resources.values())}


@dataclass(slots=True)
class Entries:
    """The entries of an archive, found by the names a book uses for them."""

    archive: Archive
    limits: Limits
    names: dict[str, str] = field(default_factory=dict)
    """path as people read it → name in the archive"""
    _alike: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for info in self.archive.infolist():
            if not info.is_dir():
                self.names[entry_name(info)] = info.filename
        self._alike = {_folded(name): name for name in reversed(self.names)}

    def find(self, path: str) -> str | None:
        """The path as it is spelt in the archive; books made on other systems differ in case and composition."""
        path = path.removeprefix("/")
        return path if path in self.names else self._alike.get(_folded(path))

    def text(self, path: str) -> bytes:
        """The bytes of a document.

        Raises:
            DamagedSource: missing or broken.
            TooLarge: as `check_text`.
        """
        self.check_text(path)
        return read_entry(self.archive, self._name(path), self.limits.max_archive_bytes)

    def check_text(self, path: str) -> None:
        """Refuse a document of more than half of what a plain text may have: its tree takes many times as much.

        Raises:
            TooLarge: it is.
        """
        self._check(path, self.limits.max_text_bytes // 2, "WENYUAN_MAX_TEXT_MB")

    def picture(self, path: str) -> bytes:
        """The bytes of a picture.

        Raises:
            DamagedSource: missing or broken.
            TooLarge: more bytes than a picture may have pixels.
        """
        self._check(path, self.limits.max_pixels, "WENYUAN_MAX_MEGAPIXELS")
        return read_entry(self.archive, self._name(path), self.limits.max_archive_bytes)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of an entry of any size, bit by bit, as `archive.entry_chunks`.

        Args:
            path: as the book writes it, not escaped.

        Raises:
            DamagedSource: missing or broken.
        """
        return entry_chunks(self.archive, self._name(path), self.limits.max_archive_bytes)

    def _name(self, path: str) -> str:
        found = self.find(path)
        return self.names[found] if found else path

    def _check(self, path: str, limit: int, setting: str) -> None:
        found = self.find(path)
        if found and self.size(found) > limit:
            raise too_many_bytes(f"{self.archive.file}/{found}", self.size(found), limit, setting)

    def size(self, path: str) -> int:
        """Declared bytes of an entry that exists."""
        return self.archive.NameToInfo[self.names[path]].file_size


def read_book(entries: Entries, file: str) -> Book:
    """Read the skeleton.

    Raises:
        DamagedSource: no package document, or none that can be read.
        EncryptedSource: signs of a rights management system.
        TooLarge: a document above the limit for documents.
    """
    for name in _RIGHTS:
        found = entries.find(name)
        if found and entries.text(found).strip():
            raise EncryptedSource(file=file)
    path = _package_path(entries, file)
    root = parse_xml(entries.text(path))
    if root is None or local(root) != "package":
        raise DamagedSource(file=file, detail=f"{path}: no package document")
    manifest, spine = first(root, "manifest"), first(root, "spine")
    folder = posixpath.dirname(path)
    resources: dict[str, Resource] = {}
    for item in children(manifest, "item"):
        resource = _resource(item, folder)
        if resource:
            resources.setdefault(resource.id, resource)
    references = tuple(
        Reference(
            (item.get("idref") or "").strip(),
            frozenset((item.get("properties") or "").split()),
            (item.get("linear") or "").strip().lower() != "no",
        )
        for item in children(spine, "itemref")
    )
    return Book(
        path,
        root,
        resources,
        references,
        progression=(spine.get("page-progression-direction") or "").strip().lower() if spine is not None else "",
        fixed=_is_fixed(root),
        contents=(spine.get("toc") or "").strip() if spine is not None else "",
    )


def local(element: Element) -> str:
    """The name of an element without namespace or prefix: old books have odd ones."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def first(element: Element | None, name: str) -> Element | None:
    """The first element of that local name below another."""
    return next((found for found in (element.iter() if element is not None else ()) if local(found) == name), None)


def children(element: Element | None, name: str) -> Iterable[Element]:
    """The children of that local name."""
    return [child for child in (element if element is not None else ()) if local(child) == name]


def _package_path(entries: Entries, file: str) -> str:
    container = entries.find("META-INF/container.xml")
    root = parse_xml(entries.text(container)) if container else None
    candidates = [] if root is None else [found for found in root.iter() if local(found) == "rootfile"]
    candidates.sort(key=lambda found: (found.get("media-type") or "").strip() != _PACKAGE_TYPE)
    for candidate in candidates:
        written = (candidate.get("full-path") or "").strip()
        for path in (written, unquote(written)):
            found = entries.find(posixpath.normpath(path)) if path else None
            if found:
                return found
    loose = sorted((name for name in entries.names if name.lower().endswith(".opf")), key=lambda name: name.count("/"))
    if not loose:
        raise DamagedSource(file=file, detail="no package document (OPF)")
    return loose[0]


def _resource(item: Element, folder: str) -> Resource | None:
    identifier, address = (item.get("id") or "").strip(), (item.get("href") or "").strip()
    if not identifier or not address:
        return None
    path = posixpath.normpath(posixpath.join(folder, unquote(address.partition("#")[0])))
    return Resource(
        identifier,
        path,
        (item.get("media-type") or "").strip().lower(),
        frozenset((item.get("properties") or "").split()),
        (item.get("fallback") or "").strip(),
    )


def _is_fixed(package: Element) -> bool:
    """EPUB 3.3 section 8.2.2.1, and what Amazon and Apple used before."""
    for meta in (found for found in package.iter() if local(found) in ("meta", "option")):
        name = meta.get("property") or meta.get("name") or ""
        value = (meta.text or meta.get("content") or "").strip().lower()
        if (name, value) in (("rendition:layout", "pre-paginated"), ("fixed-layout", "true")):
            return True
    return False


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
