"""Made pages: their truth must be true, or everything that is tuned on them goes astray."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.ocr import corpus
from benchmarks.ocr.detected import detected
from benchmarks.ocr.made_pages import KINDS, MadeLine, MadePage, make, write, write_manifest
from benchmarks.ocr.sheet import Role
from benchmarks.ocr.texts import HELD_OUT
from benchmarks.ocr.typefaces import faces
from benchmarks.ocr.wearing import Bend, bent_boxes

pytestmark = pytest.mark.skipif(not faces(), reason="no Chinese typeface on this machine: apt install fonts-noto-cjk")
Box = tuple[float, float, float, float]


def overlap(one: Box, other: Box) -> float:
    """How deep two boxes lie in one another, as a share of the smaller one's thickness."""
    wide, high = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    thickness = min(one[2] - one[0], one[3] - one[1], other[2] - other[0], other[3] - other[1])
    return max(0.0, min(wide, high)) / thickness


def ink(page: MadePage, line: MadeLine) -> float:
    """The least ink that one of its characters has within its cell, as a share of the cell; marks left out."""
    assert page.picture is not None
    cells = [
        page.picture[round(y0) : round(y1), round(x0) : round(x1)]
        for char, x0, y0, x1, y1 in line.marks
        if char.isalpha()
    ]
    return min((1 - float(cell.mean()) / 255 for cell in cells), default=1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_lines_stand_on_the_page_and_clear_of_each_other(kind: str) -> None:
    page = make(kind, HELD_OUT, "none", draw=False)
    for line in page.lines:
        assert 0 <= line.box[0] < line.box[2] <= page.width, line.text
        assert 0 <= line.box[1] < line.box[3] <= page.height, line.text
    for one, other in combinations(page.lines, 2):
        assert overlap(one.box, other.box) < 0.1, (one.text, other.text)


@pytest.mark.parametrize("kind", ["vt_news_crop", "vt_half", "vt_jiazhu"])
def test_every_character_stands_in_its_box(kind: str) -> None:
    page = make(kind, 1, "none")
    assert min(ink(page, line) for line in page.lines) > 0.015
    assert page.picture is not None
    for line in page.lines:
        for _, x0, y0, x1, y1 in line.marks:
            page.picture[round(y0) - 2 : round(y1) + 2, round(x0) - 2 : round(x1) + 2] = 255
    for x0, y0, x1, y1 in page.rules:
        cv2.line(page.picture, (round(x0), round(y0)), (round(x1), round(y1)), (255, 255, 255), 16)
    assert (page.picture < 128).mean() < 0.0005, "ink outside of all boxes"


def test_a_bend_moves_the_picture_and_its_boxes_alike() -> None:
    bent = Bend(900, 1200, angle=0.03, curl=9, wave=4, keystone=0.01, scale=0.8)
    points = [(120, 150), (780, 140), (450, 600), (130, 1050), (770, 1060)]
    for x, y in points:
        picture = np.full((1200, 900), 255, np.uint8)
        picture[y - 3 : y + 3, x - 3 : x + 3] = 0
        dark = 255.0 - bent.picture(picture)
        rows, columns = np.indices(dark.shape)
        found = ((columns + 0.5) * dark).sum() / dark.sum(), ((rows + 0.5) * dark).sum() / dark.sum()
        (box,) = bent_boxes([(x - 3, y - 3, x + 3, y + 3)], bent)
        assert found == pytest.approx(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), abs=0.6)


def test_the_same_seed_gives_the_same_page_drawn_or_not() -> None:
    one, other, bare = make("vt_half", 3, "heavy"), make("vt_half", 3, "heavy"), make("vt_half", 3, "heavy", draw=False)
    assert one.lines == other.lines == bare.lines
    assert one.picture is not None
    assert other.picture is not None
    assert np.array_equal(one.picture, other.picture)
    assert bare.picture is None
    assert one.picture.shape == (one.height, one.width, 3)


def test_wear_changes_no_text_and_another_seed_all_of_it() -> None:
    light, heavy = make("vt_news_tiers", 5, "light", draw=False), make("vt_news_tiers", 5, "heavy", draw=False)
    assert light.truth == heavy.truth
    assert light.lines != heavy.lines
    assert make("vt_news_tiers", 6, "light", draw=False).truth != light.truth


def test_columns_of_a_leaf_go_from_right_to_left_the_fold_between_its_halves() -> None:
    page = make("vt_leaf", 2, "none", draw=False)
    roles = [line.role for line in page.lines]
    fold = [number for number, role in enumerate(roles) if role is Role.FURNITURE]
    assert fold
    assert 0 < fold[0] <= fold[-1] < len(roles) - 1
    middles = [(line.box[0] + line.box[2]) / 2 for line in page.lines if line.role is Role.BODY]
    assert all(after <= before + 1 for before, after in pairwise(middles))


def test_double_notes_are_read_right_column_first() -> None:
    page = make("vt_jiazhu", 0, "none", draw=False)
    pairs = [
        (one, other)
        for one, other in pairwise(page.lines)
        if one.role is other.role is Role.NOTE
        and abs(one.box[1] - other.box[1]) < 1
        and overlap(one.box, other.box) == 0
    ]
    assert pairs
    assert all(one.box[0] > other.box[0] for one, other in pairs)
    assert all(len(one.text) - len(other.text) in {0, 1} for one, other in pairs)


def test_headlines_across_an_old_newspaper_are_read_from_right_to_left() -> None:
    lines = [line for seed in range(4) for line in make("vt_news_across", seed, "none", draw=False).lines]
    across = [line for line in lines if not line.vertical and len(line.marks) > 1]
    assert across
    assert all(before[1] > after[1] for line in across for before, after in pairwise(line.marks))


def test_a_detector_without_faults_finds_every_character_once() -> None:
    page = make("vt_news_adverts", 0, "heavy", draw=False)
    origins = sorted(number for line in detected(page, faults=0) for number in line.origins)
    assert origins == list(range(sum(len(line.marks) for line in page.lines)))
    flat = [mark[0] for line in page.lines for mark in line.marks]
    for line in detected(page):
        assert line.text == "".join(flat[number] for number in line.origins)
        assert len(line.centres) == len(line.text)


def test_a_folder_of_pages_is_read_back_as_a_corpus(tmp_path: Path) -> None:
    page = make("vt_photo", 0, "light")
    write_manifest([write(page, tmp_path, "one"), {**write(page, tmp_path, "two"), "file": "kept-back.jpg"}], tmp_path)
    (found,) = corpus.read(tmp_path)
    assert found.truth.read_text(encoding="utf-8").strip() == page.truth
    assert (found.layout, found.group) == ("made_vt_photo", "made")
