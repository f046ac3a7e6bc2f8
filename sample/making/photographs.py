"""Item 9: three old photographs, described in one CSV."""

from __future__ import annotations

import csv
from pathlib import Path

from . import bridge, harbour, street
from .darkroom import exposed, mounted
from .records import FOLDER
from .wear import save_jpeg

PRINTS = (
    ("harbour.jpg", harbour.paint, "南山海港晨景　民國十九年　華光攝", 71),
    ("arcade-street.jpg", street.paint, "南山中正街　民國廿三年　華光攝", 72),
    ("bridge.jpg", bridge.paint, "通濟橋　民國廿五年　華光攝", 73),
)


def make(folder: Path) -> None:
    """Paint the photographs and write metadata.csv beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, paint, caption, seed in PRINTS:
        save_jpeg(mounted(exposed(paint()), caption, seed), folder / name, 78)
    rows = (FOLDER / "photographs.csv").read_text(encoding="utf-8").splitlines()
    # A byte order mark, because spreadsheets take UTF-8 for GBK without it.
    with (folder / "metadata.csv").open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(csv.reader(rows))
