"""Even out uneven light: shadows of the fold, browned edges. Off unless switched on.

Measured on worn pages it makes characters worse rather than better, because it strengthens the grain with the ink; it
is here for scans so dark in part that nothing is found there (docs/recognition.md).
"""

from __future__ import annotations

import cv2
import numpy as np

from wenyuan.ingest.engines.engine import Picture

_LOOK = 600
"""Pixels of the longer side in which the paper is looked at."""
_INK = 15
"""Pixels of that size: the widest stroke that is taken for ink."""


def evened(picture: Picture) -> Picture:
    """The picture divided by its own paper."""
    height, width = picture.shape[:2]
    scale = min(1.0, _LOOK / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    paper = cv2.dilate(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.ones((_INK, _INK), np.uint8))
    paper = cv2.resize(cv2.GaussianBlur(paper, (0, 0), _INK / 2), (width, height))
    return np.asarray(cv2.divide(picture, np.maximum(paper, 32), scale=245), np.uint8)
