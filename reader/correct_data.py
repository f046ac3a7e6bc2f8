"""What the page for correcting shows: addresses and words for its scripts, pictures of lines for those without."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from wenyuan.reader import labels, links, text_document
from wenyuan.reader.context import library, person
from wenyuan.reader.index_soon import IndexSoon
from wenyuan.reader.problems import Problem
from wenyuan.reader.translate import _
from wenyuan.repo.chinese import Fragment
from wenyuan.repo.corrections import OpenText
from wenyuan.repo.differences import Differences
from wenyuan.repo.glyph_boxes import boxes_of
from wenyuan.repo.items import Item
from wenyuan.repo.layers import Box, Direction, Line, Origin
from wenyuan.repo.tiles import TILE_SIZE

UNSURE_BELOW = 80
"""Characters that an engine was less sure of, in percent, are marked."""
_INDEX_SOON = "wenyuan.index_soon"


@dataclass(frozen=True, slots=True)
class Trial:
    """What somebody wanted to save and could not.

    Attributes:
        lines: his words by the number of the line.
        problem: why not; None where nothing was tried.
        changed: the text was changed by somebody else meanwhile: both are shown.
    """

    lines: Mapping[int, str]
    problem: Problem | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the page's picture, and where it is shown in a strip."""

    box: Box
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Strip:
    """The picture of a line, in pixels of the page: a row as it is, a column character by character, upright."""

    width: float
    height: float
    pieces: tuple[Piece, ...]


def index_soon() -> IndexSoon:
    """What brings corrections into the index, one for each application."""
    kept: IndexSoon = current_app.extensions.setdefault(_INDEX_SOON, IndexSoon(library()))
    return kept


def strips(held: OpenText) -> list[Strip | None]:
    """The picture of each line; None where nobody knows where it stands."""
    return [strip_of(line) for line in held.layer.lines]


def strip_of(line: Line) -> Strip | None:
    """The picture of a line for its row."""
    if line.box is None or not line.box.width or not line.box.height:
        return None
    if line.direction is not Direction.TOP_TO_BOTTOM:
        margin = line.box.height // 8
        box = Box(line.box.x - margin, line.box.y - margin, line.box.width + 2 * margin, line.box.height + 2 * margin)
        return Strip(box.width, box.height, (Piece(box, 0, 0, box.width, box.height),))
    boxes = boxes_of(line) or (line.box,)
    em = max(1, line.box.width)
    pieces = tuple(_upright(box, place, em) for place, box in enumerate(boxes))
    return Strip(em * len(pieces), em, pieces)


def _upright(box: Box, place: int, em: int) -> Piece:
    scale = min(em / max(1, box.width), em / max(1, box.height))
    width, height = box.width * scale, box.height * scale
    return Piece(
        box, round(place * em + (em - width) / 2, 1), round((em - height) / 2, 1), round(width, 1), round(height, 1)
    )


def told(item: Item, held: OpenText) -> dict[str, Any]:
    """What the scripts get, as JSON in the page."""
    page = held.page
    base = url_for("correct.page", item_id=item.id, key=page.key)
    return {
        "text": text_document.of(held),
        "user": person().name,
        "page": {"key": page.key, "width": page.width, "height": page.height, "version": links.image_version(page)},
        "image": {"base": links.image(page), "tile": TILE_SIZE, "widths": _widths()},
        "unsure": UNSURE_BELOW,
        "urls": {
            "text": url_for("correct.text", item_id=item.id, key=page.key),
            "here": base,
            "leave": url_for("read.place", item_id=item.id, key=page.key),
            "sign_in": url_for("account.sign_in", next=base),
        },
        "words": _words(),
        "origins": {each.value: labels.origin(each.value) for each in Origin},
    }


def difference(
    before: str, after: str, differences: Differences | None = None
) -> tuple[list[Fragment], list[Fragment]]:
    """Two texts, in each what the other has not told apart; `differences` are those of all texts that are shown."""
    old: list[Fragment] = []
    new: list[Fragment] = []
    for tag, a, b, c, d in (differences or Differences()).between(before, after):
        if b > a:
            old.append(Fragment(before[a:b], tag != "equal"))
        if d > c:
            new.append(Fragment(after[c:d], tag != "equal"))
    return old, new


def plain_words(text: str, longest: int) -> str:
    """What a person says in a form field, without characters that steer something, and not too long."""
    kept: Iterable[str] = (
        character
        for character in text.replace("\r\n", "\n")
        if character == "\n" or unicodedata.category(character) not in {"Cc", "Cs", "Cf", "Zl", "Zp"}
    )
    return "".join(kept).strip()[:longest]


def _widths() -> list[int]:
    return [recipe.width for recipe in library().recipes.pictures]


def _words() -> dict[str, str]:
    """Words that scripts put together."""
    return {
        "line": _("第 %(number)s 行", number="{number}"),
        "version": _("第 %(version)s 版", version="{version}"),
        "saving": _("正在保存…"),
        "saved": _("已保存为第 %(version)s 版", version="{version}"),
        "unchanged": _("没有改动"),
        "proposed": _("建议已提交，馆员看过之后会回复您。谢谢！"),
        "unsaved": _("%(count)s 行未保存，已存在这台设备上", count="{count}"),
        "restored": _("已恢复上次没有保存的文字（%(count)s 行）", count="{count}"),
        "offline": _("连不上服务器；文字已存在这台设备上，稍后再按保存。"),
        "expired": _("登录已过期；文字已存在这台设备上，重新登录后还在。"),
        "refused": _("没有保存：%(why)s", why="{why}"),
        "changed": _("这一页刚才已由别人改过。下面这些行两边都改了，请逐行选定，再保存。"),
        "merged": _("这一页刚才已由别人改过，您的改动已并到新的文字上，请再保存一次。"),
        "lines_changed": _("行已增减，对不上了。您的文字列在下面，可以复制。"),
        "mine": _("用我的"),
        "theirs": _("用现在的"),
        "my_text": _("我的文字"),
        "their_text": _("现在的文字"),
        "empty": _("（空行）"),
        "unsure": _("此字存疑（%(sure)s%%）", sure="{sure}"),
        "instead": _("换成“%(words)s”", words="{text}"),
        "draw": _("在图上拖出一个框，框住漏掉的一行。按 Esc 取消。"),
        "sure_delete": _("删去这一行？可以从版本中恢复。"),
        "done": _("%(done)s / %(count)s 行已校", done="{done}", count="{count}"),
    }
