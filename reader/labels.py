"""Codes of the catalogue in the words that readers know, in the language of the request."""

from __future__ import annotations

import re
from datetime import datetime

from wenyuan.reader import languages
from wenyuan.reader.translate import _, format_datetime, format_decimal, language_names
from wenyuan.repo import dates
from wenyuan.repo.description import Access, Agent, Description, ItemKind
from wenyuan.repo.items import Collection, Item, PageKind
from wenyuan.repo.layers import Origin

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")


def kind(of: str) -> str:
    """What sort of thing an item is."""
    return {
        ItemKind.BOOK: _("图书"),
        ItemKind.NEWSPAPER: _("报纸"),
        ItemKind.GENEALOGY: _("家谱"),
        ItemKind.MANUSCRIPT: _("稿抄本"),
        ItemKind.MAP: _("舆图"),
        ItemKind.PHOTOGRAPH: _("照片"),
        ItemKind.REPORT: _("报告"),
        ItemKind.EBOOK: _("电子书"),
        ItemKind.ARTICLE: _("文章"),
    }[ItemKind(of)]


def access(tier: str) -> str:
    """Who may open it."""
    return {
        Access.OPEN: _("公开阅览"),
        Access.SIGNED_IN: _("登录后阅览"),
        Access.STAFF: _("仅限馆员"),
    }[Access(tier)]


def period(key: str) -> str:
    """An age (`wenyuan.repo.periods`)."""
    return {
        "yuan": _("元及以前"),
        "ming": _("明"),
        "qing": _("清"),
        "republic": _("民国"),
        "1950": _("1950—1978年"),
        "1979": _("1979—1999年"),
        "2000": _("2000年以来"),
    }[key]


def suggested(kind_of_name: str) -> str:
    """What sort of name is suggested."""
    return {
        "title": _("题名"),
        "person": _("责任者"),
        "subject": _("主题"),
        "place": _("地点"),
        "collection": _("专藏"),
    }[kind_of_name]


def origin(of: str) -> str:
    """Where a page's text comes from."""
    return {
        Origin.EMBEDDED_OCR: _("文件自带的识别文字"),
        Origin.OCR: _("机器识别的文字"),
        Origin.IMPORTED: _("随图交来的文字"),
        Origin.BORN_DIGITAL: _("原生数字文字"),
        Origin.CORRECTED: _("人工校正的文字"),
    }[Origin(of)]


def theme(name: str) -> str:
    """The name of a look."""
    return {"auto": _("随设备"), "light": _("宣纸"), "sepia": _("古籍"), "dark": _("夜读")}[name]


def state(code: str) -> str:
    """The state of a delivery or job."""
    known = {
        "open": _("进行中"),
        "finished": _("已办结"),
        "queued": _("等待"),
        "running": _("进行中"),
        "done": _("完成"),
        "failed": _("失败"),
        "refused": _("拒收"),
    }
    return known.get(code, code)


def outcome(code: str) -> str:
    """What became of a file that was handed in."""
    known = {
        "stored": _("入藏"),
        "metadata": _("著录"),
        "already-held": _("已有"),
        "ignored": _("略过"),
        "refused": _("拒收"),
    }
    return known.get(code, code)


def in_language(texts: dict[str, str]) -> str:
    """The text of the reader's language, else the nearest there is, else nothing."""
    tag = languages.current().tag
    other = {"zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans", "en": "zh-Hans"}[tag]
    for wanted in (tag, other, *texts):
        if texts.get(wanted):
            return texts[wanted]
    return ""


def collection(of: Collection) -> str:
    """The name of a collection."""
    return in_language(of.titles) or of.key


def language_name(tag: str) -> str:
    """A language's name in the reader's language."""
    if tag == "lzh":  # CLDR has no name for it in simplified Chinese
        return _("文言文")
    names = language_names()
    return names.get(tag.replace("-", "_")) or names.get(tag.split("-", maxsplit=1)[0]) or tag


def agent(of: Agent) -> str:
    """A person or body with dynasty and role, as Chinese title pages have it: 〔清〕舒懋官 修."""
    dynasty = f"〔{of.dynasty}〕" if of.dynasty else ""
    return f"{dynasty}{of.name} {of.role}".strip()


def agents(of: Description) -> str:
    """All persons and bodies on one line."""
    return "　".join(agent(each) for each in of.agents)


def date(of: Description) -> str:
    """The date as on the thing, and the Gregorian year where it is not plain."""
    return dates.dated_label(of.date, languages.current().tag) if of.date else ""


def lang_of(of: Description) -> str | None:
    """The `lang` for text of an item: classical and traditional Chinese want traditional glyphs."""
    first = of.languages[0] if of.languages else ""
    return {"lzh": "zh-Hant", "": None}.get(first, first)


def tongue(text: str) -> str:
    """The `lang` of a name whose language nobody told, on a page that is not Chinese; empty where it needs none."""
    is_chinese_page = languages.current().tag.startswith("zh")
    return "zh" if not is_chinese_page and _HAN.search(text) else ""


def page(of_item: Item, position: int, label: str) -> str:
    """What a page is called: its label where it has one, else its place."""
    if label:
        return label
    chapters = of_item.page_kind is PageKind.CHAPTER
    return _("第 %(position)s 章", position=position) if chapters else _("第 %(position)s 页", position=position)


def number(of: int) -> str:
    """A number with the separators of the language."""
    return format_decimal(of)


def moment(of: datetime) -> str:
    """Day and time."""
    return format_datetime(of)


def size(count: int) -> str:
    """A number of bytes as people say it."""
    amount, unit = float(count), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{format_decimal(round(amount, 1 if unit in {'MB', 'GB'} and amount < 100 else 0))} {unit}"


def media(media_type: str) -> str:
    """A file's format as people say it."""
    known = {
        "application/pdf": "PDF",
        "application/epub+zip": "EPUB",
        "application/x-fictionbook+xml": "FB2",
        "application/x-zip-compressed-fb2": "FB2",
        "application/x-mobipocket-ebook": "MOBI",
        "application/vnd.amazon.ebook": "Kindle",
        "application/vnd.amazon.mobi8-ebook": "Kindle",
        "application/vnd.comicbook+zip": "CBZ",
        "text/plain": _("纯文本"),
        "image/jp2": "JPEG 2000",
    }
    return known.get(media_type) or media_type.rpartition("/")[2].removeprefix("x-").removeprefix("vnd.").upper()
