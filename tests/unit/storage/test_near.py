"""Objects near at hand: own files, copies that are whole, parts of large ones, and what is left when the store goes."""

from __future__ import annotations

import io
import os
import threading
from collections import Counter
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import BinaryIO

import pytest
from servers import seaweedfs as seaweedfs_server

from wenyuan.storage import near as near_files
from wenyuan.storage.disk_cache import DiskCache
from wenyuan.storage.errors import ObjectMissing, StoreUnavailable
from wenyuan.storage.local import LocalStore
from wenyuan.storage.minio import open_store
from wenyuan.storage.near import FAILURES, KEPT_RANGE_BYTES, WHOLE_BYTES, FarObject, NearFiles
from wenyuan.storage.store import StoredObject, StoreOptions

HANG_GUARD_S = 60
KEY = "derivatives/ab/page/tiles.zip"


class Remote(LocalStore):
    """A real store that says nothing of its files, and tells how often it was asked for what."""

    asked: Counter[str]
    away: bool

    def __init__(self, root: Path) -> None:
        super().__init__(root, reserve_bytes=0)
        self.asked = Counter()
        self.away = False

    def path_of(self, key: str) -> Path | None:
        return None

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> AbstractContextManager[BinaryIO]:
        self.asked[f"{offset}-{length}"] += 1
        return super().open(key, offset=offset, length=length)

    def stat(self, key: str) -> StoredObject:
        if self.away:
            self.asked["stat"] += 1
            raise StoreUnavailable(store=self.name, reason="away", retry_after_s=10)
        return super().stat(key)


@pytest.fixture
def local(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store", reserve_bytes=0)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path / "remote")


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache", 64 * 1024 * 1024, left_free_bytes=0)


@pytest.fixture
def useless(tmp_path: Path) -> DiskCache:
    """A cache whose folder cannot be."""
    (tmp_path / "file").write_bytes(b"in the way")
    return DiskCache(tmp_path / "file" / "cache", 64 * 1024 * 1024)


def put(store: LocalStore, size: int, key: str = KEY) -> bytes:
    content = os.urandom(size)
    store.put(key, io.BytesIO(content))
    return content


def copies(tmp_path: Path) -> int:
    return len(list(tmp_path.glob("cache/??/*")))


def test_a_local_object_is_read_from_its_own_file(local: LocalStore, cache: DiskCache, tmp_path: Path) -> None:
    content, near = put(local, 300_000), NearFiles(local, cache)
    held = near.open(KEY)
    assert held.size == 300_000
    assert held.pread(1000, 50) == content[1000:1050]
    assert held.pread(299_990, 50) == content[-10:]
    assert held.pread(300_000, 50) == b""
    assert near.read(KEY) == content
    assert copies(tmp_path) == 0


@pytest.mark.parametrize("key", ["derivatives/no/such", "derivatives/ab/page", f"{KEY}/below"])
def test_what_is_not_there_is_missing(local: LocalStore, remote: Remote, cache: DiskCache, key: str) -> None:
    for store in (local, remote):
        put(store, 10)
        with pytest.raises(ObjectMissing) as caught:
            NearFiles(store, cache).open(key)
        assert caught.value.data == {"key": key}
        assert NearFiles(store, cache).read(KEY)


def test_an_object_of_a_remote_store_is_fetched_once_by_all(remote: Remote, cache: DiskCache) -> None:
    content, near = put(remote, 3_000_000), NearFiles(remote, cache)
    wrong: list[object] = []

    def read(number: int) -> None:
        try:
            if near.open(KEY).pread(number, 1000) != content[number : number + 1000]:
                wrong.append(number)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG_GUARD_S)
    assert wrong == []
    assert near.read(KEY) == content
    assert remote.asked == {"0-None": 1}


def test_a_copy_serves_after_the_object_is_gone_until_it_is_forgotten(remote: Remote, cache: DiskCache) -> None:
    content, near = put(remote, 1000), NearFiles(remote, cache)
    assert near.read(KEY) == content
    remote.delete(KEY)
    assert near.read(KEY) == content
    held = near.open(KEY)
    near.forget(KEY)
    with pytest.raises(ObjectMissing):
        near.open(KEY)
    assert held.pread(0, 1000) == content


def test_a_copy_made_again_is_what_the_store_has_now(remote: Remote, cache: DiskCache) -> None:
    put(remote, 1000)
    near = NearFiles(remote, cache)
    near.read(KEY)
    again = put(remote, 1100)
    near.forget(KEY)
    assert near.read(KEY) == again


def test_an_empty_object_is_empty(local: LocalStore, remote: Remote, cache: DiskCache) -> None:
    for store in (local, remote):
        put(store, 0)
        assert NearFiles(store, cache).read(KEY) == b""


def test_of_a_large_object_only_the_parts_are_fetched_and_each_once(
    remote: Remote, cache: DiskCache, tmp_path: Path
) -> None:
    size = WHOLE_BYTES + 1000
    content, near = put(remote, size), NearFiles(remote, cache)
    for held in (near.open(KEY), near.open(KEY), NearFiles(remote, cache).open(KEY)):
        assert isinstance(held, FarObject)
        assert held.size == size
        assert held.pread(5_000_000, 60_000) == content[5_000_000:5_060_000]
        assert held.pread(size - 10, 100) == content[-10:]
        assert held.pread(size, 100) == b""
    assert remote.asked == {"5000000-60000": 1, f"{size - 10}-10": 1}
    assert held.pread(0, KEPT_RANGE_BYTES + 1) == content[: KEPT_RANGE_BYTES + 1]
    assert near.read(KEY) == content
    assert sum(path.stat().st_size for path in tmp_path.glob("cache/??/*")) < 70_000


def test_parts_of_a_large_object_are_forgotten_with_it(remote: Remote, cache: DiskCache) -> None:
    put(remote, WHOLE_BYTES + 1000)
    near = NearFiles(remote, cache)
    near.open(KEY).pread(100, 50)
    again = put(remote, WHOLE_BYTES + 2000)
    near.forget(KEY)
    assert near.open(KEY).pread(100, 50) == again[100:150]
    assert near.open(KEY).size == WHOLE_BYTES + 2000


def test_without_a_cache_everything_is_read_from_the_store(remote: Remote, useless: DiskCache) -> None:
    near = NearFiles(remote, useless)
    for size in (500_000, WHOLE_BYTES + 10):
        content = put(remote, size)
        assert near.read(KEY) == content
        assert near.open(KEY).pread(1000, 50) == content[1000:1050]


def test_a_local_store_needs_no_cache(local: LocalStore, useless: DiskCache) -> None:
    content = put(local, 1000)
    assert NearFiles(local, useless).read(KEY) == content


def test_a_cache_that_is_too_small_for_what_is_read_at_once_gives_the_right_bytes(
    remote: Remote, tmp_path: Path
) -> None:
    near = NearFiles(remote, DiskCache(tmp_path / "cache", 100_000, left_free_bytes=0))
    keys = [f"derivatives/{number}" for number in range(6)]
    contents = {key: put(remote, 60_000, key) for key in keys}
    held = {key: near.open(key) for key in keys}
    for key in keys:
        assert held[key].pread(0, 60_000) == contents[key] == near.read(key)
    assert copies(tmp_path) == 1
    assert put(remote, 200_000) == near.read(KEY)


def test_a_store_that_is_away_is_not_asked_by_everybody(
    remote: Remote, cache: DiskCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_files, "AWAY_S", 3600.0)
    content, near = put(remote, 1000), NearFiles(remote, cache)
    put(remote, 10, "derivatives/other")
    assert near.read(KEY) == content
    remote.away = True
    for _ in range(20):
        with pytest.raises(StoreUnavailable) as caught:
            near.read("derivatives/other")
        assert caught.value.data["retry_after_s"] > 0
        assert near.read(KEY) == content
    assert remote.asked["stat"] == FAILURES
    near._line._ask_again = 0.0  # as after an hour
    for _ in range(20):
        with pytest.raises(StoreUnavailable):
            near.read("derivatives/other")
    assert remote.asked["stat"] == FAILURES + 1
    remote.away = False
    near._line._ask_again = 0.0
    assert len(near.read("derivatives/other")) == 10


def test_one_object_that_cannot_be_read_does_not_lock_up_the_others(remote: Remote, cache: DiskCache) -> None:
    near = NearFiles(remote, cache)
    for number in range(3 * FAILURES):
        remote.away = True
        with pytest.raises(StoreUnavailable):
            near.read(KEY)
        remote.away = False
        assert put(remote, 10, f"derivatives/{number}") == near.read(f"derivatives/{number}")


def test_a_file_is_closed_when_its_last_holder_lets_go(local: LocalStore, cache: DiskCache) -> None:
    put(local, 1000)
    file = local.path_of(KEY)
    held = NearFiles(local, cache).open(KEY)
    read = held.pread
    del held
    assert len(read(0, 1000)) == 1000
    assert file in open_files()
    del read
    assert file not in open_files()


def open_files() -> set[Path]:
    found = set()
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that listed them
            found.add(handle.readlink())
    return found


@pytest.mark.server
def test_what_was_read_is_served_after_the_store_has_stopped(tmp_path: Path, cache: DiskCache) -> None:
    contents = {"derivatives/page": os.urandom(2_000_000), "derivatives/map": os.urandom(WHOLE_BYTES + 100_000)}
    with seaweedfs_server.start() as server:
        store = open_store(StoreOptions(tmp_path, server.values))
        store.check()
        for key, content in contents.items():
            store.put(key, io.BytesIO(content))
        store.put("derivatives/unread", io.BytesIO(b"unread"))
        near = NearFiles(store, cache)
        with pytest.raises(ObjectMissing):
            near.open("derivatives/no-such")
        for key, content in contents.items():
            assert near.open(key).pread(70_000, 50_000) == content[70_000:120_000]
    for after in (near, NearFiles(open_store(StoreOptions(tmp_path, server.values)), cache)):
        assert after.read("derivatives/page") == contents["derivatives/page"]
        held = after.open("derivatives/map")
        assert held.size == WHOLE_BYTES + 100_000
        assert held.pread(70_000, 50_000) == contents["derivatives/map"][70_000:120_000]
        with pytest.raises(StoreUnavailable):
            held.pread(0, 1000)
        with pytest.raises(StoreUnavailable):
            after.open("derivatives/unread")
