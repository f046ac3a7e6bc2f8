"""`wenyuan rebuild`: make catalogue, index and derivatives again from storage alone."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from sqlalchemy import func, select

from wenyuan.ingest.worker import Worker
from wenyuan.repo import rebuild as rebuilding
from wenyuan.repo import wiring
from wenyuan.repo.catalogue import items, jobs
from wenyuan.repo.catalogue.jobs import REDERIVE, JobState
from wenyuan.repo.catalogue.schema import ItemRow, JobRow
from wenyuan.repo.commands.stage_bar import stage_bar
from wenyuan.repo.library import Library
from wenyuan.repo.progress import Progress
from wenyuan.repo.rebuild import RebuildReport
from wenyuan.repo.settings import load
from wenyuan.storage.errors import Corrupt, Unavailable

_OPEN = [JobState.QUEUED.value, JobState.RUNNING.value]
_SHOWN = 20

_STAGES = {
    "manifests": {"zh-Hans": "读版本记录", "zh-Hant": "讀版本記錄", "en": "reading manifests"},
    "items": {"zh-Hans": "重建目录", "zh-Hant": "重建目錄", "en": "catalogue"},
    "index": {"zh-Hans": "重建索引", "zh-Hant": "重建索引", "en": "index"},
    "derivatives": {"zh-Hans": "补页面图", "zh-Hant": "補頁面圖", "en": "page pictures"},
}
_PHRASES = {
    "catalogue": {
        "zh-Hans": "目录：{collections} 个专藏，{items} 份资源，{pages} 页，{texts} 页有文字（{manifests} 条版本记录）",
        "zh-Hant": "目錄：{collections} 個專藏，{items} 份資源，{pages} 頁，{texts} 頁有文字（{manifests} 條版本記錄）",
        "en": "catalogue: {collections} collections, {items} items, {pages} pages, {texts} with text "
        "({manifests} manifests)",
    },
    "index": {"zh-Hans": "索引：{count} 份资源", "zh-Hant": "索引：{count} 份資源", "en": "index: {count} items"},
    "derivatives": {
        "zh-Hans": "页面图：{done} 份资源完成，{failed} 份未完成，{refused} 页做不出",
        "zh-Hant": "頁面圖：{done} 份資源完成，{failed} 份未完成，{refused} 頁做不出",
        "en": "page pictures: {done} items done, {failed} not done, {refused} pages could not be made",
    },
    "fork": {
        "zh-Hans": "{thing} 有两个最新版本；采用了 {chosen}",
        "zh-Hant": "{thing} 有兩個最新版本；採用了 {chosen}",
        "en": "{thing} has two newest versions; {chosen} was taken",
    },
    "users": {
        "zh-Hans": "用户、密码、交付与任务不在存储中，不能重建：请从数据库备份恢复，或用 wenyuan user 新建。",
        "zh-Hant": "使用者、密碼、交付與任務不在儲存中，不能重建：請從資料庫備份恢復，或用 wenyuan user 新建。",
        "en": "Users, passwords, deliveries and jobs are not in storage and were not made: bring them back from a copy "
        "of the database, or make users with wenyuan user.",
    },
    "missing": {"zh-Hans": "丢失", "zh-Hant": "遺失", "en": "missing"},
    "corrupt": {"zh-Hans": "损坏", "zh-Hant": "損壞", "en": "damaged"},
    "unreadable": {"zh-Hans": "无法解读", "zh-Hant": "無法解讀", "en": "not understood"},
    "version": {"zh-Hans": "少一个版本", "zh-Hant": "少一個版本", "en": "a version is lost"},
    "history": {"zh-Hans": "旧版本缺失", "zh-Hant": "舊版本缺失", "en": "older versions are lost"},
    "item": {"zh-Hans": "资源没有重建", "zh-Hant": "資源沒有重建", "en": "the item was not made"},
    "text": {"zh-Hans": "一页没有文字", "zh-Hant": "一頁沒有文字", "en": "a page has no text"},
    "original": {"zh-Hans": "缺原件", "zh-Hant": "缺原件", "en": "an original is not there"},
    "place": {
        "zh-Hans": "所属专藏缺失，移到顶层",
        "zh-Hant": "所屬專藏缺失，移到頂層",
        "en": "its collection is lost; it is at the top",
    },
}


@dataclass(slots=True)
class Derived:
    """What became of the jobs that make derivatives."""

    items: int = 0
    states: Counter[str] = field(default_factory=Counter)
    refused_pages: list[dict[str, Any]] = field(default_factory=list)
    away: bool = False
    """Something is away: the jobs wait for `wenyuan work`."""

    @property
    def is_well(self) -> bool:
        """Every job is done and every page made."""
        return self.states[JobState.DONE.value] == self.items and not self.refused_pages


@click.command()
@click.option("--catalogue", is_flag=True, help="Only the catalogue.")
@click.option("--index", is_flag=True, help="Only the search index, from the catalogue.")
@click.option("--derivatives", is_flag=True, help="Only page pictures and e-book packages, from the originals.")
@click.option("--replace", is_flag=True, help="Empty the catalogue first. Users, deliveries and jobs stay.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def rebuild(
    ctx: click.Context, *, catalogue: bool, index: bool, derivatives: bool, replace: bool, as_json: bool
) -> None:
    """Make catalogue, index and page pictures again from storage alone (重建); with options, some of them only.

    Ends with 0, with 73 when the catalogue is not empty (see --replace), with 74 when something in storage was damaged
    (the rest was made), with 75 when something is away (the jobs wait).
    """
    everything = not (catalogue or index or derivatives)
    library = wiring.build(load())
    language = library.settings.language
    made: RebuildReport | None = None
    indexed: int | None = None
    derived: Derived | None = None
    try:
        with stage_bar(Console(stderr=True), _STAGES, language) as progress:
            if catalogue or everything:
                made = rebuilding.rebuild_catalogue(library, progress, replace=replace)
            if index or everything:
                indexed = rebuilding.rebuild_index(library, progress)
            if derivatives or everything:
                derived = make_derivatives(library, progress)
    finally:
        library.close()
    if as_json:
        click.echo(json.dumps(plain(made, indexed, derived), ensure_ascii=False, indent=2))
    else:
        _show(Console(soft_wrap=True), made, indexed, derived, language)
    ctx.exit(_exit_code(made, derived))


def make_derivatives(library: Library, progress: Progress) -> Derived:
    """Queue a job for every item that has none waiting, and work until all are done or something is away."""
    first = _queue(library)
    with library.catalogue.reading() as session:
        pages = session.scalar(select(func.sum(ItemRow.page_count))) or 0
    finished, at = 0, 0

    def watch(_job: jobs.Job, _stage: str, done: int, total: int) -> None:
        nonlocal finished, at
        at = done
        if done >= total:
            finished, at = finished + done, 0
        progress("derivatives", min(pages, finished + at), pages)

    worker = Worker(library, watch)
    away = False
    try:
        while (open_jobs := _open_jobs(library, first)) and not away:
            if not worker.step():
                away = all(error is not None for error in open_jobs)
                time.sleep(0.2)
    finally:
        worker.close()
    return _outcome(library, first, away=away)


def plain(made: RebuildReport | None, indexed: int | None, derived: Derived | None) -> dict[str, Any]:
    """The reports as JSON values; null for what was not asked for."""
    states = {"items": derived.items, **derived.states} if derived else None
    return {
        "catalogue": asdict(made) if made else None,
        "index": {"items": indexed} if indexed is not None else None,
        "derivatives": {**states, "refused_pages": derived.refused_pages} if states and derived else None,
    }


def _queue(library: Library) -> int:
    """Number of the first job that counts."""
    now = datetime.now(UTC)
    with library.catalogue.writing() as session:
        waiting = select(JobRow.id, JobRow.payload).where(JobRow.kind == REDERIVE, JobRow.state.in_(_OPEN))
        queued = {payload["item"]: number for number, payload in session.execute(waiting)}
        lacking = [item for item in items.all_ids(session) if item not in queued]
        added = [jobs.add(session, REDERIVE, item, {"item": item}, now) for item in lacking]
    return min((*queued.values(), *added), default=0)


def _open_jobs(library: Library, first: int) -> list[dict[str, Any] | None]:
    """Errors of the jobs that are not done yet: None for one that was not tried, or is at work."""
    chosen = select(JobRow.error).where(JobRow.kind == REDERIVE, JobRow.id >= first, JobRow.state.in_(_OPEN))
    with library.catalogue.reading() as session:
        return list(session.scalars(chosen))


def _outcome(library: Library, first: int, *, away: bool) -> Derived:
    derived = Derived(away=away)
    with library.catalogue.reading() as session:
        ended = select(JobRow.state, JobRow.payload, JobRow.receipt).where(JobRow.kind == REDERIVE, JobRow.id >= first)
        for state, payload, receipt in session.execute(ended):
            derived.items += 1
            derived.states[state] += 1
            refused = (receipt or {}).get("refused_pages", [])
            derived.refused_pages += [{"item": payload["item"], **page} for page in refused]
    return derived


def _exit_code(made: RebuildReport | None, derived: Derived | None) -> int:
    if derived is not None and derived.away:
        return Unavailable.exit_code
    damaged = (made is not None and bool(made.damage)) or (derived is not None and not derived.is_well)
    return Corrupt.exit_code if damaged else 0


def _show(
    console: Console, made: RebuildReport | None, indexed: int | None, derived: Derived | None, language: str
) -> None:
    def say(name: str, **values: object) -> None:
        console.print(_PHRASES[name][language].format(**values), highlight=False, markup=False)

    if made is not None:
        for one in made.damage[:_SHOWN]:
            words = [_PHRASES[one.problem][language], one.key, _PHRASES[one.loss.value][language], one.item or ""]
            console.print("  ".join(words).rstrip(), highlight=False, markup=False)
        if len(made.damage) > _SHOWN:
            console.print(f"… {len(made.damage) - _SHOWN}", highlight=False)
        for fork in made.forks:
            say("fork", thing=fork.name, chosen=fork.chosen)
        say("catalogue", **asdict(made))
        say("users")
    if indexed is not None:
        say("index", count=indexed)
    if derived is not None:
        done = derived.states[JobState.DONE.value]
        say("derivatives", done=done, failed=derived.items - done, refused=len(derived.refused_pages))
