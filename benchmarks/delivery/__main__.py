"""Page images: our server beside iipsrv and nginx, on the same pages, in the same run.

    python -m benchmarks.delivery [--runs N] [--seconds N] [--pages N] [--short] [--no-cost]

Every cell is run several times, and the runs of all servers alternate, because a machine is never quiet: a ratio is
the median of the ratios of runs that followed one another. Our server is `wenyuan serve` with two workers over pages
taken in as any delivery, SQLite and the local store; it authorises every answer. Beside it stand Debian's iipsrv (two
processes behind nginx, pyramidal TIFF of 512 px tiles, JPEG quality 75, 10 MB tile cache) and nginx with the very
bytes of our answers as files. `pages` says what the pages are, `session` what readers do, `report` what is told.

Peers that are not installed are skipped and named: apt install iipimage-server nginx-light wrk
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from benchmarks.delivery import addresses, cost, decodes, fidelity, ours, peers, report
from benchmarks.delivery.addresses import Addresses
from benchmarks.delivery.load import Sample as LoadSample
from benchmarks.delivery.load import load
from benchmarks.delivery.pages import ROOT, Page, make
from benchmarks.delivery.processes import Memory, Server
from benchmarks.delivery.report import Runs
from benchmarks.delivery.session import Sample as SessionSample
from benchmarks.delivery.session import session

KEPT_PAGES = ROOT / "benchmarks" / "out" / "pages"
VIEW_BOX = 1024
BUSY_S = 3.0
QUIET_PERCENT = 10
"""What may run beside a benchmark whose figures are worth keeping."""
Cell = Callable[[int], LoadSample | SessionSample]


class Bench:
    """The servers, and the cells that are run in turn."""

    def __init__(self, pages: list[Page], seconds: float, wanting: list[str]) -> None:
        self.pages, self.seconds, self.wanting = pages, seconds, wanting
        self.cells: dict[str, Cell] = {}
        self.memory: list[Memory] = []
        self.fidelity: dict[str, float] = {}
        self._ours: Server | None = None

    def add(self, name: str, server: Server, asked: Addresses, *, only: str = "") -> None:
        """The cells of one server.

        Args:
            only: of this one operation.
        """
        kinds = {
            "tile": asked.every_tile(),
            "whole tile": asked.whole_tiles(self.pages) if name in {"ours", "iipsrv"} else [],
            "reading": asked.views,
            "info": asked.infos,
        }
        for kind, paths in kinds.items():
            if paths and only in {"", kind} and "wrk" not in self.wanting:
                self.cells[f"{kind} {name}"] = self._loaded(server, paths)
        if not only:
            self.cells[f"session {name}"] = lambda _run: session(server, asked, 2 * self.seconds)

    def _loaded(self, server: Server, paths: list[str]) -> Cell:
        return lambda run: load(server, paths, self.seconds, run)

    def add_ours(self, server: Server, home: ours.Home) -> None:
        """Our server: also with searches, and its memory is watched."""
        self._ours = server
        self.add("ours", server, home.addresses)
        searches = home.searches(self.pages)
        self.cells["session ours, search"] = lambda _run: session(server, home.addresses, 2 * self.seconds, searches)

    def run(self, runs: int) -> Runs:
        """All cells of one kind one after the other, kind after kind, and that several times."""
        order = sorted(self.cells, key=lambda name: ("session" in name, name))
        found: Runs = {name: [] for name in order}
        for number in range(runs):
            print(f"run {number + 1} of {runs}", flush=True)
            for name in order:
                found[name].append(self.cells[name](number))
                if self._ours is not None and " ours" in name:
                    self.memory.append(self._ours.memory())
        return found


def measure_speed(pages: list[Page], source: Path, folder: Path, wanted: argparse.Namespace) -> tuple[Any, ...]:
    """Figures and runs of all servers, and our library."""
    wanting = peers.missing()
    if wanting:
        print(f"skipped for want of: {' '.join(wanting)}   (apt install {' '.join(wanting)})")
    bench = Bench(pages, wanted.seconds, wanting)
    home = ours.take_in(pages, source, folder / "ours")
    with ExitStack() as stack:
        server = stack.enter_context(ours.serve(home))
        addresses.check(server.origin, home.addresses, pages)
        bench.add_ours(server, home)
        bench.fidelity["tile_psnr_db"] = fidelity.psnr_db(server.origin, home.addresses, pages, source)
        _add_iipsrv(bench, stack, source, folder)
        if "nginx-light" not in wanting:
            files = peers.save_as_files(server.origin, home.addresses, pages, folder / "files")
            with_files = stack.enter_context(peers.files(folder / "files", folder / "nginx"))
            addresses.check(with_files.origin, files, pages)
            bench.add("nginx", with_files, files)
        _add_remote(bench, stack, source, folder)
        runs = bench.run(wanted.runs)
    figures = report.ratios(runs) | bench.fidelity
    figures["server_process_peak_mb"] = max(one.peak_mb for one in bench.memory)
    figures["server_shared_once_mb"] = max(one.shared_once_mb for one in bench.memory)
    return figures, runs, home


def _add_iipsrv(bench: Bench, stack: ExitStack, source: Path, folder: Path) -> None:
    if {"iipimage-server", "nginx-light"} & set(bench.wanting):
        return
    peers.make_pyramids(bench.pages, source, folder / "pyramids")
    server = stack.enter_context(peers.iipsrv(folder / "pyramids", folder))
    boxed = addresses.of_iipsrv(bench.pages, view=f"!{VIEW_BOX},{VIEW_BOX}")
    addresses.check(server.origin, boxed, bench.pages, VIEW_BOX)
    bench.add("iipsrv", server, boxed)
    bench.fidelity["tile_psnr_db_iipsrv"] = fidelity.psnr_db(server.origin, boxed, bench.pages, source)
    same = addresses.of_iipsrv(bench.pages, view=f"{addresses.READING_WIDTH},")
    bench.add("iipsrv, same picture", server, same, only="reading")


def _add_remote(bench: Bench, stack: ExitStack, source: Path, folder: Path) -> None:
    """Our server over SeaweedFS, its disk cache filled by asking everything once."""
    # The tests know how to start one; they are no package.
    sys.path.insert(0, str(ROOT / "tests"))
    from servers import seaweedfs

    try:
        store = stack.enter_context(seaweedfs.start())
    except FileNotFoundError as error:
        print(f"skipped: {error}")
        return
    values = {f"s3_{name}": value for name, value in store.values.items()}
    home = ours.take_in(bench.pages, source, folder / "remote", store="minio", **values)
    server = stack.enter_context(ours.serve(home))
    addresses.check(server.origin, home.addresses, bench.pages)
    bench.add("ours, S3", server, home.addresses, only="tile")


def measure_cost(pages: list[Page], source: Path, folder: Path, home: ours.Home, *, short: bool) -> dict[str, Any]:
    """What ingest spends, and what it leaves."""
    figures: dict[str, Any] = {"decodes": decodes.count(home)}
    figures["bytes_vs_jpeg85"] = cost.stored_bytes(home) / cost.jpeg85_bytes(pages, source)
    a4 = [page for page in pages if page.is_a4]
    if a4:
        spent, alone = cost.processor(a4, source, folder / "a4")
        figures["cpu_s_per_page"], figures["ingest_cpu_s_per_page"] = spent.derive_cpu_s, spent.all_cpu_s
        figures["bytes_vs_jpeg85_a4"] = cost.stored_bytes(alone) / cost.jpeg85_bytes(a4, source)
    if not short:
        drawn = next(page for page in pages if not page.real and page.file.endswith(".jpg"))
        peaks = cost.map_peaks(source / drawn.file, folder / "map")
        figures["map_peak_mb"] = max(peaks.values())
        figures |= {f"map_peak_mb_{ending}": peak for ending, peak in peaks.items()}
    return figures


def main() -> None:
    """Run and report."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=5, help="runs of each cell (5)")
    arguments.add_argument("--seconds", type=int, default=4, help="seconds of a run; sessions take twice that (4)")
    arguments.add_argument("--pages", type=int, default=20, help="pages to serve (20)")
    arguments.add_argument(
        "--short", action="store_true", help="only to see that it works: 1 run, 1 s, 4 pages, no map"
    )
    arguments.add_argument("--no-cost", action="store_true", help="leave out what ingest costs")
    wanted = arguments.parse_args()
    if wanted.short:
        wanted.runs, wanted.seconds, wanted.pages = 1, 1, 4
    source = KEPT_PAGES / str(wanted.pages)
    pages = make(source, wanted.pages)
    print(f"{len(pages)} pages, {sum(page.real for page in pages)} of them real", flush=True)
    busy = psutil.cpu_percent(BUSY_S)
    if busy > QUIET_PERCENT:
        print(f"other programs take {busy:.0f} % of the processors: ratios of answers a second will flatter us,")
        print("for others need more of them; ratios of processor time and what misses its target still tell")
    folder = Path(tempfile.mkdtemp(prefix="wenyuan-bench-"))
    try:
        figures, runs, home = measure_speed(pages, source, folder, wanted)
        if not wanted.no_cost:
            figures |= measure_cost(pages, source, folder, home, short=wanted.short)
    finally:
        shutil.rmtree(folder)
    report.show(figures, runs)
    notes = {"pages": len(pages), "runs_of_a_cell": wanted.runs, "seconds_of_a_run": wanted.seconds}
    report.keep(figures, runs, notes | {"others_take_percent_of_processors": busy})


if __name__ == "__main__":
    main()
