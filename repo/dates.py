"""Years of the Western calendar for the dates that stand on Chinese books.

A Chinese year is given the Western year in which it began; its twelfth month mostly lies in the next one. Years
before 1 count astronomically (0 is 1 BC), so that subtraction works. The reigns are data: `repo/data/reigns.tsv`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wenyuan.repo.chinese import fold

_TABLE = Path(__file__).parent / "data" / "reigns.tsv"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_CYCLE = [_STEMS[year % 10] + _BRANCHES[year % 12] for year in range(60)]
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "元": 1, "正": 1}
_NUMBER = r"(?:[0-9]+|元|[零一二三四五六七八九十廿卅百]+)"
# Years that people went on counting after the reign: 建文 was struck out under 永樂, and the palace kept 乾隆 for the
# old emperor. The Republic's count goes on in Taiwan.
_COUNTED_TO = {"洪武": 1402, "乾隆": 1798, "民国": 2099}
_DYNASTY_NAMES = {
    "汉": ("西汉", "东汉"),
    "前汉": ("西汉",),
    "后汉": ("东汉", "后汉"),
    "曹魏": ("魏",),
    "魏": ("魏", "北魏", "东魏", "西魏"),
    "后魏": ("北魏",),
    "蜀": ("蜀汉", "前蜀", "后蜀"),
    "东吴": ("吴",),
    "孙吴": ("吴",),
    "晋": ("西晋", "东晋", "后晋"),
    "秦": ("前秦", "后秦"),
    "宋": ("北宋", "南宋", "刘宋"),
    "南朝宋": ("刘宋",),
    "齐": ("南齐", "北齐"),
    "南朝齐": ("南齐",),
    "南朝梁": ("梁",),
    "南朝陈": ("陈",),
    "周": ("武周", "北周", "后周"),
    "唐": ("唐", "武周"),
    "五代": ("后梁", "后唐", "后晋", "后汉", "后周"),
    "明": ("明", "南明"),
    "中华民国": ("民国",),
}
_WHOLE = r"(?:年?[间中制造]|时期|时|朝|代|初年?|末年?|初期|中期|中叶|末期|晚期)?(?:[刻刊抄钞写印][本印]?|本)?"


@dataclass(frozen=True, slots=True)
class Years:
    """From the first to the last year that a date can mean; the same where it says one."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Reign:
    dynasty: str
    first: int
    last: int


def parse_date(text: str) -> Years | None:
    """The years that a date means, None where it means none or several eras of the same name.

    Understands reign years (乾隆三十年, 清嘉慶二十四年己卯, 康熙壬寅, 光緒間, 萬曆年間), the Republic's
    (民國二十五年五月), dynasties (清, 清末: the whole dynasty, for where `初` ends nobody says), Western years in
    both kinds of digits (1936-05-01, 1936年, [1936], 二〇二六年, 公元前140年, 193X, 20世纪30年代), and two of them
    (1936-1949, 乾隆三十年至四十年), traditional or simplified.

    An era name that several dynasties used (建元, 太和) needs the dynasty before it. A cyclic year that occurs twice
    in a reign (康熙壬寅: 1662 and 1722) gives both and all between.
    """
    plain = re.sub(r"[\s\[\]()【】〔〕「」约?]+", "", fold(unicodedata.normalize("NFKC", text)))
    plain = re.sub(r"^ca?\.?(?=\d)", "", plain)
    readers: Iterable[Callable[[str], Years | None]] = (_western_day, _span, _reign_year, _era, _western, _dynasty)
    for read in readers:
        years = read(plain)
        if years:
            return years
    return None


def gregorian_label(text: str, language: str) -> str:
    """The Western years of a date in words: 1765, 1573–1620, 前140 or 140 BC. Empty where there are none.

    Args:
        text: date as on the thing.
        language: tag of the reader's language; all but `zh…` get English.
    """
    years = parse_date(text)
    if years is None:
        return ""
    ends = dict.fromkeys([years.first, years.last])
    return "–".join(_year_label(year, language) for year in ends)


def dated_label(text: str, language: str) -> str:
    """The date as on the thing with its Western years: 乾隆三十年（1765）. Unchanged where they say nothing new."""
    label = gregorian_label(text, language)
    if not label or set(re.findall(r"\d+", label)) <= set(re.findall(r"\d+", text)):
        return text
    return f"{text}（{label}）" if language.startswith("zh") else f"{text} ({label})"


def _year_label(year: int, language: str) -> str:
    if year > 0:
        return str(year)
    return f"前{1 - year}" if language.startswith("zh") else f"{1 - year} BC"


@cache
def _reigns() -> dict[str, list[_Reign]]:
    found: dict[str, list[_Reign]] = {}
    for line in _TABLE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            dynasty, era, first, last = line.split("\t")
            found.setdefault(fold(era), []).append(_Reign(fold(dynasty), int(first), int(last)))
    return found


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    eras = "|".join(sorted((era for era in _reigns() if era), key=len, reverse=True))
    names = {reign.dynasty for reigns in _reigns().values() for reign in reigns} | set(_DYNASTY_NAMES)
    dynasty = f"(?P<dynasty>{'|'.join(sorted(names - {'民国'}, key=len, reverse=True))})?[代朝]?[·・.,]?"
    cyclic = f"[{_STEMS}][{_BRANCHES}]"
    counted = f"{dynasty}(?P<era>{eras})(?:(?P<number>{_NUMBER})(?:年|载|岁|$)|(?P<cyclic>{cyclic}))"
    every = "|".join(sorted((reign.dynasty for reign in _reigns()[""]), key=len, reverse=True))
    return (
        re.compile(counted),
        re.compile(f"(?:大(?=[明清元]))?{dynasty}(?P<era>{eras}){_WHOLE}"),
        re.compile(f"大?(?P<dynasty>{every}){_WHOLE}"),
    )


def _candidates(found: re.Match[str]) -> list[_Reign]:
    named = found["dynasty"]
    allowed = _DYNASTY_NAMES.get(named, (named,)) if named else None
    return [reign for reign in _reigns()[found["era"]] if allowed is None or reign.dynasty in allowed]


def _reign_year(text: str) -> Years | None:
    found = _patterns()[0].search(text)
    if not found:
        return None
    hits: list[Years] = []
    for reign in _candidates(found):
        if found["number"]:
            year = reign.first + number_of(found["number"]) - 1
            hits += [Years(year, year)] if reign.first <= year <= _COUNTED_TO.get(found["era"], reign.last) else []
        else:
            fitting = [
                year for year in range(reign.first, reign.last + 1) if _CYCLE[(year - 4) % 60] == found["cyclic"]
            ]
            hits += [Years(fitting[0], fitting[-1])] if fitting else []
    distinct = list(dict.fromkeys(hits))
    return distinct[0] if len(distinct) == 1 else None


def _era(text: str) -> Years | None:
    found = _patterns()[1].fullmatch(text)
    reigns = _candidates(found) if found else []
    return Years(reigns[0].first, reigns[0].last) if len(reigns) == 1 else None


def _dynasty(text: str) -> Years | None:
    found = _patterns()[2].fullmatch(text)
    if not found:
        return None
    reign = next(reign for reign in _reigns()[""] if reign.dynasty == found["dynasty"])
    return Years(reign.first, reign.last)


def _western_day(text: str) -> Years | None:
    found = re.fullmatch(r"(\d{4})[-/](0?[1-9]|1[0-2])(?:[-/]\d{1,2})?(?:t.*)?", text)
    return Years(int(found[1]), int(found[1])) if found else None


def _span(text: str) -> Years | None:
    """Two dates; the second may leave out what it shares with the first."""
    for found in re.finditer("[-–—―－/至到~]+", text):
        left, right = text[: found.start()], text[found.end() :]
        first = parse_date(left) if left else None
        if first is None or not right:
            continue
        shared = re.match(r"\D+", left)
        inherited = left[:2] + right if re.fullmatch(r"\d{2}年?", right) and re.fullmatch(r"\d{4}年?", left) else ""
        era = _patterns()[0].search(left)
        prefix = left[: era.end("era")] if era else (shared[0] if shared else "")
        for candidate in filter(None, (inherited, right, prefix + right)):
            last = parse_date(candidate)
            if last and last.last >= first.first:
                return Years(first.first, last.last)
    return None


def _western(text: str) -> Years | None:
    if found := re.search(rf"({_NUMBER})世纪(?:({_NUMBER})年代)?", text):
        start = (number_of(found[1]) - 1) * 100
        return (
            Years(start + number_of(found[2]), start + number_of(found[2]) + 9)
            if found[2]
            else Years(start + 1, start + 100)
        )
    if found := re.search(rf"(?:[公西]元|纪元)?前({_NUMBER})年?|(\d+)b\.?c", text):
        year = 1 - number_of(found[1] or found[2])
        return Years(year, year)
    if found := re.search(rf"[公西]元({_NUMBER})年?", text):
        return Years(number_of(found[1]), number_of(found[1]))
    if found := re.search(r"(?<!\d)(\d{2,3})(x{1,2})(?![0-9a-z])", text):
        width = 10 ** len(found[2])
        start = int(found[1]) * width
        return Years(start, start + width - 1) if len(found[0]) == 4 else None
    if found := re.search(r"(?<!\d)(\d{4})(?!\d)|([一二][零一二三四五六七八九]{3})(?:年|$)", text):
        year = number_of(found[1] or found[2])
        return Years(year, year)
    return None


def number_of(text: str) -> int:
    """Value of Western digits, of Chinese ones by place (二零二六), or of a counted number (二百三十一, 廿四, 元)."""
    if text.isascii():
        return int(text)
    if not re.search("[十廿卅百]", text):
        return int("".join(str(_DIGITS[digit]) for digit in text))
    total, pending = 0, 0
    for character in text.replace("廿", "二十").replace("卅", "三十"):
        if character in "十百":
            total += (pending or 1) * (10 if character == "十" else 100)
            pending = 0
        else:
            pending = _DIGITS[character]
    return total + pending
