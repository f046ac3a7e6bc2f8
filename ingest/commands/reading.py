"""Reading by OCR on the terminal: progress, and one line an item of what came of it."""

from __future__ import annotations

import time
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from wenyuan.ingest.commands.showing import Bars, broken_off
from wenyuan.ingest.worker import Worker
from wenyuan.repo import wording
from wenyuan.repo.catalogue import jobs
from wenyuan.repo.catalogue.jobs import OCR, Job, JobState
from wenyuan.repo.errors import BadInput
from wenyuan.repo.library import Library
from wenyuan.storage.errors import Unavailable

BROKEN_OFF = 130
"""As shells have it for Ctrl-C."""
_SHOWN = 10
_LOOK_AGAIN_S = 0.2

_PHRASES = {
    "read": {
        "zh-Hans": "{title}：识别 {pages} 页，{read} 页读出文字，{empty} 页没有字，{refused} 页没有读成",
        "zh-Hant": "{title}：辨識 {pages} 頁，{read} 頁讀出文字，{empty} 頁沒有字，{refused} 頁沒有讀成",
        "en": "{title}: {pages} pages by OCR, {read} with text, {empty} without any, {refused} could not be read",
    },
    "unchanged": {
        "zh-Hans": "其中 {count} 页以前用同样的引擎和设置读过，没有再读（--again 可强制重读）",
        "zh-Hant": "其中 {count} 頁以前用同樣的引擎和設定讀過，沒有再讀（--again 可強制重讀）",
        "en": "{count} of them were read before with the same engine and settings, and were left as they are "
        "(--again reads them all the same)",
    },
    "warning": {"zh-Hans": "注意", "zh-Hant": "注意", "en": "note"},
    "refused": {"zh-Hans": "没有读成", "zh-Hant": "沒有讀成", "en": "not read"},
    "more": {"zh-Hans": "另有 {count} 页", "zh-Hant": "另有 {count} 頁", "en": "and {count} more pages"},
}


def read_delivery(library: Library, delivery: int, console: Console) -> tuple[int, list[Job]]:
    """Read what a delivery lacks; the exit code and the jobs as they ended."""
    with library.catalogue.reading() as session:
        numbers = [job.id for job in jobs.of_delivery(session, delivery, lanes=(OCR,)) if job.state not in jobs.FINAL]
    return read_jobs(library, numbers, console)


def read_jobs(library: Library, numbers: list[int], console: Console) -> tuple[int, list[Job]]:
    """Do jobs of OCR, here or by whoever takes them first; the exit code and the jobs as they ended.

    Returns:
        0 when all was read, 65 when pages could not be, 75 when something is away, 130 when somebody broke it off.
    """
    if not numbers:
        return 0, []
    language = library.settings.language
    with Bars(console, language) as bars:
        worker = Worker(library, bars.watch, (OCR,))
        try:
            ended = [_follow(library, worker, number) for number in numbers]
        except KeyboardInterrupt:
            bars.stop()
            click.echo(broken_off(language), err=True)
            return BROKEN_OFF, []
        finally:
            worker.close()
    return _exit_code(ended), ended


def show(console: Console, ended: list[Job], language: str) -> None:
    """What came of each job."""
    for job in ended:
        if job.receipt is None:
            words = wording.describe(job.error["code"], job.error["data"], language) if job.error else None
            _line(
                console, "refused", "red", f"{job.title}: {words.what} {words.remedy}" if words else job.title, language
            )
            continue
        told = job.receipt
        counts = {"pages": told["pages"], "read": told["read"], "empty": len(told["without_text"])}
        counts |= {"refused": len(told["refused_pages"])}
        console.print(Text(_PHRASES["read"][language].format(title=job.title, **counts)))
        if told["unchanged"]:
            console.print(Text("  " + _PHRASES["unchanged"][language].format(count=told["unchanged"]), style="dim"))
        for page in told["refused_pages"][:_SHOWN]:
            _error(console, "refused", "red", page["error"], language)
        if len(told["refused_pages"]) > _SHOWN:
            console.print("  " + _PHRASES["more"][language].format(count=len(told["refused_pages"]) - _SHOWN))
        for warning in told["warnings"]:
            _error(console, "warning", "yellow", warning, language)


def plain(ended: list[Job]) -> list[dict[str, Any]]:
    """The same as JSON values."""
    return [{"job": job.id, "title": job.title, "state": job.state.value, "error": job.error, **(job.receipt or {})}
            for job in ended]  # fmt: skip


def _follow(library: Library, worker: Worker, number: int) -> Job:
    """Do a job, or wait for the worker that has taken it; until it ends or waits for something that is away."""
    while True:
        worker.step(number=number)
        with library.catalogue.reading() as session:
            job = jobs.get(session, number)
        if job.state in jobs.FINAL or (job.state is JobState.QUEUED and job.error is not None):
            return job
        time.sleep(_LOOK_AGAIN_S)


def _exit_code(ended: list[Job]) -> int:
    if any(job.state not in jobs.FINAL for job in ended):
        return Unavailable.exit_code
    refused = any(job.receipt is None or job.receipt["refused_pages"] for job in ended)
    return BadInput.exit_code if refused else 0


def _error(console: Console, kind: str, colour: str, error: dict[str, Any], language: str) -> None:
    words = wording.describe(error["code"], error["data"], language)
    _line(console, kind, colour, words.what, language, words.remedy)


def _line(console: Console, kind: str, colour: str, what: str, language: str, remedy: str = "") -> None:
    console.print(Text("  " + _PHRASES[kind][language], style=colour), Text(what), Text(remedy, style="dim"))
