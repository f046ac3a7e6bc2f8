"""Ratios beside their targets, on the screen and in `benchmarks/out/delivery.json`.

    python -m benchmarks.delivery.report

prints what was kept last as the tables of docs/benchmarks.md.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.delivery import load, session

OUT = Path(__file__).resolve().parent.parent / "out" / "delivery.json"
Samples = Sequence[load.Sample | session.Sample]
Runs = dict[str, list[load.Sample | session.Sample]]

TARGETS: dict[str, tuple[str, float, str]] = {
    "tile_vs_iipsrv": ("≥", 5, "512 px tile, answers/s: ours / iipsrv"),
    "tile_vs_nginx": ("≥", 0.10, "512 px tile, answers/s: ours / nginx with files"),
    "reading_vs_iipsrv": ("≥", 20, "reading image, answers/s: ours, 1,024 px wide / iipsrv, !1024,1024"),
    "info_vs_iipsrv": ("≥", 1, "info.json, answers/s: ours / iipsrv"),
    "session_vs_iipsrv": ("≥", 15, "mixed session, page turns/s: ours / iipsrv"),
    "session_p95_vs_iipsrv": ("≤", 1 / 15, "mixed session, 95th percentile of a page turn: ours / iipsrv"),
    "s3_cached_vs_local": ("≥", 0.8, "512 px tile: SeaweedFS behind a warm disk cache / local store"),
    "cpu_s_per_page": ("≤", 0.5, "processor seconds for all derivatives of a 300 dpi A4 page"),
    "bytes_vs_jpeg85": ("≤", 1.35, "bytes of all derivatives / one JPEG of quality 85 a page"),
    "map_peak_mb": ("≤", 600, "most MB that a process of ingest held with a map of 200 megapixels"),
    "server_process_peak_mb": ("≤", 300, "most MB that a server process ever held (resident, shared in full)"),
    "decodes": ("≤", 0, "pixel decodes while everything in the session is answered"),
}
FURTHER = {
    "whole_tile_vs_iipsrv": "only tiles of 512 × 512 px, which iipsrv need not cut: ours / iipsrv",
    "reading_same_picture_vs_iipsrv": "reading image, both 1,024 px wide: ours / iipsrv",
    "reading_vs_nginx": "reading image: ours / nginx with files",
    "info_vs_nginx": "info.json: ours / nginx with files",
    "session_vs_nginx": "mixed session, page turns/s: ours / nginx with files",
    "session_with_search_vs_without": "page turns/s of ours, each sitting ended by a search in the book / without",
    "tile_cpu_vs_iipsrv": "processor time of a tile: ours / iipsrv",
    "reading_cpu_vs_iipsrv": "processor time of a reading image, as above",
    "info_cpu_vs_iipsrv": "processor time of an info.json, as above",
    "session_cpu_vs_iipsrv": "processor time of the mixed session for each page turn, as above",
    "tile_psnr_db": "likeness of our tiles to the scan, dB of brightness",
    "tile_psnr_db_iipsrv": "likeness of iipsrv's",
    "ingest_cpu_s_per_page": "processor seconds of all stages of ingest for a 300 dpi A4 page",
    "bytes_vs_jpeg85_a4": "bytes as above, of the 300 dpi A4 pages alone",
    "server_shared_once_mb": "MB of all server processes together under load (PSS: what they share counts once)",
}


def ratio(runs: Runs, ours: str, peer: str, field: str) -> float | None:
    """The median of the ratios of runs that followed one another; None where one of the two was not measured."""
    if not runs.get(ours) or not runs.get(peer):
        return None
    pairs = zip(runs[ours], runs[peer], strict=True)
    return statistics.median(getattr(one, field) / getattr(other, field) for one, other in pairs)


def ratios(runs: Runs) -> dict[str, float | None]:
    """Of everything that was run."""
    rate, turns = "rate", "turns_a_second"
    return {
        "tile_vs_iipsrv": ratio(runs, "tile ours", "tile iipsrv", rate),
        "tile_vs_nginx": ratio(runs, "tile ours", "tile nginx", rate),
        "reading_vs_iipsrv": ratio(runs, "reading ours", "reading iipsrv", rate),
        "info_vs_iipsrv": ratio(runs, "info ours", "info iipsrv", rate),
        "session_vs_iipsrv": ratio(runs, "session ours", "session iipsrv", turns),
        "session_p95_vs_iipsrv": ratio(runs, "session ours", "session iipsrv", "turn_p95_ms"),
        "s3_cached_vs_local": ratio(runs, "tile ours, S3", "tile ours", rate),
        "whole_tile_vs_iipsrv": ratio(runs, "whole tile ours", "whole tile iipsrv", rate),
        "reading_same_picture_vs_iipsrv": ratio(runs, "reading ours", "reading iipsrv, same picture", rate),
        "reading_vs_nginx": ratio(runs, "reading ours", "reading nginx", rate),
        "info_vs_nginx": ratio(runs, "info ours", "info nginx", rate),
        "session_vs_nginx": ratio(runs, "session ours", "session nginx", turns),
        "session_with_search_vs_without": ratio(runs, "session ours, search", "session ours", turns),
        "tile_cpu_vs_iipsrv": ratio(runs, "tile ours", "tile iipsrv", "cpu_ms"),
        "reading_cpu_vs_iipsrv": ratio(runs, "reading ours", "reading iipsrv", "cpu_ms"),
        "info_cpu_vs_iipsrv": ratio(runs, "info ours", "info iipsrv", "cpu_ms"),
        "session_cpu_vs_iipsrv": ratio(runs, "session ours", "session iipsrv", "cpu_ms_a_turn"),
    }


def medians(samples: Samples) -> dict[str, float]:
    """Of each field."""
    rows = [asdict(sample) for sample in samples]
    return {field: statistics.median(row[field] for row in rows) for field in rows[0]}


def show(figures: dict[str, float | None], runs: Runs) -> None:
    """Print what was measured and whether the targets are met."""
    print(f"\n{'':32}{'a second':>10}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}{'least … most a second':>24}")
    for name, samples in runs.items():
        told = list(medians(samples).values())
        p50, p95, cpu = (told[1], told[2], told[4]) if isinstance(samples[0], load.Sample) else (*told[1:3], told[5])
        rates = [next(iter(asdict(sample).values())) for sample in samples]
        print(f"{name:32}{told[0]:10,.0f}{p50:9.2f}{p95:9.2f}{cpu:9.3f}{min(rates):13,.0f} … {max(rates):,.0f}")
    print()
    for name, (sign, target, words) in TARGETS.items():
        value = figures.get(name)
        if value is None:
            print(f"{name:32}{'not measured':>14}   {sign} {target:<6.3g}          {words}")
            continue
        met = value >= target if sign == "≥" else value <= target
        print(f"{name:32}{value:14,.3f}   {sign} {target:<6.3g} {'met' if met else 'MISSED':8} {words}")
    for name, words in FURTHER.items():
        value = figures.get(name)
        print(f"{name:32}{'not measured' if value is None else format(value, ',.3f'):>14}   {'':17} {words}")


def keep(figures: dict[str, float | None], runs: Runs, notes: dict[str, Any]) -> None:
    """Write everything down."""
    told = {
        **dict.fromkeys((*TARGETS, *FURTHER)),
        **figures,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        **notes,
        "medians": {name: medians(samples) for name, samples in runs.items()},
        "runs": {name: [asdict(sample) for sample in samples] for name, samples in runs.items()},
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def machine() -> str:
    """Processor, cores, memory."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()}"


def tables() -> str:
    """What was kept last, as Markdown."""
    told = json.loads(OUT.read_text(encoding="utf-8"))
    busy = f"other programs took {told['others_take_percent_of_processors']:.0f} % of the processors before it began"
    runs = f"{told['pages']} pages, {told['runs_of_a_cell']} runs of {told['seconds_of_a_run']} s"
    lines = [f"{told['date'][:10]}; {told['machine']}; {runs}; {busy}.\n"]
    lines.append("| figure | value | target | what it is |\n|---|---|---|---|")
    rows = [(name, f"{sign} {target:.3g}", words) for name, (sign, target, words) in TARGETS.items()]
    for name, target, words in rows + [(name, "", words) for name, words in FURTHER.items()]:
        value = told.get(name)
        lines.append(f"| `{name}` | {'not measured' if value is None else f'{value:,.3f}'} | {target} | {words} |")
    lines.append("\n| cell | answers or turns/s | p50 ms | p95 ms | CPU ms each |\n|---|---|---|---|---|")
    for name, cell in told["medians"].items():
        fields = ("rate", "p50_ms", "p95_ms", "cpu_ms")
        if name.startswith("session"):
            fields = ("turns_a_second", "turn_p50_ms", "turn_p95_ms", "cpu_ms_a_turn")
        rate, *rest = (cell[field] for field in fields)
        lines.append(f"| {name} | {rate:,.0f} | " + " | ".join(f"{value:.2f}" for value in rest) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables())
