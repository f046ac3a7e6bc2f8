"""Progress and receipts on the terminal."""

from __future__ import annotations

import json
from typing import Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Task as Bar
from rich.text import Text

from wenyuan.repo import wording
from wenyuan.repo.catalogue.jobs import Job

_STAGES = {
    "identify": {"zh-Hans": "辨认", "zh-Hant": "辨認", "en": "identify"},
    "store": {"zh-Hans": "入库", "zh-Hant": "入庫", "en": "store"},
    "extract": {"zh-Hans": "取文字", "zh-Hant": "取文字", "en": "text"},
    "recognise": {"zh-Hans": "识别", "zh-Hant": "辨識", "en": "recognise"},
    "package": {"zh-Hans": "整理", "zh-Hant": "整理", "en": "package"},
    "linearise": {"zh-Hans": "整理", "zh-Hant": "整理", "en": "linearise"},
    "derive": {"zh-Hans": "制图", "zh-Hant": "製圖", "en": "pictures"},
}
_PHRASES = {
    "summary": {
        "zh-Hans": "交付 {given} 个文件：入藏 {stored}，描述 {metadata}，已有 {held}，"
        "忽略 {ignored}，拒收 {refused}；共 {pages} 页",
        "zh-Hant": "交付 {given} 個檔案：入藏 {stored}，描述 {metadata}，已有 {held}，"
        "忽略 {ignored}，拒收 {refused}；共 {pages} 頁",
        "en": "{given} files given: {stored} stored, {metadata} describing, {held} held already, "
        "{ignored} ignored, {refused} refused; {pages} pages",
    },
    "refused": {"zh-Hans": "拒收", "zh-Hant": "拒收", "en": "refused"},
    "with_it": {
        "zh-Hans": "因此未收的还有 {count} 个文件：{some}",
        "zh-Hant": "因此未收的還有 {count} 個檔案：{some}",
        "en": "{count} more files were not taken for this reason: {some}",
    },
    "broken_off": {
        "zh-Hans": "已中断；做完的部分都留着。接着做：wenyuan work --once",
        "zh-Hant": "已中斷；做完的部分都留著。接著做：wenyuan work --once",
        "en": "Broken off; what is done is kept. To go on: wenyuan work --once",
    },
    "page": {"zh-Hans": "缺页", "zh-Hant": "缺頁", "en": "page set aside"},
    "warning": {"zh-Hans": "注意", "zh-Hant": "注意", "en": "note"},
    "no_text": {
        "zh-Hans": "{count} 页还没有文字（等待识别）",
        "zh-Hant": "{count} 頁還沒有文字（等待辨識）",
        "en": "{count} pages have no text yet (they wait for OCR)",
    },
    "delivery": {"zh-Hans": "回执", "zh-Hant": "回執", "en": "receipt"},
    "rate": {"zh-Hans": "页/秒", "zh-Hant": "頁/秒", "en": "pages/s"},
}


class _Rate(ProgressColumn):
    """Pages a second."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._unit = _PHRASES["rate"][language]

    def render(self, task: Bar) -> Text:
        """Empty until there is a speed."""
        return Text(f"{task.speed:.1f} {self._unit}" if task.speed else "")


class Bars:
    """One bar: the item at work, its stage, pages done, rate, time left."""

    def __init__(self, console: Console, language: str) -> None:
        self._language = language
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(language),
            TimeRemainingColumn(), console=console, transient=True,
        )  # fmt: skip
        self._bar = self._progress.add_task("", total=None)
        self._at: tuple[int, str] | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away."""
        self._progress.stop()

    def watch(self, job: Job, stage: str, done: int, total: int) -> None:
        """Called by the worker."""
        words = f"{job.title[:24]} · {_STAGES.get(stage, {}).get(self._language, stage)}"
        if self._at != (job.id, stage):
            self._at = (job.id, stage)
            self._progress.reset(self._bar, total=total, completed=done, description=words)
        self._progress.update(self._bar, completed=done, total=total, description=words)


def show_receipt(console: Console, delivery: int, receipt: dict[str, Any], language: str) -> None:
    """Every refusal in one line with its remedy, then the sums; files refused for the same reason share a line."""
    together: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for row in receipt["files"]:
        if row["outcome"] == "refused":
            told = together.setdefault(json.dumps(row["error"], sort_keys=True), (row["error"], []))
            told[1].append(row["name"])
    for error, names in together.values():
        others = [name for name in names if name != error["data"].get("file")]
        _line(console, "refused", "red", error, language)
        if others:
            some = "、".join(others[:5]) + ("…" if len(others) > 5 else "")
            console.print(Text("  " + _PHRASES["with_it"][language].format(count=len(others), some=some), style="dim"))
    for item in receipt["items"]:
        for page in item["refused_pages"]:
            _line(console, "page", "red", page["error"], language)
    for warning in receipt["warnings"]:
        _line(console, "warning", "yellow", warning, language)
    waiting = sum(item["no_text_yet"] for item in receipt["items"])
    if waiting:
        console.print(_PHRASES["no_text"][language].format(count=waiting), highlight=False)
    outcomes = receipt["outcomes"]
    counts = {name: outcomes.get(name, 0) for name in ("stored", "metadata", "ignored", "refused")}
    counts |= {"given": receipt["given"], "held": outcomes.get("already-held", 0), "pages": receipt["pages"]}
    summary = _PHRASES["summary"][language].format(**counts)
    console.print(f"{_PHRASES['delivery'][language]} {delivery} · {summary}", highlight=False)


def _line(console: Console, kind: str, colour: str, error: dict[str, Any], language: str) -> None:
    words = wording.describe(error["code"], error["data"], language)
    console.print(Text(_PHRASES[kind][language], style=colour), Text(words.what), Text(words.remedy, style="dim"))


def broken_off(language: str) -> str:
    """What to say when somebody presses Ctrl-C."""
    return _PHRASES["broken_off"][language]
