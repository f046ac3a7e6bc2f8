"""The Chinese typefaces of this machine, found through fontconfig, and which characters they hold.

More of them may lie in `benchmarks/out/fonts` (any .ttf, .ttc, .otf): they need not be installed. What is drawn hangs
on what is there; every made page says which typefaces it used.
"""

from __future__ import annotations

import random
import re
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

MORE = Path(__file__).resolve().parent.parent / "out" / "fonts"
SIMPLIFIED_LETTERS, TRADITIONAL_LETTERS, LATIN_LETTERS = "国说这经济门时书", "國說這經濟門時書", "aegRW08"
SQUARE = "田回中木"
"""Characters whose ink stands in the middle of their square."""
MANY = 4500
"""A typeface with fewer characters would thin the text too much."""


class Style(StrEnum):
    """Kinds of type: Ming (song), regular script, imitation Song, Gothic; Latin book type."""

    SONG = "song"
    KAI = "kai"
    FANG = "fang"
    HEI = "hei"
    LATIN = "latin"


_STYLES = (
    (Style.FANG, r"fang|cwTeXFangSong|cwTeX ?Q? ?FangSong"),
    (Style.KAI, r"kai|wenkai|klee|楷"),
    (Style.SONG, r"serif|ming|sung|song|mincho|babelstone han|宋|明"),
    (Style.HEI, r"sans|hei|gothic|yen|droid|黑|圆|圓"),
)


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file."""

    path: str
    index: int
    name: str
    style: Style
    bold: bool

    @property
    def characters(self) -> frozenset[int]:
        """Code points that it holds."""
        return _characters(self.path, self.index)

    def holds(self, text: str) -> bool:
        """Whether it holds all of them."""
        return all(ord(char) in self.characters for char in text)

    def font(self, size: float) -> ImageFont.FreeTypeFont:
        """For drawing, `size` pixels an em."""
        return _font(self.path, self.index, max(4, round(size)))

    @property
    def baseline(self) -> float:
        """Where its baseline lies in the em square, from the top, so that square characters stand in the middle."""
        return _baseline(self.path, self.index)

    def advance(self, char: str, size: float) -> float:
        """Width of a character in pixels."""
        return _advance(self.path, self.index, char) * size


@cache
def faces() -> tuple[Face, ...]:
    """Chinese faces of this machine, each once, in a steady order."""
    pattern = "%{file}|%{index}|%{family}|%{style}\n"
    told = [_told("fc-list", ":lang=zh-cn", "-f", pattern), _told("fc-list", ":lang=zh-tw", "-f", pattern)]
    told.append(_told("fc-list", ":lang=ja", "-f", pattern))
    if MORE.is_dir():
        told.append(_told("fc-scan", "-f", pattern, str(MORE)))
    found: dict[tuple[str, bool], Face] = {}
    for line in sorted(set("".join(told).splitlines())):
        path, index, family, style = line.split("|")
        made = _face(path, int(index) & 0xFFFF, family, style)
        if made is not None:
            found.setdefault((made.name, made.bold), made)
    return tuple(sorted(found.values(), key=lambda one: (one.name, one.bold)))


def _told(*command: str) -> str:
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout
    except FileNotFoundError:
        return ""


def _face(path: str, index: int, family: str, style: str) -> Face | None:
    name = family.split(",", maxsplit=1)[0]
    if re.search(
        r"mono(?!ty)|sharp|thin|extralight|pixmap|plus|ext-?b", f"{family} {style} {Path(path).stem}", re.IGNORECASE
    ):
        return None
    for kind, words in _STYLES:
        if re.search(words, f"{family} {Path(path).stem}", re.IGNORECASE):
            weight = style.split(",", maxsplit=1)[0]
            bold = bool(re.search(r"bold|black|heavy", f"{weight} {family}", re.IGNORECASE)) or "heib" in path
            return Face(path, index, f"{name} {weight}", kind, bold)
    return None


@cache
def latin_faces() -> tuple[Face, ...]:
    """Book faces for English pages."""
    told = _told("fc-list", ":lang=en", "-f", "%{file}|%{index}|%{family}|%{style}\n")
    found: dict[str, Face] = {}
    for line in sorted(set(told.splitlines())):
        path, index, family, style = line.split("|")
        name = family.split(",")[0]
        wanted = re.search(r"serif|roman|times|bookman|c059|p052|sans", name, re.IGNORECASE)
        other = r"italic|oblique|mono|cjk|thin|bold|demi|black|light|condensed"
        if wanted and path.endswith((".ttf", ".otf")) and not re.search(other, f"{style} {name}", re.IGNORECASE):
            found.setdefault(name, Face(path, int(index) & 0xFFFF, name, Style.LATIN, False))
    return tuple(found[name] for name in sorted(found))


def choose(draw: random.Random, styles: str, *, traditional: bool, bold: bool | None = None) -> Face:
    """One face at random, every family as likely as another.

    Args:
        styles: names of `Style`, parted by blanks.
        traditional: it must hold old characters, else new ones.
        bold: whether it must be so, or must not.

    Raises:
        LookupError: the machine has none.
    """
    letters = TRADITIONAL_LETTERS if traditional else SIMPLIFIED_LETTERS
    families: dict[str, list[Face]] = {}
    for face in faces():
        if face.style in styles.split() and bold in {None, face.bold} and _suits(face, traditional):
            families.setdefault(Path(face.path).stem.split("-")[0], []).append(face)
    while families:
        name = draw.choice(sorted(families))
        face = draw.choice(families.pop(name))
        if face.holds(letters) and len(face.characters) >= MANY:
            return face
    if bold is not None or styles != "song kai fang hei":
        return choose(draw, "song kai fang hei", traditional=traditional)
    raise LookupError("no Chinese typeface on this machine: apt install fonts-noto-cjk, or put some into " + str(MORE))


def _suits(face: Face, traditional: bool) -> bool:
    """Whether the shapes of this face are those of the script, where a face says for which it is."""
    if traditional:
        return not re.search(r" SC | CN$| CN |GB", face.name + " ")
    return not re.search(r" (TC|HK|TW|JP|KR) |Big5|cwTeX|MinchO|IPA|TW-", face.name + " ", re.IGNORECASE)


@lru_cache(maxsize=64)
def _characters(path: str, index: int) -> frozenset[int]:
    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=256)
def _font(path: str, index: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=256)
def _baseline(path: str, index: int) -> float:
    """Measured: what a font file calls its ascent may lie far above the square, and 0.88 does not suit all."""
    font = _font(path, index, 200)
    if not _characters(path, index) >= set(map(ord, SQUARE)):
        return 0.87
    boxes = [font.getbbox(char, anchor="ls") for char in SQUARE]
    return 0.5 - sum(box[1] + box[3] for box in boxes) / (2 * len(boxes) * 200)


@lru_cache(maxsize=20_000)
def _advance(path: str, index: int, char: str) -> float:
    return _font(path, index, 100).getlength(char) / 100
