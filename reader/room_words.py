"""Words that the scripts for text and finding put together (static/js/room); they fill in `{count}` and the like."""

from __future__ import annotations

from wenyuan.reader import labels
from wenyuan.reader.translate import _
from wenyuan.repo.layers import Origin


def text_words() -> dict[str, str]:
    """By the name under which the scripts ask for them."""
    origins = {f"origin_{origin.value}": labels.origin(origin) for origin in Origin}
    return {
        "found": _("查找结果"),
        "found_one": _("1 页有“%(query)s”", query="{query}"),
        "found_many": _("%(count)s 页有“%(query)s”", count="{count}", query="{query}"),
        "found_none": _("书中没有“%(query)s”", query="{query}"),
        "found_first": _("（只列出前 %(count)s 页）", count="{count}"),
        "searching": _("正在查找…"),
        "search_failed": _("这次没有查成。请稍后再试。"),
        "query": _("“%(query)s”", query="{query}"),
        "hit_before": _("上一处"),
        "hit_after": _("下一处"),
        "end_search": _("结束查找"),
        "page_text": _("本页文字"),
        "no_text": _("这一页还没有文字。"),
        "text_failed": _("这一页的文字没有取到。请稍后再试。"),
        "selected_text": _("选中的文字"),
        "copy": _("复制"),
        "copy_page": _("复制本页文字"),
        "find_selected": _("在本书中查找"),
        "copied_text": _("已复制 %(count)s 字", count="{count}"),
        **origins,
    }
