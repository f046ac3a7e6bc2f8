"""The description of an item as Chinese libraries show it: label and values, in the order of a catalogue card."""

from __future__ import annotations

from dataclasses import dataclass

from wenyuan.reader import labels
from wenyuan.reader.translate import _, ngettext
from wenyuan.repo.description import Writing
from wenyuan.repo.items import Item, PageKind


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the card.

    Attributes:
        find: each value is a link that searches for it.
    """

    label: str
    values: tuple[str, ...]
    find: bool = False


def rows(of: Item) -> list[Row]:
    """All lines that have something to say."""
    card = [*_title_rows(of), *_making_rows(of), *_subject_rows(of), *_holding_rows(of)]
    return [row for row in card if any(row.values)]


def _title_rows(of: Item) -> list[Row]:
    told = of.description
    part_of = f"{told.series}　{told.volume}".strip("　") if told.series or told.volume else ""
    return [
        Row(_("题名"), (told.title,)),
        Row(_("其他题名"), told.title_variants),
        Row(_("责任者"), tuple(labels.agent(agent) for agent in told.agents)),
        Row(_("所属"), (part_of,)),
    ]


def _making_rows(of: Item) -> list[Row]:
    told = of.description
    return [
        Row(_("版本"), (told.edition,)),
        Row(_("年代"), (labels.date(told),)),
        Row(_("出版地"), (told.place,)),
        Row(_("出版者"), (told.publisher,)),
        Row(_("数量"), (_extent(of),)),
        Row(_("语种"), tuple(labels.language_name(tag) for tag in told.languages)),
        Row(_("行款"), (_("直排，自右向左翻页") if told.writing is Writing.VERTICAL else "",)),
    ]


def _subject_rows(of: Item) -> list[Row]:
    told = of.description
    return [
        Row(_("中图法"), (told.classification,)),
        Row(_("主题"), told.subjects, find=True),
    ]


def _holding_rows(of: Item) -> list[Row]:
    told = of.description
    return [
        Row(_("索书号"), (told.call_number,)),
        Row(_("馆藏"), (told.holder,)),
        Row(_("来源"), (told.source,)),
        Row(_("标识"), (*told.identifiers, of.id)),
    ]


def _extent(of: Item) -> str:
    if of.page_kind is PageKind.CHAPTER:
        counted = ngettext("%(num)s 章", "%(num)s 章", of.page_count)
    else:
        counted = ngettext("%(num)s 页", "%(num)s 页", of.page_count)
    return f"{of.description.extent}（{counted}）" if of.description.extent else counted
