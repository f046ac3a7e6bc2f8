"""What commands do when they cannot begin, or are told to end."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import given
import psutil
import pytest
from flask.testing import FlaskClient
from handing_in import hand_in, shown
from integration.web_fixtures import client, form_token, small
from servers.processes import answers_http, free_ports, running

from wenyuan.ingest.receive import receive
from wenyuan.ingest.submit import submit
from wenyuan.ingest.worker import Worker
from wenyuan.reader.commands.serve import make_sure_it_is_free
from wenyuan.reader.views import account
from wenyuan.repo.catalogue import jobs
from wenyuan.repo.catalogue.jobs import Job, JobState
from wenyuan.repo.errors import AddressUnusable
from wenyuan.repo.library import Library
from wenyuan.repo.settings import environment_of
from wenyuan.repo.tiles import Tile
from wenyuan.storage.keys import derivative_key

__all__ = ["client", "small"]


@pytest.mark.parametrize("shared", [False, True])
def test_a_port_is_not_shared_with_whoever_listens_there(shared: bool) -> None:
    with socket.socket() as other:
        if shared:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(AddressUnusable) as caught:
            make_sure_it_is_free("127.0.0.1", port)
    assert caught.value.data["address"] == f"127.0.0.1:{port}"
    make_sure_it_is_free("127.0.0.1", port)


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(AddressUnusable):
        make_sure_it_is_free("300.1.1.1", 8000)


def test_a_worker_told_to_stop_keeps_what_is_done_and_another_goes_on(
    embedded_library: Library, tmp_path: Path
) -> None:
    folder = given.scans(tmp_path / "book", 5)
    delivery = submit(embedded_library, receive([folder]), [folder], "test")

    def stop(_job: Job, stage: str, done: int, _total: int) -> None:
        if (stage, done) == ("store", 2):
            stopped.stopping.set()

    stopped = Worker(embedded_library, stop)
    stopped.step()
    stopped.close()
    with embedded_library.catalogue.reading() as session:
        (job,) = jobs.of_delivery(session, delivery)
        kept = jobs.steps(session, job.id, "store")
    assert job.state is JobState.QUEUED
    assert 2 <= len(kept) < 5
    assert shown(embedded_library) == []

    following = Worker(embedded_library)
    assert following.run_until_done(delivery) is None
    following.close()
    assert [item.page_count for item in shown(embedded_library)] == [5]


@pytest.mark.slow
def test_a_page_image_that_is_gone_is_made_again_and_the_servers_log_says_so(
    embedded_library: Library, tmp_path: Path
) -> None:
    library = embedded_library
    hand_in(library, given.scans(tmp_path / "book", 1))
    page = library.images.page(shown(library)[0].id, 1)
    library.store.delete(derivative_key(page.source, page.index, library.recipes.tiles.file_name))
    (port,) = free_ports(1)
    base = f"http://127.0.0.1:{port}"
    environment = {**os.environ, **environment_of(library.settings), "WENYUAN_PORT": str(port)}
    command = [sys.executable, "-m", "wenyuan.repo.cli", "serve"]
    with running(command, tmp_path, lambda: answers_http(f"{base}/readyz"), environment, politely=True):
        tile = page.grid.name(Tile(0, 0, 0))
        with urllib.request.urlopen(f"{base}/iiif/image/3/{page.item}-1/{tile}", timeout=120) as answer:
            assert answer.read().startswith(b"\xff\xd8")
    assert f"{page.item}, page 1: a derivative is missing" in (tmp_path / "server.log").read_text()


@pytest.mark.slow
def test_the_server_serves_on_when_one_of_its_processes_is_killed(embedded_library: Library, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    base = f"http://127.0.0.1:{port}"
    told = {"WENYUAN_PORT": str(port), "WENYUAN_WEB_WORKERS": "2"}
    environment = {**os.environ, **environment_of(embedded_library.settings), **told}
    command = [sys.executable, "-m", "wenyuan.repo.cli", "serve"]
    with running(command, tmp_path, lambda: answers_http(f"{base}/readyz"), environment, politely=True) as server:
        workers = psutil.Process(server.pid).children()
        killed = next(each for each in workers if any(part.laddr.port == port for part in each.net_connections()))
        killed.kill()
        killed.wait(30)
        until(lambda: len(psutil.Process(server.pid).children()) >= len(workers))
        for _ in range(20):
            until(lambda: answers_http(f"{base}/readyz"))
        assert server.poll() is None
        left = psutil.Process(server.pid).children(recursive=True)
        server.terminate()
        server.wait(60)
    until(lambda: not [each for each in left if each.is_running()])


@pytest.mark.slow
def test_a_damaged_index_is_built_anew_when_the_server_starts_without_any_worker(
    embedded_library: Library, tmp_path: Path
) -> None:
    library = embedded_library
    hand_in(library, given.scans(tmp_path / "book", 2))
    largest = max(library.settings.index_folder.rglob("*.pst"), key=lambda path: path.stat().st_size)
    data = largest.read_bytes()
    largest.unlink()
    largest.write_bytes(data[: len(data) // 2])
    (port,) = free_ports(1)
    base = f"http://127.0.0.1:{port}"
    environment = {**os.environ, **environment_of(library.settings), "WENYUAN_PORT": str(port)}
    command = [sys.executable, "-m", "wenyuan.repo.cli", "serve"]

    def finds() -> bool:
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(f"{base}/search?q=%E8%8A%B1%E8%90%BD") as answer:
            return "春曉集" in answer.read().decode()
        return False

    with running(command, tmp_path, lambda: answers_http(f"{base}/"), environment, politely=True):
        until(finds)


@pytest.mark.slow
def test_a_query_of_many_thousand_characters_gets_words_and_one_beyond_any_address_an_end(
    embedded_library: Library, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    base = f"http://127.0.0.1:{port}"
    environment = {**os.environ, **environment_of(embedded_library.settings), "WENYUAN_PORT": str(port)}
    command = [sys.executable, "-m", "wenyuan.repo.cli", "serve"]

    def asked(query: str) -> tuple[int, str]:
        address = f"{base}/search?q={quote(query)}"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    with running(command, tmp_path, lambda: answers_http(f"{base}/readyz"), environment, politely=True):
        for query in ("x" * 10_000, "圳" * 7_000):
            status, page = asked(query)
            assert status == 400
            assert "请缩短到 200 个字以内" in page
        assert asked("圳" * 10_000)[0] == 414, "90 kB: more than the web server takes as an address"
        assert asked("圳")[0] == 200


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_more_sign_ins_at_once_than_can_be_checked_are_asked_to_wait(client: FlaskClient) -> None:
    wrong = {"name": "staff", "password": "wrong", "form_token": form_token(client)}
    for _ in range(account.AT_ONCE):
        assert account._hashing.acquire(blocking=False)
    try:
        answer = client.post("/sign-in", data=wrong)
    finally:
        for _ in range(account.AT_ONCE):
            account._hashing.release()

    assert (answer.status_code, answer.headers.get("Retry-After")) == (429, "2")
    assert client.post("/sign-in", data=wrong).status_code == 401
