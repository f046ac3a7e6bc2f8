"""What a PDF says of itself: contents, page labels, metadata. Not a format itself."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from wenyuan.ingest.formats.source import SectionOutline

_DEEPEST = 12
"""Levels of contents; deeper ones are made siblings."""
_NO_TITLE = re.compile(
    r"(?i)(microsoft (word|powerpoint|excel) - .*|untitled.*|無標題.*|无标题.*|未命名.*|新建.*|無題.*|document\s*\d*"
    r"|文档\s*\d*|文件\s*\d*|scan[\w\s-]*|img[\w\s-]*|adobe photoshop pdf|powerpoint (presentation|演示文稿)"
    r"|幻灯片\s*\d*|slide\s*\d*|title|[\d\s_.-]+"
    r"|.*\.(docx?|pdf|indd|qxd|qxp|wpsx?|pptx?|xlsx?|tiff?|jpe?g|png|txt|odt|rtf|html?|cdr|ai|psd|pmd|fbd|s2|s92))\s*"
)
"""What programs write when nobody gave a title."""


_HEX_PREFIX = re.compile(r"\A<([0-9A-Fa-f\s]*)>")


def labels(document: Any) -> list[str]:
    """The label of every page; empty strings where the file defines none."""
    if not document.get_page_labels():
        return [""] * document.page_count
    found = (str(document[index].get_label() or "") for index in range(document.page_count))
    return [_HEX_PREFIX.sub(_from_hex, label)[:100].strip() for label in found]


def _from_hex(match: re.Match[str]) -> str:
    """A prefix that PyMuPDF gives as it stands in the file: a string in hexadecimal digits (PDF 32000, 7.3.4.3)."""
    digits = "".join(match[1].split())
    data = bytes.fromhex(digits + "0" * (len(digits) % 2))
    if data.startswith(b"\xfe\xff"):
        return data[2:].decode("utf-16-be", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def sections(document: Any) -> tuple[SectionOutline, ...]:
    """The table of contents. An entry that leads out of the file points where the one before it does."""
    stack: list[tuple[str, int, list[SectionOutline]]] = [("", 0, [])]
    here = 0
    for level, title, page, *_ in document.get_toc(simple=True):
        depth = min(level, _DEEPEST)
        while len(stack) > depth:
            _close(stack)
        if 1 <= page <= document.page_count:
            here = page - 1
        stack.append((" ".join(title.split())[:1_000] or "…", here, []))
    while len(stack) > 1:
        _close(stack)
    return tuple(stack[0][2])


def _close(stack: list[tuple[str, int, list[SectionOutline]]]) -> None:
    title, index, children = stack.pop()
    stack[-1][2].append(SectionOutline(title, index, children=tuple(children)))


def suggestion(document: Any, file: str) -> dict[str, Any]:
    """Title, agents, summary and subjects. The date of creation is left out: it is the file's, not the work's."""
    metadata = {key: _text(value) for key, value in (document.metadata or {}).items()}
    found: dict[str, Any] = {}
    title = metadata.get("title", "")
    if title and not _NO_TITLE.fullmatch(title) and title != PurePath(file).stem:
        found["title"] = title[:1_000]
    if names := _split(metadata.get("author", ""), r"[;；、\n]"):
        found["agents"] = [{"name": name} for name in names]
    if subject := metadata.get("subject", ""):
        found["description"] = subject[:20_000]
    if keywords := _split(metadata.get("keywords", ""), r"[;；,，、\n]"):
        found["subjects"] = keywords
    return found


def _split(text: str, separators: str) -> list[str]:
    return [part.strip()[:1_000] for part in re.split(separators, text) if part.strip()][:100]


def _text(value: object) -> str:
    """A metadata string; many Chinese programs wrote GBK bytes where the standard wants PDFDocEncoding or UTF-16."""
    text = str(value or "").replace("\0", "").strip()
    text = text.encode("utf-8", "replace").decode("utf-8")
    if sum(character > "\x7f" for character in text) < 2 or any(character > "\xff" for character in text):
        return text
    try:
        again = text.encode("latin-1").decode("gb18030")
    except UnicodeError:
        return text
    return again if any("\u4e00" <= character <= "\u9fff" for character in again) else text
