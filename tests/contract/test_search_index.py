"""What every search engine promises. A new file in `repo/search` with `open_index` is tested without an edit here."""

from __future__ import annotations

import contextlib
import json
import lzma
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from indexed import ALL_TIERS, EVERYTHING, book, found, put

from wenyuan.repo import chinese, plugins
from wenyuan.repo.errors import IndexUnavailable, QueryTooLong
from wenyuan.repo.search.index import Filters, ItemDocument, PageText, Results, SearchIndex

PACKAGE = "wenyuan.repo.search"
CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "text" / "zh-pages-100k.jsonl.xz"

Open = Callable[[], SearchIndex]


class TestWhatIsFound:
    def test_a_new_index_is_empty(self, index: SearchIndex) -> None:
        assert index.count() == (0, 0)
        assert list(index.items()) == []
        assert index.search("天", Filters()) == Results(0, 0)

    @pytest.mark.parametrize("query", ["黃河", "黄河", "河", "入海流", "盡黃河", "尽，黄", "流 白日", '"依山 盡"'])
    def test_substrings_in_either_script_over_punctuation_and_line_ends(self, index: SearchIndex, query: str) -> None:
        put(index, book("b", "白日依山盡，\n黃河入海流"), book("other", "床前明月光"))
        assert found(index.search(query, Filters())) == {"b": (101,)}

    @pytest.mark.parametrize("query", ["", " ", "*", "AND()", "📚", '"', "\x00", "天\x00*"])
    def test_odd_queries_are_no_errors(self, index: SearchIndex, query: str) -> None:
        put(index, book("b", "天"))
        assert index.search(query, Filters()).total == ("天" in query)
        assert index.search("天", Filters()).total == 1

    def test_too_long_a_query_is_refused(self, index: SearchIndex) -> None:
        with pytest.raises(QueryTooLong):
            index.search("天" * 201, Filters())

    def test_a_query_of_200_characters_works(self, index: SearchIndex) -> None:
        text = "".join(chr(0x4E00 + number) for number in range(300))
        put(index, book("b", text))
        assert index.search(text[20:220], Filters()).total == 1
        assert index.search(text[20:219] + "天", Filters()).total == 0

    def test_all_words_must_stand_on_one_page(self, index: SearchIndex) -> None:
        put(index, book("together", "天，地"), book("apart", "天" + "甲" * 20, "乙" * 20 + "地"))
        assert found(index.search("天 地", Filters())) == {"together": (101,)}

    def test_characters_of_a_phrase_must_follow_each_other(self, index: SearchIndex) -> None:
        put(index, book("phrase", "天下大同"), book("pieces", "天下人，下大雨，大同縣"))
        assert found(index.search("天下大同", Filters())) == {"phrase": (101,)}

    def test_latin_words_match_whole(self, index: SearchIndex) -> None:
        put(index, book("b", "The theatre, ISBN 978-7-5013 用5G网络"))
        for query, total in [
            ("the", 1),
            ("theat", 0),
            ("978-7-5013", 1),
            ("ISBN 7", 1),
            ("5g网", 1),
            ("5g网络", 1),
            ("g网络", 0),
        ]:
            assert index.search(query, Filters()).total == total, query

    def test_rare_characters_are_characters(self, index: SearchIndex) -> None:
        put(index, book("b", "𠀀𪚥\U00031350龘"))
        for query in ["𠀀", "𠀀𪚥", "𪚥\U00031350", "\U00031350龘"]:
            assert index.search(query, Filters()).total == 1, query

    def test_a_phrase_over_the_seam_is_found_on_the_first_page_alone(self, index: SearchIndex) -> None:
        put(index, book("b", "白日依山盡", "黃河入海流", "欲窮千里目"))
        assert found(index.search("山盡黃河", Filters())) == {"b": (101,)}
        assert found(index.search("黃河入海", Filters())) == {"b": (102,)}
        assert found(index.search("黃", Filters())) == {"b": (102,)}
        assert found(index.search("流欲", Filters())) == {"b": (102,)}

    def test_pages_that_do_not_follow_each_other_have_no_seam(self, index: SearchIndex) -> None:
        pages = [PageText(1, 1, "白日依山盡"), PageText(3, 3, "黃河入海流")]
        put(index, ItemDocument("b", "", (), (), "open", "book", pages))
        assert index.search("盡黃", Filters()).total == 0

    def test_title_and_names_are_found_and_stand_above_text(self, index: SearchIndex) -> None:
        put(
            index,
            book("text", "紅樓夢紅樓夢紅樓夢", title="筆記"),
            book("names", title="石頭記", names=("紅樓夢", "曹雪芹")),
            book("title", "無關", title="紅樓夢"),
        )
        results = index.search("红楼梦", Filters())
        assert [(hit.item, hit.in_title, hit.page_total) for hit in results.hits] == [
            ("title", True, 0),
            ("names", True, 0),
            ("text", False, 1),
        ]
        assert (results.total, results.page_total) == (3, 1)
        assert found(index.search("曹雪芹 石头记", Filters())) == {"names": ()}
        assert index.search("夢曹", Filters()).total == 0

    def test_an_item_without_pages_is_found_by_one_character(self, index: SearchIndex) -> None:
        put(index, book("map", title="輿圖", kind="map"))
        assert index.search("图", Filters()).total == 1


class TestOrderAndTotals:
    def test_pages_are_grouped_and_totals_are_exact(self, index: SearchIndex) -> None:
        put(index, *(book(f"b{number:02}", *["黃河之水天上來"] * 3, "無") for number in range(12)))
        results = index.search("黃河", Filters(), offset=10, limit=5, pages_per_item=2)
        assert (results.total, results.page_total) == (12, 36)
        assert [(hit.item, hit.pages, hit.page_total) for hit in results.hits] == [
            ("b10", (101, 102), 3),
            ("b11", (101, 102), 3),
        ]

    def test_more_occurrences_rank_higher_and_ties_go_by_item(self, index: SearchIndex) -> None:
        pad = "甲乙丙丁戊己庚辛"
        put(index, book("c", "天下" + pad), book("a", "天下" + pad), book("b", "天下天下" + pad[2:]))
        assert [hit.item for hit in index.search("天下", Filters()).hits] == ["b", "a", "c"]

    def test_the_order_does_not_hang_on_how_the_index_was_written(self, reopen: Open, index: SearchIndex) -> None:
        draw = random.Random(3)
        books = [book(f"b{n:02}", *("".join(draw.choices("天下大同黃河", k=12)) for _ in range(3))) for n in range(30)]
        put(index, *books)
        before = index.search("天下", Filters(), **EVERYTHING)
        index.clear()
        for document in reversed(books):
            put(index, document)
        assert reopen().search("天下", Filters(), **EVERYTHING) == before


class TestFilters:
    @pytest.fixture
    def shelf(self, index: SearchIndex) -> SearchIndex:
        put(
            index,
            book("open", "黃河公開", title="黃河志", collections=("city", "local"), kind="book"),
            book("closed", "黃河內部", title="黃河檔", access="staff", collections=("city", "archive"), kind="map"),
        )
        return index

    def test_an_item_of_another_tier_leaks_nothing(self, shelf: SearchIndex, reopen: Open) -> None:
        with_it = shelf.search("黃河", Filters())
        assert found(with_it) == {"open": (101,)}
        assert (with_it.total, with_it.page_total) == (1, 1)
        assert shelf.search("內部", Filters()) == Results(0, 0)
        assert shelf.search("黃河檔", Filters(item="closed")) == Results(0, 0)

    def test_titles_may_be_known_where_the_text_may_not(self, reopen: Open) -> None:
        index = reopen()
        put(index, book("members", "黃河入海流", title="登鸛雀樓", access="signed-in"))
        filters = Filters(titles=frozenset({"open", "signed-in"}))

        assert found(index.search("鸛雀樓", filters)) == {"members": ()}
        assert found(index.search("黃河", filters)) == {}

    @pytest.mark.parametrize(
        ("filters", "items"),
        [
            (ALL_TIERS, {"open", "closed"}),
            (Filters(access=frozenset({"staff"})), {"closed"}),
            (Filters(ALL_TIERS.access, collection="city"), {"open", "closed"}),
            (Filters(ALL_TIERS.access, collection="archive"), {"closed"}),
            (Filters(ALL_TIERS.access, collection="arch"), set()),
            (Filters(ALL_TIERS.access, item="open"), {"open"}),
            (Filters(ALL_TIERS.access, kind="map"), {"closed"}),
            (Filters(ALL_TIERS.access, collection="local", kind="map"), set()),
        ],
    )
    def test_filters_narrow(self, shelf: SearchIndex, filters: Filters, items: set[str]) -> None:
        assert set(found(shelf.search("黃河", filters))) == items


class TestChange:
    def test_what_is_removed_is_gone_for_every_reader(self, index: SearchIndex, reopen: Open) -> None:
        """The forks of Whoosh fail here: their refreshed searchers go on showing deleted pages."""
        reader = reopen()
        put(index, book("a", "天下"), book("b", "天下"))
        assert set(found(reader.search("天下", Filters()))) == {"a", "b"}
        with index.write() as writer:
            writer.remove("a")
            writer.remove("never there")
        for view in (reader, index, reopen()):
            assert set(found(view.search("天下", Filters()))) == {"b"}
            assert view.count() == (1, 1)
            assert list(view.items()) == ["b"]

    def test_a_replaced_item_shows_only_its_new_text(self, index: SearchIndex) -> None:
        put(index, book("a", "天下", "大同", title="舊題"))
        put(index, book("a", "宇宙", title="新題"))
        assert index.count() == (1, 1)
        assert [index.search(query, Filters()).total for query in ("天下", "大同", "舊題", "宇宙", "新題")] == [
            0,
            0,
            0,
            1,
            1,
        ]

    def test_the_last_word_of_a_batch_counts(self, index: SearchIndex) -> None:
        with index.write() as writer:
            writer.replace(book("a", "天下"))
            writer.replace(book("a", "宇宙"))
            writer.replace(book("b", "天下"))
            writer.remove("b")
        assert found(index.search("天下", Filters())) == {}
        assert found(index.search("宇宙", Filters())) == {"a": (101,)}
        assert index.count() == (1, 1)

    def test_a_batch_that_fails_changes_nothing(self, index: SearchIndex) -> None:
        put(index, book("a", "天下"))
        with contextlib.suppress(ZeroDivisionError), index.write() as writer:
            writer.remove("a")
            writer.replace(book("b", "宇宙"))
            raise ZeroDivisionError
        assert list(index.items()) == ["a"]
        put(index, book("c", "洪荒"))
        assert sorted(index.items()) == ["a", "c"]

    def test_pages_that_break_off_leave_no_half_item(self, index: SearchIndex) -> None:
        def pages() -> Iterator[PageText]:
            yield PageText(1, 1, "天下")
            yield PageText(2, 2, "大同")
            raise OSError("the catalogue went away")

        with index.write() as writer:
            writer.replace(book("whole", "天下"))
            with pytest.raises(OSError, match="went away"):
                writer.replace(ItemDocument("half", "天下", (), (), "open", "book", pages()))
            writer.replace(book("after", "天下"))
        assert set(found(index.search("天下", Filters()))) == {"whole", "after"}
        assert index.count() == (2, 2)

    def test_a_batch_is_seen_only_when_it_ends(self, index: SearchIndex, reopen: Open) -> None:
        reader = reopen()
        with index.write() as writer:
            writer.replace(book("a", "天下"))
            assert reader.search("天下", Filters()).total == 0
        assert reader.search("天下", Filters()).total == 1

    def test_hundreds_of_small_batches_leave_few_files(self, index: SearchIndex, folder: Path, reopen: Open) -> None:
        for number in range(120):
            put(index, book(f"b{number % 40}", f"第{number}次 天下"))
        assert index.count() == (40, 40)
        assert reopen().search("天下", Filters(), **EVERYTHING).page_total == 40
        assert reopen().search("119", Filters()).total == 1
        assert reopen().search("7", Filters()).total == 0
        assert len(list(folder.iterdir())) < 60

    def test_clearing_empties_for_every_reader(self, index: SearchIndex, reopen: Open) -> None:
        put(index, book("a", "天下"))
        reader = reopen()
        assert reader.count() == (1, 1)
        index.clear()
        assert reader.count() == (0, 0)
        put(index, book("b", "天下"))
        assert list(reader.items()) == ["b"]


def generated() -> list[list[str]]:
    """Books of random characters of both scripts, with punctuation, line ends and Latin words."""
    draw = random.Random(20261123)
    alphabet = "天地玄黃黄宇宙洪荒日月盈昃辰宿列張张寒來来暑往秋收冬藏，。\n 為爲為〇零國国書书"
    words = ["ISBN", "978", "Library", "p", "7"]
    return [
        [
            "".join(
                draw.choice(words) if draw.random() < 0.02 else draw.choice(alphabet)
                for _ in range(draw.randint(0, 90))
            )
            for _ in range(draw.randint(1, 12))
        ]
        for _ in range(40)
    ]


def of_corpus() -> list[list[str]]:
    """600 real pages, every eleventh with a Latin header, as books of 20."""
    if not CORPUS.exists():
        pytest.skip(f"{CORPUS.name} is not beside the project")
    with lzma.open(CORPUS, "rt", encoding="utf-8") as lines:
        pages = [json.loads(next(lines))["text"] for _ in range(600)]
    return [pages[start : start + 20] for start in range(0, 600, 20)]


def bare(text: str) -> str:
    """What the scan reads: folded letters and digits, made without the tokeniser's own rules."""
    return re.sub(r"[^0-9a-z\u3400-\u9fff\U00020000-\U000323af]+", "", chinese.fold(text))


@pytest.mark.parametrize("source", [generated, of_corpus])
def test_random_substrings_are_found_as_a_scan_finds_them(
    index: SearchIndex, source: Callable[[], list[list[str]]]
) -> None:
    """Recall and precision 1.0 for 1 to 7 characters, in both scripts, over line ends and page seams."""
    books = source()
    put(index, *(book(f"b{number:03}", *pages) for number, pages in enumerate(books)))
    scanned: dict[tuple[str, int], tuple[str, int]] = {}
    for number, pages in enumerate(books):
        for place, (text, following) in enumerate(zip(pages, [*pages[1:], ""], strict=True)):
            scanned[f"b{number:03}", 101 + place] = (bare(chinese.with_seam(text, following)), len(bare(text)))
    draw = random.Random(5)
    wholes = [whole for whole, _ in scanned.values() if whole]
    asked = 0
    while asked < 600:
        whole, length = draw.choice(wholes), draw.randint(1, 7)
        start = draw.randrange(len(whole))
        part = whole[start : start + length]
        if not re.fullmatch(r"[\u3400-\u9fff\U00020000-\U000323af]+", part):
            continue
        asked += 1
        results = index.search(part, Filters(), **EVERYTHING)
        expected = {name for name, (text, own) in scanned.items() if 0 <= text.find(part) < own}
        assert {(hit.item, page) for hit in results.hits for page in hit.pages} == expected, part
        assert (results.total, results.page_total) == (len({item for item, _ in expected}), len(expected))


# Many processes

PRELUDE = """
import sys, time
from pathlib import Path
from wenyuan.repo import plugins
from wenyuan.repo.search.index import Filters, ItemDocument, PageText
index = plugins.load("wenyuan.repo.search", sys.argv[1]).open_index(Path(sys.argv[2]), lock_wait_s=20)
def book(item, text):
    return ItemDocument(item, item, (), (), "open", "book", [PageText(n, n, text) for n in range(1, 6)])
"""
WRITE_FOR_EVER = """
import itertools
for number in itertools.count(int(sys.argv[3])):
    with index.write() as writer:
        writer.replace(book(f"k{number}", f"天下大同 第{number}回 " + "甲乙丙丁" * 40))
        if number % 7 == 3:
            writer.remove(f"k{number - 1}")
    print(number, flush=True)
"""
WRITE_FORTY = """
for number in range(40):
    with index.write() as writer:
        writer.replace(book(f"{sys.argv[3]}{number}", "天下大同"))
"""


WRITE_ONE = """
with index.write() as writer:
    writer.replace(book("a", "天下"))
"""


def start(engine: str, folder: Path, script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + script, engine, str(folder), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_two_processes_write_and_threads_read_at_the_same_time(
    engine: str, folder: Path, index: SearchIndex, reopen: Open
) -> None:
    writers = [start(engine, folder, WRITE_FORTY, name) for name in ("a", "b")]
    errors: list[Exception] = []

    def read() -> None:
        seen = 0
        try:
            while any(writer.poll() is None for writer in writers):
                results = index.search("天下大同", Filters(), **EVERYTHING)
                assert results.page_total == 5 * results.total >= seen
                assert all(hit.page_total == 5 for hit in results.hits)
                seen = results.page_total
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [writer.wait() for writer in writers] == [0, 0]
    for writer in writers:
        assert writer.stdout
        writer.stdout.close()
    assert errors == []
    assert index.count() == reopen().count() == (80, 400)


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_loses_nothing_that_it_acknowledged(
    engine: str, folder: Path, reopen: Open
) -> None:
    draw = random.Random(9)
    acknowledged = 0
    for _ in range(6):
        writer = start(engine, folder, WRITE_FOR_EVER, str(acknowledged))
        assert writer.stdout
        for line in writer.stdout:
            acknowledged = int(line) + 1
            if draw.random() < 0.1:
                break
        time.sleep(draw.random() * 0.02)
        writer.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) + 1 for line in writer.stdout)])
        writer.wait()
        writer.stdout.close()

        index = reopen()
        expected = {
            f"k{number}" for number in range(acknowledged) if not (number % 7 == 2 and number + 1 < acknowledged)
        }
        items = set(index.items())
        in_flight = {f"k{acknowledged}", f"k{acknowledged - 1}"}  # the batch that was cut may be there whole, or not
        assert items ^ expected <= in_flight
        results = index.search("天下大同", Filters(), **EVERYTHING)
        assert results.page_total == 5 * len(items) == index.count()[1]
        put(index, book("after", "鎖已自解"))  # the lock of the dead is free
        with index.write() as batch:
            batch.remove("after")
        acknowledged += f"k{acknowledged}" in items


def test_a_second_writer_is_told_that_it_must_wait(index: SearchIndex, reopen: Open) -> None:
    with index.write() as writer:
        writer.replace(book("a", "天下"))
        with pytest.raises(IndexUnavailable), reopen().write():
            pytest.fail("two writers at once")
    assert list(reopen().items()) == ["a"]


# Damage


def ruin(files: Iterable[Path], how: str) -> None:
    for file in files:
        data = file.read_bytes()
        if how == "gone":
            file.unlink()
        elif how == "cut":
            file.write_bytes(data[: len(data) // 2])
        else:
            middle = len(data) // 2
            file.write_bytes(
                data[:middle] + bytes(byte ^ 0x55 for byte in data[middle : middle + 8]) + data[middle + 8 :]
            )


@pytest.mark.parametrize("how", ["gone", "cut", "changed"])
def test_a_damaged_file_is_noticed_and_clearing_mends(index: SearchIndex, folder: Path, reopen: Open, how: str) -> None:
    put(index, *(book(f"b{number}", "天下大同" * 50, "黃河") for number in range(5)))
    intact = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file() and file.stat().st_size}
    right = index.search("天下", Filters())
    assert intact
    for name, data in intact.items():
        ruin([folder / name], how)
        # A file may have bytes that matter to nobody; what may never be is another answer.
        with contextlib.suppress(IndexUnavailable):
            assert reopen().search("天下", Filters()) == right
        (folder / name).write_bytes(data)
    ruin([folder / name for name in intact], how)
    damaged = reopen()
    if how != "gone":
        with pytest.raises(IndexUnavailable) as raised:
            damaged.search("天下", Filters())
        assert raised.value.data["reason"]
    damaged.clear()
    assert damaged.count() == (0, 0)
    put(damaged, book("new", "天下"))
    assert found(reopen().search("天下", Filters())) == {"new": (101,)}


def test_a_folder_that_vanishes_is_an_outage_and_not_an_empty_library(index: SearchIndex, folder: Path) -> None:
    put(index, book("a", "天下"))
    ruin([file for file in folder.iterdir() if file.is_file()], "gone")
    with pytest.raises(IndexUnavailable):
        index.search("天下", Filters())
    with pytest.raises(IndexUnavailable):
        index.count()


def test_a_folder_that_cannot_be_made_is_told(engine: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexUnavailable):
        plugins.load(PACKAGE, engine).open_index(tmp_path / "file" / "index", lock_wait_s=0.3)


def test_everything_is_on_the_disk_before_a_commit_can_be_seen(engine: str, folder: Path, index: SearchIndex) -> None:
    """A power failure keeps what was synced: every file that a commit leaves behind, and then its name."""
    before = {file.name for file in folder.iterdir()}
    traced = folder.parent / "traced"
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2"
    command = ["strace", "-f", "-y", "-e", calls, "-o", str(traced), sys.executable, "-c", PRELUDE + WRITE_ONE]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    if not shutil.which("strace") or subprocess.run(["strace", "-o", os.devnull, "true"], check=False).returncode:
        pytest.skip("needs strace to see what is synced")
    subprocess.run([*command, engine, str(folder)], check=True, env=environment)

    left = {file.name for file in folder.iterdir() if file.is_file() and file.stat().st_size} - before
    synced: set[str] = set()
    last_rename = last_sync_of_folder = -1
    for number, line in enumerate(traced.read_text().splitlines()):
        if moved := re.search(r'rename.*"([^"]+)".*"([^"]+)"', line):
            old, new = (Path(name) for name in moved.groups())
            if new.parent == folder:
                synced |= {new.name} if old.name in synced else set()
                last_rename = number
        elif (done := re.search(r"sync\(\d+<([^>]+)>", line)) and Path(done[1]).parent == folder:
            synced.add(Path(done[1]).name)
        elif done and Path(done[1]) == folder:
            last_sync_of_folder = number
    assert left
    assert left <= synced
    assert last_sync_of_folder > last_rename >= 0
