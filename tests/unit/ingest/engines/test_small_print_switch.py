"""The closer look at small print, and that it can be switched off."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from wenyuan.ingest.engines.detection import Detector
from wenyuan.ingest.engines.engine import Look, Wish
from wenyuan.ingest.engines.line_reading import LineReader
from wenyuan.ingest.engines.rapidocr import RapidOcr

ALPHABET = ("", "志", "縣")


class Seen:
    """Stands for the detector's network: one thin line in whatever it is shown, and how large that was."""

    def __init__(self) -> None:
        self.widths: list[int] = []

    def __call__(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        height, width = batch.shape[2:]
        self.widths.append(width)
        chances = np.zeros((1, 1, height, width), np.float32)
        chances[0, 0, height // 2 : height // 2 + round(0.008 * width), width // 4 : width // 2] = 1
        return chances


def read_surer_the_second_time() -> LineReader:
    """Stands for the recogniser: surer of each line than of the one before."""
    chances = iter((0.8, 0.95, 0.99))

    def network(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        chance = next(chances)
        answer = np.zeros((1, 4, len(ALPHABET)), np.float32)
        answer[0, :, 0] = 1
        answer[0, 1], answer[0, 2] = (1 - chance, chance, 0), (1 - chance, 0, chance)
        return answer

    return LineReader(network, ALPHABET)


@pytest.mark.parametrize(("small_print", "looks", "expected"), [(True, 2, Look.CLOSER), (False, 1, Look.WHOLE)])
def test_small_print_is_looked_at_once_more_and_larger_unless_switched_off(
    small_print: bool, looks: int, expected: Look
) -> None:
    seen = Seen()
    engine = RapidOcr(Detector(seen), read_surer_the_second_time(), "fake")
    page = np.random.default_rng(1).integers(0, 255, (1200, 900, 3), np.uint8)
    (line,) = engine.read(page, Wish(small_print=small_print))
    assert len(seen.widths) == looks
    assert seen.widths == sorted(seen.widths)
    assert (line.text, line.look) == ("志縣", expected)
