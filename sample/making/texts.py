"""The texts of the sample, kept as plain files."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "texts"
DIGITS = "〇一二三四五六七八九"


def lines(name: str) -> list[str]:
    """Return the lines of a text file, without empty ones."""
    whole = (FOLDER / name).read_text(encoding="utf-8")
    return [line for line in whole.split("\n") if line.strip()]


def numeral(number: int) -> str:
    """Write 1 to 99 the way leaves are counted: 一, 十, 十二, 二十三."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else DIGITS[tens] + "十")
    return head + (DIGITS[ones] if ones else "")
