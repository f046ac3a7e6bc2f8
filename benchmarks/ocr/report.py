"""Figures of a run: those that the issue names, the peers' beside them, and every kind of page.

    python -m benchmarks.ocr.report

prints what was kept last as the tables of docs/benchmarks.md.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.ocr.corpus import TruePage
from benchmarks.ocr.scoring import Errors, errors, percent

OUT = Path(__file__).resolve().parent.parent / "out" / "ocr.json"
PEERS = ("rapidocr", "tesseract")
TARGETS: dict[str, tuple[str, float, str]] = {
    "cer_synth_ours": ("≤", 1.5, "wrong characters in %, drawn pages, in our order"),
    "cer_made_ours": ("", 0, "the same, the pages that the benchmark makes itself"),
    "cer_real_vertical_ours": ("≤", 2.0, "the same, real vertical pages"),
    "order_loss": ("≤", 0.5, "points of that which order costs: ours less order-free, all Chinese pages"),
    "pages_per_s_core": ("≥", 0.5, "pages a second of processor, A4 at 300 dpi"),
    "peak_mb": ("≤", 1300, "most MB that our process held"),
}
GROUPS = ("synth", "made", "real_vertical", "other")
A4_PIXELS = range(8_000_000, 9_500_000)


@dataclass(frozen=True, slots=True)
class Scored:
    """One page by one engine.

    Attributes:
        given: in the engine's order.
        ordered: in our reading order; for a peer the same as `given`.
        running: in our order without what we took for furniture.
    """

    page: TruePage
    pixels: int
    given: Errors
    ordered: Errors
    running: Errors
    cpu_s: float


def score(page: TruePage, pixels: int, said: Mapping[str, Any]) -> Scored:
    """Compare what an engine said with the truth."""
    truth = page.truth.read_text(encoding="utf-8")
    given = errors(truth, "\n".join(said["engine"]))
    ordered = errors(truth, "\n".join(said["ours"])) if "ours" in said else given
    running = errors(truth, "\n".join(said["running"])) if "running" in said else given
    return Scored(page, pixels, given, ordered, running, said["cpu_s"])


def _cer(scored: Iterable[Scored], count: Callable[[Scored], tuple[int, int]]) -> float | None:
    return percent(count(one) for one in scored)


def rates(scored: Sequence[Scored]) -> dict[str, float | int | None]:
    """What one table row tells of some pages."""
    ordered = _cer(scored, lambda one: (one.ordered.ordered, one.ordered.characters))
    free = _cer(scored, lambda one: (one.ordered.free, one.ordered.characters))
    return {
        "pages": len(scored),
        "characters": sum(one.ordered.characters for one in scored),
        "engine_order": _cer(scored, lambda one: (one.given.ordered, one.given.characters)),
        "ours": ordered,
        "without_furniture": _cer(scored, lambda one: (one.running.ordered, one.running.characters)),
        "order_free": free,
        "order_loss": None if ordered is None or free is None else ordered - free,
        "cpu_s_a_page": sum(one.cpu_s for one in scored) / len(scored) if scored else None,
    }


def figures(results: Mapping[str, tuple[dict[str, Any], list[Scored]]]) -> dict[str, Any]:
    """The figures of the issue, the peers' beside them, and the detail.

    Args:
        results: of each engine what its process told and its pages scored.
    """
    found: dict[str, Any] = dict.fromkeys(TARGETS)
    detail: dict[str, Any] = {}
    for name, (told, scored) in results.items():
        groups = {group: [one for one in scored if one.page.group == group] for group in GROUPS}
        made, real = groups["made"], groups["real_vertical"]
        a4 = [one for one in scored if one.pixels in A4_PIXELS] or scored
        ending = "" if name == "ours" else f"_{name}"
        found[f"cer_synth_{name}"] = rates(groups["synth"] or made)["ours"]
        found[f"cer_made_{name}"] = rates(made)["ours"]
        found[f"cer_real_vertical_{name}"] = rates(real)["ours"]
        found[f"order_loss{ending}"] = rates([*groups["synth"], *made, *real])["order_loss"]
        found[f"pages_per_s_core{ending}"] = len(a4) / sum(one.cpu_s for one in a4)
        found[f"peak_mb{ending}"] = told["peak_mb"]
        detail[name] = {
            "engine": told["label"],
            "load_s": told["load_s"],
            "groups": {group: rates(pages) for group, pages in groups.items()},
            "kinds": _kinds(scored),
            "files": {one.page.picture.name: _file(one) for one in scored},
        }
    return found | {"detail": detail}


def _kinds(scored: Sequence[Scored]) -> dict[str, dict[str, float | int | None]]:
    kinds: dict[str, list[Scored]] = {}
    for one in scored:
        kinds.setdefault(one.page.layout, []).append(one)
    return {
        layout: rates(pages)
        | {wear: rates([one for one in pages if one.page.kind.endswith(wear)])["ours"] for wear in ("light", "heavy")}
        for layout, pages in kinds.items()
    }


def _file(one: Scored) -> dict[str, float]:
    return {
        "characters": one.ordered.characters,
        "engine_order": one.given.ordered,
        "ours": one.ordered.ordered,
        "order_free": one.ordered.free,
        "cpu_s": round(one.cpu_s, 2),
    }


def keep(found: dict[str, Any], notes: Mapping[str, Any]) -> None:
    """Write everything down."""
    told = {**found, "date": datetime.now(UTC).isoformat(timespec="seconds"), "machine": _machine(), **notes}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _machine() -> str:
    """Processor and cores."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} cores"


def tables(told: Mapping[str, Any]) -> str:
    """As Markdown."""
    engines = told["detail"]
    first = "ours" if "ours" in engines else next(iter(engines))
    peers = [name for name in PEERS if name in engines and name != first]
    lines = [_row(["figure", first, "target", *peers, "what it is"]), "|" + "---|" * (4 + len(peers))]
    for name, (sign, target, words) in TARGETS.items():
        values = [_number(told.get(_named(name, engine))) for engine in (first, *peers)]
        lines.append(_row([f"`{name}`", values[0], f"{sign} {target:g}" if sign else "", *values[1:], words]))
    head = ["kind", "pages", "characters", "engine's order", first, "order-free", "light", "heavy", "CPU s"]
    lines += ["", _row([*head, *(f"{peer}: order / free" for peer in peers)]), "|" + "---|" * (len(head) + len(peers))]
    for kind, row in engines[first]["kinds"].items():
        cells = [kind, str(row["pages"]), f"{row['characters']:,}"]
        cells += [_number(row[key]) for key in ("engine_order", "ours", "order_free", "light", "heavy", "cpu_s_a_page")]
        for peer in peers:
            other = engines[peer]["kinds"].get(kind, {})
            cells.append(f"{_number(other.get('ours'), 1)} / {_number(other.get('order_free'), 1)}")
        lines.append(_row(cells))
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _named(figure: str, engine: str) -> str:
    """The key of a figure for an engine."""
    if figure.endswith("_ours"):
        return figure.removesuffix("ours") + engine
    return figure if engine == "ours" else f"{figure}_{engine}"


def main() -> None:
    """Print what was kept last."""
    told = json.loads(OUT.read_text(encoding="utf-8"))
    print(
        f"{told['date'][:10]}; {told['machine']}; "
        + "; ".join(one["engine"] for one in told["detail"].values())
        + ".\n"
    )
    print(tables(told))


if __name__ == "__main__":
    main()
