"""Pages that read badly are tried in other turns; those that read well never are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from wenyuan.ingest.engines.engine import FoundGlyph, FoundLine, Picture, Wish
from wenyuan.ingest.preparation.orientation import quarters, reads_badly, turned
from wenyuan.ingest.preparation.steps import Steps
from wenyuan.ingest.recognition import Plan, recognise_page


@dataclass
class UprightOnly:
    """An engine that reads a page surely only when its mark is at the top left."""

    label: str = "upright"
    sure: float = 0.97
    unsure: float = 0.55
    asked: list[tuple[int, int]] = field(default_factory=list)

    def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
        self.asked.append(picture.shape[:2])
        size = picture.shape[0] // 8
        confidence = self.sure if picture[:size, : picture.shape[1] // 8].mean() < 128 else self.unsure
        glyphs = tuple(FoundGlyph("志", (40 * k, 0, 40 * k + 40, 40), confidence) for k in range(12))
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


def test_a_page_that_reads_well_is_read_once() -> None:
    engine = UprightOnly()
    found = recognise_page(page(), engine, Plan())
    assert len(engine.asked) == 1
    assert "turned" not in found.settings


def test_a_page_that_reads_badly_in_every_turn_stays_as_it_is() -> None:
    assert quarters(page(), UprightOnly(sure=0.56), Wish()) == 0


def test_a_page_that_was_turned_on_purpose_can_be_left_alone() -> None:
    engine = UprightOnly()
    recognise_page(turned(page(), 2), engine, Plan(steps=Steps(orientation=False)))
    assert len(engine.asked) == 1


def test_no_line_at_all_reads_badly() -> None:
    assert reads_badly([])
