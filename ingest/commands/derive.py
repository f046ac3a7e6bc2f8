"""`wenyuan derive`: make what an item's pages lack, at once. The web server calls it, too (`wenyuan.repo.remaking`)."""

from __future__ import annotations

import click

from wenyuan.ingest import rederive
from wenyuan.ingest.context import Workplace
from wenyuan.ingest.executors.inline import InlinePool
from wenyuan.ingest.executors.limits import prepare_process
from wenyuan.ingest.executors.pool import Pool, PoolPlan
from wenyuan.ingest.executors.process import ProcessPool
from wenyuan.repo import wiring, wording
from wenyuan.repo.catalogue import items
from wenyuan.repo.errors import BadInput, NoSuchPage
from wenyuan.repo.settings import Settings, load

_MADE = {
    "zh-Hans": "{done} 页齐备，{refused} 页做不出",
    "zh-Hant": "{done} 頁齊備，{refused} 頁做不出",
    "en": "{done} pages complete, {refused} could not be made",
}


@click.command()
@click.argument("item_id", metavar="ITEM")
@click.option("--page", "key", type=click.IntRange(1), help="Only the page with this key.")
@click.option("--check", is_flag=True, help="Also read what is there, and make anew what is damaged.")
@click.pass_context
def derive(ctx: click.Context, item_id: str, key: int | None, check: bool) -> None:
    """Make the page images that an item lacks, now (补做页面图); `wenyuan rebuild --derivatives` does it for all items.

    Ends with 0, with 65 when a page cannot be made, with 66 when there is no such item or page.
    """
    settings = load()
    library = wiring.build(settings)
    try:
        with library.catalogue.reading() as session:
            items.get(session, item_id)
            structure = items.structure(session, item_id)
    finally:
        library.close()
    if key is not None and key not in {page.key for page in structure.pages}:
        raise NoSuchPage(item=item_id, page=key)
    pool = _pool(settings, alone=key is not None)
    done, refused = 0, 0
    try:
        for result in rederive.make(pool, structure, Workplace.of(settings), check=check, only=key):
            for one in (result, *result.get("pages", ())):
                if "error" in one:
                    refused += 1
                    words = wording.describe(one["error"]["code"], one["error"]["data"], settings.language)
                    click.echo(f"{words.what} {words.remedy}", err=True)
            done += sum("error" not in page for page in result.get("pages", ()))
    finally:
        pool.close()
    click.echo(_MADE[settings.language].format(done=done, refused=refused))
    ctx.exit(BadInput.exit_code if refused else 0)


def _pool(settings: Settings, *, alone: bool) -> Pool:
    """Where the limits of a page hold: in processes of our own, whatever executor the settings name.

    For a page alone in this very one, which may end by it: its reader waits, and another process takes a second.
    """
    if not alone:
        return ProcessPool(PoolPlan.for_pages(settings), settings.work_folder)
    prepare_process(settings.page_memory_mb, settings.work_folder)
    return InlinePool()
