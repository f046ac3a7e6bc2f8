"""What an exported version of an item holds, file by file, the same in OCFL and in BagIt.

- `originals/<name as handed in>`: what was handed in, byte for byte
- `metadata/manifest.json`: our version manifest, byte for byte
- `metadata/structure.json`: files, pages in reading order, contents, byte for byte; where it is a list of texts added
  to an earlier structure, that one is `metadata/structure-base.json`
- `metadata/description.json`: Dublin Core, to be read by people
- `layers/<page key>/<version>.json.z`: text layers with the boxes of characters, JSON under zlib (RFC 1950)
- `layers/<page key>/<version>.alto.xml`: the same as ALTO 4, where there is one
- `text/<page key>.txt`: current plain text, UTF-8
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from wenyuan.repo import history
from wenyuan.repo.export.dublin_core import description_bytes
from wenyuan.repo.export.names import Names
from wenyuan.repo.items import Page, Structure, current
from wenyuan.repo.manifests import AddedLayers, ItemManifest
from wenyuan.storage.blobs import BlobStore
from wenyuan.storage.errors import Corrupt, DigestMismatch
from wenyuan.storage.store import CHUNK_BYTES

MANIFEST = "metadata/manifest.json"


@dataclass(frozen=True, slots=True)
class Content:
    """One file of a version."""

    path: str
    """Logical path, `/` between, safe on any file system."""
    sha256: str
    open: Callable[[], AbstractContextManager[BinaryIO]]


@dataclass(frozen=True, slots=True)
class Copied:
    """What was written of a content."""

    sha512: str
    size_bytes: int


@dataclass(slots=True)
class Version:
    """One version of an item, and its files."""

    blobs: BlobStore
    sha256: str
    """Of its manifest."""
    manifest: ItemManifest
    _texts: dict[str, str] = field(default_factory=dict)
    """SHA-256 of plain texts by that of their layers: shared by all versions, so that none is decoded again."""

    def contents(self) -> Iterator[Content]:
        """All files, in the same order each time.

        Raises:
            ObjectMissing, Corrupt: something that must be read for it is lost.
        """
        structure = history.read_structure(self.blobs, self.manifest.item.structure)
        held = history.read_part(self.blobs, self.manifest.item.structure)
        yield _of_bytes(MANIFEST, self.blobs.read(self.sha256, manifest=True))
        yield self._blob("metadata/structure.json", self.manifest.item.structure)
        if isinstance(held, AddedLayers):
            yield self._blob("metadata/structure-base.json", held.on)
        yield _of_bytes("metadata/description.json", description_bytes(self.manifest.item))
        yield from self._originals(structure)
        for page in structure.pages:
            yield from self._of_page(page)

    def _originals(self, structure: Structure) -> Iterator[Content]:
        names = Names()
        for file in structure.files:
            yield self._blob(f"originals/{names.take(file.path, file.sha256)}", file.sha256)

    def _of_page(self, page: Page) -> Iterator[Content]:
        for number, layer in enumerate(page.layers, start=1):
            yield self._blob(f"layers/{page.key:05}/{number}.json.z", layer.sha256)
            if layer.alto:
                yield self._blob(f"layers/{page.key:05}/{number}.alto.xml", layer.alto)
        read = current(page.layers)
        if read is not None:
            yield self._text(f"text/{page.key:05}.txt", read.sha256)

    def _blob(self, path: str, sha256: str) -> Content:
        return Content(path, sha256, lambda: self.blobs.open(sha256))

    def _text(self, path: str, layer: str) -> Content:
        if layer not in self._texts:
            self._texts[layer] = hashlib.sha256(self._plain(layer)).hexdigest()
        return Content(path, self._texts[layer], lambda: io.BytesIO(self._plain(layer)))

    def _plain(self, layer: str) -> bytes:
        return history.read_text(self.blobs, layer).encode()


def versions(blobs: BlobStore, head: str) -> list[Version]:
    """All versions of an item, oldest first.

    Raises:
        ObjectMissing, DigestMismatch, Corrupt: one of its manifests is lost; without it the export would be half
            the story.
    """
    chain = history.chain(blobs, head)
    if chain.broken is not None:
        raise chain.broken
    texts: dict[str, str] = {}
    found: list[Version] = []
    for sha256, manifest in reversed(chain.manifests):
        if not isinstance(manifest, ItemManifest):
            raise Corrupt(key=sha256, detail="not an item")
        found.append(Version(blobs, sha256, manifest, texts))
    return found


def copy(content: Content, target: Path) -> Copied:
    """Write a content to a new file, hashing on the way.

    Raises:
        DigestMismatch: the bytes are not the ones that were stored.
        ObjectMissing, StoreUnavailable: it cannot be read.
    """
    sha256, sha512, size_bytes = hashlib.sha256(), hashlib.sha512(), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with content.open() as source, target.open("xb") as file:
        while chunk := source.read(CHUNK_BYTES):
            sha256.update(chunk)
            sha512.update(chunk)
            size_bytes += len(chunk)
            file.write(chunk)
    if sha256.hexdigest() != content.sha256:
        raise DigestMismatch(key=content.path, expected=content.sha256, found=sha256.hexdigest())
    return Copied(sha512.hexdigest(), size_bytes)


def _of_bytes(path: str, data: bytes) -> Content:
    return Content(path, hashlib.sha256(data).hexdigest(), lambda: io.BytesIO(data))
