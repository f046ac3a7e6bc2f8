"""The disk cache: right bytes or none, a bound that holds, and nobody's mishap is another's."""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from wenyuan.storage import disk_cache
from wenyuan.storage.disk_cache import ABANDONED_S, LOCKS, DiskCache
from wenyuan.storage.errors import CacheUnusable, StoreUnavailable

HANG_GUARD_S = 60
MEBIBYTE = 1024 * 1024

HAMMER = """
import hashlib, random, sys, threading
from pathlib import Path
from wenyuan.storage.disk_cache import DiskCache

folder, bound, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
cache = DiskCache(folder, bound, left_free_bytes=0)
wrong, made = [], []

def content(number):
    return hashlib.shake_256(str(number).encode()).digest(10_000 + number * 97)

def hammer(seed):
    chance = random.Random(seed)
    try:
        for _ in range(300):
            number = int(chance.triangular(0, 200, 0))
            path = cache.path(f"object {number}")
            try:
                data = path.read_bytes() if path else None
            except FileNotFoundError:
                data = None
            if data is None:
                made.append(number)
                path = cache.add(f"object {number}", lambda file: file.write(content(number)))
            elif data != content(number):
                wrong.append(number)
    except BaseException as error:
        wrong.append(repr(error))

threads = [threading.Thread(target=hammer, args=(seed * 10 + n,)) for n in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(str(wrong) if wrong else None if made else "nothing was added")
"""

SLOW = """
import sys, time
from pathlib import Path
from wenyuan.storage.disk_cache import DiskCache

folder, asked = Path(sys.argv[1]), Path(sys.argv[2])
def write(file):
    with asked.open("a") as log:
        log.write("asked\\n")
    time.sleep(0.5)
    file.write(b"slowly fetched")
path = DiskCache(folder, 1_000_000, left_free_bytes=0).add("one", write)
assert path.read_bytes() == b"slowly fetched"
"""

KILLED = """
import sys, time
from pathlib import Path
from wenyuan.storage.disk_cache import DiskCache

def write(file):
    file.write(b"half of it")
    print("writing", flush=True)
    time.sleep(600)
DiskCache(Path(sys.argv[1]), 1_000_000, left_free_bytes=0).add("one", write)
"""

NO_MORE_ROOM = """
import resource, sys
from pathlib import Path
from wenyuan.storage.disk_cache import DiskCache
from wenyuan.storage.errors import CacheUnusable

cache = DiskCache(Path(sys.argv[1]), 10_000_000, left_free_bytes=0)
cache.add("small", lambda file: file.write(b"before"))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    cache.add("large", lambda file: file.write(bytes(200_000)))
except CacheUnusable as error:
    assert error.data["reason"] == "EFBIG", error
    assert cache.path("large") is None
    assert cache.path("small").read_bytes() == b"before"
    sys.exit(0)
sys.exit("it was kept")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def cache(folder: Path) -> DiskCache:
    return another(folder)


def another(folder: Path, max_bytes: int = MEBIBYTE) -> DiskCache:
    """The cache as another process sees it."""
    return DiskCache(folder, max_bytes, left_free_bytes=0)


def giving(content: bytes) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        file.write(content)

    return write


def content_of(cache: DiskCache, name: str) -> bytes | None:
    path = cache.path(name)
    return path.read_bytes() if path else None


def used(path: Path, seconds_ago: float) -> None:
    then = time.time() - seconds_ago
    os.utime(path, (then, then))


def kept_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("??/*"))


def started(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def test_what_was_added_is_found_by_every_process(cache: DiskCache, folder: Path) -> None:
    assert cache.path("derivatives/ab/1") is None
    added = cache.add("derivatives/ab/1", giving(b"first"))
    cache.add("書/卷一", giving(b""))
    for one in (cache, another(folder)):
        assert one.path("derivatives/ab/1") == added
        assert content_of(one, "derivatives/ab/1") == b"first"
        assert content_of(one, "書/卷一") == b""
        assert one.path("derivatives/ab/2") is None


def test_what_is_there_is_not_asked_for_again(cache: DiskCache, folder: Path) -> None:
    cache.add("one", giving(b"first"))
    for one in (cache, another(folder)):
        assert one.add("one", lambda _: pytest.fail("asked again")).read_bytes() == b"first"


def test_many_pieces_make_one_file(cache: DiskCache) -> None:
    pieces = [os.urandom(1000) for _ in range(50)]

    def write(file: BinaryIO) -> None:
        for piece in pieces:
            assert file.write(piece) == len(piece)

    assert cache.add("one", write).read_bytes() == b"".join(pieces)


@pytest.mark.parametrize("error", [StoreUnavailable(store="s", reason="away"), TimeoutError("too slow"), OSError(5)])
def test_who_cannot_write_leaves_nothing_and_is_told_in_their_own_words(
    cache: DiskCache, folder: Path, error: Exception
) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"half")
        raise error

    with pytest.raises(type(error)) as caught:
        cache.add("one", write)
    assert caught.value is error
    assert cache.path("one") is None
    assert list(folder.glob("drafts/*")) == []
    assert cache.add("one", giving(b"whole")).read_bytes() == b"whole"


def test_what_is_forgotten_is_gone_for_every_process(cache: DiskCache, folder: Path) -> None:
    other = another(folder)
    cache.add("one", giving(b"damaged"))
    assert content_of(other, "one") == b"damaged"
    cache.forget("one")
    cache.forget("never there")
    assert cache.path("one") is None
    assert other.path("one") is None
    other.add("one", giving(b"sound"))
    assert content_of(cache, "one") == b"sound"


# What a power cut leaves


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: bytes(len(data)),
        lambda data: data[:4096] + bytes(len(data) - 4096),
        lambda data: data + b"\0",
    ],
    ids=["empty", "cut short", "zeros", "zeros at the end", "too long"],
)
def test_a_torn_file_is_never_served(cache: DiskCache, folder: Path, damage: Callable[[bytes], bytes]) -> None:
    whole = os.urandom(50_000)
    path = cache.add("one", giving(whole))
    path.write_bytes(damage(whole))
    after = another(folder)
    assert after.path("one") is None
    assert not path.exists()
    assert after.add("one", giving(whole)).read_bytes() == whole


@pytest.mark.parametrize("told", [b"", b"abc", bytes(8), b"\xff" * 8, b"\xff" * 7 + b"\x7f"])
def test_a_lost_count_is_made_again(folder: Path, told: bytes) -> None:
    for number in range(9):
        another(folder).add(f"old {number}", giving(os.urandom(100_000)))
    (folder / "total").write_bytes(told)
    after = another(folder)
    for number in range(4):
        after.add(f"new {number}", giving(os.urandom(100_000)))
    assert MEBIBYTE * 0.7 < kept_bytes(folder) <= MEBIBYTE


def test_strange_files_among_ours_are_passed_over(cache: DiskCache, folder: Path) -> None:
    path = cache.add("one", giving(b"content"))
    for name in (f"{path.name[:40]}-x-y", path.name[:40], f"{path.name[:40]}-1-2-3"):
        (path.parent / name).write_bytes(b"strange")
    assert content_of(another(folder), "one") == b"content"


# The bound


def test_what_was_not_used_for_longest_goes_first(folder: Path) -> None:
    cache = another(folder, 1_000_000)
    for number in range(10):
        used(cache.add(f"{number}", giving(os.urandom(100_000))), 1000 * (20 - number))
    assert another(folder, 1_000_000).path("1")  # used again, by another process
    cache.add("new", giving(os.urandom(50_000)))
    there = {name for name in (*map(str, range(10)), "new") if cache.path(name)}
    assert there == {"1", "3", "4", "5", "6", "7", "8", "9", "new"}


def test_use_is_noted_once_a_minute_and_not_at_every_reading(cache: DiskCache, folder: Path) -> None:
    path = cache.add("one", giving(b"content"))
    used(path, 5000)
    assert cache.path("one") == path
    assert path.stat().st_mtime < time.time() - 4000
    cache._kept[disk_cache._digest("one")].touched -= 61
    assert cache.path("one") == path
    assert path.stat().st_mtime > time.time() - 1000


def test_a_file_that_is_open_stays_readable_when_it_goes(folder: Path) -> None:
    cache, content = another(folder, 100_000), os.urandom(60_000)
    path = cache.add("one", giving(content))
    used(path, 1000)
    with path.open("rb") as file:
        another(folder, 100_000).add("two", giving(os.urandom(60_000)))
        assert cache.path("one") is None
        assert not path.exists()
        assert file.read() == content


def test_what_is_larger_than_the_cache_is_not_kept(folder: Path) -> None:
    cache = another(folder, 100_000)
    kept = cache.add("small", giving(b"small"))
    with pytest.raises(CacheUnusable):
        cache.add("large", giving(bytes(100_001)))
    assert cache.path("large") is None
    assert kept.exists()
    assert list(folder.glob("drafts/*")) == []


def test_thousands_of_names_leave_no_more_than_the_bound(folder: Path) -> None:
    cache = another(folder, 200_000)
    for number in range(3000):
        cache.add(f"crop {number}", giving(number.to_bytes(4, "big") * 250))
    assert 150_000 < kept_bytes(folder) <= 200_000
    assert content_of(cache, "crop 2999") == (2999).to_bytes(4, "big") * 250


def test_what_killed_writers_left_is_swept(folder: Path) -> None:
    cache = another(folder)
    cache.add("one", giving(b"content"))
    abandoned, fresh = folder / "drafts" / "draft-old", folder / "drafts" / "draft-new"
    for draft in (abandoned, fresh):
        draft.write_bytes(b"half")
    used(abandoned, ABANDONED_S + 60)
    another(folder).add("two", giving(b"content"))
    assert not abandoned.exists()
    assert fresh.exists()


def test_many_processes_share_it_within_its_bound(folder: Path) -> None:
    bound = 1_500_000
    processes = [started(HAMMER, folder, bound, seed) for seed in range(4)]
    seen = []
    while any(process.poll() is None for process in processes):
        seen.append(kept_bytes_while_in_use(folder))
        time.sleep(0.02)
    assert [process.wait(HANG_GUARD_S) for process in processes] == [0] * 4
    for process in processes:
        process.communicate()
    assert kept_bytes(folder) <= bound
    # A file may go and another come while we add them up.
    assert bound / 2 < max(seen) <= bound * 1.25
    assert list(folder.glob("drafts/*")) == []
    after = another(folder, bound)
    there = [number for number in range(201) if after.path(f"object {number}")]
    assert len(there) > 20
    for number in there:
        assert content_of(after, f"object {number}") == expected(number)


def kept_bytes_while_in_use(folder: Path) -> int:
    total = 0
    for path in folder.glob("??/*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def expected(number: int) -> bytes:
    return hashlib.shake_256(str(number).encode()).digest(10_000 + number * 97)


# Many at once


def test_one_process_fetches_while_the_others_wait(folder: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    processes = [started(SLOW, folder, asked) for _ in range(4)]
    for process in processes:
        process.communicate(timeout=HANG_GUARD_S)
    assert [process.returncode for process in processes] == [0] * 4
    assert asked.read_text().split() == ["asked"]


def test_who_waits_for_one_that_hangs_fetches_by_themselves(
    cache: DiskCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_cache, "PATIENCE_S", 0.05)
    begun, over = threading.Event(), threading.Event()

    def hang(file: BinaryIO) -> None:
        begun.set()
        over.wait(HANG_GUARD_S)
        file.write(b"content")

    hanging = threading.Thread(target=cache.add, args=("one", hang))
    hanging.start()
    assert begun.wait(HANG_GUARD_S)
    assert another(folder).add("one", giving(b"content")).read_bytes() == b"content"
    over.set()
    hanging.join(HANG_GUARD_S)
    assert [path.read_bytes() for path in folder.glob("??/*")] == [b"content"]


def test_a_killed_writer_holds_up_nobody(cache: DiskCache, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_cache, "PATIENCE_S", 10 * HANG_GUARD_S)
    writer = started(KILLED, folder)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    writer.send_signal(signal.SIGKILL)
    writer.communicate(timeout=HANG_GUARD_S)
    assert cache.path("one") is None
    added: list[Path] = []
    thread = threading.Thread(target=lambda: added.append(cache.add("one", giving(b"whole"))), daemon=True)
    thread.start()
    thread.join(HANG_GUARD_S)
    assert [path.read_bytes() for path in added] == [b"whole"]


def test_making_one_thing_from_another_never_waits_for_itself(
    cache: DiskCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_cache, "PATIENCE_S", 10 * HANG_GUARD_S)
    lock = int(disk_cache._digest("crop")[:4], 16) % LOCKS
    names = (f"page {number}" for number in range(100_000))
    page = next(name for name in names if int(disk_cache._digest(name)[:4], 16) % LOCKS == lock)

    def crop(file: BinaryIO) -> None:
        file.write(cache.add(page, giving(b"a whole page")).read_bytes()[:7])

    thread = threading.Thread(target=cache.add, args=("crop", crop), daemon=True)
    thread.start()
    thread.join(HANG_GUARD_S)
    assert content_of(cache, "crop") == b"a whole"
    assert content_of(cache, page) == b"a whole page"


# A disk that is of no use


def test_a_folder_that_cannot_be_is_told_once_and_by_a_typed_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    cache = another(tmp_path / "file" / "cache")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert cache.path("one") is None
            with pytest.raises(CacheUnusable) as caught:
                cache.add("one", giving(b"content"))
            cache.forget("one")
    assert caught.value.data == {"folder": str(tmp_path / "file" / "cache"), "reason": "ENOTDIR"}
    assert len([record for record in caplog.records if "without the cache" in record.getMessage()]) == 1


def test_a_write_that_finds_no_room_leaves_the_rest_as_it_was(folder: Path) -> None:
    process = started(NO_MORE_ROOM, folder)
    process.communicate(timeout=HANG_GUARD_S)
    assert process.returncode == 0
    assert list(folder.glob("drafts/*")) == []


def test_the_cache_gives_way_where_the_disk_is_nearly_full(cache: DiskCache, folder: Path) -> None:
    for number in range(3):
        cache.add(f"{number}", giving(b"content"))
    crowded = DiskCache(folder, MEBIBYTE, left_free_bytes=2**62)
    with pytest.raises(CacheUnusable) as caught:
        crowded.add("new", giving(b"content"))
    assert caught.value.data["reason"] == "ENOSPC"
    assert kept_bytes(folder) == 0


def test_a_cache_that_can_only_be_read_still_serves(cache: DiskCache, folder: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is read-only to root")
    cache.add("one", giving(b"content"))
    for path in (*folder.rglob("*"), folder):
        if path.is_dir():
            path.chmod(0o500)
    try:
        after = another(folder)
        assert content_of(after, "one") == b"content"
        with pytest.raises(CacheUnusable):
            after.add("two", giving(b"content"))
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o700)
