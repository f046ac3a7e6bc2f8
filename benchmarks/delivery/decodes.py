"""Count pixel decodes on the way of the mixed session: every address of it asked once, in one process.

    python -m benchmarks.delivery.decodes HOME < ADDRESSES

Counts calls of libvips and of Pillow's and MuPDF's decoders, whoever makes them. That the counter counts is shown by
a part that nobody has made; where that leaves no trace (because the server draws elsewhere) there is no figure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pymupdf
import pyvips
from PIL import Image
from werkzeug.test import Client

from benchmarks.delivery.ours import Home
from benchmarks.ingest import library_at
from wenyuan.reader.app import create_app

UNMADE = "10,10,333,333/200,200/0/default.jpg"


def count(home: Home) -> int | None:
    """Decodes while every address of the session is answered once; None where the counter sees nothing."""
    asked = home.addresses
    unmade = asked.infos[0].replace("info.json", UNMADE)
    paths = [*asked.infos, *asked.views, *asked.thumbnails, *asked.every_tile(), unmade]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.delivery.decodes", str(home.folder)],
        input="\n".join(paths), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
    return told["made"] if told["unmade"] else None


class _Counter:
    def __init__(self) -> None:
        self.calls = 0

    def watching(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted."""

        def counted(*given: Any, **named: Any) -> Any:
            self.calls += 1
            return function(*given, **named)

        return counted


def main() -> None:
    """Ask, and print the counts as JSON."""
    *paths, unmade = sys.stdin.read().split()
    counter = _Counter()
    pyvips.Operation.call = staticmethod(counter.watching(pyvips.Operation.call))
    Image.open = counter.watching(Image.open)
    pymupdf.Page.get_pixmap = counter.watching(pymupdf.Page.get_pixmap)
    with library_at(sys.argv[1]) as library:  # type: ignore[arg-type]
        client = Client(create_app(library))
        counter.calls = 0
        for path in paths:
            if (status := client.get(path).status_code) != 200:
                raise RuntimeError(f"{path}: {status}")
        made, counter.calls = counter.calls, 0
        client.get(unmade)
    print(json.dumps({"made": made, "unmade": counter.calls}))


if __name__ == "__main__":
    main()
