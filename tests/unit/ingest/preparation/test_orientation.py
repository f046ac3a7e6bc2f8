"""Pages that read badly are tried in other turns; those that read well never are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from wenyuan.ingest.engines.engine import FoundGlyph, FoundLine, Picture, Wish
from wenyuan.ingest.preparation.orientation import lies, quarters, reads_badly, turned
from wenyuan.ingest.preparation.steps import Steps
from wenyuan.ingest.recognition import Plan, recognise_page


@dataclass
class UprightOnly:
    """An engine that reads a page surely, and right, only when its mark is at the top left."""

    label: str = "upright"
    sure: float = 0.97
    unsure: float = 0.55
    asked: list[tuple[int, int]] = field(default_factory=list)

    def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
        self.asked.append(picture.shape[:2])
        size = picture.shape[0] // 8
        confidence = self.sure if picture[:size, : picture.shape[1] // 8].mean() < 128 else self.unsure
        text = "志" if confidence == self.sure else "口"
        glyphs = tuple(FoundGlyph(text, (40 * k, 0, 40 * k + 40, 40), confidence) for k in range(12))
        return [FoundLine(((0, 0), (480, 0), (480, 40), (0, 40)), glyphs, vertical=False, confidence=confidence)]


def page() -> Picture:
    """Twice as high as wide, with a dark corner where the text begins."""
    picture = np.full((1200, 600, 3), 240, np.uint8)
    picture[:150, :75] = 0
    return picture


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_page_is_turned_back(turn: int) -> None:
    engine = UprightOnly()
    lying = turned(page(), turn)
    found = recognise_page(lying, engine, Plan())
    assert found.settings["turned"] == 90 * (4 - turn)
    assert found.layer.text == "志" * 12
    first = found.layer.lines[0].glyphs[0]
    corner = np.zeros(lying.shape[:2], bool)
    corner[first.y : first.y + first.height, first.x : first.x + first.width] = True
    assert lying[corner].mean() < 128


def test_a_page_that_reads_well_is_read_once_and_a_dozen_of_its_characters_again() -> None:
    engine = UprightOnly()
    found = recognise_page(page(), engine, Plan())
    assert len(engine.asked) == 2
    assert engine.asked[1][0] < 100
    assert "turned" not in found.settings


@dataclass
class ReadsLying:
    """An engine that reads characters lying on their left side like upright ones, as recognisers of columns do.

    Characters are squares that are dark at their top; those that are not are misread.
    """

    vertical: bool
    label: str = "lying"

    def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
        if picture.shape[0] < 200:  # a row of single characters
            return [self._line([self._told(picture[28:68, 28 + 50 * k : 68 + 50 * k]) for k in range(12)])]
        return [self._line(["志"] * 12)]

    def _told(self, cell: Picture) -> str:
        top, left = cell[:10].mean() < 128, cell[:, :10].mean() < 128
        return "志" if top or left else "口"

    def _line(self, text: list[str]) -> FoundLine:
        boxes = [(0, 40 * k, 40, 40 * k + 40) if self.vertical else (40 * k, 0, 40 * k + 40, 40) for k in range(12)]
        glyphs = tuple(FoundGlyph(one, box, 0.97) for one, box in zip(text, boxes, strict=True))
        right, bottom = boxes[-1][2:]
        return FoundLine(((0, 0), (right, 0), (right, bottom), (0, bottom)), glyphs, self.vertical, 0.97)


@pytest.mark.parametrize(
    ("vertical", "dark", "expected"),
    [(True, "top", 0), (True, "right", 3), (False, "top", 0), (False, "left", 1)],
)
def test_a_page_that_reads_well_as_it_lies_is_told_by_its_characters(vertical: bool, dark: str, expected: int) -> None:
    lying = np.full((600, 600, 3), 240, np.uint8)
    for k in range(12):
        cell = lying[40 * k : 40 * k + 40, :40] if vertical else lying[:40, 40 * k : 40 * k + 40]
        {"top": cell[:12], "right": cell[:, 28:], "left": cell[:, :12]}[dark][:] = 0
    engine = ReadsLying(vertical)
    assert lies(lying, engine.read(lying, Wish()), engine, Wish()) == expected


def test_too_few_characters_tell_nothing() -> None:
    engine = ReadsLying(vertical=False)
    few = [FoundLine(((0, 0), (40, 0), (40, 40), (0, 40)), engine.read(page(), Wish())[0].glyphs[:5], False, 0.97)]
    assert lies(page(), few, engine, Wish()) == 0


def test_a_page_that_reads_badly_in_every_turn_stays_as_it_is() -> None:
    assert quarters(page(), UprightOnly(sure=0.56), Wish()) == 0


def test_a_page_that_was_turned_on_purpose_can_be_left_alone() -> None:
    engine = UprightOnly()
    recognise_page(turned(page(), 2), engine, Plan(steps=Steps(orientation=False)))
    assert len(engine.asked) == 1


def test_no_line_at_all_reads_badly() -> None:
    assert reads_badly([])
