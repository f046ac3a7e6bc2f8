"""Text that means nothing is told from text in any language; the second matters more."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.ingest.formats import pdf
from wenyuan.ingest.formats.garbled import why_garbled
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import BadInput

LANGUAGES = dict(
    row.split("\t", 1) for row in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines()
)
"""Name and text: of most the first article of the Universal Declaration of Human Rights; what else pages hold."""
SIMPLIFIED, TRADITIONAL = LANGUAGES["simplified"], LANGUAGES["traditional"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("times", [1, 4])
def test_text_in_any_language_is_kept(language: str, times: int) -> None:
    assert why_garbled(LANGUAGES[language] * times) is None


@pytest.mark.parametrize("language", ["simplified", "traditional", "english", "french", "russian", "contents"])
def test_text_of_fonts_that_do_not_tell_their_characters_is_kept_where_it_is_words(language: str) -> None:
    wordy = LANGUAGES[language] if language != "contents" else SIMPLIFIED + LANGUAGES["contents"]
    assert why_garbled(wordy, guessed=True) is None


def shifted(text: str) -> str:
    """Numbers of glyphs in a font that begins at the blank, taken for characters."""
    return "".join(chr(ord(c) - 29) if ord(c) > 31 + 29 else c for c in text)


def exchanged(text: str, pool: list[str]) -> str:
    chance, told = random.Random(7), dict[str, str]()
    return "".join(told.setdefault(c, chance.choice(pool)) if "\u4e00" <= c <= "\u9fff" else c for c in text)


HAN = [chr(code) for code in range(0x4E00, 0x9FA6)]
GARBLED = {
    "private use": "\ue001\ue002\ue003 天 \ue004",
    "replacement": "\ufffd\ufffd地\ufffd",
    "control": "\x01\x02\x03a\x04",
    "swapped latin": "Multicolor Black".encode("utf-16-le").decode("utf-16-be"),
    "swapped han": SIMPLIFIED.encode("utf-16-le").decode("utf-16-be", "replace"),
    "gbk": SIMPLIFIED.encode("gbk").decode("latin-1"),
    "gbk, short": "中国深圳图书馆".encode("gbk").decode("latin-1"),
    "gbk as cp1252": SIMPLIFIED.encode("gbk").decode("cp1252", "replace"),
    "big5": TRADITIONAL.encode("big5", "replace").decode("latin-1"),
    "shift jis": LANGUAGES["japanese"].encode("shift_jis").decode("latin-1"),
    "koi8-r": LANGUAGES["russian"].encode("koi8-r").decode("latin-1"),
    "windows-1251": LANGUAGES["russian"].encode("cp1251", "replace").decode("latin-1"),
    "utf-8": SIMPLIFIED.encode().decode("latin-1"),
    "utf-8 as cp1252": SIMPLIFIED.encode().decode("cp1252", "replace"),
    "utf-8, short": "中国".encode().decode("latin-1"),
    "utf-8 of french": LANGUAGES["french"].encode().decode("cp1252", "replace"),
    "utf-8 among latin": "Shenzhen " * 20 + "图书馆藏".encode().decode("latin-1") * 3,
    "gbk among latin": "Shenzhen Library " * 5 + SIMPLIFIED.encode("gbk").decode("latin-1"),
    "exchanged": exchanged((SIMPLIFIED + TRADITIONAL) * 2, HAN),
    "shifted": shifted("The quick brown fox jumps over the lazy dog, and all are born free and equal. " * 6),
    "caesar": "".join(chr((ord(c) - 97 + 9) % 26 + 97) if "a" <= c <= "z" else c for c in LANGUAGES["english"] * 3),
}  # fmt: skip


@pytest.mark.parametrize("case", GARBLED)
def test_text_that_means_nothing_is_told(case: str) -> None:
    assert why_garbled(GARBLED[case]) is not None


def test_a_page_without_text_is_not_garbled() -> None:
    assert why_garbled("") is None
    assert why_garbled(" \n\u3000") is None


def test_signs_of_a_font_that_does_not_tell_its_characters() -> None:
    assert why_garbled('"7+%-') is None
    assert why_garbled('"7+%-', guessed=True) is not None


@given(st.text())
def test_any_text_is_told_one_way_or_the_other(text: str) -> None:
    assert why_garbled(text) is None or why_garbled(text)


GARBLED_FILES = {"cmyk.pdf", "truetype_font_nomapping.pdf"}


def test_of_real_pdfs_just_those_that_lie_are_left_without_text(corpus: Callable[[str], Path]) -> None:
    told: set[str] = set()
    for path in sorted(corpus("pdf").glob("*.pdf")):
        try:
            source = pdf.open_source(path, path.name, Limits())
        except BadInput:
            continue
        for page in source.outline().pages[:10]:
            raw = source._document[page.index].get_text().strip()
            if source.text(page.index) is None and len(raw) > 4:
                told.add(path.name)
        source.close()
    assert told == GARBLED_FILES
