"""Tesseract, for clean Latin pages: it parts words better there. Used where the program is installed.

Never for Chinese: 35 % of the characters of made pages were wrong with the best language given, and its character
boxes in columns have no width (docs/recognition.md).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
from lxml import etree

from wenyuan.ingest.engines.engine import Engine, EngineOptions, FoundGlyph, FoundLine, Picture, ReadingFailed, Wish
from wenyuan.repo.errors import ProgramMissing

_PROGRAM = "tesseract"
_CODES = {
    "zh-hans": "chi_sim", "zh-hant": "chi_tra", "zh": "chi_sim", "en": "eng", "fr": "fra", "de": "deu", "pt": "por",
    "nl": "nld", "la": "lat", "es": "spa", "it": "ita", "ru": "rus", "ja": "jpn",
}  # fmt: skip
_SETTINGS = ("-c", "hocr_char_boxes=1", "-c", "hocr_font_info=0")
_BOX = re.compile(r"(?:bbox|x_bboxes) (-?\d+) (-?\d+) (-?\d+) (-?\d+)")
_SURE = re.compile(r"x_conf ([\d.]+)")
_LINES = "ocr_line ocr_header ocr_caption ocr_textfloat"


@dataclass(frozen=True, slots=True)
class Tesseract:
    """Runs the program once for each page.

    Attributes:
        installed: its languages, by its own names.
    """

    label: str
    installed: frozenset[str]
    threads: int

    def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
        """Lines of a page, level ones only.

        Raises:
            ReadingFailed: the program gave up on it.
        """
        _, png = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 1])
        command = [_PROGRAM, "-", "-", "-l", "+".join(self._languages(wish)), "--dpi", "300", *_SETTINGS, "hocr"]
        environment = {**os.environ, "OMP_THREAD_LIMIT": str(self.threads)}
        done = subprocess.run(command, input=png.tobytes(), capture_output=True, check=False, env=environment)
        if done.returncode:
            raise ReadingFailed(done.stderr.decode("utf-8", "replace").strip()[-200:])
        return list(_lines(done.stdout))

    def _languages(self, wish: Wish) -> list[str]:
        """Those asked for that are installed; English where there is none."""
        named = [_CODES.get(tag.lower()) or _CODES.get(tag.lower().partition("-")[0]) for tag in wish.languages]
        return list(dict.fromkeys(name for name in named if name in self.installed)) or ["eng"]


def open_engine(options: EngineOptions) -> Engine:
    """See which languages there are.

    Raises:
        ProgramMissing: the program, or its English, is not installed.
    """
    if shutil.which(_PROGRAM) is None:
        raise ProgramMissing(program=_PROGRAM, package="tesseract-ocr")
    installed = frozenset(_answer("--list-langs").split("\n", 1)[-1].split())
    if "eng" not in installed:
        raise ProgramMissing(program="tesseract (eng)", package="tesseract-ocr-eng")
    number = _answer("--version").split()[1]
    return Tesseract(f"tesseract {number}", installed, options.threads)


def _answer(question: str) -> str:
    done = subprocess.run([_PROGRAM, question], capture_output=True, text=True, check=False)
    return done.stdout or done.stderr


def _lines(hocr: bytes) -> Iterator[FoundLine]:
    tree = etree.fromstring(hocr, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    for element in tree.iter("{*}span"):
        if element.get("class", "") in _LINES.split():
            glyphs = _glyphs(element)
            if glyphs:
                left, top, right, bottom = _box(element)
                quad = ((left, top), (right, top), (right, bottom), (left, bottom))
                confidence = sum(glyph.confidence for glyph in glyphs) / len(glyphs)
                yield FoundLine(quad, tuple(glyphs), vertical=False, confidence=confidence)


def _glyphs(line: etree._Element) -> list[FoundGlyph]:
    """Characters with the spaces between words; a space takes the room between its neighbours."""
    glyphs: list[FoundGlyph] = []
    for word in line.iter("{*}span"):
        if word.get("class") != "ocrx_word":
            continue
        found = [glyph for mark in word.iter("{*}span") if mark.get("class") == "ocrx_cinfo" for glyph in _glyph(mark)]
        if glyphs and found:
            before, after = glyphs[-1].box, found[0].box
            room = (min(before[2], after[0]), before[1], max(before[2], after[0]), before[3])
            glyphs.append(FoundGlyph(" ", room, min(glyphs[-1].confidence, found[0].confidence)))
        glyphs += found
    return glyphs


def _glyph(mark: etree._Element) -> list[FoundGlyph]:
    """One for each code point; mostly one."""
    text = "".join(mark.itertext()).strip()
    sure = _SURE.search(mark.get("title", ""))
    return [FoundGlyph(character, _box(mark), float(sure[1]) / 100 if sure else 0.0) for character in text]


def _box(element: etree._Element) -> tuple[float, float, float, float]:
    found = _BOX.search(element.get("title", ""))
    left, top, right, bottom = (float(value) for value in found.groups()) if found else (0.0, 0.0, 0.0, 0.0)
    return left, top, right, bottom
