"""Blobs and manifests: nothing is given out as whole that is not the bytes its digest names."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import random
import re
from pathlib import Path

import pytest

from wenyuan.storage import keys
from wenyuan.storage.blobs import IN_MEMORY_BYTES, VERIFIED_FIRST_BYTES, BlobStore
from wenyuan.storage.errors import DigestMismatch, InvalidRange, ObjectMissing
from wenyuan.storage.local import LocalStore

SMALL = 5_000
LARGE = VERIFIED_FIRST_BYTES + 700_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def blobs(root: Path) -> BlobStore:
    return BlobStore(LocalStore(root))


def added(blobs: BlobStore, size: int) -> tuple[str, bytes]:
    content = random.Random(size).randbytes(size)
    return blobs.add(io.BytesIO(content)).sha256, content


def damaged(root: Path, sha256: str, content: bytes) -> None:
    """Let the disk rot: other bytes under the same name."""
    path = root / keys.blob_key(sha256)
    path.unlink()
    path.write_bytes(content)


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("size", [0, 1, SMALL, VERIFIED_FIRST_BYTES, LARGE])
def test_a_blob_is_read_as_it_was_added(blobs: BlobStore, size: int) -> None:
    sha256, content = added(blobs, size)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert blobs.read(sha256) == content
    with blobs.open(sha256) as stream:
        assert stream.read() == content
    with blobs.as_file(sha256) as path:
        assert path.read_bytes() == content
    assert blobs.verify(sha256) == blobs.size(sha256) == size


def test_other_bytes_than_expected_are_refused(blobs: BlobStore) -> None:
    expected = hashlib.sha256(b"these").hexdigest()
    with pytest.raises(DigestMismatch):
        blobs.add(io.BytesIO(b"other"), expected_sha256=expected)
    assert list(blobs.digests()) == []
    assert not blobs.exists(expected)


def test_the_same_bytes_are_stored_once(blobs: BlobStore) -> None:
    assert [blobs.add(io.BytesIO(b"same")).created for _ in range(2)] == [True, False]
    assert len(list(blobs.digests())) == 1


def test_blobs_and_manifests_do_not_mix(blobs: BlobStore) -> None:
    manifest = blobs.add_manifest(b'{"title": "\xe6\x96\x87\xe6\xb7\xb5"}')
    blob, _ = added(blobs, SMALL)
    assert list(blobs.digests()) == [blob]
    assert list(blobs.digests(keys.MANIFESTS)) == [manifest]
    assert blobs.exists(manifest, manifest=True)
    assert not blobs.exists(manifest)
    assert blobs.read(manifest, manifest=True) == b'{"title": "\xe6\x96\x87\xe6\xb7\xb5"}'
    assert blobs.verify(manifest, manifest=True) == blobs.size(manifest, manifest=True)


@pytest.mark.parametrize("bit", [0, 8 * SMALL // 2, 8 * SMALL - 1])
def test_a_flipped_bit_in_a_small_blob_is_found_before_the_first_byte(blobs: BlobStore, root: Path, bit: int) -> None:
    sha256, content = added(blobs, SMALL)
    damaged(root, sha256, flipped(content, bit))
    for ask in (blobs.verify, blobs.read, blobs.open):
        with pytest.raises(DigestMismatch) as caught:
            ask(sha256)
        assert caught.value.data["expected"] == sha256


@pytest.mark.parametrize("bit", [0, 8 * LARGE // 2, 8 * LARGE - 1])
@pytest.mark.parametrize("step", [1000, 65536, 1 << 20, -1])
def test_a_flipped_bit_in_a_large_blob_is_found_before_its_end(
    blobs: BlobStore, root: Path, bit: int, step: int
) -> None:
    sha256, content = added(blobs, LARGE)
    damaged(root, sha256, flipped(content, bit))
    got = bytearray()
    with blobs.open(sha256) as stream, pytest.raises(DigestMismatch):
        got.extend(itertools.chain.from_iterable(iter(lambda: stream.read(step), b"")))
    assert len(got) < LARGE
    with pytest.raises(DigestMismatch):
        blobs.verify(sha256)


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("left", [0, 1, -1])
def test_a_cut_off_blob_is_found(blobs: BlobStore, root: Path, size: int, left: int) -> None:
    sha256, content = added(blobs, size)
    damaged(root, sha256, content[:left])
    with pytest.raises(DigestMismatch), blobs.open(sha256) as stream:
        stream.read()
    with pytest.raises(DigestMismatch):
        blobs.verify(sha256)


def test_a_lengthened_blob_is_found(blobs: BlobStore, root: Path) -> None:
    for size in (SMALL, LARGE):
        sha256, content = added(blobs, size)
        damaged(root, sha256, content + b"\0")
        with pytest.raises(DigestMismatch), blobs.open(sha256) as stream:
            stream.read()


def test_a_damaged_blob_is_mended_by_deleting_and_adding_it(blobs: BlobStore, root: Path) -> None:
    sha256, content = added(blobs, SMALL)
    damaged(root, sha256, flipped(content, 3))
    LocalStore(root).delete(keys.blob_key(sha256))
    assert blobs.add(io.BytesIO(content)).created
    assert blobs.verify(sha256) == SMALL


def test_a_missing_blob_is_missing(blobs: BlobStore) -> None:
    for ask in (blobs.verify, blobs.read, blobs.open, blobs.size, lambda digest: blobs.as_file(digest).__enter__()):
        with pytest.raises(ObjectMissing):
            ask("0" * 64)
    assert not blobs.exists("0" * 64)


def test_a_range_passes_through(blobs: BlobStore) -> None:
    sha256, content = added(blobs, LARGE)
    with blobs.open(sha256, 1000, 500) as stream:
        assert stream.read() == content[1000:1500]
    with pytest.raises(InvalidRange):
        blobs.open(sha256, LARGE).__enter__()


def test_a_reader_of_a_large_blob_may_stop_early(blobs: BlobStore) -> None:
    sha256, content = added(blobs, LARGE)
    with blobs.open(sha256) as stream:
        assert stream.read(10) == content[:10]
    assert stream.closed


def test_what_is_too_large_for_memory_is_not_read_whole(blobs: BlobStore, root: Path) -> None:
    sha256, _ = added(blobs, SMALL)
    path = root / keys.blob_key(sha256)
    path.chmod(0o644)
    os.truncate(path, IN_MEMORY_BYTES + 1)
    with pytest.raises(ValueError, match="open it instead"):
        blobs.read(sha256)


def test_strangers_among_the_blobs_are_passed_over(blobs: BlobStore, root: Path) -> None:
    sha256, _ = added(blobs, SMALL)
    store = LocalStore(root)
    for key in (f"blobs/sha256/00/00/{sha256}", "blobs/sha256/readme.txt", f"{keys.blob_key(sha256)[:-5]}"):
        store.put(key, io.BytesIO(b"stray"))
    assert list(blobs.digests()) == [sha256]


@pytest.mark.parametrize("media_type", ["", "pdf", "text/html; charset=utf-8", "image/png\r\nX-Evil: 1", "文/書"])
def test_what_is_no_media_type_is_refused(blobs: BlobStore, media_type: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(media_type)}$"):
        blobs.add(io.BytesIO(b"a"), media_type=media_type)
    assert list(blobs.digests()) == []
