"""One engine over many pages, in a process of its own: its memory and its time are nobody else's.

    python -m benchmarks.ocr.worker ENGINE PAGES.json OUT.json

Reads a list of [picture, kind, checksum], writes of each page the text in the engine's order and, for ours, in reading
order, with seconds of processor and of the clock; at last the most memory that the process (or a program it called)
held.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Reader = Callable[[Path, str], dict[str, Any]]
"""Picture and kind → `engine` and, for ours, `ours` (all that was read, in our order) and `running` (no furniture)."""


def ours() -> tuple[str, Reader]:
    """The way that pages of the library go: preparation, engine, reading order."""
    import pyvips

    from wenyuan.ingest.engines.engine import EngineOptions, FoundLine, Picture, Wish
    from wenyuan.ingest.engines.rapidocr import open_engine
    from wenyuan.ingest.recognition import Plan, recognise_page

    class Listening:
        """The engine, and what it said last."""

        def __init__(self) -> None:
            self.inner = open_engine(EngineOptions(threads=1))
            self.said: list[FoundLine] = []

        @property
        def label(self) -> str:
            return self.inner.label

        def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
            self.said = self.inner.read(picture, wish)
            return self.said

    engine = Listening()

    def read(path: Path, kind: str) -> dict[str, Any]:
        del kind
        engine.said = []
        found = recognise_page(pyvips.Image.new_from_file(str(path)), engine, Plan())
        return {
            "engine": [line.text for line in engine.said],
            "ours": [line.text for line in found.layer.lines],
            "running": found.layer.text.split("\n"),
            "boxes": [
                [line.box.x, line.box.y, line.box.width, line.box.height] if line.box else None
                for line in found.layer.lines
            ],
            "regions": [[region.kind, len(region.lines)] for region in found.layer.regions],
            "settings": found.settings,
        }

    return engine.label, read


def rapidocr() -> tuple[str, Reader]:
    """RapidOCR as it comes, but for one thread."""
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def read(path: Path, kind: str) -> dict[str, Any]:
        del kind
        said: Any = engine(str(path))
        return {"engine": list(said.txts or ())}

    return f"rapidocr {importlib.metadata.version('rapidocr')}, defaults", read


def tesseract() -> tuple[str, Reader]:
    """Tesseract, told the best language and page segmentation for each page."""
    label = subprocess.run(["tesseract", "--version"], check=True, capture_output=True, text=True).stdout.split("\n")[0]

    def read(path: Path, kind: str) -> dict[str, Any]:
        languages, segmentation = best_languages(kind)
        said = subprocess.run(
            ["tesseract", str(path), "-", "-l", languages, "--psm", str(segmentation), "--dpi", "300"],
            check=False,
            capture_output=True,
        )
        return {"engine": said.stdout.decode("utf-8", "replace").split("\n")}

    return label, read


def best_languages(kind: str) -> tuple[str, int]:
    """What somebody who knows the page would tell tesseract: languages, page segmentation mode."""
    if "eng" in kind:
        return "eng", 3
    if re.search("_vt|genealogy|chart", kind):
        return "chi_tra_vert", 5
    if "photo" in kind or "mixed" in kind:
        return "chi_sim+eng", 3
    return ("chi_tra" if "ht" in kind else "chi_sim"), 3


ENGINES: dict[str, Callable[[], tuple[str, Reader]]] = {"ours": ours, "rapidocr": rapidocr, "tesseract": tesseract}


def _cpu_s() -> float:
    own, called = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + called.ru_utime + called.ru_stime


def main() -> None:
    """Read all pages."""
    name, listed, out = sys.argv[1:4]
    os.environ["OMP_THREAD_LIMIT"] = os.environ["OMP_NUM_THREADS"] = "1"
    before = time.perf_counter()
    label, read = ENGINES[name]()
    loaded = time.perf_counter() - before
    found = []
    for path, kind, _ in json.loads(Path(listed).read_text(encoding="utf-8")):
        cpu, clock = _cpu_s(), time.perf_counter()
        said = read(Path(path), kind)
        said |= {"cpu_s": _cpu_s() - cpu, "s": time.perf_counter() - clock}
        found.append(said)
        print(f"   {name}: {Path(path).name} {said['cpu_s']:.1f} s", file=sys.stderr, flush=True)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told = {"label": label, "load_s": loaded, "peak_mb": peak * 1024 / 1e6, "pages": found}
    Path(out).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
