"""The protocol that every object store fulfils.

Promises, tested for each store by `tests/contract/test_object_store.py`: nothing is ever held whole in memory; a put is
atomic (nobody sees half an object), checks its digest and is durable when it returns; putting the same key and bytes
again is harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK_BYTES = 256 * 1024
"""How much is read or written at a time; small enough for many readers at once, large enough not to matter."""

KeyOrNamer = str | Callable[[str], str]


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a store says of one object."""

    key: str
    size_bytes: int
    modified: datetime
    """Time zone aware, UTC."""


@dataclass(frozen=True, slots=True)
class PutReceipt:
    """What a put has done."""

    key: str
    sha256: str
    """64 lower-case hex digits of the bytes received."""
    size_bytes: int
    created: bool
    """False where the key was there already with the same size."""


class ObjectStore(Protocol):
    """Objects by key. Keys are `[A-Za-z0-9._/-]`, segments of at most 200 bytes, no `//`, never a title or a name."""

    @property
    def name(self) -> str:
        """Short name for messages, e.g. `local:/srv/wenyuan/store` or `s3:http://127.0.0.1:8333/wenyuan`."""

    def put(
        self,
        key: KeyOrNamer,
        source: BinaryIO,
        *,
        expected_sha256: str | None = None,
        media_type: str = "application/octet-stream",
    ) -> PutReceipt:
        """Store all bytes of a stream under a key.

        Args:
            key: the key, or a function from the bytes' SHA-256 (hex) to it: content-addressed keys.
            source: read to its end, once.
            expected_sha256: refuse other bytes.
            media_type: kept where the store can.

        Raises:
            DigestMismatch: the bytes are not the expected ones; nothing was stored.
            StoreFull: no room; nothing was stored.
            StoreUnavailable: the store is away; nothing is visible.
        """

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> AbstractContextManager[BinaryIO]:
        """Read an object, or `length` bytes of it from `offset` (fewer where it ends before).

        Raises:
            ObjectMissing: no such key.
            InvalidRange: offset lies at or behind the end of a non-empty range request.
            StoreUnavailable: the store is away (also while reading).
        """

    def stat(self, key: str) -> StoredObject:
        """Size and time of an object.

        Raises:
            ObjectMissing: no such key.
        """

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """All objects whose key begins with `prefix`, in order of key, fetched bit by bit."""

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""

    def url_for(
        self, key: str, *, ttl_s: int, filename: str | None = None, media_type: str | None = None
    ) -> str | None:
        """A presigned GET link that ends after `ttl_s` seconds, or None where the store has none.

        Args:
            filename: the name a browser saves it under (any script; RFC 6266, RFC 8187).
        """

    def path_of(self, key: str) -> Path | None:
        """Where an object of this key is a file on this machine, or None where the store has no files.

        No disk is touched: the object need not be there. Readers and web servers beside us may open the file; nobody
        may change it.
        """

    def as_file(self, key: str) -> AbstractContextManager[Path]:
        """The object as a local file that must not be changed.

        Itself where it lies on this machine, else a copy that goes
        when the context ends.
        """

    def check(self) -> None:
        """Make sure that the store answers and can be written.

        Raises:
            StoreUnavailable: it does not answer.
            StoreMisconfigured: credentials, bucket or folder are wrong; says which setting.
        """


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """What an `open_store(options)` gets: plain values, so that storage knows no settings class."""

    home: Path
    """The data folder (`WENYUAN_HOME`)."""
    values: Mapping[str, str]
    """Settings of the store by short name: endpoint, bucket, access_key, secret_key, region, root …"""
