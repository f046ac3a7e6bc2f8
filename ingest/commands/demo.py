"""`wenyuan demo`: the sample collection, read in a browser a minute from now."""

from __future__ import annotations

import getpass
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import click
from rich.console import Console

from wenyuan.ingest.commands import reading
from wenyuan.ingest.commands.ingest import work_off
from wenyuan.ingest.executors.limits import end_with_parent
from wenyuan.ingest.receive import receive
from wenyuan.ingest.submit import submit
from wenyuan.repo import wiring
from wenyuan.repo.catalogue import deliveries, items, jobs, users
from wenyuan.repo.catalogue.jobs import OCR
from wenyuan.repo.commands.user import new_password
from wenyuan.repo.errors import BadInput
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import Settings, environment_of, load

STAFF = "staff"

_STOP_S = 20
"""Seconds that the worker has to end the page under way; whatever it has not done it goes on with the next time."""

_READING = {
    "zh-Hans": "没有文字的扫描页正在后台识别，读出一页就能查一页；wenyuan jobs 看进度。",
    "zh-Hant": "沒有文字的掃描頁正在背景辨識，讀出一頁就能查一頁；wenyuan jobs 看進度。",
    "en": "Scans without text are being read in the background and can be searched as they come; wenyuan jobs tells.",
}
_TOLD = {
    "zh-Hans": "馆员账户：{name}　密码：{password}",
    "zh-Hant": "館員帳戶：{name}　密碼：{password}",
    "en": "Staff account: {name}   password: {password}",
}
_KNOWN = {
    "zh-Hans": "馆员账户：{name}（密码见 {file}）",
    "zh-Hant": "館員帳戶：{name}（密碼見 {file}）",
    "en": "Staff account: {name} (password in {file})",
}


@click.command()
@click.option("--no-serve", is_flag=True, help="Only ingest the sample; do not start the web server.")
@click.pass_context
def demo(ctx: click.Context, no_serve: bool) -> None:
    """Ingest the sample collection into the data folder and serve it."""
    settings = load()
    library = wiring.build(settings)
    try:
        # Readers need not wait for OCR: it goes on beside the web server.
        code = _ingest_sample(library, recognise=no_serve)
        staff = _staff_account(library, settings)
        addresses = _addresses(library, f"http://{settings.host}:{settings.port}")
        with library.catalogue.reading() as session:
            is_reading = jobs.unfinished(session, lanes=(OCR,)) > 0
    finally:
        library.close()
    if code:
        ctx.exit(code)
    click.echo("")
    for address in addresses:
        click.echo(f"  {address}")
    click.echo(f"  {staff}\n")
    if is_reading:
        click.echo(f"  {_READING[settings.language]}\n")
    if not no_serve and ctx.parent is not None and isinstance(ctx.parent.command, click.Group):
        serve = ctx.parent.command.get_command(ctx, "serve")
        if serve is not None:
            with _working(settings):
                ctx.invoke(serve)


def _ingest_sample(library: Library, *, recognise: bool) -> int:
    with resources.as_file(resources.files("wenyuan.sample") / "collection") as folder:
        with library.catalogue.reading() as session:
            before = [one for one in deliveries.recent(session) if one.source == str(folder.resolve())]
        if before and before[0].finished:
            return _read(library, before[0].id) if recognise else 0
        # Broken off the last time: its jobs go on where they were.
        delivery = before[0].id if before else submit(library, receive([folder]), [folder], getpass.getuser())
        return work_off(library, delivery, recognise=recognise)


def _read(library: Library, delivery: int) -> int:
    """Go on with what was left when OCR was broken off."""
    console = Console(soft_wrap=True)
    code, ended = reading.read_delivery(library, delivery, console)
    reading.show(console, ended, library.settings.language)
    return 0 if code == BadInput.exit_code else code


@contextmanager
def _working(settings: Settings) -> Iterator[None]:
    """`wenyuan work` beside the web server, as long as that runs: it reads by OCR and keeps the index up to date."""
    command = [sys.executable, "-m", "wenyuan.repo.cli", "work"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command,
        stdin=quiet,
        stdout=quiet,
        stderr=quiet,
        env=environment_of(settings),
        preexec_fn=end_with_parent,  # noqa: PLW1509 - we have one thread
    ) as worker:
        try:
            yield
        finally:
            worker.terminate()
            try:
                worker.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                worker.kill()


def _staff_account(library: Library, settings: Settings) -> str:
    kept = settings.home / "staff-password.txt"
    with library.catalogue.writing() as session:
        if any(one.name == STAFF for one in users.every(session)):
            return _KNOWN[settings.language].format(name=STAFF, file=kept)
        password = new_password()
        users.put(session, STAFF, password, Role.STAFF)
    _write_private(kept, password)
    return _TOLD[settings.language].format(name=STAFF, password=password)


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text + "\n", "utf-8")


def _addresses(library: Library, base: str) -> list[str]:
    with library.catalogue.reading() as session:
        found, _ = items.browse(session, access=frozenset({"open"}), order="title", limit=100)
    one_of_each = {item.page_kind: item for item in found}
    reading = [f"{base}/read/{item.id}/1  {item.description.title}" for item in one_of_each.values()]
    return [f"{base}/", f"{base}/search?q=通济桥", *reading]
