"""Reading order alone, on thousands of made pages without pictures: boxes as a detector finds them, no engine.

    python -m benchmarks.ocr.order [--kinds …] [--seeds 1000-1019] [--wear heavy] [--faults 1] [--no-rules] [--worst N]

Prints for each kind what order costs in points of CER (what our order adds to the least that any order can reach), on
how many pages it costs more than half a point, and milliseconds of processor a page.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence

from benchmarks.ocr.detected import Detected, detected, found_rules
from benchmarks.ocr.made_pages import KINDS, MadePage, make, seeds
from benchmarks.ocr.scoring import Errors, errors
from wenyuan.ingest.reading_order import LineBox, Rule, arrange

MUCH = 0.5
"""Points from which a page counts as out of order: the goal of the issue."""


def arranged(page: MadePage, lines: Sequence[Detected], *, rules: bool) -> tuple[str, float]:
    """The text in our order, and milliseconds of processor."""
    boxes = [LineBox(line.quad, line.text, line.centres) for line in lines]
    printed = tuple(Rule(*ends) for ends in found_rules(page)) if rules else ()
    start = time.process_time()
    found = arrange(boxes, width=page.width, height=page.height, rules=printed)
    taken = 1000 * (time.process_time() - start)
    parts = []
    for region in found.regions:
        for line in region.lines:
            text = lines[line.index].text[line.start : line.end]
            parts.append(text[::-1] if line.reverse else text)
    return "\n".join(parts), taken


def cost(of: Errors) -> float:
    """Points of CER that order costs on one page."""
    return 100 * (of.ordered - of.free) / max(1, of.characters)


def main() -> None:
    """Print a line for each kind."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kinds", default=",".join(KINDS))
    arguments.add_argument("--seeds", type=seeds, default=range(1000, 1020))
    arguments.add_argument("--wear", default="heavy")
    arguments.add_argument("--faults", type=float, default=1.0)
    arguments.add_argument("--no-rules", action="store_true")
    arguments.add_argument("--worst", type=int, default=0, help="name so many of the worst pages of each kind")
    wanted = arguments.parse_args()
    every: list[Errors] = []
    times: list[float] = []
    for kind in wanted.kinds.split(","):
        told: list[tuple[float, int]] = []
        counted, taken = [], []
        for seed in wanted.seeds:
            page = make(kind, seed, wanted.wear, draw=False)
            text, milliseconds = arranged(page, detected(page, faults=wanted.faults), rules=not wanted.no_rules)
            counted.append(errors(page.truth, text))
            taken.append(milliseconds)
            told.append((cost(counted[-1]), seed))
        lost = 100 * sum(one.ordered - one.free for one in counted) / sum(one.characters for one in counted)
        bad = sum(points > MUCH for points, _ in told)
        worst = ", ".join(f"{seed}: {points:.1f}" for points, seed in sorted(told, reverse=True)[: wanted.worst])
        print(
            f"{kind:16} order costs {lost:6.2f} points; {bad:3} of {len(told)} pages out of order; "
            f"{statistics.median(taken):5.1f} ms, at most {max(taken):5.1f}   {worst}",
            flush=True,
        )
        every += counted
        times += taken
    lost = 100 * sum(one.ordered - one.free for one in every) / sum(one.characters for one in every)
    print(
        f"{'all':16} order costs {lost:6.2f} points; {statistics.median(times):.1f} ms a page, at most {max(times):.1f}"
    )


if __name__ == "__main__":
    main()
