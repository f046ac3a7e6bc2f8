"""Tells text that means nothing from text: what PDFs give whose fonts lie about their characters. Pure.

A page of such text is worse than one without: nothing in it is found, and no OCR reads it. So each test below is of a
kind that real pages in any language stay far away from; what none of them sees passes as text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache

_REPLACEMENT = "\ufffd"
_BAD_SHARE = 0.1
"""DESIGN §6, measured on PDFs with fonts that have no mapping."""
_HIGH_RUN = re.compile("[\xa1-\xff]{4,}")
_HIGH_RUN_SHARE = 0.2
_HIGH_SHARE = 0.35
"""Of Big5 every other byte at least is above 127. Vietnamese, richest in accents, has a quarter of Latin-1 letters."""
_HIGH_KINDS = 8
_UTF8 = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UTF8_TIMES = 4
_UTF8_SHARE = 0.7
_SWAPPED_SHARE = 0.6
_FEW = 0.3
_HAN_ENOUGH = 100
_COMMON_SHARE = 0.12
"""Of 20,000 real pages (../shared/corpus/text) the least has 0.19, a glossary; of pages whose characters were exchanged
at random for others of GB 2312 the middle one has 0.05, of all 20,902 Han characters 0.02."""
_LETTERS_ENOUGH = 120
_GLYPHS_BEFORE = 29
_GLYPHS_SHARE = 0.8
_LETTERS_IN_USE = 12
"""Hexadecimal numbers have six."""
_LETTER_FIT = 0.047
_VOWELS_SHARE = 0.25
"""Real pages of twenty languages: fit 0.057 and more, vowels 0.33 and more (tests/unit/ingest/test_garbled.py)."""

_WORDED_SHARE = 0.6
"""Letters and figures; of pages of this project's documentation, tables and all, 0.7 and more."""

_COMMON = frozenset(
    "一七万三上下不与世东两个中为主举乃久义之乐九也书了事二于云五亦京亭亲人今从他仙令以们任众会似位何余作你使"
    "來侍侯便傳儿元先光入兩八公六兴兵其内军出分刘则初別到制前劉功加北十千半南即去县又及发取受古句只可史右司各"
    "合同名后向君吟听吳吾周命和問喜四回因国國園在地坐城堂塵士处复外多夜夢大天太夫头奏女好如子字孤学學守安宗官"
    "定实客宫家寄寒对封将將對小少尚就居山州左己已师帝師常平年并幽幾应府度庭建开弟张張归当往後得從御復德心必思"
    "情愁意應懷成我战所手才把改攻政故数數文新方於无日时明易春是時晚曰更書曾會月有服望朝木未本杀李来東松林梅楊"
    "樂樓樹次欲歌正此武歲歸死氏民气氣水求汉江没河治泉法流海深清游湖溪滿漢無然爲父物猶獨玉王理生用田留當病登白"
    "百的皆皇盡相看真眼着矣知石礼祖神秋称空立竹笑等紅終絕經经给置翁老者而聞聲能臣自至臺與興舊舟色节花若草莫華"
    "萬落葉處行衣被西要見觀见言許詩語誰议诏说请诸谓豈贼起趙足路身过还这进送通逢遂遊過道遠遣還邊那郎郡部都酒醉"
    "釋里重野金長长門開閑間门问间闻阳陈陰陳陽隨難雨雪雲霜青非面韻須頭題领風风飛食餘首香馬驚马高黄齐龍"
)
"""The 300 most frequent characters of simplified and of traditional text (50,000 pages of ../shared/corpus/text)."""
_LETTER_FREQUENCY = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (82, 15, 31, 39, 118, 14, 20, 28, 74, 5, 12, 44, 28, 71, 66, 22, 3, 65, 65, 70, 36, 14, 11, 4, 14, 7),
        strict=True,
    )
)
"""In thousandths, about the mean of English, French, German, Spanish, Italian, Polish, Turkish and Swedish."""


def why_garbled(text: str, *, guessed: bool = False) -> str | None:
    """Why a page's text means nothing, in a few words for the log; None where it may mean something.

    Args:
        text: of a whole page; of a few words nothing can be told but that they have no characters at all.
        guessed: a font on the page does not tell its characters, so that codes were taken for letters. Old Latin PDFs
            are so, and right; wrong ones are full of signs where words should be.
    """
    visible = [character for character in text if not character.isspace()]
    if not visible:
        return None
    worded = sum(unicodedata.category(c)[0] in "LN" for c in visible)
    if guessed and worded < _WORDED_SHARE * len(visible):
        return "fonts that do not tell their characters"
    return next((reason for reason, test in _TESTS.items() if test(text, visible)), None)


def _without_characters(text: str, visible: list[str]) -> bool:
    """U+FFFD, private use, unassigned, control: what a font without a mapping gives."""
    bad = sum(1 for c in visible if c == _REPLACEMENT or unicodedata.category(c) in ("Co", "Cn", "Cc"))
    return bad > _BAD_SHARE * len(visible)


def _swapped(text: str, visible: list[str]) -> bool:
    """The two bytes of UTF-16 the wrong way round: 䴀甀氀琀椀 is Multi (Photoshop), ⥙〰 is 天地 begun."""
    if sum(ord(c) & 0xFF == 0 for c in visible) * 2 > len(visible):
        return True
    known = sum(map(_is_common, visible))
    turned = sum(_is_common(chr((ord(c) & 0xFF) << 8 | ord(c) >> 8)) for c in visible if ord(c) < 0x10000)
    return len(visible) >= 8 and turned > _SWAPPED_SHARE * len(visible) and known < _FEW * len(visible)


def _bytes_as_latin_1(text: str, visible: list[str]) -> bool:
    """GBK, Big5, Shift JIS, KOI8 and others read byte by byte: ÖÐ¹ú is 中国. Accents stand alone between letters."""
    runs = [run for run in _HIGH_RUN.findall(text) if len(set(run)) > 2]
    if sum(map(len, runs)) > _HIGH_RUN_SHARE * len(visible):
        return True
    high = [c for c in visible if "\x80" <= c <= "\xff" and c != "·"]
    return len(high) > _HIGH_SHARE * len(visible) and len(set(high)) >= _HIGH_KINDS


def _utf_8_as_cp1252(text: str, visible: list[str]) -> bool:
    """Letters followed by the signs that make them characters of UTF-8: ä¸­ is 中, Ã© is é."""
    data = b"".join(map(_byte_of, text))
    high = sum(byte > 0x7F for byte in data)
    parts = [part for part in _UTF8.findall(data) if _is_utf8(part)]
    told = sum(map(len, parts))
    return told > _UTF8_SHARE * high and (len(parts) >= _UTF8_TIMES or sum(len(p) > 2 for p in parts) > 1)


def _unlikely_han(text: str, visible: list[str]) -> bool:
    """Han characters as if drawn by lot: a font that gives each glyph another character's number."""
    han = [c for c in visible if "\u4e00" <= c <= "\u9fff"]
    kana = sum("\u3040" <= c <= "\u30ff" for c in visible)
    if len(han) < _HAN_ENOUGH or kana * 10 > len(visible):
        return False
    return sum(c in _COMMON for c in han) < _COMMON_SHARE * len(han)


def _unlikely_letters(text: str, visible: list[str]) -> bool:
    """Latin letters that no language has in such numbers: each glyph another letter's number."""
    # Without their accents, of which pinyin and Vietnamese are full.
    letters = [c for c in unicodedata.normalize("NFD", text).lower() if "a" <= c <= "z"]
    if len(letters) < _LETTERS_ENOUGH or len(letters) * 2 < len(visible) or len(set(letters)) < _LETTERS_IN_USE:
        return False
    fit, vowels = _likeness(letters)
    return fit < _LETTER_FIT and vowels < _VOWELS_SHARE


def _numbers_of_glyphs(text: str, visible: list[str]) -> bool:
    """7KH TXLFN is The quick: a TrueType font's glyphs in their usual order begin 29 before ASCII."""
    turned = [chr(ord(c) + _GLYPHS_BEFORE).lower() for c in visible if ord(c) <= ord("z") - _GLYPHS_BEFORE]
    letters = [c for c in turned if "a" <= c <= "z"]
    if len(letters) < _LETTERS_ENOUGH / 2 or len(letters) < _GLYPHS_SHARE * len(visible):
        return False
    own = [c for c in text.lower() if "a" <= c <= "z"]
    fit, vowels = _likeness(letters)
    return fit > max(_LETTER_FIT, 1.1 * _likeness(own)[0]) and vowels > _VOWELS_SHARE


def _likeness(letters: list[str]) -> tuple[float, float]:
    """How well letters fit the languages written with them, and what share of them are vowels."""
    counts, count = Counter(letters), max(1, len(letters))
    fit = sum(_LETTER_FREQUENCY[letter] * times for letter, times in counts.items()) / (1000 * count)
    return fit, sum(counts[letter] for letter in "aeiouy") / count


_TESTS: dict[str, Callable[[str, list[str]], bool]] = {
    "fonts without a mapping": _without_characters,
    "swapped bytes": _swapped,
    "UTF-8 read as CP1252": _utf_8_as_cp1252,
    "bytes read as Latin-1": _bytes_as_latin_1,
    "unlikely Han characters": _unlikely_han,
    "unlikely letters": _unlikely_letters,
    "numbers of glyphs": _numbers_of_glyphs,
}


def _is_common(character: str) -> bool:
    if " " < character <= "~":
        return True
    return "\u3000" <= character <= "\u30ff" or ("\u4e00" <= character <= "\u9fff" and _is_encoded(character))


@cache
def _is_encoded(character: str) -> bool:
    """One of the characters of GB 2312, or of the more frequent half of Big5."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        pass
    else:
        return True
    try:
        return character.encode("big5") < b"\xc9\x40"
    except UnicodeEncodeError:
        return False


def _byte_of(character: str) -> bytes:
    """The byte that was read as this character; a blank for what is of no single byte."""
    if character <= "\xff":
        return character.encode("latin-1")
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return b" "


def _is_utf8(part: bytes) -> bool:
    try:
        part.decode()
    except UnicodeDecodeError:
        return False
    return True
