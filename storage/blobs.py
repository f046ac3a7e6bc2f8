"""Originals and manifests by the SHA-256 of their bytes, and nothing given out that is not those bytes.

Stores do not promise that (SeaweedFS stored a body that was not the signed one, JuiceFS and Ceph ignore checksum
headers, disks rot), so whatever is read whole is hashed on its way: small objects before the first byte is given out,
large ones before the last.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import BinaryIO

from wenyuan.storage import keys
from wenyuan.storage.errors import DigestMismatch, ObjectMissing
from wenyuan.storage.store import CHUNK_BYTES, ObjectStore, PutReceipt
from wenyuan.storage.streams import ExactReader

VERIFIED_FIRST_BYTES = 4 * 1024 * 1024
"""Up to here an object is checked before its first byte is given out: every page image, and little enough to hold."""

IN_MEMORY_BYTES = 64 * 1024 * 1024
"""The most that `read` holds at once."""

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
"""Type and subtype, RFC 6838 §4.2."""


class BlobStore:
    """The content-addressed half of an object store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def add(
        self,
        source: BinaryIO,
        *,
        expected_sha256: str | None = None,
        media_type: str = "application/octet-stream",
    ) -> PutReceipt:
        """Keep an original. The same bytes again are harmless and stored once.

        Bytes of the right size under the digest's key are taken for right; damage is what `verify` finds, and is mended
        by deleting the object and adding it again.

        Args:
            source: read to its end, once.
            expected_sha256: refuse other bytes.
            media_type: `type/subtype` without parameters (RFC 6838 §4.2), as found by us in the bytes and never as an
                uploader claimed: some stores tell it to browsers.

        Raises:
            DigestMismatch, StoreFull, StoreUnavailable: as `ObjectStore.put`.
            ValueError: not a media type.
        """
        if not _MEDIA_TYPE.fullmatch(media_type):
            raise ValueError(media_type)
        return self._store.put(keys.blob_key, source, expected_sha256=expected_sha256, media_type=media_type)

    def add_bytes(self, data: bytes) -> str:
        """Keep something small that we made ourselves (a text layer, a structure); gives its SHA-256."""
        return self.add(io.BytesIO(data)).sha256

    def add_manifest(self, manifest: bytes) -> str:
        """Keep a manifest; gives its SHA-256."""
        return self._store.put(keys.manifest_key, io.BytesIO(manifest), media_type="application/json").sha256

    def read(self, sha256: str, *, manifest: bool = False) -> bytes:
        """All bytes of a small object, checked.

        Args:
            sha256: 64 lower-case hex digits.
            manifest: look among the manifests instead of the blobs.

        Raises:
            ObjectMissing: it is not there.
            DigestMismatch: it is damaged.
            ValueError: it is larger than `IN_MEMORY_BYTES`, or the digest is none.
        """
        key = _key(sha256, manifest=manifest)
        size = self._store.stat(key).size_bytes
        if size > IN_MEMORY_BYTES:
            raise ValueError(f"{key} has {size} bytes: open it instead")
        return self._verified(key, size)

    def open(self, sha256: str, offset: int = 0, length: int | None = None) -> AbstractContextManager[BinaryIO]:
        """Read a blob, or `length` bytes of it from `offset`.

        A whole read is checked: up to `VERIFIED_FIRST_BYTES` before this returns, above that before the last chunk is
        given out, so that a reader of a damaged blob gets an error and never a complete one. A range is not checked: no
        digest of a part is known here.

        Raises:
            ObjectMissing, InvalidRange, StoreUnavailable: as `ObjectStore.open`.
            DigestMismatch: it is damaged (also while reading).
        """
        key = keys.blob_key(sha256)
        if offset or length is not None:
            return self._store.open(key, offset=offset, length=length)
        size = self._store.stat(key).size_bytes
        if size > VERIFIED_FIRST_BYTES:
            return self._verified_while_read(key, size)
        return io.BytesIO(self._verified(key, size))

    def as_file(self, sha256: str) -> AbstractContextManager[Path]:
        """A blob as a local file that must not be changed, unchecked. See `ObjectStore.as_file`."""
        return self._store.as_file(keys.blob_key(sha256))

    def exists(self, sha256: str, *, manifest: bool = False) -> bool:
        """Whether there is an object of this digest; its bytes are not looked at."""
        try:
            self.size(sha256, manifest=manifest)
        except ObjectMissing:
            return False
        return True

    def size(self, sha256: str, *, manifest: bool = False) -> int:
        """Bytes of the object.

        Raises:
            ObjectMissing: it is not there.
        """
        return self._store.stat(_key(sha256, manifest=manifest)).size_bytes

    def digests(self, prefix: str = keys.BLOBS) -> Iterator[str]:
        """The digests of all blobs (`keys.BLOBS`) or manifests (`keys.MANIFESTS`) in order, fetched bit by bit.

        What lies among them under another name than its digest's is passed over: nothing can refer to it.
        """
        manifest = prefix == keys.MANIFESTS
        for found in self._store.list(prefix):
            if _names_its_place(found.key, manifest=manifest):
                yield keys.digest_of(found.key)

    def verify(self, sha256: str, *, manifest: bool = False) -> int:
        """Read a whole object and compare; gives its size in bytes.

        Raises:
            ObjectMissing: it is not there.
            DigestMismatch: it is damaged.
            StoreUnavailable: nothing can be said.
        """
        key, digest, size = _key(sha256, manifest=manifest), hashlib.sha256(), 0
        with self._store.open(key) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
        _compare(key, digest.hexdigest())
        return size

    def _verified(self, key: str, size: int) -> bytes:
        with self._store.open(key) as stream:
            content = stream.read(size)
        _compare(key, hashlib.sha256(content).hexdigest())
        return content

    def _verified_while_read(self, key: str, size: int) -> BinaryIO:
        stack, digest, left = ExitStack(), hashlib.sha256(), size
        stream = stack.enter_context(self._store.open(key))

        def read(wanted: int) -> bytes:
            nonlocal left
            chunk = stream.read(wanted)
            digest.update(chunk)
            left -= len(chunk)
            if not left or not chunk:
                _compare(key, digest.hexdigest())
            return chunk

        return ExactReader(read, size, store=self._store.name, close=stack.close).buffered()


def _key(sha256: str, *, manifest: bool) -> str:
    return keys.manifest_key(sha256) if manifest else keys.blob_key(sha256)


def _names_its_place(key: str, *, manifest: bool) -> bool:
    try:
        return _key(keys.digest_of(key), manifest=manifest) == key
    except ValueError:
        return False


def _compare(key: str, found: str) -> None:
    expected = keys.digest_of(key)
    if found != expected:
        raise DigestMismatch(key=key, expected=expected, found=found)
