"""What the pictures cost before anybody reads: processor time, bytes, and memory for a very large map."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pyvips

from benchmarks.delivery import ours
from benchmarks.delivery.pages import Page
from benchmarks.ingest import Stopwatch, peak_megabytes
from wenyuan.ingest.stages import derive
from wenyuan.storage.keys import DERIVATIVES

MAP_SIZE = (16_000, 12_500)
"""Pixels: 200 million."""


class CpuClock(Stopwatch):
    """Processor seconds of this process and its children at the first and the last word of each stage."""

    def __init__(self) -> None:
        super().__init__()
        self._spent: dict[str, tuple[float, float]] = {}

    def watch(self, job: object, stage: str, done: int, total: int) -> None:
        """Called by the worker."""
        del job, done, total
        now = _spent_by_family()
        self._spent[stage] = (self._spent.get(stage, (now, now))[0], now)

    def of(self, stage: str) -> float:
        """What a stage took."""
        first, last = self._spent[stage]
        return last - first

    def of_all(self) -> float:
        """From the first word of the first stage to the last of the last; what follows it is publishing and index."""
        return max(last for _, last in self._spent.values()) - min(first for first, _ in self._spent.values())


def _spent_by_family() -> float:
    this = psutil.Process()
    return sum(sum(one.cpu_times()[:2]) for one in (this, *this.children(recursive=True)))


@dataclass(frozen=True, slots=True)
class Cost:
    """Of the pages taken in.

    Attributes:
        derive_cpu_s: processor seconds a page of the stage that makes all derivatives.
        all_cpu_s: the same of all stages of ingest.
    """

    derive_cpu_s: float
    all_cpu_s: float


def processor(pages: list[Page], source: Path, folder: Path) -> tuple[Cost, ours.Home]:
    """Take pages in with one process at work; what it cost, and the library made."""
    clock = CpuClock()
    home = ours.take_in(pages, source, folder, clock, workers="1")
    return Cost(clock.of(derive.STAGE) / len(pages), clock.of_all() / len(pages)), home


def stored_bytes(home: ours.Home) -> int:
    """Of everything made from the pages."""
    made = home.folder / "store" / DERIVATIVES
    return sum(path.stat().st_size for path in made.rglob("*") if path.is_file())


def jpeg85_bytes(pages: list[Page], source: Path) -> int:
    """Of the same pages, each as one JPEG of quality 85 as libvips makes it unless told otherwise."""
    pictures = (pyvips.Image.new_from_file(str(source / page.file), access="sequential") for page in pages)
    return sum(len(picture.jpegsave_buffer(Q=85)) for picture in pictures)


def map_peaks(page: Path, folder: Path) -> dict[str, float]:
    """Megabytes (2**20 bytes) that the fattest process of ingest held with a map of 200 megapixels in it, by format."""
    peaks: dict[str, float] = {}
    for ending, options in (("tif", {"compression": "lzw"}), ("jpg", {"Q": 90})):
        place = folder / ending
        place.mkdir(parents=True)
        # In a process of its own, whose memory is not ours.
        subprocess.run(
            [sys.executable, "-c", _MAKE_MAP, str(page), str(place / f"map.{ending}"), *map(str, MAP_SIZE)]
            + [f"{name}={value}" for name, value in options.items()],
            check=True,
            env=os.environ,
        )
        peaks[ending] = peak_megabytes(place / "home", place / f"map.{ending}")
    return peaks


_MAKE_MAP = """
import sys, pyvips
page, target, width, height, *options = sys.argv[1:]
tile = pyvips.Image.new_from_file(page)
whole = tile.replicate(1 + int(width) // tile.width, 1 + int(height) // tile.height).crop(0, 0, int(width), int(height))
whole.write_to_file(f"{target}[{','.join(options)}]")
"""
