"""Ingest: pages a second of each kind of input, memory of every process, and the first page a reader gets.

    python -m benchmarks.ingest [--scans N] [--pdf-pages N] [--book-pages N] [--folder-mb N]

Inputs are made on the spot: scans of A4 at 300 dpi with noise that looks like text, a born-digital PDF of Chinese
pages, an e-book of about 5 MB. Rates are those of one process that works on pages (`workers = 1`), wall time, from the
files handed in to the item published; peers do the bare minimum on the same files in the same run, and the ratio says
what our way costs. The folder whose memory is measured is small by default (say --folder-mb 1024 for the whole
gigabyte): memory does not depend on its length, which is what the benchmark is there to show.

Targets are those of the issue "The whole way"; the figures hang on the machine, the ratios less so.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pymupdf
import pyvips
from lxml import etree

from benchmarks.search.__main__ import corpus
from wenyuan.ingest.receive import receive
from wenyuan.ingest.submit import submit
from wenyuan.ingest.worker import Worker
from wenyuan.reader.app import create_app
from wenyuan.repo import indexing, wiring
from wenyuan.repo.catalogue import deliveries, items
from wenyuan.repo.catalogue.jobs import Job
from wenyuan.repo.library import Library
from wenyuan.repo.settings import load

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "benchmarks" / "out" / "ingest.json"
A4_300_DPI = (3508, 2480)
"""Rows and columns."""
READING_WIDTH = 1600
PAGE_CHARACTERS = 900
EPUB_BYTES = 5 * 1024**2
EPUB_CHAPTERS, EPUB_PICTURES, EPUB_FONT_BYTES = 60, 30, 1024**2
TARGETS = {
    "scans, pages/s a core": ("≥", 2.0),
    "PDF text and index, pages/s a core": ("≥", 25.0),
    "PDF page pictures, pages/s a core": ("≥", 4.0),
    "EPUB of 5 MB, s": ("≤", 3.0),
    "long PDF, peak MB of a process": ("≤", 500.0),
    "folder of scans, peak MB of a process": ("≤", 500.0),
    "first page of the long PDF, server ms": ("≤", 50.0),
}

Figures = dict[str, float]


# Inputs.


def page_texts(count: int) -> list[str]:
    """Full pages of Chinese text."""
    pages: list[str] = []
    running = ""
    for text in itertools.cycle(corpus(2 * count)):
        running += text
        if len(running) >= PAGE_CHARACTERS:
            pages.append(running[:PAGE_CHARACTERS])
            running = ""
        if len(pages) == count:
            break
    return pages


def scan(draw: np.random.Generator) -> bytes:
    """A page as a JPEG: paper with grain, and 40 × 28 blobs of strokes like characters."""
    paper = draw.normal(222, 6, (*A4_300_DPI, 1)).repeat(3, axis=2) * np.array([1.0, 0.97, 0.88])
    glyphs = draw.random((60, 9, 9)).repeat(6, axis=1).repeat(6, axis=2) > 0.55
    for row in range(40):
        for column in range(28):
            top, left = 150 + row * 80, 150 + column * 78
            paper[top : top + 54, left : left + 54][glyphs[draw.integers(60)]] = 35
    pixels = np.clip(paper, 0, 255).astype(np.uint8)
    data: bytes = pyvips.Image.new_from_memory(pixels.tobytes(), *A4_300_DPI[::-1], 3, "uchar").jpegsave_buffer(Q=85)
    return data


def make_scans(folder: Path, count: int, some: list[bytes]) -> Path:
    """A folder of scans; each is one of some pages with a comment of its own, so that no two files are the same."""
    folder.mkdir(parents=True)
    for number in range(count):
        page = some[number % len(some)]
        comment = f"page {number}".encode()
        marked = page[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + page[2:]
        (folder / f"{number + 1:05}.jpg").write_bytes(marked)
    return folder


def make_pdf(path: Path, pages: list[str]) -> Path:
    """A born-digital PDF, a page of Chinese text on each page, with an outline."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = pymupdf.open()
    for text in pages:
        page = document.new_page()
        page.insert_textbox(pymupdf.Rect(60, 60, 535, 780), text, fontname="china-s", fontsize=12)
    document.set_toc([[1, f"第{number}节", number] for number in range(1, len(pages) + 1, 20)])
    document.save(path, deflate=True)
    document.close()
    return path


def make_epub(path: Path, texts: list[str]) -> Path:
    """An e-book of about 5 MB: 60 chapters of 3,600 characters, 30 pictures and a font."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(3)
    head = '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title>x</title>'
    style = "<style>@font-face { font-family: own; src: url(own.otf) } p { font-family: own, serif }</style>"
    chapters = {
        f"c{number}.xhtml": f"{head}{style}</head><body><h1>第{number}回</h1>"
        + "".join(f"<p>{texts[(number * 4 + more) % len(texts)]}</p>" for more in range(4))
        + (f'<img src="p{number}.jpg" alt=""/>' if number < EPUB_PICTURES else "")
        + "</body></html>"
        for number in range(EPUB_CHAPTERS)
    }
    manifest = "".join(f'<item id="{n[:-6]}" href="{n}" media-type="application/xhtml+xml"/>' for n in chapters)
    manifest += "".join(f'<item id="p{n}" href="p{n}.jpg" media-type="image/jpeg"/>' for n in range(EPUB_PICTURES))
    manifest += '<item id="own" href="own.otf" media-type="font/otf"/>'
    spine = "".join(f'<itemref idref="{name[:-6]}"/>' for name in chapters)
    entries = "".join(f'<li><a href="{name}">{name}</a></li>' for name in chapters)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr(
            "META-INF/container.xml",
            '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        book.writestr(
            "book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x:1</dc:identifier>'
            "<dc:title>章回小說</dc:title><dc:language>zh-Hant</dc:language></metadata><manifest>"
            f'<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>{manifest}'
            f"</manifest><spine>{spine}</spine></package>",
        )
        nav = f'<nav epub:type="toc"><ol>{entries}</ol></nav>'
        book.writestr("nav.xhtml", f"{head}</head><body>{nav}</body></html>")
        for name, text in chapters.items():
            book.writestr(name, text)
        font = b"OTTO" + draw.integers(0, 256, EPUB_FONT_BYTES, dtype=np.uint8).tobytes()
        book.writestr("own.otf", font, zipfile.ZIP_STORED)
        each = (EPUB_BYTES - book.fp.tell()) // EPUB_PICTURES if book.fp else 0
        side = int((each / 0.43) ** 0.5)
        for number in range(EPUB_PICTURES):
            noise = draw.integers(0, 256, (side, side), dtype=np.uint8)
            picture = pyvips.Image.new_from_memory(noise.tobytes(), side, side, 1, "uchar")
            book.writestr(f"p{number}.jpg", picture.jpegsave_buffer(Q=50), zipfile.ZIP_STORED)
    return path


# Measuring.


@contextmanager
def library_at(home: Path, **settings: Any) -> Iterator[Library]:
    built = wiring.build(load(home=home, **settings))
    try:
        yield built
    finally:
        built.close()


class Stopwatch:
    """Seconds between the first and the last word of each stage."""

    def __init__(self) -> None:
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def watch(self, job: Job, stage: str, done: int, total: int) -> None:
        """Called by the worker."""
        del job, done, total
        self._last[stage] = time.perf_counter()
        self._first.setdefault(stage, self._last[stage])

    def seconds(self, stage: str) -> float:
        """How long a stage took."""
        return self._last[stage] - self._first[stage]


def hand_in(library: Library, path: Path, stopwatch: Stopwatch | None = None) -> float:
    """Seconds from the path to the published and indexed item; the processes are there before the clock starts."""
    worker = Worker(library, (stopwatch or Stopwatch()).watch)
    try:
        worker.pool.submit(_nothing, None).result()
        start = time.perf_counter()
        delivery = submit(library, receive([path]), [path], "benchmark")
        away = worker.run_until_done(delivery)
        seconds = time.perf_counter() - start
    finally:
        worker.close()
    with library.catalogue.reading() as session:
        outcomes = (deliveries.get(session, delivery).receipt or {})["outcomes"]
    if away or set(outcomes) - {"stored"}:
        raise RuntimeError(f"{path.name}: {away} {outcomes}")
    return seconds


def _nothing(_task: object) -> None:
    """Brings the imports of a new process."""


def timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def peak_megabytes(home: Path, path: Path) -> float:
    """Hand in by the command, with two processes at work; the most that any one process held (VmHWM)."""
    environment = os.environ | {"WENYUAN_HOME": str(home), "WENYUAN_WORKERS": "2", "WENYUAN_EXECUTOR": "process"}
    command = [sys.executable, "-c", "from wenyuan.repo.cli import main; main()", "ingest", "--json", str(path)]
    peaks: dict[int, int] = {}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            for one in _family(root):
                peaks[one.pid] = max(peaks.get(one.pid, 0), _most_held(one.pid))
            time.sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"wenyuan ingest {path.name} ended with {process.returncode}")
    return max(peaks.values()) / 1024


def _family(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _most_held(process: int) -> int:
    """KiB."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def first_page_ms(library: Library) -> tuple[float, float]:
    """The very first answer of a new application, and the median of twenty more."""
    with library.catalogue.reading() as session:
        (item,) = items.browse(session, access=frozenset({"open"}))[0]
    client = create_app(library).test_client()
    spent: list[float] = []
    for _ in range(21):
        start = time.perf_counter()
        answer = client.get(f"/read/{item.id}/1")
        body = answer.get_data()
        spent.append(1000 * (time.perf_counter() - start))
        if answer.status_code != 200 or not body:
            raise RuntimeError(f"/read/{item.id}/1: {answer.status_code}")
    return spent[0], statistics.median(spent[1:])


# Peers: the least that any program must do, with the same libraries.


def shrink(folder: Path) -> None:
    """One thumbnail at reading width, decoded with JPEG's own reduction, for each scan."""
    for path in sorted(folder.iterdir()):
        pyvips.Image.thumbnail(str(path), READING_WIDTH, height=10_000_000).jpegsave_buffer(Q=80)


def read_text(path: Path) -> None:
    with pymupdf.open(path) as document:
        for page in document:
            page.get_text()


def draw_pages(path: Path, count: int) -> None:
    with pymupdf.open(path) as document:
        for page in document.pages(0, count):
            page.get_pixmap(matrix=pymupdf.Matrix(*(2 * [READING_WIDTH / page.rect.width]))).tobytes("jpeg", 80)


def read_chapters(path: Path) -> None:
    """Unpack an e-book, parse its chapters, take their text."""
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            data = book.read(name)
            if name.endswith(".xhtml"):
                "".join(etree.fromstring(data).itertext())


def measure_rates(folder: Path, scans: int, pdf_pages: int) -> Figures:
    """Rates with one process at work, each beside its peer."""
    figures: Figures = {}
    draw = np.random.default_rng(1)
    some = [scan(draw) for _ in range(4)]
    texts = page_texts(max(pdf_pages, 100))
    with library_at(folder / "rates", workers=1, executor="process") as library:
        pictures = make_scans(folder / "scans", scans, some)
        size = sum(path.stat().st_size for path in pictures.iterdir())
        figures["a scan, MB"] = size / scans / 1e6
        figures["scans, pages/s a core"] = scans / hand_in(library, pictures)
        figures["peer: one thumbnail a scan, pages/s"] = scans / timed(lambda: shrink(pictures))

        report, clock = make_pdf(folder / "report.pdf", texts[:pdf_pages]), Stopwatch()
        figures["PDF whole way, pages/s a core"] = pdf_pages / hand_in(library, report, clock)
        index_s = timed(lambda: indexing.rebuild(library))
        figures["PDF text and index, pages/s a core"] = pdf_pages / (clock.seconds("extract") + index_s)
        figures["PDF page pictures, pages/s a core"] = pdf_pages / clock.seconds("derive")
        figures["peer: get_text, pages/s"] = pdf_pages / timed(lambda: read_text(report))
        figures["peer: get_pixmap and JPEG, pages/s"] = min(50, pdf_pages) / timed(lambda: draw_pages(report, 50))

        book = make_epub(folder / "novel.epub", texts)
        figures["the EPUB, MB"] = book.stat().st_size / 1024**2
        figures["EPUB of 5 MB, s"] = hand_in(library, book)
        figures["peer: text of the EPUB's chapters, s"] = timed(lambda: read_chapters(book))
    for ours, peer in (
        ("scans, pages/s a core", "peer: one thumbnail a scan, pages/s"),
        ("PDF text and index, pages/s a core", "peer: get_text, pages/s"),
        ("PDF page pictures, pages/s a core", "peer: get_pixmap and JPEG, pages/s"),
    ):
        figures[f"ratio of {ours.partition(',')[0]} to its peer"] = figures[ours] / figures[peer]
    figures["ratio of EPUB to its peer"] = figures["peer: text of the EPUB's chapters, s"] / figures["EPUB of 5 MB, s"]
    return figures


def measure_memory(folder: Path, book_pages: int, folder_mb: int) -> Figures:
    """The most that any process held, and what a reader of the long book waits for."""
    figures: Figures = {"long PDF, pages": book_pages}
    book = make_pdf(folder / "long.pdf", page_texts(book_pages))
    figures["long PDF, peak MB of a process"] = peak_megabytes(folder / "long", book)
    with library_at(folder / "long") as library:
        first, median = first_page_ms(library)
    figures["very first page of a new server, ms"] = first
    figures["first page of the long PDF, server ms"] = median
    draw = np.random.default_rng(2)
    some = [scan(draw) for _ in range(4)]
    count = max(1, folder_mb * 1024**2 // len(some[0]))
    pictures = make_scans(folder / "folder", count, some)
    figures["folder of scans, MB"] = sum(path.stat().st_size for path in pictures.iterdir()) / 1024**2
    figures["folder of scans, peak MB of a process"] = peak_megabytes(folder / "many", pictures)
    return figures


def report(figures: Figures) -> None:
    """Print all figures beside their targets, and keep them."""
    for name, value in figures.items():
        sign, target = TARGETS.get(name, ("", 0.0))
        met = value >= target if sign == "≥" else value <= target
        aim = f"{sign} {target:g}  {'met' if met else 'MISSED'}" if sign else ""
        print(f"{name:52} {value:12,.3f}   {aim}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Run and report."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scans", type=int, default=10, help="scans to measure the rate with (10)")
    arguments.add_argument("--pdf-pages", type=int, default=200, help="pages of the PDF for the rates (200)")
    arguments.add_argument("--book-pages", type=int, default=1000, help="pages of the PDF for memory (1000)")
    arguments.add_argument("--folder-mb", type=int, default=48, help="size of the folder for memory (48; try 1024)")
    wanted = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wenyuan-bench-"))
    try:
        figures = measure_rates(folder, wanted.scans, wanted.pdf_pages)
        figures |= measure_memory(folder, wanted.book_pages, wanted.folder_mb)
    finally:
        shutil.rmtree(folder)
    report(figures)


if __name__ == "__main__":
    main()
