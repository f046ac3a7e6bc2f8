"""PP-OCRv6 small from rapidocr's wheel: Chinese in both scripts, Latin, Japanese; lines and columns.

Of the package only the model files are used (Apache-2.0): its own pipeline looks at pages in one size, gives neither
confidences nor alternatives of characters and turns leaning columns over (RapidOCR #706). docs/decisions/012.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import cv2

from wenyuan.ingest.engines import networks
from wenyuan.ingest.engines.detection import Detector
from wenyuan.ingest.engines.doubles import without_doubles
from wenyuan.ingest.engines.engine import Engine, EngineOptions, FoundLine, Look, Picture, Wish
from wenyuan.ingest.engines.line_reading import LineReader
from wenyuan.ingest.engines.marks import classes_of
from wenyuan.ingest.engines.small_print import look_again
from wenyuan.ingest.engines.two_looks import better
from wenyuan.repo.errors import ModelMissing

_DETECTOR = "PP-OCRv6_det_small.onnx"
_READER = "PP-OCRv6_rec_small.onnx"

_LONGEST = 2000
"""Pixels: the longer side that the detector sees first."""
_SMALL = 18
"""Pixels, as the detector sees them: where a fifth of the lines is thinner, notes and small print are missed."""
_SMALL_WHERE_POOR = 36
"""Likewise on pages that read badly."""
_GOOD = 30
"""Pixels: how thick the detector should see them."""
_POOR, _POOR_SHARE = 0.9, 0.3
_MOST_ENLARGED = 2.0
_MOST_SEEN = 16_000_000
"""Pixels of a page that the detector sees at all."""
_LEAST_CONFIDENCE = 0.5
"""Lines below are dirt, ornaments or pictures (rapidocr's figure)."""


@dataclass(frozen=True, slots=True)
class RapidOcr:
    """Finds lines, then reads them."""

    detector: Detector
    reader: LineReader
    label: str

    def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
        """All lines of a page in no particular order."""
        reader = self.reader.restricted(wish.languages)
        scale = min(1.0, _LONGEST / max(picture.shape[:2]))
        lines = reader.read(picture, self.detector.find(picture, scale=scale))
        if wish.small_print:
            closer = _closer(lines, scale, picture)
            if closer:
                second = reader.read(picture, self.detector.find(picture, scale=closer))
                lines = better(lines, [replace(line, look=Look.CLOSER) for line in second])
            lines = look_again(picture, lines, reader)
        return without_doubles([line for line in lines if line.confidence >= _LEAST_CONFIDENCE])


def _closer(lines: Sequence[FoundLine], scale: float, picture: Picture) -> float | None:
    """In which size to look once more: where the print was too small for the detector, or read badly."""
    sizes = sorted(min(math.dist(a, b), math.dist(a, d)) for a, b, _, d in (line.quad for line in lines))
    if not sizes:
        return None
    small = sizes[len(sizes) // 5] * scale
    poor = sum(line.confidence < _POOR for line in lines) > _POOR_SHARE * len(lines)
    if small >= (_SMALL_WHERE_POOR if poor else _SMALL):
        return None
    most = min(_MOST_ENLARGED, math.sqrt(_MOST_SEEN / (picture.shape[0] * picture.shape[1])))
    wanted = min(most, scale * min(_GOOD / small, 2.0))
    return wanted if wanted > 1.2 * scale else None


def open_engine(options: EngineOptions) -> Engine:
    """Load both networks: half a second.

    Raises:
        ModelMissing: rapidocr's wheel does not hold the models.
        UnknownBackend: no such back end.
    """
    cv2.setNumThreads(options.threads)
    backend = networks.choose(options.backend)
    folder = _models()
    detector = networks.load(folder / _DETECTOR, backend, options.threads)
    reader = networks.load(folder / _READER, backend, options.threads)
    alphabet = ("", *reader.notes["character"].splitlines(), " ")
    label = f"rapidocr {version('rapidocr')} PP-OCRv6 small, {networks.label(backend)}"
    return RapidOcr(Detector(detector.run), LineReader(reader.run, alphabet, classes_of(alphabet)), label)


def _models() -> Path:
    """Found without importing the package, which would import what only its own pipeline needs."""
    found = find_spec("rapidocr")
    if found is None or found.origin is None:
        raise ModelMissing(file=_DETECTOR)
    return Path(found.origin).parent / "models"
