"""Plain text: e-books as .txt, in UTF-8, UTF-16, GB18030 or Big5, cut into chapters at their headings."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePath
from typing import Any

from wenyuan.ingest.formats.chinese_encodings import encoding_of
from wenyuan.ingest.formats.source import Format, FoundText, Limits, Outline, PageOutline, SectionOutline
from wenyuan.repo import chapters
from wenyuan.repo.errors import DamagedSource, EmptySource, TooLarge, UnreadableFile
from wenyuan.repo.items import PageKind
from wenyuan.repo.layers import Origin

_ENDINGS = (".txt", ".text")
_CHAPTER_CHARACTERS = 3_000
"""Length of a cut where there are no headings: what a reader's screen loads at once."""
_LONGEST_CHAPTER = 12_000
"""Characters; a chapter with a heading may be this long before it is cut too."""
_LONGEST_PARAGRAPH = 100_000
_HEADING = re.compile(
    r"[\s\u3000]*(第[0-9０-９〇零一二三四五六七八九十百千兩两]{1,8}[章回卷節节篇部集折齣出幕]|卷[之第]?[0-9〇一二三四五六七八九十百上中下]+"
    r"|[楔引]子|序[章言幕]?|自序|前言|後記|后记|跋|尾聲|尾声|番外|附錄|附录|(?i:(chapter|part|book)\s+[0-9ivxlc]+))"
    r"([\s\u3000:：.．、·—-].{0,40}|[^\s，。；！？,;!?]{0,20})?[\s\u3000]*"
)
"""A whole line: 第十二回 賈寶玉…, 卷之三, Chapter IV. A long line or one with a clause's end is prose."""
_UNWRITABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""XML 1.0 has no place for these."""
_NOT_TEXT = re.compile(rb"\s*(<[?!a-zA-Z]|\d{5}[acdnp][a-z]|\{\s*[\"}]|\[\s*[\[{\"\]])")
"""XML, HTML, MARC (ISO 2709 leader) and JSON are text to a machine; nobody reads them as a book."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def _score(head: bytes, name: str) -> int:
    body = head.removeprefix(b"\xef\xbb\xbf")
    if not body.strip() or _NOT_TEXT.match(body) or encoding_of(head, final=len(head) < 4096) is None:
        return 0
    # Scripts, tables and logs are text too; what is no .txt is taken only where it has no ending at all.
    ending = PurePath(name).suffix.lower()
    return 50 if ending in _ENDINGS else 0 if ending else 10


FORMAT = Format(
    name="plain_text",
    media_types=dict.fromkeys(_ENDINGS, "text/plain"),
    score=_score,
    media_type=lambda head, name: "text/plain",
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """Paragraphs under a heading; the first `headings` of them are the heading's lines."""

    paragraphs: tuple[str, ...]
    headings: int = 0

    @property
    def title(self) -> str:
        """The heading; of a printed table of contents, which looks like many headings, only the last."""
        titles = self.paragraphs[: self.headings]
        return "　".join(titles) if len(titles) <= 2 else titles[-1]


def open_source(path: Path, file: str, limits: Limits) -> PlainText:
    """Read a text file and cut it into chapters.

    Args:
        path: the file as it lies on disk.
        file: the name that staff knows, for errors.
        limits: how much the file may ask of us.

    Raises:
        EmptySource: nothing but blanks.
        TooLarge: more bytes than `limits.max_text_bytes`, or more chapters than `limits.max_pages`.
        DamagedSource: in none of the encodings known, or broken.
        UnreadableFile: the operating system refuses.
    """
    try:
        size = path.stat().st_size
        if size > limits.max_text_bytes:
            raise TooLarge(
                file=file,
                found=round(size / 1024**2, 1),
                limit=round(limits.max_text_bytes / 1024**2, 1),
                unit="megabytes",
                setting="WENYUAN_MAX_TEXT_MB",
            )
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(file=file, detail=error.strerror or str(error)) from error
    encoding = encoding_of(data)
    if encoding is None:
        raise DamagedSource(file=file, detail="not UTF-8, UTF-16, GB18030 or Big5 throughout")
    cut = list(cut_into_chapters(data.decode(encoding)))
    if not cut:
        raise EmptySource(file=file)
    if len(cut) > limits.max_pages:
        raise TooLarge(file=file, found=len(cut), limit=limits.max_pages, unit="pages", setting="WENYUAN_MAX_PAGES")
    return PlainText(cut, encoding)


def cut_into_chapters(text: str) -> Iterator[Chapter]:
    """Chapters of a text: at headings where it has any, else at paragraph ends about every 3,000 characters."""
    paragraphs = list(_paragraphs(text))
    has_headings = any(_HEADING.fullmatch(paragraph) for paragraph in paragraphs)
    longest = _LONGEST_CHAPTER if has_headings else _CHAPTER_CHARACTERS
    gathered: list[str] = []
    headings = length = 0
    for paragraph in paragraphs:
        is_heading = _HEADING.fullmatch(paragraph) is not None
        has_body = len(gathered) > headings
        if has_body and (is_heading or length >= longest):
            yield Chapter(tuple(gathered), headings)
            gathered, headings, length = [], 0, 0
        # Headings one after another (第一卷, 第一章) belong together.
        headings += is_heading and len(gathered) == headings
        gathered.append(paragraph)
        length += len(paragraph)
    if gathered:
        yield Chapter(tuple(gathered), headings)


def _paragraphs(text: str) -> Iterator[str]:
    for row in re.split(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]", text):
        paragraph = _UNWRITABLE.sub("", row).strip(" \t\u3000\u00a0\ufeff")
        for start in range(0, len(paragraph), _LONGEST_PARAGRAPH):
            yield paragraph[start : start + _LONGEST_PARAGRAPH]


class PlainText:
    """A text file, cut into chapters; fulfils `Source`."""

    def __init__(self, cut: list[Chapter], encoding: str) -> None:
        self._chapters, self._encoding = cut, encoding

    def outline(self) -> Outline:
        """A page for each chapter, contents from the headings; the encoding is told in the suggestion's `source`."""
        pages = tuple(PageOutline(PageKind.CHAPTER, i, 0, 0, entry=_entry(i)) for i in range(len(self._chapters)))
        sections = tuple(
            SectionOutline(chapter.title[:1_000], index)
            for index, chapter in enumerate(self._chapters)
            if chapter.headings
        )
        return Outline(pages, sections, {"source": f"text/plain; charset={self._encoding}"})

    def text(self, index: int) -> FoundText | None:
        """The chapter's paragraphs as the reader will count them (`repo.chapters`)."""
        root = chapters.parse_chapter(self._document(index))
        layer = chapters.chapter_layer(chapters.chapter_text(root))
        return FoundText(layer, Origin.BORN_DIGITAL, "text") if layer.regions else None

    def picture(self, index: int, *, width: int) -> Any:
        """None: chapters flow."""
        return None

    def package(self, target: Path) -> bool:
        """Write one small XHTML document a chapter; the same text gives the same bytes."""
        try:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                for index in range(len(self._chapters)):
                    info = zipfile.ZipInfo(_entry(index), _EPOCH)
                    archive.writestr(info, self._document(index), zipfile.ZIP_DEFLATED)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return True

    def close(self) -> None:
        """Nothing is held."""

    def _document(self, index: int) -> bytes:
        chapter = self._chapters[index]
        rows = [
            f'<{tag} id="wy-{number}">{escape(paragraph)}</{tag}>'
            for number, paragraph in enumerate(chapter.paragraphs, 1)
            for tag in ("h2" if number <= chapter.headings else "p",)
        ]
        title = escape(chapter.title or str(index + 1))
        head = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{title}</title></head>'
        body = "\n".join(["<body>", *rows, "</body></html>"])
        return f'<?xml version="1.0" encoding="utf-8"?>\n{head}\n{body}\n'.encode()


def _entry(index: int) -> str:
    return f"text/{index + 1:04}.xhtml"
