"""Pages on which nothing is printed: told before any engine looks."""

from __future__ import annotations

import cv2
import numpy as np

from wenyuan.ingest.engines.engine import Picture

_LONGEST = 1200
"""Pixels in which a page is looked at; a lone character of 40 pixels on a page of 3500 is still 14 pixels high."""
_CONTRAST = 14
"""Grey values (of 255) by which ink is darker than the paper around it; less is the texture of paper."""
_LEAST_INK = 6
"""Pixels of that size: a character has dozens; less is a speck."""


def is_blank(picture: Picture) -> bool:
    """Whether a page has no ink: blank paper, however stained, or an empty scan."""
    height, width = picture.shape[:2]
    scale = min(1.0, _LONGEST / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grey = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    grey = cv2.GaussianBlur(grey, (0, 0), 0.8).astype(np.float32)
    contrast = cv2.GaussianBlur(grey, (0, 0), 12) - grey
    # Ink darker than the paper, or light print on dark ground.
    return int((np.abs(contrast) > _CONTRAST).sum()) < _LEAST_INK
