"""Text for made pages: real Chinese from `../shared/corpus/text`, else the sample's texts.

Development pages (seeds below `HELD_OUT`) and pages held out take their text from different halves of it, so that no
sentence that was looked at while tuning comes back when it is judged.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "text" / "zh-pages-100k.jsonl.xz"
KEPT = ROOT / "benchmarks" / "out" / "ocr-texts-1.json"
"""A sample of the corpus, kept since reading all of it takes seconds."""
EVERY = {"hans": 40, "hant": 8}
"""Which pages of the corpus are taken, of each script."""
HELD_OUT = 1000
"""Seeds from here on are for judging, not for tuning."""
SAMPLE = {
    "hans": ("sanguo.txt", "luxun.txt"),
    "hant": (),
}
_MARKED = re.compile(r"[^\u3400-\u9fff\U00020000-\U0003ffff。，、；：？！「」『』《》“”（）\n]")


@cache
def _pages() -> dict[str, list[str]]:
    if KEPT.exists():
        kept: dict[str, list[str]] = json.loads(KEPT.read_text(encoding="utf-8"))
        return kept
    found: dict[str, list[str]] = {"hans": [], "hant": []}
    if CORPUS.exists():
        seen = {"hans": 0, "hant": 0}
        with lzma.open(CORPUS, "rt", encoding="utf-8") as lines:
            for line in lines:
                page = json.loads(line)
                seen[page["script"]] += 1
                if seen[page["script"]] % EVERY[page["script"]] == 0:
                    found[page["script"]].append(_clean(page["text"]))
    else:
        for path in sorted((ROOT / "sample" / "texts").rglob("*.txt")):
            text = path.read_text(encoding="utf-8")
            script = (
                "hant"
                if len(re.findall("[國說經門時書為來]", text)) > len(re.findall("[国说经门时书为来]", text))
                else "hans"
            )
            found[script] += [_clean(text[start : start + 700]) for start in range(0, len(text), 700)]
        for script, other in (("hans", "hant"), ("hant", "hans")):
            found[script] = found[script] or found[other]
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    part = KEPT.with_suffix(f".{random.Random().getrandbits(32):x}")
    part.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    part.replace(KEPT)
    return found


def _clean(text: str) -> str:
    return re.sub("\n+", "\n", _MARKED.sub("", text)).strip()


class Text:
    """An endless run of real text for one page."""

    def __init__(self, draw: random.Random, *, traditional: bool, held_out: bool) -> None:
        pages = _pages()["hant" if traditional else "hans"]
        half = len(pages) // 2
        self._pages = pages[half:] if held_out else pages[:half]
        self._draw = draw
        self._rest = ""
        self._only: frozenset[int] = frozenset()

    def only(self, *characters: frozenset[int]) -> None:
        """From now on leave out what one of these typefaces lacks."""
        self._only = frozenset.intersection(*characters)
        self._rest = "".join(char for char in self._rest if char == "\n" or ord(char) in self._only)

    def _more(self) -> None:
        page = self._draw.choice(self._pages)
        start = self._draw.randrange(max(1, len(page) // 2))
        start = page.find("。", start) + 1
        self._rest += "".join(
            char for char in page[start:] if char == "\n" or not self._only or ord(char) in self._only
        )
        self._rest += "\n"

    def take(self, count: int, *, marks: bool = True) -> str:
        """A run of `count` characters without line ends, beginning with no mark.

        Args:
            marks: with punctuation.
        """
        found = ""
        while len(found) < count:
            if not self._rest:
                self._more()
            char, self._rest = self._rest[0], self._rest[1:]
            if char == "\n" or (char in MARKS and (not marks or not found)):
                continue
            found += char
        return found

    def name(self, least: int, most: int) -> str:
        """A run of Han characters as a title might be."""
        return self.take(self._draw.randint(least, most), marks=False)

    def paragraph(self, least: int, most: int, *, marks: bool = True) -> str:
        """A paragraph; with marks it ends in a full stop."""
        text = self.take(self._draw.randint(least, most) - 1, marks=marks)
        return text.rstrip(MARKS) + "。" if marks else text + self.take(1, marks=False)


MARKS = "。，、；：？！「」『』《》“”（）"
