"""`wenyuan check`: read back what the library keeps, and say what is not as it was."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from wenyuan.repo import completeness, fixity, wiring, wording
from wenyuan.repo.commands.stage_bar import stage_bar
from wenyuan.repo.fixity import LISTED, Failure, FixityReport
from wenyuan.repo.recognising import Unread
from wenyuan.repo.settings import load
from wenyuan.storage.errors import Corrupt

DAMAGE_FOUND = Corrupt.exit_code
_SHOWN = 20
"""How many lines of one sort are shown; --json has more."""

_STAGES = {
    "named": {"zh-Hans": "清点", "zh-Hant": "清點", "en": "listing"},
    "read": {"zh-Hans": "校验", "zh-Hant": "校驗", "en": "reading"},
    "storage": {"zh-Hans": "查找无主数据", "zh-Hant": "查找無主資料", "en": "looking for what nobody names"},
    "derivatives": {"zh-Hans": "核对页面图", "zh-Hant": "核對頁面圖", "en": "page pictures"},
}
_PHRASES = {
    "sum": {
        "zh-Hans": "已校验 {checked} / {named} 个对象，{megabytes:.1f} MB",
        "zh-Hant": "已校驗 {checked} / {named} 個物件，{megabytes:.1f} MB",
        "en": "{checked} of {named} objects read and compared, {megabytes:.1f} MB",
    },
    "nothing": {
        "zh-Hans": "什么也没有校验：目录是空的，或者存储不可读。请确认数据目录与存储设置。",
        "zh-Hant": "什麼也沒有校驗：目錄是空的，或者儲存不可讀。請確認資料目錄與儲存設定。",
        "en": "Nothing was checked: the catalogue is empty, or storage cannot be read. Look at the data folder and the "
        "settings of the store.",
    },
    "missing": {"zh-Hans": "丢失", "zh-Hant": "遺失", "en": "missing"},
    "corrupt": {"zh-Hans": "损坏", "zh-Hant": "損壞", "en": "damaged"},
    "error": {"zh-Hans": "读不出", "zh-Hant": "讀不出", "en": "cannot be read"},
    "before": {"zh-Hans": "（以前发现）", "zh-Hant": "（以前發現）", "en": "(found before)"},
    "of": {"zh-Hans": "涉及资源", "zh-Hant": "涉及資源", "en": "needed by"},
    "restore": {
        "zh-Hans": "请从备份恢复这些对象，再运行 wenyuan check。",
        "zh-Hant": "請從備份恢復這些物件，再執行 wenyuan check。",
        "en": "Bring these objects back from a copy, then run wenyuan check again.",
    },
    "gaps": {
        "zh-Hans": "缺 {count} 个页面图或电子书包；运行 wenyuan rebuild --derivatives 补齐。",
        "zh-Hant": "缺 {count} 個頁面圖或電子書包；執行 wenyuan rebuild --derivatives 補齊。",
        "en": "{count} page pictures or e-book packages are missing; wenyuan rebuild --derivatives makes them.",
    },
    "unread": {
        "zh-Hans": "{items} 份资源里有 {pages} 页没有文字，也没有任务在识别；运行 wenyuan recognise --missing。",
        "zh-Hant": "{items} 份資源裡有 {pages} 頁沒有文字，也沒有任務在辨識；執行 wenyuan recognise --missing。",
        "en": "{pages} pages of {items} items have no text and wait for no job; wenyuan recognise --missing reads "
        "them.",
    },
    "drift": {
        "zh-Hans": "检索索引缺 {missing} 份资源，多 {surplus} 份；运行 wenyuan rebuild --index 重建。",
        "zh-Hant": "檢索索引缺 {missing} 份資源，多 {surplus} 份；執行 wenyuan rebuild --index 重建。",
        "en": "The index lacks {missing} items and has {surplus} too many; wenyuan rebuild --index makes it again.",
    },
    "waiting": {
        "zh-Hans": "{count} 项更改正等待进入索引。",
        "zh-Hant": "{count} 項變更正等待進入索引。",
        "en": "{count} changes wait to be indexed.",
    },
    "unreferenced": {
        "zh-Hans": "存储中有 {count} 个对象无人引用（未删除）。",
        "zh-Hant": "儲存中有 {count} 個物件無人引用（未刪除）。",
        "en": "{count} objects in storage are named by nobody (nothing was deleted).",
    },
    "more": {"zh-Hans": "另有 {count} 条", "zh-Hant": "另有 {count} 條", "en": "and {count} more"},
    "well": {"zh-Hans": "一切完好。", "zh-Hant": "一切完好。", "en": "All is well."},
}


@click.command()
@click.option("--limit", type=click.IntRange(min=1), help="Read at most so many objects, oldest checked first.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def check(ctx: click.Context, limit: int | None, as_json: bool) -> None:
    """Read back every stored file and compare it; compare index and page pictures too (完整性检查).

    Ends with 0 when all is well, 74 when damage was found or nothing could be checked. Nothing is deleted.
    """
    library = wiring.build(load())
    language = library.settings.language
    try:
        with stage_bar(Console(stderr=True), _STAGES, language) as progress:
            report = fixity.check(library, limit=limit, progress=progress)
            unread = completeness.unread(library)
    finally:
        library.close()
    if as_json:
        document = {**plain(report), "no_text": _plain_unread(unread)}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _show(Console(soft_wrap=True), report, unread, language)
    ctx.exit(0 if report.is_well else DAMAGE_FOUND)


def plain(report: FixityReport) -> dict[str, Any]:
    """The report as JSON values."""
    error = report.index_error
    return {
        "well": report.is_well,
        "named": report.named,
        "checked": report.checked,
        "size_bytes": report.size_bytes,
        "failures": [asdict(failure) for failure in report.failures],
        "unreferenced": {"count": report.unreferenced_count, "keys": report.unreferenced},
        "derivatives_missing": {"count": report.gap_count, "first": [asdict(gap) for gap in report.gaps]},
        "index": asdict(report.drift) if report.drift else {"error": error.code if error else None},
    }


def _plain_unread(unread: list[Unread]) -> dict[str, Any]:
    first = [{"item": one.item, "pages": list(one.pages)} for one in unread[:LISTED]]
    return {"items": len(unread), "pages": sum(len(one.pages) for one in unread), "first": first}


def _show(console: Console, report: FixityReport, unread: list[Unread], language: str) -> None:
    def say(name: str, **values: object) -> None:
        console.print(_PHRASES[name][language].format(**values), highlight=False)

    say("sum", checked=report.checked, named=report.named, megabytes=report.size_bytes / 1e6)
    if not report.checked:
        say("nothing")
    for failure in report.failures[:_SHOWN]:
        console.print(_failure_line(failure, language), highlight=False)
    if len(report.failures) > _SHOWN:
        say("more", count=len(report.failures) - _SHOWN)
    if report.failures:
        say("restore")
    if report.gap_count:
        say("gaps", count=report.gap_count)
    if report.unreferenced_count:
        say("unreferenced", count=report.unreferenced_count)
    if unread:
        say("unread", items=len(unread), pages=sum(len(one.pages) for one in unread))
        for one in unread[:_SHOWN]:
            console.print(f"  {one.item}  {len(one.pages)}", highlight=False)
    _show_index(console, report, language)
    if report.is_well:
        say("well")


def _show_index(console: Console, report: FixityReport, language: str) -> None:
    if report.index_error is not None:
        words = wording.describe(report.index_error.code, report.index_error.data, language)
        console.print(f"{words.what} {words.remedy}", highlight=False, markup=False)
    elif report.drift is not None and report.drift.waiting:
        console.print(_PHRASES["waiting"][language].format(count=report.drift.waiting), highlight=False)
    elif report.drift is not None and not report.index_is_well:
        counts = {"missing": len(report.drift.missing), "surplus": len(report.drift.surplus)}
        console.print(_PHRASES["drift"][language].format(**counts), highlight=False)


def _failure_line(failure: Failure, language: str) -> str:
    words = [f"[red]{_PHRASES[failure.outcome][language]}[/red] {escape(failure.key)}"]
    if failure.known_before:
        words.append(_PHRASES["before"][language])
    if failure.items:
        words.append(f"{_PHRASES['of'][language]} {', '.join(failure.items)}")
    return "  ".join(words)
