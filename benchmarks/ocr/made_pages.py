"""Made pages with ground truth, in many layouts, typefaces and states of wear.

    python -m benchmarks.ocr.made_pages FOLDER [--kinds vt_news_tiers,…] [--seeds 0-9] [--wear light,heavy]

writes pages in the format of `../shared/corpus/ocr`: `manifest.tsv`, and of each page a `.jpg`, a `.txt` (its lines in
reading order) and a `.json` (lines of [character, left, top, right, bottom]); beside them `.more.json` with what that
format has no place for: role and direction of each line, printed rules, typefaces.

The rule of reading order is that of an educated reader of Chinese; each kind's function says it. Everything printed
is in the truth: running heads come first, page numbers last (in the outer margin of a vertical page both as a column
that stands there), the words of a leaf's fold between its halves; `body` leaves such furniture out. Seeds below 1000
are for development, those from 1000 on, with other text, for judging.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.ocr.corpus import MAKER
from benchmarks.ocr.drawing import drawn
from benchmarks.ocr.layouts import books, leaves, modern_news, old_news, others, vertical_books
from benchmarks.ocr.layouts.desk import Desk
from benchmarks.ocr.sheet import Role, Sheet
from benchmarks.ocr.wearing import aged, bend, bent_boxes

Kind = Callable[[Desk], Sheet]
KINDS: dict[str, Kind] = {
    "hs_book": books.simplified,
    "ht_book": books.traditional,
    "hs_2col": books.two_columns,
    "ht_2col": books.two_columns_traditional,
    "hs_3col": books.three_columns,
    "hs_news": modern_news.page,
    "hs_facing": books.facing,
    "hs_contents": books.contents,
    "hs_table": others.table,
    "hs_mixed": others.mixed,
    "hs_photo": others.photographs,
    "eng_2col": others.english,
    "vt_book": vertical_books.single,
    "vt_facing": vertical_books.facing,
    "vt_half": leaves.half,
    "vt_leaf": leaves.woodblock,
    "vt_jiazhu": leaves.notes,
    "vt_siku4": leaves.four_up,
    "vt_news_halves": old_news.halves,
    "vt_news_tiers": old_news.tiers,
    "vt_news_across": old_news.across,
    "vt_news_adverts": old_news.adverts,
    "vt_news_dense": old_news.dense,
    "vt_news_crop": old_news.crop,
    "vt_photo": others.photographs_vertical,
    "genealogy": others.genealogy,
    "chart": others.chart,
}
Mark = tuple[str, float, float, float, float]


@dataclass(frozen=True, slots=True)
class MadeLine:
    """A line or column as printed.

    Attributes:
        marks: its characters in reading order, each with left, top, right, bottom of its cell.
    """

    marks: tuple[Mark, ...]
    vertical: bool
    role: Role

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(mark[0] for mark in self.marks)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """What its cells cover."""
        return (
            min(mark[1] for mark in self.marks),
            min(mark[2] for mark in self.marks),
            max(mark[3] for mark in self.marks),
            max(mark[4] for mark in self.marks),
        )


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page and the truth about it, in pixels of the scan.

    Attributes:
        picture: height × width × 3, 8-bit RGB; None if it was not drawn.
        lines: all that is printed, in reading order.
        rules: printed rules: x0, y0, x1, y1.
        direction: "vertical" or "horizontal", of most of the text.
        typefaces: names of what it is set in.
    """

    kind: str
    seed: int
    wear: str
    width: int
    height: int
    picture: NDArray[np.uint8] | None
    lines: tuple[MadeLine, ...]
    rules: tuple[tuple[float, float, float, float], ...]
    pictures: tuple[tuple[float, float, float, float], ...]
    direction: str
    typefaces: tuple[str, ...]

    @property
    def truth(self) -> str:
        """Every line in reading order, parted by line ends."""
        return "\n".join(line.text for line in self.lines)

    @property
    def body(self) -> str:
        """The same without furniture."""
        return "\n".join(line.text for line in self.lines if line.role != Role.FURNITURE)


def make(kind: str, seed: int, wear: str = "light", *, draw: bool = True) -> MadePage:
    """Make one page; the same arguments give the same page where the same typefaces are installed.

    Args:
        kind: one of `KINDS`.
        wear: "none", "light" or "heavy"; layout and text hang on kind and seed alone.
        draw: with a picture (about a second); else boxes only (milliseconds).
    """
    desk = Desk(kind, seed)
    sheet = KINDS[kind](desk)
    chance = random.Random(f"{kind}/{seed}/{wear}")
    smallest = min((line.size for line in sheet.lines), default=40.0)
    bent = bend(wear, chance, sheet.width, sheet.height, smallest=smallest)
    boxes = bent_boxes([glyph.box for line in sheet.lines for glyph in line.glyphs], bent)
    lines, at = [], 0
    for line in sheet.lines:
        marks = tuple((glyph.char, *box) for glyph, box in zip(line.glyphs, boxes[at:], strict=False))
        lines.append(MadeLine(marks, line.vertical, line.role))
        at += len(line.glyphs)
    picture = None
    if draw:
        picture = aged(bent.picture(drawn(sheet, pictures=seed)), wear, chance, smallest=smallest * bent.scale)
    return MadePage(
        kind,
        seed,
        wear,
        round(sheet.width * bent.scale),
        round(sheet.height * bent.scale),
        picture,
        tuple(lines),
        tuple(_ends(sheet, bent)),
        tuple(bent_boxes(sheet.pictures, bent)),
        sheet.writing,
        tuple(dict.fromkeys(face.name for face in desk.faces)),
    )


def _ends(
    sheet: Sheet, bent: Callable[..., tuple[NDArray[np.float64], NDArray[np.float64]]]
) -> list[tuple[float, float, float, float]]:
    if not sheet.strokes:
        return []
    first = bent(
        np.array([stroke.x0 for stroke in sheet.strokes], float),
        np.array([stroke.y0 for stroke in sheet.strokes], float),
    )
    last = bent(
        np.array([stroke.x1 for stroke in sheet.strokes], float),
        np.array([stroke.y1 for stroke in sheet.strokes], float),
    )
    return [tuple(row) for row in np.stack([*first, *last], 1).round(1).tolist()]


def write(page: MadePage, folder: Path, name: str) -> dict[str, str]:
    """Write a page; its row of the manifest."""
    assert page.picture is not None
    cv2.imwrite(str(folder / f"{name}.jpg"), page.picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    (folder / f"{name}.txt").write_text(page.truth + "\n", encoding="utf-8")
    (folder / f"{name}.json").write_text(
        json.dumps([line.marks for line in page.lines], ensure_ascii=False), encoding="utf-8"
    )
    more = {
        "direction": page.direction,
        "roles": [line.role for line in page.lines],
        "vertical": [line.vertical for line in page.lines],
        "rules": page.rules,
        "pictures": page.pictures,
        "typefaces": page.typefaces,
    }
    (folder / f"{name}.more.json").write_text(json.dumps(more, ensure_ascii=False), encoding="utf-8")
    return {
        "file": f"{name}.jpg",
        "gt": f"{name}.txt",
        "kind": f"synth_{page.kind}_{page.wear}",
        "source": f"{MAKER}, seed {page.seed}; {', '.join(page.typefaces)}",
        "licence": "text MIT / CC BY-SA 4.0 (kanripo)",
    }


def write_manifest(rows: list[dict[str, str]], folder: Path) -> None:
    """Write `manifest.tsv`."""
    with (folder / "manifest.tsv").open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, ["file", "gt", "kind", "source", "licence"], delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def seeds(told: str) -> range:
    """`3` or `0-9`."""
    first, _, last = told.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> None:
    """Write a folder of pages."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--kinds", default=",".join(KINDS), help="which, parted by commas; all")
    arguments.add_argument("--seeds", type=seeds, default=range(1), help="0, or 0-9 (0)")
    arguments.add_argument("--wear", default="light,heavy", help="none, light, heavy (light,heavy)")
    wanted = arguments.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for kind in wanted.kinds.split(","):
        for seed in wanted.seeds:
            for wear in wanted.wear.split(","):
                start = time.perf_counter()
                page = make(kind, seed, wear)
                rows.append(write(page, wanted.folder, f"{kind}_{seed}_{wear}"))
                print(
                    f"{kind} {seed} {wear}: {len(page.truth)} characters, {time.perf_counter() - start:.1f} s",
                    flush=True,
                )
    write_manifest(rows, wanted.folder)


if __name__ == "__main__":
    main()
