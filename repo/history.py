"""Reading back what storage holds of an item: its chain of manifests, its structures, its texts; every byte checked."""

from __future__ import annotations

from dataclasses import dataclass

from wenyuan.repo import layers, manifests
from wenyuan.repo.items import Structure
from wenyuan.repo.manifests import AddedLayers, Manifest
from wenyuan.storage.blobs import BlobStore
from wenyuan.storage.errors import Corrupt, DigestMismatch, LibraryError, ObjectMissing
from wenyuan.storage.keys import blob_key, manifest_key

DAMAGE = (ObjectMissing, Corrupt)
"""What reading raises where a thing is lost; anything else (a store that is away) says nothing about the thing."""

MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What parsing raises where the bytes are as they were written but of a form that is not known here."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The versions of one item or collection, newest first, as far back as they can be read."""

    manifests: tuple[tuple[str, Manifest], ...]
    """(SHA-256, manifest)"""
    broken: LibraryError | None = None
    """Why it ends before version 1; None for a whole chain."""


def read_manifest(blobs: BlobStore, sha256: str) -> Manifest:
    """One manifest.

    Raises:
        ObjectMissing: it is not there.
        DigestMismatch: it is damaged.
        Corrupt: it is as it was written, but no manifest of a form known here. Data: key, detail.
    """
    data = blobs.read(sha256, manifest=True)
    try:
        return manifests.manifest_from_bytes(data, sha256)
    except MALFORMED as error:
        raise Corrupt(key=manifest_key(sha256), detail=str(error)) from error


def read_structure(blobs: BlobStore, sha256: str) -> Structure:
    """Files, pages and contents; texts that were added later are in their pages.

    Raises:
        ObjectMissing, DigestMismatch, Corrupt: as `read_manifest`.
    """
    held = read_part(blobs, sha256)
    if isinstance(held, Structure):
        return held
    whole = read_part(blobs, held.on)
    if not isinstance(whole, Structure):
        raise Corrupt(key=blob_key(held.on), detail="added layers upon added layers")
    return held.added_to(whole)


def read_part(blobs: BlobStore, sha256: str) -> Structure | AddedLayers:
    """The one blob that a manifest names as its structure: whole, or what was added upon another.

    Raises:
        ObjectMissing, DigestMismatch, Corrupt: as `read_manifest`.
    """
    try:
        return manifests.structure_or_added(blobs.read(sha256))
    except MALFORMED as error:
        raise Corrupt(key=blob_key(sha256), detail=str(error)) from error


def read_text(blobs: BlobStore, sha256: str) -> str:
    """Plain text of a text layer.

    Raises:
        ObjectMissing, DigestMismatch, Corrupt: as `read_manifest`.
    """
    try:
        return layers.decode(blobs.read(sha256)).text
    except MALFORMED as error:
        raise Corrupt(key=blob_key(sha256), detail=str(error)) from error


def chain(blobs: BlobStore, head: str) -> Chain:
    """All versions from the newest back to the first, or to where the chain breaks.

    Raises:
        ObjectMissing, DigestMismatch, Corrupt: the newest itself cannot be read.
    """
    found: list[tuple[str, Manifest]] = []
    at: str | None = head
    while at is not None:
        try:
            manifest = read_manifest(blobs, at)
        except DAMAGE as error:
            if not found:
                raise
            return Chain(tuple(found), error)
        found.append((at, manifest))
        at = manifest.previous
    return Chain(tuple(found))


def problem_of(error: LibraryError) -> str:
    """missing, corrupt (other bytes than were stored) or unreadable (the bytes are right, their form is not known)."""
    if isinstance(error, ObjectMissing):
        return "missing"
    return "corrupt" if isinstance(error, DigestMismatch) else "unreadable"
