"""Search: our engines beside SQLite FTS5, with the same words, pages and snippets, in the same run.

    python -m benchmarks.search [--pages 100000] [--whoosh-pages 10000] [--queries 5000]

Both engines are compared with a scan, and with each other, on all pages; whoosh is timed on fewer (`--whoosh-pages`).
Writes `benchmarks/out/search.json`. Pages are those of `../shared/corpus` where it lies beside the project, else made
up (and then only ratios mean anything). Times are by the clock; `cpu_…` beside them is what the process itself
computed, which a busy machine does not stretch. A search is: the ten best pages, exact totals, and ten snippets.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks.search.accuracy import accuracy, draw_queries, page_ids, seams
from wenyuan.repo import chinese, layers, locate, plugins
from wenyuan.repo.layers import Box, Direction, Line, Region, TextLayer
from wenyuan.repo.query import parse
from wenyuan.repo.search.index import Filters, ItemDocument, PageText, SearchIndex

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "text" / "zh-pages-100k.jsonl.xz"
OUT = ROOT / "benchmarks" / "out" / "search.json"
PAGES_PER_ITEM = 100
ITEMS_PER_BATCH = 30
TIMED = 300
"""Queries of each length whose time is taken."""
SNIPPETS = 10

Figures = dict[str, float]
PageId = tuple[str, int]


def corpus(count: int) -> list[str]:
    """Real pages, or pages of characters drawn with a frequency like Zipf's."""
    if CORPUS.exists():
        with lzma.open(CORPUS, "rt", encoding="utf-8") as lines:
            return [json.loads(line)["text"] for line, _ in zip(lines, range(count), strict=False)]
    draw = random.Random(1)
    alphabet = [chr(0x4E00 + number) for number in range(4000)]
    weights = [1 / (rank + 10) for rank in range(4000)]
    return ["".join(draw.choices(alphabet, weights, k=600)) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds by the clock, and of the process's own work."""

    clock: list[float]
    cpu: list[float]

    def figures(self, name: str) -> Figures:
        """Median and 95th percentile in milliseconds; `name` has a % for p50 and p95."""
        found: Figures = {}
        for prefix, seconds in (("", self.clock), ("cpu_", self.cpu)):
            cuts = statistics.quantiles(seconds, n=20)
            found[prefix + name.replace("%", "p50")] = statistics.median(seconds) * 1000
            found[prefix + name.replace("%", "p95")] = cuts[18] * 1000
        return found


def timed(actions: Iterator[Callable[[], object]] | list[Callable[[], object]]) -> Times:
    """How long each action takes."""
    clock, cpu = [], []
    for action in actions:
        begun, worked = time.perf_counter(), time.process_time()
        action()
        clock.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - worked)
    return Times(clock, cpu)


class Engine:
    """One of our engines, by its name."""

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = folder
        self.index: SearchIndex = plugins.load("wenyuan.repo.search", name).open_index(folder)

    def build(self, pages: list[str]) -> None:
        """Index all pages, in batches."""
        for start in range(0, len(pages), PAGES_PER_ITEM * ITEMS_PER_BATCH):
            with self.index.write() as writer:
                batch = pages[start : start + PAGES_PER_ITEM * ITEMS_PER_BATCH]
                for place in range(0, len(batch), PAGES_PER_ITEM):
                    writer.replace(book((start + place) // PAGES_PER_ITEM, batch[place : place + PAGES_PER_ITEM]))

    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.stat().st_size for file in self.folder.iterdir())

    def top(self, query: str) -> tuple[list[PageId], int]:
        """The ten best pages and the exact total."""
        results = self.index.search(query, Filters(), limit=SNIPPETS, pages_per_item=SNIPPETS)
        best = [(hit.item, page) for hit in results.hits for page in hit.pages]
        return best[:SNIPPETS], results.page_total

    def every(self, query: str) -> set[PageId]:
        """All pages that match."""
        results = self.index.search(query, Filters(), limit=10**6, pages_per_item=10**6)
        return {(hit.item, page) for hit in results.hits for page in hit.pages}

    def add_to_visible(self, name: str, pages: list[str]) -> Figures:
        """A page of a book of 2,000 is put in anew: when a reader finds it, and when the next batch can begin."""
        whole = book(999_999, (pages * 2000)[:2000])
        with self.index.write() as writer:
            writer.replace(whole)
        seen: list[float] = []

        def watch(word: str) -> None:
            begun = time.perf_counter()
            while self.top(word)[1] == 0:
                time.sleep(0.001)
            seen.append(time.perf_counter() - begun)

        def change(number: int) -> None:
            word = "".join(chr(0xE000 + ord(digit)) for digit in f"{number:04}")
            watcher = threading.Thread(target=watch, args=(word,))
            watcher.start()
            with self.index.write() as writer:
                writer.replace_pages(replace(whole, pages=[PageText(number, number, word + pages[0], "")]))
            watcher.join()

        batches = timed([partial(change, number) for number in range(1, 31)])
        cuts = statistics.quantiles(seen, n=20)
        return {
            f"add_to_visible_p50_ms_{name}": statistics.median(seen) * 1000,
            f"add_to_visible_p95_ms_{name}": cuts[18] * 1000,
            f"one_page_batch_p95_ms_{name}": batches.figures("%")["p95"],
        }


def book(number: int, texts: list[str]) -> ItemDocument:
    """An item of these pages."""
    rows = [PageText(key, key, text) for key, text in enumerate(texts, 1)]
    return ItemDocument(f"i{number:06}", "", (), (), "open", "book", rows)


class Fts5:
    """The peer: pairs with positions in one table, characters without in another, as our notes found fastest."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.path = folder / "fts.db"
        self.database = sqlite3.connect(self.path)
        self.database.execute("pragma journal_mode=wal")
        for name, detail in (("t", "full"), ("u", "none")):
            self.database.execute(
                f"create virtual table {name} using fts5(x, content='', detail={detail}, tokenize=\"unicode61\")"
            )
        self.ids: list[PageId] = []

    def build(self, pages: list[str]) -> None:
        """Index all pages, in batches."""
        self.ids = page_ids(len(pages), PAGES_PER_ITEM)
        step = PAGES_PER_ITEM * ITEMS_PER_BATCH
        following = seams(pages, PAGES_PER_ITEM)
        for start in range(0, len(pages), step):
            with self.database:
                for number, text in enumerate(pages[start : start + step], start):
                    whole = chinese.squeezed_text(chinese.with_seam(text, following[number]))
                    pairs = " ".join(chinese.words(whole))
                    self.database.execute("insert into t(rowid, x) values(?, ?)", (number, pairs))
                    singles = " ".join(chinese.characters(text))
                    self.database.execute("insert into u(rowid, x) values(?, ?)", (number, singles))
        self.database.execute("pragma wal_checkpoint(truncate)")

    def size(self) -> int:
        """Bytes on disk."""
        return self.path.stat().st_size

    def top(self, query: str) -> tuple[list[PageId], int]:
        """The ten best pages and the exact total."""
        phrase = chinese.parse(query).phrases[0]
        table, match = ("t", phrase.tokens) if phrase.tokens else ("u", phrase.characters)
        words = ('"' + " ".join(match) + '"',)
        order = "order by rank" if table == "t" else ""
        rows = self.database.execute(f"select rowid from {table} where {table} match ? {order} limit {SNIPPETS}", words)
        best = [self.ids[number] for (number,) in rows]
        total = self.database.execute(f"select count(*) from {table} where {table} match ?", words).fetchone()[0]
        return best, int(total)


def latencies(engine: Engine | Fts5, queries: list[str], texts: dict[PageId, str]) -> Times:
    """Times of a search with its exact total and ten snippets."""

    def ask(query: str) -> None:
        best, _ = engine.top(query)
        marked = parse(query).marked
        for page in best:
            chinese.snippet(texts[page], marked)

    for query in queries[:20]:
        ask(query)
    return timed([partial(ask, query) for query in queries])


def text_costs(sample: list[str]) -> Figures:
    """What a page costs before any engine sees it, and where its hits stand."""

    def each(action: Callable[[str], object]) -> float:
        runs = timed([lambda: [action(text) for text in sample]] * 4)
        return min(runs.cpu) / len(sample) * 1e6

    marked = parse("天下").marked
    placed = [layers.decode(layers.encode(column_layer(text))) for text in sample[:300]]
    boxes = timed([partial(locate.hit_boxes, layer, marked) for layer in placed])
    return {
        "characters_per_page": sum(map(len, sample)) / len(sample),
        "tokenise_us_per_page": each(lambda text: chinese.words(chinese.squeezed_text(text))),
        "snippet_us": each(lambda text: chinese.snippet(text, marked)),
        **boxes.figures("locate_%_ms"),
    }


def column_layer(text: str) -> TextLayer:
    """Columns of twenty characters with a box for each."""
    flat = text.replace("\n", "")
    lines = []
    for number, start in enumerate(range(0, len(flat), 20)):
        part = flat[start : start + 20]
        glyphs = tuple(Box(2000 - 60 * number, 100 + 60 * place, 58, 58) for place in range(len(part)))
        lines.append(Line(part, Direction.TOP_TO_BOTTOM, Box(2000 - 60 * number, 100, 58, 60 * len(part)), glyphs))
    return TextLayer(2400, 3200, (Region(tuple(lines)),))


def measure(name: str, engine: Engine | Fts5, pages: list[str], draw: random.Random) -> Figures:
    """Building and asking."""
    many = f"{name}_{len(pages) // 1000}k"
    build = timed([lambda: engine.build(pages)])
    figures: Figures = {
        f"pages_per_s_{name}": len(pages) / build.clock[0],
        f"cpu_pages_per_s_{name}": len(pages) / build.cpu[0],
        f"bytes_per_page_{name}": engine.size() / len(pages),
    }
    texts = dict(zip(page_ids(len(pages), PAGES_PER_ITEM), pages, strict=True))
    together = Times([], [])
    for length in (1, 2, 3, 4, 7):
        times = latencies(engine, draw_queries(pages, [length], TIMED, draw), texts)
        figures |= times.figures(f"%_ms_{many}_{length}_characters")
        if 2 <= length <= 4:
            together.clock.extend(times.clock)
            together.cpu.extend(times.cpu)
    return figures | together.figures(f"%_ms_{many}")


def main() -> None:
    """Run and report."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pages", type=int, default=100_000, help="for tantivy and FTS5")
    arguments.add_argument("--whoosh-pages", type=int, default=10_000)
    arguments.add_argument("--queries", type=int, default=5_000, help="for recall and precision")
    chosen = arguments.parse_args()
    pages = corpus(chosen.pages)
    folder = Path(tempfile.mkdtemp(prefix="wenyuan-bench-"))
    figures: Figures = {"pages": len(pages), "whoosh_pages": chosen.whoosh_pages, "queries": chosen.queries}
    figures |= text_costs(pages[:1000])
    try:
        answers = set()
        for name, count in (("tantivy", len(pages)), ("whoosh", chosen.whoosh_pages)):
            engine = Engine(name, folder / name)
            figures |= measure(name, engine, pages[:count], random.Random(2))
            whole = engine
            if count < len(pages):
                whole = Engine(name, folder / f"{name}-whole")
                whole.build(pages)
            right = accuracy(whole.every, pages, PAGES_PER_ITEM, chosen.queries)
            answers.add(right.answers)
            figures |= {f"recall_{name}": right.recall, f"precision_{name}": right.precision}
            figures |= engine.add_to_visible(name, pages)
        figures["identical_hits"] = float(len(answers) == 1)
        figures |= measure("fts5", Fts5(folder / "fts5"), pages, random.Random(2))
    finally:
        shutil.rmtree(folder)
    for measure_of in ("recall", "precision"):
        figures[measure_of] = min(figures[f"{measure_of}_tantivy"], figures[f"{measure_of}_whoosh"])
    for name, value in sorted(figures.items()):
        print(f"{name:50} {value:14,.3f}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
