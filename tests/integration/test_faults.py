"""Bad input and faults: one clear line a file, the others go on, nothing half made is seen, the receipt adds up.

Through the command, as staff meets them.
"""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import subprocess
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import given
import pytest
import pyvips
from click.testing import CliRunner
from handing_in import shown
from servers.processes import S3Server
from sqlalchemy import event

from wenyuan.ingest import receipt as receipts
from wenyuan.ingest.receive import receive
from wenyuan.ingest.submit import submit
from wenyuan.ingest.worker import Worker
from wenyuan.repo import holdings, wiring, wording
from wenyuan.repo.catalogue import deliveries, items, jobs
from wenyuan.repo.cli import main
from wenyuan.repo.description import Description
from wenyuan.repo.items import File, Page, PageKind, Structure
from wenyuan.repo.library import Library
from wenyuan.repo.settings import load

GOOD = "好文件"


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png(path: Path) -> None:
    """60,000 × 60,000 pixels in a few hundred bytes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(60_001))) + chunk(b"IEND", b""))


def cut_short(path: Path) -> None:
    """Half a picture, and half a PDF as a copy that broke off leaves it."""
    whole = given.picture(path.with_suffix(".whole.png"))
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    whole.unlink()


def half_pdf(path: Path) -> None:
    """Its cross references are at the end."""
    given.pdf(path, ["甲" * 200] * 3)
    path.write_bytes(path.read_bytes()[:300])


def locked_pdf(path: Path) -> None:
    """Needs a password."""
    given.pdf(path, ["秘密"], password="secret")


def spineless_epub(path: Path) -> None:
    """An e-book whose package names no chapter."""
    given.epub(path, {})


def zip_bomb(path: Path) -> None:
    """200 MB in 200 KB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.png", bytes(200 * 1024**2))


def zip_slip(path: Path) -> None:
    """A comic that wants to be unpacked somewhere else."""
    data = io.BytesIO()
    given.Image.new("RGB", (8, 8)).save(data, "PNG")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.png", data.getvalue())
        archive.writestr("../../../etc/evil.png", data.getvalue())


def not_what_it_says(path: Path) -> None:
    """A spreadsheet called JPEG."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "截斷.png": (cut_short, "damaged-source"),
    "半本.pdf": (half_pdf, "damaged-source"),
    "表格.jpg": (not_what_it_says, "unsupported-format"),
    "加密.pdf": (locked_pdf, "encrypted-source"),
    "無序.epub": (spineless_epub, "no-reading-order"),
    "炸彈.cbz": (zip_bomb, "unsafe-archive"),
    "越界.cbz": (zip_slip, "unsafe-archive"),
    "巨圖.png": (huge_png, "too-large"),
    "空的.txt": (lambda path: path.write_bytes(b""), "empty-source"),
    "亂碼.txt": (lambda path: path.write_bytes(bytes(range(1, 256)) * 40), "unsupported-format"),
    "空夾": (lambda path: path.mkdir(), "empty-source"),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder."""
    return tmp_path / "home"


def command(home: Path, *words: str, code: int, **settings: str) -> str:
    """Run a command; what it printed, without a traceback."""
    environment = {"WENYUAN_HOME": str(home), "WENYUAN_EXECUTOR": "inline", "COLUMNS": "200"}
    variables = {f"WENYUAN_{name.upper()}": value for name, value in settings.items()}
    done = CliRunner(env=environment | variables).invoke(main, list(words))
    assert done.exit_code == code, done.output + repr(done.exception)
    assert "Traceback" not in done.output
    return done.output


@contextmanager
def opened(home: Path, **given_settings: Any) -> Iterator[Library]:
    """The library itself, to look into."""
    library = wiring.build(load(home=home, executor="inline", **given_settings))
    yield library
    library.close()


def stored_keys(library: Library) -> list[str]:
    """All objects, by the first part of their keys."""
    return sorted(stored.key.split("/")[0] for stored in library.store.list())


def test_each_bad_file_gets_one_line_with_its_name_its_fault_and_the_remedy_and_the_good_ones_are_in(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    for name, (make, _) in BAD.items():
        (folder / Path(name).stem).mkdir(parents=True)
        make(folder / Path(name).stem / name)
    given.pdf(folder / f"{GOOD}.pdf", ["深圳河畔"])

    printed = command(home, "ingest", str(folder), code=65).splitlines()

    with opened(home) as library:
        assert [item.description.title for item in shown(library)] == [GOOD]
        with library.catalogue.reading() as session:
            told = deliveries.get(session, 1).receipt or {}
    found = {row["name"]: row["error"] for row in told["files"] if row["outcome"] == "refused"}
    expected = {f"in/{Path(name).stem}/{name}": code for name, (_, code) in BAD.items()}
    assert {name: error["code"] for name, error in found.items()} == expected
    for name, error in found.items():
        words = wording.describe(error["code"], error["data"], "zh-Hans")
        (line,) = [line for line in printed if name in line]
        assert line == f"拒收 {words.what} {words.remedy}"
        assert "?" not in words.what
    assert told["given"] == len(BAD) + 1 == sum(told["outcomes"].values())
    assert receipts.is_genuine(told, load(home=home).session_key.get_secret_value())


@pytest.mark.slow
def test_a_page_that_wants_more_memory_than_allowed_is_told_so_and_the_others_are_shown(
    home: Path, tmp_path: Path
) -> None:
    # An interlaced picture is held whole.
    folder = tmp_path / "書"
    given.picture(folder / "1.png")
    pyvips.Image.black(11_000, 11_000, bands=3).pngsave(str(folder / "2.png"), interlace=True, compression=1)
    limits = {"executor": "process", "workers": "1", "page_memory_mb": "256"}

    printed = command(home, "ingest", str(folder), code=65, **limits)

    (line,) = [line for line in printed.splitlines() if "2.png" in line]
    assert "超出了时间或内存的限制" in line
    assert "WENYUAN_PAGE_MEMORY_MB" in line
    with opened(home) as library:
        (item,) = shown(library)
        assert item.page_count == 1


def test_a_file_that_may_not_be_read_is_told_and_the_others_go_on(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    given.pdf(folder / f"{GOOD}.pdf", ["深圳河畔"])
    (folder / "鏈.pdf").symlink_to(folder / "無此文件.pdf")
    os.mkfifo(folder / "管道.pdf")

    printed = command(home, "ingest", str(folder), str(tmp_path / "不在.pdf"), code=65)

    for name in ("in/鏈.pdf", "in/管道.pdf", "不在.pdf"):
        assert len([line for line in printed.splitlines() if name in line]) == 1
    with opened(home) as library:
        assert len(shown(library)) == 1


def test_a_file_that_goes_away_between_the_door_and_the_store_is_refused(home: Path, tmp_path: Path) -> None:
    folder = given.scans(tmp_path / "in", 3)
    command(home, "ingest", "--queue", str(folder), code=0)
    (folder / "2.png").unlink()
    (folder / "3.xml").unlink()

    command(home, "work", "--once", code=0)

    with opened(home) as library, library.catalogue.reading() as session:
        told = deliveries.get(session, 1).receipt or {}
    refused = {row["name"] for row in told["files"] if row["outcome"] == "refused"}
    assert refused >= {"in/2.png", "in/2.xml"}
    assert sum(told["outcomes"].values()) == told["given"] == 7


def test_a_disk_without_room_stops_the_job_before_anything_is_seen_and_it_goes_on_afterwards(
    home: Path, tmp_path: Path
) -> None:
    given.pdf(tmp_path / "in" / f"{GOOD}.pdf", ["深圳河畔"])

    printed = command(home, "ingest", str(tmp_path / "in"), code=75, store_reserve_mb="999999999")

    assert printed.count("存储空间不足") == 1
    assert "请腾出空间" in printed
    with opened(home) as library:
        assert shown(library) == []
        assert stored_keys(library) == []
        with library.catalogue.reading() as session:
            (job,) = jobs.recent(session)
        assert (job.error or {})["code"] == "store-full"
        assert wait_and_work(library)
        assert [item.description.title for item in shown(library)] == [GOOD]


def wait_and_work(library: Library) -> bool:
    """Do what waits for its time."""
    with library.catalogue.writing() as session:
        session.execute(jobs.update(jobs.JobRow).values(not_before=jobs.JobRow.created))
    return Worker(library).run_until_done(1) is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_up_in_mid_job_leaves_nothing_half_made(home: Path, tmp_path: Path, small_disk: Path) -> None:
    folder = tmp_path / "書"
    for number in range(1, 9):
        noise = given.Image.frombytes("L", (700, 700), os.urandom(490_000))
        folder.mkdir(exist_ok=True)
        noise.save(folder / f"{number}.png")
    small = {"store_root": str(small_disk / "store"), "store_reserve_mb": "0"}

    printed = command(home, "ingest", str(folder), code=75, **small)

    assert "存储空间不足" in printed
    with opened(home, store_root=small_disk / "store", store_reserve_mb=0) as library:
        assert shown(library) == []
        assert list((small_disk / "store" / "tmp").iterdir()) == []
        subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
        assert wait_and_work(library)
        (item,) = shown(library)
        assert item.page_count == 8


class Plug:
    """A line to a server that can be pulled out and put in again."""

    def __init__(self, endpoint: str) -> None:
        self._target = urlsplit(endpoint)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._is_in = True
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """Where to call instead of the server."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def pull(self) -> None:
        """Nothing comes through from now on."""
        self._is_in = False
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def put_in(self) -> None:
        """It works again."""
        self._is_in = True

    def close(self) -> None:
        """For ever."""
        self.pull()
        self._listener.shutdown(socket.SHUT_RDWR)
        for end in (self._listener, *self._open):
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller = self._listener.accept()[0]
                if not self._is_in:
                    caller.close()
                    continue
                server = socket.create_connection((self._target.hostname, self._target.port))
                self._open += [caller, server]
                for ends in ((caller, server), (server, caller)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.mark.server
@pytest.mark.slow
def test_a_store_that_goes_away_in_mid_job_is_waited_for_and_the_job_goes_on(
    home: Path, tmp_path: Path, seaweedfs: S3Server
) -> None:
    folder = given.scans(tmp_path / "書", 12)
    with closing(Plug(seaweedfs.endpoint)) as plug, opened(home, **s3_settings(seaweedfs, plug.address)) as library:
        library.store.check()
        delivery = submit(library, receive([folder]), [folder], "test")

        def pull_it(_job: object, stage: str, done: int, _total: int) -> None:
            if (stage, done) == ("store", 5):
                plug.pull()

        away = Worker(library, pull_it).run_until_done(delivery)

        assert (away or {})["code"] == "store-unavailable"
        assert shown(library) == []
        with library.catalogue.reading() as session:
            (job,) = jobs.of_delivery(session, delivery)
            assert len(jobs.steps(session, job.id, "store")) >= 5
        plug.put_in()
        assert wait_and_work(library)
        (item,) = shown(library)
        assert item.page_count == 12
        with library.catalogue.reading() as session:
            told = deliveries.get(session, delivery).receipt or {}
        assert told["outcomes"] == {"metadata": 1, "stored": 24}


def test_the_command_tells_in_one_line_that_the_store_is_away(home: Path, tmp_path: Path) -> None:
    given.pdf(tmp_path / "in" / f"{GOOD}.pdf", ["深圳河畔"])
    nowhere = {"store": "minio", "s3_endpoint": "http://127.0.0.1:9", "s3_access_key": "a", "s3_secret_key": "b"}

    printed = command(home, "ingest", str(tmp_path / "in"), code=75, **nowhere)

    (line,) = [line for line in printed.splitlines() if line.strip()]
    assert "没有响应" in line
    assert "恢复后任务会自动继续" in line
    with opened(home) as library:
        assert shown(library) == []


def s3_settings(server: S3Server, endpoint: str) -> dict[str, Any]:
    """Settings that choose a running store."""
    values = {f"s3_{name}": value for name, value in server.values.items()}
    return {"store": "minio", **values, "s3_endpoint": endpoint}


# Saving an item costs what has changed.


def long_item(library: Library, count: int) -> str:
    """An item of many pages without pictures; its id."""
    kept = library.blobs.add(io.BytesIO(f"book of {count}".encode()), media_type="application/pdf")
    pages = tuple(Page(n + 1, PageKind.DOCUMENT, 0, n, 600, 800) for n in range(count))
    structure = Structure((File(kept.sha256, kept.size_bytes, "application/pdf", "a.pdf"),), pages)
    new = holdings.NewItem(
        holdings.item_id([kept.sha256]),
        Description(title=f"{count} 葉"),
        None,
        structure,
        {},
        1,
        datetime.now(UTC),
    )
    return holdings.publish(library, new, "館員", {}).id


def statements(library: Library, act: Callable[[], object]) -> list[tuple[str, int]]:
    """SQL statements that an act issues, each with how many rows of values it carries."""
    issued: list[tuple[str, int]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        issued.append((statement.split("(", maxsplit=1)[0], len(values) if many else 1))

    event.listen(library.catalogue.engine, "before_cursor_execute", note)
    act()
    event.remove(library.catalogue.engine, "before_cursor_execute", note)
    return issued


def test_a_new_title_costs_an_item_of_a_thousand_pages_what_it_costs_one_of_ten(library: Library) -> None:
    issued = []
    for count in (10, 1000):
        number = long_item(library, count)
        with library.catalogue.reading() as session:
            before = items.get(session, number).description
        issued.append(
            statements(
                library,
                lambda number=number, before=before: holdings.describe(  # type: ignore[misc]
                    library, number, before.model_copy(update={"title": "新題名"}), "館員"
                ),
            )
        )

    assert issued[0] == issued[1]
    assert not any("pages" in statement for statement, _ in issued[1])


def test_another_order_of_a_thousand_pages_keeps_their_keys(library: Library) -> None:
    number = long_item(library, 1000)
    keys = [1000, *range(1, 1000)]

    after = holdings.order_pages(library, number, keys, "館員")

    with library.catalogue.reading() as session:
        pages = items.pages(session, number)
    assert [page.key for page in pages] == keys
    assert [page.index for page in pages] == [key - 1 for key in keys]
    assert [page.position for page in pages] == list(range(1, 1001))
    assert (after.version, after.cover_page) == (2, 1)


def test_receipts_of_different_faults_can_be_read_back_as_json(home: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    locked_pdf(tmp_path / "in" / "加密.pdf")

    printed = command(home, "ingest", "--json", str(tmp_path / "in"), code=65)

    told = json.loads(printed[printed.index("{") :])
    assert told["files"][0]["error"] == {"code": "encrypted-source", "data": {"file": "in/加密.pdf"}}
    assert json.loads(command(home, "jobs", "receipt", "1", code=0))["signature"] == told["signature"]
