"""Search: our Whoosh engine beside SQLite FTS5, with the same tokens, pages and snippets, in the same run.

    python -m benchmarks.search [PAGES]

Prints figures with their units and writes `benchmarks/out/search.json`. Read the ratios: absolute figures hang on the
machine. Pages are those of `../shared/corpus` where it lies beside the project, else made up (and then only the
ratios mean anything).
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
import time
from collections.abc import Callable
from pathlib import Path

from wenyuan.repo import chinese, plugins
from wenyuan.repo.search.index import Filters, ItemDocument, PageText, SearchIndex

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "text" / "zh-pages-100k.jsonl.xz"
OUT = ROOT / "benchmarks" / "out" / "search.json"
PAGES_PER_ITEM = 100
ITEMS_PER_BATCH = 10
QUERIES = 150
"""For each length: enough for a 95th percentile of 7 values above it."""
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


def page_ids(count: int) -> list[PageId]:
    return [(f"i{number // PAGES_PER_ITEM:06}", number % PAGES_PER_ITEM + 1) for number in range(count)]


def seams(pages: list[str]) -> list[str]:
    """The text after each page within its item."""
    following = [*pages[1:], ""]
    return [text if number % PAGES_PER_ITEM != PAGES_PER_ITEM - 1 else "" for number, text in enumerate(following)]


def draw_queries(pages: list[str], length: int, draw: random.Random) -> list[str]:
    """Random substrings of Han characters: not words, so that no engine is favoured by its dictionary."""
    found: list[str] = []
    while len(found) < QUERIES:
        squeezed = chinese.squeezed_text(draw.choice(pages))
        start = draw.randrange(max(1, len(squeezed)))
        part = squeezed[start : start + length]
        if len(part) == length and all(map(chinese.is_han, part)):
            found.append(part)
    return found


def percentiles(milliseconds: list[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    cuts = statistics.quantiles(milliseconds, n=20)
    return statistics.median(milliseconds), cuts[18]


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


class Engine:
    """One of our engines, by its name."""

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = folder
        self.index: SearchIndex = plugins.load("wenyuan.repo.search", name).open_index(folder)

    def build(self, pages: list[str]) -> None:
        """Index all pages, in batches."""
        books = [pages[start : start + PAGES_PER_ITEM] for start in range(0, len(pages), PAGES_PER_ITEM)]
        for start in range(0, len(books), ITEMS_PER_BATCH):
            with self.index.write() as writer:
                for number, texts in enumerate(books[start : start + ITEMS_PER_BATCH], start):
                    rows = [PageText(key, key, text) for key, text in enumerate(texts, 1)]
                    writer.replace(ItemDocument(f"i{number:06}", "", (), (), "open", "book", rows))

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
        self.ids = page_ids(len(pages))
        step = PAGES_PER_ITEM * ITEMS_PER_BATCH
        following = seams(pages)
        for start in range(0, len(pages), step):
            with self.database:
                for number, text in enumerate(pages[start : start + step], start):
                    seamed = chinese.with_seam(text, following[number])
                    pairs = " ".join(token.text for token in chinese.tokens(seamed))
                    self.database.execute("insert into t(rowid, x) values(?, ?)", (number, pairs))
                    singles = " ".join(chinese.characters(text))
                    self.database.execute("insert into u(rowid, x) values(?, ?)", (number, singles))
        self.database.execute("pragma wal_checkpoint(truncate)")

    def size(self) -> int:
        """Bytes on disk."""
        return self.path.stat().st_size

    def _match(self, query: str) -> tuple[str, str]:
        phrases = chinese.parse(query).phrases
        table = "t" if phrases[0].tokens else "u"
        return table, " AND ".join('"' + " ".join(phrase.tokens or phrase.characters) + '"' for phrase in phrases)

    def top(self, query: str) -> tuple[list[PageId], int]:
        """The ten best pages and the exact total."""
        table, match = self._match(query)
        order = "order by rank" if table == "t" else ""
        rows = self.database.execute(
            f"select rowid from {table} where {table} match ? {order} limit {SNIPPETS}", (match,)
        )
        best = [self.ids[number] for (number,) in rows]
        total = self.database.execute(f"select count(*) from {table} where {table} match ?", (match,)).fetchone()[0]
        return best, int(total)


def accuracy(engine: Engine, pages: list[str], queries: list[str]) -> tuple[float, float]:
    """Recall and precision of all queries together, against a scan of the squeezed texts."""
    following = seams(pages)
    ids = page_ids(len(pages))
    wholes = [
        chinese.squeezed_text(chinese.with_seam(text, after)) for text, after in zip(pages, following, strict=True)
    ]
    owns = [len(chinese.squeezed_text(text)) for text in pages]
    right = given = true = 0
    for query in queries:
        needle = chinese.squeezed_text(query)
        truth = {page for page, whole, own in zip(ids, wholes, owns, strict=True) if 0 <= whole.find(needle) < own}
        answer = engine.every(query)
        right, given, true = right + len(truth & answer), given + len(answer), true + len(truth)
    return right / true, right / given


def latencies(engine: Engine | Fts5, queries: list[str], texts: dict[PageId, str]) -> tuple[float, float]:
    """Median and 95th percentile (ms) of a search with its exact total and ten snippets."""

    def ask(query: str) -> None:
        best, _ = engine.top(query)
        for page in best:
            chinese.snippet(texts[page], query)

    for query in queries[:5]:
        ask(query)
    return percentiles([timed(lambda query=query: ask(query)) * 1000 for query in queries])  # type: ignore[misc]


def measure(pages: list[str], folder: Path) -> Figures:
    """All figures."""
    figures: Figures = {"pages": len(pages), "characters a page": sum(map(len, pages)) / len(pages)}
    sample = pages[:1000]
    figures["tokenise, µs a page"] = 1e6 * min(
        timed(lambda: [list(chinese.tokens(text)) for text in sample]) / len(sample) for _ in range(3)
    )
    ours, peer = Engine("whoosh", folder / "whoosh"), Fts5(folder / "fts5")
    for name, engine in (("whoosh", ours), ("fts5", peer)):
        figures[f"{name}: index, pages/s"] = len(pages) / timed(lambda engine=engine: engine.build(pages))  # type: ignore[misc]
        figures[f"{name}: index, bytes a page"] = engine.size() / len(pages)
    texts = dict(zip(page_ids(len(pages)), pages, strict=True))
    draw = random.Random(2)
    asked: list[str] = []
    for length in (1, 2, 3, 4):
        queries = draw_queries(pages, length, draw)
        asked += queries
        for name, engine in (("whoosh", ours), ("fts5", peer)):
            median, high = latencies(engine, queries, texts)
            figures[f"{name}: {length} characters with {SNIPPETS} snippets, p50 ms"] = median
            figures[f"{name}: {length} characters with {SNIPPETS} snippets, p95 ms"] = high
    figures["whoosh: recall"], figures["whoosh: precision"] = accuracy(ours, pages, asked)
    for name in [name.removeprefix("fts5: ") for name in figures if name.startswith("fts5: ")]:
        figures[f"whoosh / fts5: {name}"] = figures[f"whoosh: {name}"] / figures[f"fts5: {name}"]
    return figures


def main() -> None:
    """Run and report."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("pages", nargs="?", type=int, default=3000, help="how many pages to index")
    pages = corpus(arguments.parse_args().pages)
    folder = Path(tempfile.mkdtemp(prefix="wenyuan-bench-"))
    try:
        figures = measure(pages, folder)
    finally:
        shutil.rmtree(folder)
    for name, value in figures.items():
        print(f"{name:60} {value:12,.3f}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
