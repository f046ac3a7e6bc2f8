"""`wenyuan index`: how the search index is, and building it anew while the old one serves."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import click
from rich.console import Console

from wenyuan.repo import index_building, indexing, wiring
from wenyuan.repo.commands.stage_bar import stage_bar
from wenyuan.repo.errors import IndexUnavailable
from wenyuan.repo.library import Library
from wenyuan.repo.settings import load

_STAGES = {"index": {"zh-Hans": "重建索引", "zh-Hant": "重建索引", "en": "index"}}
_PHRASES = {
    "built": {
        "zh-Hans": "已由目录重建索引（{engine}）：{count} 份资源。旧索引已删除。",
        "zh-Hant": "已由目錄重建索引（{engine}）：{count} 份資源。舊索引已刪除。",
        "en": "The index ({engine}) was built anew from the catalogue: {count} items. The old one is gone.",
    },
    "keep": {
        "zh-Hans": "请把设置 WENYUAN_INDEX 也改为 {engine}，以后重建仍用它。",
        "zh-Hant": "請把設定 WENYUAN_INDEX 也改為 {engine}，以後重建仍用它。",
        "en": "Set WENYUAN_INDEX to {engine}, too, so that the next build uses it again.",
    },
    "serving": {
        "zh-Hans": "引擎 {engine}（{folder}）：{items} 份资源，{pages} 页，{megabytes:.1f} MB",
        "zh-Hant": "引擎 {engine}（{folder}）：{items} 份資源，{pages} 頁，{megabytes:.1f} MB",
        "en": "Engine {engine} ({folder}): {items} items, {pages} pages, {megabytes:.1f} MB",
    },
    "waiting": {
        "zh-Hans": "{waiting} 项更改正等待进入索引。",
        "zh-Hant": "{waiting} 項變更正等待進入索引。",
        "en": "{waiting} changes wait to be indexed.",
    },
    "drift": {
        "zh-Hans": "与目录相比缺 {missing} 份，多 {surplus} 份；请运行 wenyuan index rebuild。",
        "zh-Hant": "與目錄相比缺 {missing} 份，多 {surplus} 份；請執行 wenyuan index rebuild。",
        "en": "It lacks {missing} items of the catalogue and has {surplus} too many: run wenyuan index rebuild.",
    },
    "other": {
        "zh-Hans": "设置 WENYUAN_INDEX 是 {setting}；运行 wenyuan index rebuild 换用它，其间检索照常。",
        "zh-Hant": "設定 WENYUAN_INDEX 是 {setting}；執行 wenyuan index rebuild 換用它，其間檢索照常。",
        "en": "The setting WENYUAN_INDEX is {setting}: wenyuan index rebuild moves to it, while searching goes on.",
    },
    "building": {
        "zh-Hans": "正在重建。",
        "zh-Hant": "正在重建。",
        "en": "It is being built anew at this moment.",
    },
    "broken": {
        "zh-Hans": "索引不能使用：{reason}。wenyuan work 会自动重建，也可运行 wenyuan index rebuild。",
        "zh-Hant": "索引無法使用：{reason}。wenyuan work 會自動重建，也可執行 wenyuan index rebuild。",
        "en": "It cannot be used: {reason}. wenyuan work makes it anew by itself, and so does wenyuan index rebuild.",
    },
    "well": {
        "zh-Hans": "与目录一致。",
        "zh-Hant": "與目錄一致。",
        "en": "At one with the catalogue.",
    },
}


@dataclass(frozen=True, slots=True)
class Status:
    """How the index is; counts are 0 and `reason` says why where it cannot be used."""

    engine: str
    folder: str
    items: int
    pages: int
    size_bytes: int
    waiting: int
    missing: int
    surplus: int
    setting: str
    """Engine that the next build uses."""
    building: bool
    reason: str


@click.group()
def index() -> None:
    """The search index: how it is, and building it anew (检索索引)."""


@index.command()
@click.option("--engine", help="whoosh or tantivy; default: the setting WENYUAN_INDEX.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def rebuild(engine: str | None, as_json: bool) -> None:
    """Build it anew from the catalogue and move over to it; searching goes on meanwhile (重建索引)."""
    library = wiring.build(load())
    settings = library.settings
    chosen = engine or settings.index
    try:
        with stage_bar(Console(stderr=True), _STAGES, settings.language) as progress:
            count = indexing.rebuild(library, chosen, progress)
    finally:
        library.close()
    if as_json:
        click.echo(json.dumps({"engine": chosen, "items": count}))
        return
    click.echo(_PHRASES["built"][settings.language].format(engine=chosen, count=count))
    if chosen != settings.index:
        click.echo(_PHRASES["keep"][settings.language].format(engine=chosen))


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """How it is, and whether it is at one with the catalogue (索引状态). Ends with 75 where it cannot be used."""
    library = wiring.build(load())
    language = library.settings.language
    try:
        found = _status(library)
    finally:
        library.close()
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        for phrase in _lines(found):
            values = {**asdict(found), "megabytes": found.size_bytes / 1e6}
            click.echo(_PHRASES[phrase][language].format(**values))
    ctx.exit(IndexUnavailable.exit_code if found.reason else 0)


def _status(library: Library) -> Status:
    setting, building = library.settings.index, index_building.is_building(library)
    engine = folder = ""
    try:
        pointer = library.index.pointer
        engine, folder = pointer.engine, pointer.folder
        size = sum(path.stat().st_size for path in (library.index.folder / folder).rglob("*") if path.is_file())
        items, pages = library.index.count()
        drift = indexing.drift(library)
    except (IndexUnavailable, OSError) as error:
        reason = str(error.data["reason"]) if isinstance(error, IndexUnavailable) else str(error)
        return Status(engine, folder, 0, 0, 0, 0, 0, 0, setting, building, reason)
    missing, surplus = len(drift.missing), len(drift.surplus)
    return Status(engine, folder, items, pages, size, drift.waiting, missing, surplus, setting, building, "")


def _lines(found: Status) -> list[str]:
    """Names of the phrases that tell of it."""
    lines = ["broken"] if found.reason else ["serving"]
    lines += ["building"] if found.building else []
    lines += ["waiting"] if found.waiting else []
    lines += ["drift"] if (found.missing or found.surplus) and not found.waiting else []
    lines += ["other"] if found.engine and found.engine != found.setting else []
    return lines if len(lines) > 1 or found.reason else [*lines, "well"]
