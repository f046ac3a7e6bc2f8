"""The layout of keys, version 1. No title, name or right ever stands in a key (docs/decisions/004).

blobs/sha256/ab/cd/<64 hex>                originals and text layers, content-addressed, written once
manifests/sha256/ab/cd/<64 hex>            versions of items and collections, content-addressed, chained
derivatives/<ab>/<64 hex of source>/<page>/<recipe>   what can always be made again
"""

from __future__ import annotations

import re

BLOBS = "blobs/sha256/"
MANIFESTS = "manifests/sha256/"
DERIVATIVES = "derivatives/"

_HEX = re.compile(r"[0-9a-f]{64}")
_SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,200}")


def blob_key(sha256: str) -> str:
    """Key of the blob with this digest."""
    return BLOBS + _fan_out(sha256)


def manifest_key(sha256: str) -> str:
    """Key of the manifest with this digest."""
    return MANIFESTS + _fan_out(sha256)


def derivative_key(source_sha256: str, page_index: int, recipe: str) -> str:
    """Key of one derivative of one page (0-based index in its file), e.g. recipe `reading-1600-v1.jpg`."""
    _fan_out(source_sha256)
    if not _SEGMENT.fullmatch(recipe):
        raise ValueError(recipe)
    return f"{DERIVATIVES}{source_sha256[:2]}/{source_sha256}/{page_index}/{recipe}"


def digest_of(key: str) -> str:
    """The SHA-256 that a content-addressed key names."""
    digest = key.rsplit("/", 1)[-1]
    if not _HEX.fullmatch(digest):
        raise ValueError(key)
    return digest


def _fan_out(sha256: str) -> str:
    if not _HEX.fullmatch(sha256):
        raise ValueError(sha256)
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
