"""What every object store promises (wenyuan/storage/store.py), asked of each real one."""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import os
import random
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
import urllib3
from servers import juicefs as juicefs_server
from servers import lines
from servers.processes import S3Server, free_ports

from wenyuan.storage.errors import (
    DigestMismatch,
    InvalidRange,
    LibraryError,
    ObjectMissing,
    StoreFull,
    StoreMisconfigured,
    StoreUnavailable,
)
from wenyuan.storage.keys import blob_key, derivative_key
from wenyuan.storage.local import LocalStore
from wenyuan.storage.minio import MinioStore
from wenyuan.storage.store import ObjectStore, StoreOptions

HANG_GUARD_S = 60
SERVERS = [pytest.param(name, marks=pytest.mark.server) for name in ("seaweedfs", "juicefs")]


@pytest.fixture(params=["local", *SERVERS])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, StoreOptions]:
    """A back end as wiring names it: its module, and plain values."""
    if request.param == "local":
        return "local", StoreOptions(home=tmp_path, values={})
    server: S3Server = request.getfixturevalue(request.param)
    return "minio", StoreOptions(home=tmp_path, values=server.values)


@pytest.fixture
def store(backend: tuple[str, StoreOptions]) -> ObjectStore:
    return opened(*backend)


@pytest.fixture(params=SERVERS)
def s3(request: pytest.FixtureRequest) -> S3Server:
    server: S3Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def folder() -> str:
    """A folder of keys that no other test uses: servers live longer than a test."""
    return f"derivatives/{secrets.token_hex(8)}"


def opened(module: str, options: StoreOptions) -> ObjectStore:
    store: ObjectStore = importlib.import_module(f"wenyuan.storage.{module}").open_store(options)
    store.check()
    return store


def minio(server: S3Server, home: Path, **values: str) -> ObjectStore:
    module = importlib.import_module("wenyuan.storage.minio")
    store: ObjectStore = module.open_store(StoreOptions(home=home, values={**server.values, **values}))
    return store


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def content_of(store: ObjectStore, key: str, *, offset: int = 0, length: int | None = None) -> bytes:
    with store.open(key, offset=offset, length=length) as stream:
        return stream.read()


def keys_of(store: ObjectStore, prefix: str) -> list[str]:
    return [found.key for found in store.list(prefix)]


def spooled(home: Path) -> list[Path]:
    return [*home.glob("tmp/*"), *home.glob("store/tmp/*")]


class Failing(io.RawIOBase):
    """A source whose line breaks after the first chunk."""

    def __init__(self) -> None:
        self._chunks = iter([os.urandom(100_000)])

    def read(self, size: int = -1, /) -> bytes:
        for chunk in self._chunks:
            return chunk
        raise ConnectionResetError("the browser went away")


# Round trips


@pytest.mark.parametrize("size", [0, 1, 200_000, 17 * 1024 * 1024])
def test_what_was_put_is_what_is_read(store: ObjectStore, size: int) -> None:
    content = os.urandom(size)
    receipt = store.put(blob_key, io.BytesIO(content), media_type="image/jpeg")
    assert (receipt.key, receipt.sha256) == (blob_key(sha256(content)), sha256(content))
    assert receipt.size_bytes == size
    assert receipt.created or size == 0  # a server may have the empty object from another test
    assert content_of(store, receipt.key) == content
    found = store.stat(receipt.key)
    assert (found.key, found.size_bytes) == (receipt.key, size)
    assert abs(found.modified.timestamp() - time.time()) < 3600
    assert found.modified.utcoffset() is not None


def test_a_missing_object_is_missing(store: ObjectStore, folder: str) -> None:
    for ask in (store.stat, lambda key: store.open(key).__enter__(), lambda key: store.as_file(key).__enter__()):
        with pytest.raises(ObjectMissing):
            ask(f"{folder}/none")
    with pytest.raises(ObjectMissing):
        store.open(f"{folder}/none", length=0).__enter__()


def test_a_folder_of_objects_is_no_object(store: ObjectStore, folder: str) -> None:
    store.put(f"{folder}/page/a.jpg", io.BytesIO(b"a"))
    with pytest.raises(ObjectMissing):
        store.stat(f"{folder}/page")
    with pytest.raises(ObjectMissing):
        store.open(f"{folder}/page").__enter__()


@pytest.mark.parametrize(
    ("offset", "length"), [(0, 1), (0, 1000), (1, None), (999, 1), (999, 50), (10, 990), (300, 400), (0, 5000), (5, 0)]
)
def test_a_range_is_exactly_those_bytes(store: ObjectStore, offset: int, length: int | None) -> None:
    content = random.Random(1).randbytes(1000)
    key = store.put(blob_key, io.BytesIO(content)).key
    end = None if length is None else offset + length
    assert content_of(store, key, offset=offset, length=length) == content[offset:end]


def test_a_range_across_the_parts_of_a_large_object(store: ObjectStore) -> None:
    content = random.Random(2).randbytes(17 * 1024 * 1024)
    key = store.put(blob_key, io.BytesIO(content)).key
    begin = 8 * 1024 * 1024 - 1000
    assert content_of(store, key, offset=begin, length=2000) == content[begin : begin + 2000]


@pytest.mark.parametrize(
    ("size", "offset", "length"), [(1000, 1000, None), (1000, 1000, 1), (1000, 5000, 9), (0, 0, 1)]
)
def test_a_range_behind_the_end_is_invalid(store: ObjectStore, size: int, offset: int, length: int | None) -> None:
    key = store.put(blob_key, io.BytesIO(b"x" * size)).key
    with pytest.raises(InvalidRange) as caught:
        store.open(key, offset=offset, length=length).__enter__()
    assert caught.value.data == {"key": key, "offset": offset, "size": size}


def test_a_negative_range_is_refused(store: ObjectStore, folder: str) -> None:
    for offset, length in ((-1, None), (0, -1)):
        with pytest.raises(ValueError, match="-1"):
            store.open(f"{folder}/a", offset=offset, length=length).__enter__()


def test_a_reader_may_stop_early_again_and_again(store: ObjectStore) -> None:
    key = store.put(blob_key, io.BytesIO(os.urandom(2_000_000))).key
    for _ in range(40):  # more than there are connections
        with store.open(key) as stream:
            assert len(stream.read(10)) == 10
        assert stream.closed


def test_an_object_as_a_file(store: ObjectStore, tmp_path: Path) -> None:
    content = os.urandom(300_000)
    key = store.put(blob_key, io.BytesIO(content)).key
    with store.as_file(key) as path:
        assert path.read_bytes() == content
    assert spooled(tmp_path) == []
    assert content_of(store, key) == content


def test_the_path_of_an_object_is_its_file_or_there_is_none(store: ObjectStore, folder: str) -> None:
    store.put(f"{folder}/a", io.BytesIO(b"content"))
    path = store.path_of(f"{folder}/a")
    assert path is None or path.read_bytes() == b"content"
    missing = store.path_of(f"{folder}/no-such")
    assert missing is None if path is None else missing is not None and not missing.exists()
    with pytest.raises(ValueError, match="escape"):
        store.path_of(f"{folder}/../escape")


# Atomic puts


def test_bytes_that_were_not_expected_are_not_stored(store: ObjectStore, folder: str, tmp_path: Path) -> None:
    with pytest.raises(DigestMismatch) as caught:
        store.put(f"{folder}/a", io.BytesIO(b"other"), expected_sha256=sha256(b"these"))
    assert caught.value.data == {"key": f"{folder}/a", "expected": sha256(b"these"), "found": sha256(b"other")}
    assert keys_of(store, folder) == []
    assert spooled(tmp_path) == []
    assert store.put(f"{folder}/a", io.BytesIO(b"these"), expected_sha256=sha256(b"these")).created


def test_a_source_that_breaks_leaves_nothing_and_its_error_is_its_own(
    store: ObjectStore, folder: str, tmp_path: Path
) -> None:
    with pytest.raises(ConnectionResetError):
        store.put(f"{folder}/a", Failing())  # type: ignore[arg-type]
    assert keys_of(store, folder) == []
    assert spooled(tmp_path) == []


def test_the_same_bytes_again_are_harmless(store: ObjectStore) -> None:
    content = os.urandom(1000)
    first = store.put(blob_key, io.BytesIO(content))
    again = store.put(first.key, io.BytesIO(content))
    assert (first.created, again.created) == (True, False)
    assert content_of(store, first.key) == content


def test_a_derivative_is_replaced_also_by_one_of_the_same_size(store: ObjectStore) -> None:
    key = derivative_key(secrets.token_hex(32), 0, "reading-1600-v1.jpg")
    for content in (b"first", b"again", b"longer than that", b""):
        store.put(key, io.BytesIO(content))
        assert content_of(store, key) == content


def test_a_cut_off_original_is_mended_by_putting_it_again(store: ObjectStore) -> None:
    content = os.urandom(1000)
    key = blob_key(sha256(content))
    store.put(key, io.BytesIO(content[:500]))
    assert store.put(key, io.BytesIO(content)).created
    assert content_of(store, key) == content


def test_many_writers_of_one_key_agree(store: ObjectStore) -> None:
    content = os.urandom(300_000)
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: store.put(blob_key, io.BytesIO(content)), range(8)))
    assert {receipt.key for receipt in receipts} == {blob_key(sha256(content))}
    assert content_of(store, receipts[0].key) == content


def test_a_reader_never_sees_a_mixture_while_a_derivative_is_replaced(store: ObjectStore, folder: str) -> None:
    key, versions = f"{folder}/0/page.jpg", [bytes([number]) * 1_500_000 for number in range(12)]
    store.put(key, io.BytesIO(versions[0]))

    def write() -> None:
        for version in versions:
            store.put(key, io.BytesIO(version))

    seen, away = set(), 0
    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        while not writer.done():
            try:
                seen.add(content_of(store, key))
            except StoreUnavailable:  # a server may drop the old version under a reader, but must say so
                away += 1
        writer.result()
    assert seen
    assert seen <= set(versions)
    assert content_of(store, key) == versions[-1]
    assert away == 0 or not isinstance(store, LocalStore)


WRITER = """
import io, json, pathlib, random, sys
from importlib import import_module
from wenyuan.storage.store import StoreOptions
module, home, values, key, size = json.loads(sys.argv[1])
content = io.BytesIO(random.Random(3).randbytes(size))
store = import_module(f"wenyuan.storage.{module}").open_store(StoreOptions(pathlib.Path(home), values))
print("ready", flush=True)
store.put(key, content)
print("done", flush=True)
"""


def start_writer(backend: tuple[str, StoreOptions], key: str, size: int) -> subprocess.Popen[str]:
    module, options = backend
    task = json.dumps([module, str(options.home), dict(options.values), key, size])
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    writer = subprocess.Popen([sys.executable, "-c", WRITER, task], env=environ, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


@pytest.mark.slow
def test_a_half_written_object_is_never_visible(
    backend: tuple[str, StoreOptions], store: ObjectStore, folder: str, tmp_path: Path
) -> None:
    size = 24 * 1024 * 1024
    content = random.Random(3).randbytes(size)
    with start_writer(backend, f"{folder}/whole", size) as writer:
        begun = time.monotonic()
        writer.communicate()
    needed_s = time.monotonic() - begun
    cut, moments = 0, 8
    for moment in range(moments):
        key = f"{folder}/{moment}"
        with start_writer(backend, key, size) as writer:
            time.sleep((moment + random.random()) / moments * needed_s)
            writer.kill()
            said, _ = writer.communicate()
        # Asked once: a server that had received everything may finish after its client has died.
        try:
            assert content_of(store, key) == content
        except ObjectMissing:
            assert "done" not in said
            cut += 1
        assert {found.size_bytes for found in store.list(key)} <= {size}
        store.put(key, io.BytesIO(content), expected_sha256=sha256(content))
        assert content_of(store, key) == content
    assert cut, "no writer was killed before it had finished: the test has shown nothing"
    assert_swept(store, tmp_path)


def assert_swept(store: ObjectStore, home: Path) -> None:
    """What killed writers leave is kept for a day, in case one still writes, and then goes."""
    kept = home / "store" / "tmp" if (home / "store").exists() else home / "tmp"
    (kept / "put-killed").write_bytes(b"half")
    store.check()
    assert (kept / "put-killed").exists()
    for path in spooled(home):
        os.utime(path, (0, 0))
    store.check()
    assert spooled(home) == []


MEMORY = """
import hashlib, io, json, pathlib, sys
import psutil
from importlib import import_module
from wenyuan.storage.keys import blob_key
from wenyuan.storage.store import StoreOptions
module, home, values, seed = json.loads(sys.argv[1])
SIZE = 100_000_000

class Source(io.RawIOBase):
    def __init__(self):
        self.left = SIZE
    def read(self, size=-1):
        size = min(size, self.left)
        self.left -= size
        return (hashlib.sha256(f"{seed}{self.left}".encode()).digest() * (size // 32 + 1))[:size]

def peak():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

store = import_module(f"wenyuan.storage.{module}").open_store(StoreOptions(pathlib.Path(home), values))
store.check()
before = psutil.Process().memory_info().rss
receipt = store.put(blob_key, Source())
written = peak()
digest = hashlib.sha256()
with store.open(receipt.key) as stream:
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
store.delete(receipt.key)
print(json.dumps([digest.hexdigest() == receipt.sha256, receipt.size_bytes, written - before, peak() - before]))
"""


@pytest.mark.slow
def test_a_large_object_is_never_held_in_memory(backend: tuple[str, StoreOptions], store: ObjectStore) -> None:
    module, options = backend
    task = json.dumps([module, str(options.home), dict(options.values), secrets.token_hex(8)])
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, task], env=environ, stdout=subprocess.PIPE, text=True, check=True
    )
    same, size, grown_writing, grown = json.loads(done.stdout)
    assert (same, size) == (True, 100_000_000)
    assert max(grown_writing, grown) < 64_000_000


# Lists, deletes, keys


def test_a_list_is_in_order_and_keeps_to_its_prefix(store: ObjectStore, folder: str) -> None:
    names = [f"{number:02x}/{number:02x}{tail}" for number in range(0, 256, 40) for tail in ("a", "b", "b.jpg")]
    for name in random.sample(names, len(names)):
        store.put(f"{folder}/{name}", io.BytesIO(name.encode()))
    assert keys_of(store, folder) == [f"{folder}/{name}" for name in sorted(names)]
    assert keys_of(store, f"{folder}/28/28b") == [f"{folder}/28/28b", f"{folder}/28/28b.jpg"]
    assert keys_of(store, f"{folder}/2") == [f"{folder}/{name}" for name in sorted(names) if name.startswith("2")]
    assert keys_of(store, f"{folder}/none") == []
    assert [found.size_bytes for found in store.list(f"{folder}/28/28b.jpg")] == [len("28/28b.jpg")]


def test_local_keys_are_ordered_as_text_and_not_as_folders(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    names = ["a-b", "a.b", "a/b", "a/c/d", "a0", "ab"]
    for name in reversed(names):
        store.put(name, io.BytesIO(b"x"))
    assert keys_of(store, "") == names == sorted(names)


def test_a_local_list_is_fetched_bit_by_bit(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    for name in ("a/1", "b/1", "c/1"):
        store.put(name, io.BytesIO(b"x"))
    found = store.list()
    assert next(found).key == "a/1"
    store.put("b/2", io.BytesIO(b"x"))
    store.delete("c/1")
    assert [item.key for item in found] == ["b/1", "b/2"]


def test_a_deleted_object_is_gone_and_may_be_deleted_twice(store: ObjectStore, folder: str) -> None:
    key = f"{folder}/0/a.jpg"
    store.put(key, io.BytesIO(b"a"))
    for _ in range(2):
        store.delete(key)
        with pytest.raises(ObjectMissing):
            store.stat(key)
        assert keys_of(store, folder) == []
    assert store.put(key, io.BytesIO(b"a")).created


def test_deletes_beside_puts_in_one_folder_do_not_disturb_them(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)

    def churn(name: str) -> None:
        for _ in range(100):
            store.put(f"same/folder/{name}", io.BytesIO(b"x"))
            store.delete(f"same/folder/{name}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(churn, "abcd"))
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]


@pytest.mark.parametrize(
    "key",
    ["", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "../a", "tmp/a", "文淵", "a b", "a\\b", "a\n", "a" * 201],
)
def test_a_bad_key_is_refused_by_every_method(store: ObjectStore, key: str) -> None:
    asks: list[Callable[[], object]] = [
        lambda: store.put(key, io.BytesIO(b"a")),
        lambda: store.put(lambda _: key, io.BytesIO(b"a")),
        lambda: store.open(key).__enter__(),
        lambda: store.stat(key),
        lambda: store.delete(key),
        lambda: store.as_file(key).__enter__(),
    ]
    for ask in asks:
        with pytest.raises(ValueError, match=f"^{re.escape(key)}$"):
            ask()


def test_the_longest_key_works(store: ObjectStore) -> None:
    key = f"derivatives/{secrets.token_hex(100)}/{'b' * 200}"
    store.put(key, io.BytesIO(b"a"))
    assert content_of(store, key) == b"a"


# Presigned links


def fetch(link: str, method: str = "GET", **headers: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, link, headers=headers, timeout=30)


def test_a_link_gives_the_object_under_its_chinese_name(s3: S3Server, tmp_path: Path) -> None:
    store = opened("minio", StoreOptions(home=tmp_path, values=s3.values))
    content, filename = os.urandom(1000), '四庫全書 "卷一" 𠮷; a/b%.pdf'
    key = store.put(blob_key, io.BytesIO(content)).key
    link = store.url_for(key, ttl_s=60, filename=filename, media_type="application/pdf")
    assert link is not None
    whole = fetch(link)
    assert (whole.status, whole.data) == (200, content)
    assert whole.headers["Content-Type"] == "application/pdf"
    assert whole.headers["Cache-Control"] == "private, no-store"
    assert unquote(whole.headers["Content-Disposition"].removeprefix("attachment; filename*=UTF-8''")) == filename
    part = fetch(link, Range="bytes=10-19")
    assert (part.status, part.data) == (206, content[10:20])


def test_a_tampered_link_is_refused(s3: S3Server, tmp_path: Path) -> None:
    store = opened("minio", StoreOptions(home=tmp_path, values=s3.values))
    key = store.put(blob_key, io.BytesIO(os.urandom(100))).key
    other = store.put(blob_key, io.BytesIO(os.urandom(100))).key
    link = store.url_for(key, ttl_s=60, filename="a.pdf")
    assert link is not None
    assert fetch(link).status == 200
    tampered = {
        "path": link.replace(key, other),
        "expiry": link.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        "name": link.replace("a.pdf", "b.pdf"),
        "signature": link[:-1] + ("0" if link[-1] != "0" else "1"),
        "extra": f"{link}&response-content-type=text%2Fhtml",
        "bare": link.split("?")[0],
    }
    assert link not in tampered.values()
    assert {name: fetch(changed).status for name, changed in tampered.items()} == dict.fromkeys(tampered, 403)
    assert fetch(link, "DELETE").status == 403
    assert content_of(store, key)


def test_a_link_ends(s3: S3Server, tmp_path: Path) -> None:
    store = opened("minio", StoreOptions(home=tmp_path, values=s3.values))
    key = store.put(blob_key, io.BytesIO(b"a")).key
    link = store.url_for(key, ttl_s=1)
    assert link is not None
    time.sleep(2.5)
    assert fetch(link).status == 403
    with pytest.raises(ValueError, match="expires"):
        store.url_for(key, ttl_s=0)


def test_a_link_is_signed_for_the_public_address(s3: S3Server, tmp_path: Path) -> None:
    with lines.slow(s3.endpoint, bytes_per_s=1e9) as public:
        store = minio(s3, tmp_path, public_endpoint=public)
        key = store.put(blob_key, io.BytesIO(b"public")).key
        link = store.url_for(key, ttl_s=60)
        assert link is not None
        assert urlsplit(link).netloc == urlsplit(public).netloc
        assert fetch(link).data == b"public"


def test_a_folder_has_no_links(tmp_path: Path) -> None:
    assert LocalStore(tmp_path).url_for("a", ttl_s=60) is None


# Stores that are away, wrong or full


def every_request(store: ObjectStore, key: str) -> dict[str, Callable[[], object]]:
    def read() -> bytes:
        return content_of(store, key)

    return {
        "put": lambda: store.put(key, io.BytesIO(b"a")),
        "open": read,
        "stat": lambda: store.stat(key),
        "list": lambda: keys_of(store, ""),
        "delete": lambda: store.delete(key),
        "as_file": lambda: store.as_file(key).__enter__(),
        "check": store.check,
    }


def error_of(ask: Callable[[], object]) -> LibraryError | None:
    try:
        ask()
    except LibraryError as error:
        return error
    return None


def elsewhere(endpoint: str, home: Path) -> MinioStore:
    return MinioStore(endpoint, "wenyuan", access_key="a", secret_key="b" * 20, spool=home / "tmp")


def test_a_store_that_is_away_is_said_to_be_away(tmp_path: Path) -> None:
    store = elsewhere(f"http://127.0.0.1:{free_ports(1)[0]}", tmp_path)
    begun = time.monotonic()
    for name, ask in every_request(store, "a").items():
        error = error_of(ask)
        assert isinstance(error, StoreUnavailable), name
        assert error.data["store"] == store.name
        assert error.data["retry_after_s"] > 0
    assert time.monotonic() - begun < HANG_GUARD_S
    assert spooled(tmp_path) == []


@pytest.mark.slow
def test_a_store_that_hangs_does_not_hang_us(tmp_path: Path) -> None:
    with lines.silent() as endpoint, lines.breaking(b"half", 1000, then_silent=True) as silent_later:
        asks = every_request(elsewhere(endpoint, tmp_path), "a")
        asks["open, then silence"] = every_request(elsewhere(silent_later, tmp_path), "a")["open"]
        begun = time.monotonic()
        with ThreadPoolExecutor(len(asks)) as pool:
            errors = dict(zip(asks, pool.map(error_of, asks.values()), strict=True))
        assert time.monotonic() - begun < HANG_GUARD_S
    assert {name: type(error) for name, error in errors.items()} == dict.fromkeys(asks, StoreUnavailable)


def test_a_body_that_breaks_off_is_an_error_and_not_a_short_object(tmp_path: Path) -> None:
    with lines.breaking(b"half", 1000, then_silent=False) as endpoint:
        store = elsewhere(endpoint, tmp_path)
        with store.open("a") as stream:
            assert stream.read(4) == b"half"
            with pytest.raises(StoreUnavailable):
                stream.read(1)
        with pytest.raises(StoreUnavailable):
            store.as_file("a").__enter__()


def test_a_server_that_ignores_ranges_is_not_believed(tmp_path: Path) -> None:
    with lines.breaking(b"whole", 5, then_silent=False) as endpoint, pytest.raises(StoreUnavailable):
        elsewhere(endpoint, tmp_path).open("a", offset=2).__enter__()


def test_a_web_page_in_the_way_is_no_answer(tmp_path: Path) -> None:
    with lines.breaking(b"<html>", 6, then_silent=False) as endpoint, pytest.raises(StoreUnavailable):
        keys_of(elsewhere(endpoint, tmp_path), "")


@pytest.mark.slow
@pytest.mark.server
def test_a_slow_line_is_waited_for(seaweedfs: S3Server, tmp_path: Path) -> None:
    content = os.urandom(9 * 1024 * 1024)
    with lines.slow(seaweedfs.endpoint, bytes_per_s=2_000_000) as endpoint:
        store = minio(seaweedfs, tmp_path, endpoint=endpoint)
        key = store.put(blob_key, io.BytesIO(content)).key
        assert content_of(store, key) == content


@pytest.mark.parametrize(
    ("wrong", "settings"),
    [
        ({"access_key": "nobody"}, {"access_key"}),
        ({"secret_key": "wrong-wrong-wrong"}, {"access_key", "secret_key"}),
        ({"bucket": "B"}, {"bucket"}),
        ({"endpoint": "http://127.0.0.1:1/path"}, {"endpoint"}),
        ({"endpoint": "ftp://127.0.0.1"}, {"endpoint"}),
        ({"endpoint": ""}, {"endpoint"}),
    ],
)
def test_a_wrong_setting_is_named(s3: S3Server, tmp_path: Path, wrong: dict[str, str], settings: set[str]) -> None:
    for ask in ("check", "put", "open", "stat", "list", "delete"):
        error = error_of(lambda ask=ask: every_request(minio(s3, tmp_path, **wrong), "a")[ask]())  # type: ignore[misc]
        assert isinstance(error, StoreMisconfigured), ask
        assert error.data["setting"] in settings


def test_in_a_mistyped_bucket_objects_are_not_said_to_be_missing(s3: S3Server, tmp_path: Path) -> None:
    store = minio(s3, tmp_path, bucket="wenyaun")
    for ask in ("stat", "open", "list", "as_file"):
        error = error_of(every_request(store, "a")[ask])
        assert isinstance(error, StoreMisconfigured), ask
        assert error.data == {"setting": "bucket", "reason": "NoSuchBucket"}


@pytest.mark.server
def test_a_server_without_tls_is_a_wrong_endpoint(seaweedfs: S3Server, tmp_path: Path) -> None:
    with pytest.raises(StoreMisconfigured) as caught:
        minio(seaweedfs, tmp_path, endpoint=seaweedfs.endpoint.removeprefix("http://")).check()
    assert caught.value.data["setting"] == "endpoint"


def test_a_root_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = LocalStore(tmp_path / "file" / "store")
    for ask in (store.check, lambda: store.put("a", io.BytesIO(b"a"))):
        with pytest.raises(StoreMisconfigured) as caught:
            ask()
        assert caught.value.data["setting"] == "root"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
def test_a_full_disk_is_said_to_be_full_and_nothing_half_written_stays(tmp_path: Path) -> None:
    root = tmp_path / "small"
    root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", root], check=True)
    try:
        store = LocalStore(root, reserve_bytes=0)
        with pytest.raises(StoreFull) as caught:
            store.put("a", io.BytesIO(os.urandom(4_000_000)))
        assert caught.value.data["store"] == store.name
        assert keys_of(store, "") == []
        assert list((root / "tmp").iterdir()) == []
        assert store.put("a", io.BytesIO(os.urandom(1_000_000))).created
    finally:
        subprocess.run(["umount", root], check=True)


def test_a_reserve_is_kept_free(tmp_path: Path) -> None:
    store = LocalStore(tmp_path, reserve_bytes=1 << 60)
    with pytest.raises(StoreFull) as caught:
        store.put("a", io.BytesIO(b"a"))
    assert caught.value.data["needed_bytes"] == 1 << 60
    assert 0 < caught.value.data["free_bytes"] < 1 << 60
    assert keys_of(store, "") == []
    assert spooled(tmp_path) == []


@pytest.mark.slow
@pytest.mark.server
def test_a_full_server_is_said_to_be_full(tmp_path: Path) -> None:
    zeros = bytes(64 * 1024 * 1024)
    with juicefs_server.start(capacity_gib=1) as server:
        store = minio(server, tmp_path)
        puts = (error_of(lambda number=number: store.put(f"{number}", io.BytesIO(zeros))) for number in range(17))  # type: ignore[misc]
        errors = [error for error in puts if error]
        assert {type(error) for error in errors} == {StoreFull}
        assert content_of(store, "0", length=5) == zeros[:5]
        assert {found.size_bytes for found in store.list()} == {len(zeros)}


@pytest.mark.server
def test_the_side_doors_of_seaweedfs_are_locked(seaweedfs: S3Server, tmp_path: Path) -> None:
    store = opened("minio", StoreOptions(home=tmp_path, values=seaweedfs.values))
    key = store.put(blob_key, io.BytesIO(os.urandom(1000))).key
    _, _, filer = seaweedfs.side_doors
    folder = f"{filer}/buckets/{seaweedfs.bucket}"
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert fetch(f"{folder}/{quote(key)}", method).status == 401
    assert fetch(f"{folder}/").status == 401
    assert content_of(store, key)
