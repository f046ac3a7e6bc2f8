"""Our server as `wenyuan serve` runs it, over a library that has really taken in the pages."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from benchmarks.delivery.addresses import Addresses, of_ours
from benchmarks.delivery.pages import Page
from benchmarks.delivery.processes import Server, free_ports, running
from benchmarks.ingest import Stopwatch, hand_in, library_at
from wenyuan.repo.catalogue import items
from wenyuan.repo.chinese import is_han
from wenyuan.repo.settings import PREFIX

WORKERS = 2
COMMAND = (sys.executable, "-c", "from wenyuan.repo.cli import main; main()")
SEARCHES = 20


@dataclass(frozen=True, slots=True)
class Home:
    """A library with the pages as one open item."""

    folder: Path
    settings: Mapping[str, str]
    item: str
    addresses: Addresses

    def searches(self, pages: list[Page]) -> list[str]:
        """Addresses of searches for two characters that stand together on some page."""
        found: list[str] = []
        for text in (page.text for page in pages if page.text):
            place = next(place for place in range(100, len(text)) if all(map(is_han, text[place : place + 2])))
            found.append(f"/read/{self.item}/search.json?q={quote(text[place : place + 2])}")
        return found[:SEARCHES]


def deliver(pages: list[Page], source: Path, folder: Path) -> Path:
    """A folder as it is handed in: pictures in order, and the text beside those that have one."""
    folder.mkdir(parents=True)
    for number, page in enumerate(pages, start=1):
        target = folder / f"{number:03}-{page.file}"
        shutil.copyfile(source / page.file, target)
        if page.text:
            target.with_suffix(".txt").write_text(page.text, encoding="utf-8")
    return folder


def take_in(pages: list[Page], source: Path, folder: Path, stopwatch: Stopwatch | None = None, **settings: str) -> Home:
    """Make a library in a folder and hand the pages in.

    Args:
        stopwatch: is told of each stage.
        settings: of the library, besides the folder.
    """
    delivery = deliver(pages, source, folder / "delivery")
    home = folder / "home"
    with library_at(home, **{"workers": 2, "executor": "process"} | settings) as library:
        hand_in(library, delivery, stopwatch)
        with library.catalogue.reading() as session:
            ((item, *rest),) = [items.browse(session, access=frozenset({"open"}))[0]]
        if rest:
            raise RuntimeError(f"{len(rest) + 1} items instead of one")
        images = [library.images.page(item.id, key) for key in range(1, len(pages) + 1)]
    for image, page in zip(images, pages, strict=True):
        if (image.width, image.height) != (page.width, page.height):
            raise RuntimeError(f"{page.file}: taken in as {image.width} × {image.height}")
    bases = [(f"/iiif/image/3/{item.id}-{image.key}", image.version) for image in images]
    shutil.rmtree(delivery)
    return Home(home, settings, item.id, of_ours(pages, bases))


@contextmanager
def serve(home: Home) -> Iterator[Server]:
    """`wenyuan serve` with two workers; every answer is authorised, as always."""
    (port,) = free_ports(1)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environ |= {f"{PREFIX}{name.upper()}": value for name, value in home.settings.items()}
    environ[f"{PREFIX}HOME"] = str(home.folder)
    command = [*COMMAND, "serve", "--port", str(port), "--workers", str(WORKERS)]
    with running(command, port, home.folder / "server.log", environ) as process:
        yield Server(f"http://127.0.0.1:{port}", (process,))
