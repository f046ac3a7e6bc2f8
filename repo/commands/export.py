"""`wenyuan export`: items in standard forms that others can keep and read without us."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from wenyuan.repo import wiring, wording
from wenyuan.repo.catalogue import items
from wenyuan.repo.commands.stage_bar import stage_bar
from wenyuan.repo.errors import DerivativeMissing, NoSuchPage
from wenyuan.repo.export.bag import export_bag
from wenyuan.repo.export.ocfl import export_ocfl
from wenyuan.repo.export.pdf import export_pdf
from wenyuan.repo.export.report import ExportReport, Failed
from wenyuan.repo.history import DAMAGE
from wenyuan.repo.items import PageKind
from wenyuan.repo.library import Library
from wenyuan.repo.progress import Progress
from wenyuan.repo.settings import load

_STAGES = {"items": {"zh-Hans": "导出", "zh-Hant": "匯出", "en": "exporting"}}
_PHRASES = {
    "sum": {
        "zh-Hans": "导出 {written} 份，未变 {unchanged} 份，失败 {failed} 份；写入 {megabytes:.1f} MB 到 {target}",
        "zh-Hant": "匯出 {written} 份，未變 {unchanged} 份，失敗 {failed} 份；寫入 {megabytes:.1f} MB 到 {target}",
        "en": "{written} exported, {unchanged} unchanged, {failed} failed; {megabytes:.1f} MB written to {target}",
    },
    "failed": {"zh-Hans": "失败", "zh-Hant": "失敗", "en": "failed"},
}


@click.command()
@click.argument("item_ids", metavar="[ITEM]...", nargs=-1)
@click.option(
    "--to", "target", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option(
    "--form",
    type=click.Choice(["ocfl", "bagit", "pdf"]),
    default="ocfl",
    show_default=True,
    help="ocfl: one storage root with all versions. bagit: a bag of the newest version for each item. "
    "pdf: a searchable PDF for each item.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def export(ctx: click.Context, item_ids: tuple[str, ...], target: Path, form: str, as_json: bool) -> None:
    """Export items as OCFL 1.1, BagIt 1.0 or searchable PDF; all items where none is named (导出).

    Into the same folder again, only what is new is written. Ends with 0, or with 74 when an item is damaged (the
    others are written).
    """
    library = wiring.build(load())
    language = library.settings.language
    try:
        chosen = list(dict.fromkeys(item_ids)) or _all(library, form)
        with stage_bar(Console(stderr=True), _STAGES, language) as progress:
            report = _WAYS[form](library, chosen, target, progress)
    finally:
        library.close()
    if as_json:
        click.echo(json.dumps(plain(report), ensure_ascii=False, indent=2))
    else:
        _show(Console(soft_wrap=True), report, target, language)
    ctx.exit(report.failed[0].error.exit_code if report.failed else 0)


def plain(report: ExportReport) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "written": report.written,
        "unchanged": report.unchanged,
        "failed": [{"item": one.item, "code": one.error.code, "data": one.error.data} for one in report.failed],
        "size_bytes": report.size_bytes,
    }


def _all(library: Library, form: str) -> list[str]:
    """All items that the form can hold: an e-book has no pages for a PDF."""
    with library.catalogue.reading() as session:
        ids = items.all_ids(session)
        if form != "pdf":
            return ids
        held = items.many(session, ids)
        return [item for item in ids if held[item].page_kind is not PageKind.CHAPTER]


def _export_bags(library: Library, item_ids: Iterable[str], target: Path, progress: Progress) -> ExportReport:
    return _one_by_one(library, item_ids, progress, lambda item: export_bag(library, item, target / item))


def _export_pdfs(library: Library, item_ids: Iterable[str], target: Path, progress: Progress) -> ExportReport:
    return _one_by_one(library, item_ids, progress, lambda item: export_pdf(library, item, target / f"{item}.pdf"))


def _one_by_one(
    library: Library, item_ids: Iterable[str], progress: Progress, write: Callable[[str], int]
) -> ExportReport:
    """Export each item into a place of its own; `write` gives the bytes written, 0 where nothing is new."""
    report = ExportReport()
    chosen = list(item_ids)
    with library.catalogue.reading() as session:
        for item in chosen:
            items.get(session, item)
    for number, item in enumerate(chosen, start=1):
        try:
            size_bytes = write(item)
            report.size_bytes += size_bytes
            (report.written if size_bytes else report.unchanged).append(item)
        except (*DAMAGE, NoSuchPage, DerivativeMissing) as error:
            report.failed.append(Failed(item, error))
        progress("items", number, len(chosen))
    return report


_WAYS: dict[str, Callable[[Library, Iterable[str], Path, Progress], ExportReport]] = {
    "ocfl": export_ocfl,
    "bagit": _export_bags,
    "pdf": _export_pdfs,
}


def _show(console: Console, report: ExportReport, target: Path, language: str) -> None:
    for one in report.failed:
        words = wording.describe(one.error.code, one.error.data, language)
        line = f"{_PHRASES['failed'][language]} {one.item}: {words.what} {words.remedy}"
        console.print(line, highlight=False, markup=False)
    counts = {"written": len(report.written), "unchanged": len(report.unchanged), "failed": len(report.failed)}
    line = _PHRASES["sum"][language].format(**counts, megabytes=report.size_bytes / 1e6, target=target)
    console.print(line, highlight=False, markup=False)
