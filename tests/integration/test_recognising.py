"""Scans without text are shown at once and read after: by the real engine, through the real jobs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import given
import pytest
import scanned
from click.testing import CliRunner
from handing_in import hand_in, shown
from integration.web_fixtures import PASSWORD, signed_in
from PIL import Image
from sqlalchemy import delete

from wenyuan.ingest.recognise import AGENT
from wenyuan.ingest.worker import Worker
from wenyuan.reader.app import create_app
from wenyuan.repo import find, holdings, layers, rebuild, recognising, texts, wiring
from wenyuan.repo.catalogue import deliveries, events, items, jobs, users
from wenyuan.repo.catalogue.jobs import OCR, Job, JobState
from wenyuan.repo.catalogue.schema import PageRow
from wenyuan.repo.cli import main
from wenyuan.repo.items import Item, LayerVersion, Page, current
from wenyuan.repo.layers import Origin
from wenyuan.repo.library import Library
from wenyuan.repo.locate import hit_boxes
from wenyuan.repo.policy import ANONYMOUS, Role
from wenyuan.repo.recognising import Asked
from wenyuan.repo.recognition_settings import Facing, Recognition, WritingWish
from wenyuan.repo.settings import load
from wenyuan.repo.texts import NewLayer

pytestmark = pytest.mark.slow

RIVER = ("深圳河在新安縣南", "自梧桐山發源西流", "入后海灣漁舟晚歸")
MARKET = ("南頭古城市集每旬", "三六九日四鄉人聚", "鹽米布帛無不畢備")


@pytest.fixture
def library(tmp_path: Path) -> Any:
    """A fresh library that reads pages without text; in our own process, where the engine stays open."""
    built = wiring.build(load(home=tmp_path / "home", executor="inline", ocr_engine="auto"))
    yield built
    built.close()


def only_item(library: Library) -> Item:
    """The one item there is."""
    (item,) = shown(library)
    return item


def read(library: Library) -> Job:
    """Do all jobs of OCR that wait; the last of them."""
    worker = Worker(library, lanes=(OCR,))
    while worker.step():
        pass
    worker.close()
    return ocr_jobs(library)[0]


def ocr_jobs(library: Library) -> list[Job]:
    """Jobs of OCR, newest first."""
    with library.catalogue.reading() as session:
        return [job for job in jobs.recent(session) if job.lane == OCR]


def ask(library: Library, said: Recognition | None = None, pages: tuple[int, ...] | None = None, **more: Any) -> Job:
    """As `wenyuan recognise` does it."""
    item = only_item(library)
    asked = Asked(item.id, pages, said or Recognition(), by="館員", **more)
    with library.catalogue.writing() as session:
        assert recognising.queue(session, item, asked, library.settings.ocr_engine, datetime.now(UTC))
    return read(library)


def pages_of(library: Library, item: str = "") -> dict[int, Page]:
    """The pages by key."""
    with library.catalogue.reading() as session:
        return {page.key: page for page in items.structure(session, item or only_item(library).id).pages}


def text_of(library: Library, key: int) -> str:
    """The current text of a page of the only item."""
    with library.catalogue.reading() as session:
        return items.page_text(session, only_item(library).id, key)


def layer_of(library: Library, key: int) -> layers.TextLayer:
    """The current layer of a page of the only item."""
    version = current(pages_of(library)[key].layers)
    assert version is not None
    return layers.decode(library.blobs.read(version.sha256))


def two_scans(folder: Path, **metadata: Any) -> Path:
    """A folder with a page in columns and one in lines."""
    scanned.picture(folder / "1.png", scanned.columns(*RIVER))
    scanned.picture(folder / "2.png", scanned.lines(*MARKET))
    given.write_json(folder / "metadata.json", {"title": "新安雜記", **metadata})
    return folder


# Shown first, read after.


def test_a_scan_is_shown_with_its_receipt_before_it_is_read_and_can_be_searched_after(
    library: Library, tmp_path: Path
) -> None:
    receipt = hand_in(library, two_scans(tmp_path / "book"))

    (job,) = ocr_jobs(library)
    item = only_item(library)
    assert [one["no_text_yet"] for one in receipt["items"]] == [2]
    assert (job.state, job.item, job.title, job.delivery) == (JobState.QUEUED, item.id, "新安雜記", 1)
    assert find.find(library, "梧桐山", person=ANONYMOUS).total == 0

    done = read(library)

    assert (done.state, done.stage, done.done, done.total) == (JobState.DONE, "recognise", 2, 2)
    assert done.receipt is not None
    assert (done.receipt["pages"], done.receipt["read"], done.receipt["refused_pages"]) == (2, 2, [])
    assert text_of(library, 1).replace("\n", "") == "".join(RIVER)
    assert text_of(library, 2).replace("\n", "") == "".join(MARKET)
    assert find.find(library, "梧桐山發源", person=ANONYMOUS).total == 1
    assert find.find(library, "后海湾", person=ANONYMOUS).total == 1
    with library.catalogue.reading() as session:
        assert deliveries.get(session, 1).receipt == receipt, "a signed receipt is not touched again"


def test_a_version_says_what_read_it_and_how_and_is_kept_as_alto_too(library: Library, tmp_path: Path) -> None:
    hand_in(library, two_scans(tmp_path / "book"))
    read(library)

    (version,) = pages_of(library)[1].layers
    assert (version.origin, version.character_count) == (Origin.OCR, len(text_of(library, 1)))
    assert version.engine.startswith("rapidocr 3.")
    assert version.settings["asked"]["engine"] == "auto"
    assert version.settings["vertical"] is True
    assert version.alto is not None
    assert "深" in library.blobs.read(version.alto).decode()
    with library.catalogue.reading() as session:
        told = events.of_item(session, only_item(library).id)
    assert [(one.type, one.agent) for one in told if one.type == "text recognition"] == [("text recognition", AGENT)]


def test_a_hit_is_drawn_on_the_characters_themselves(library: Library, tmp_path: Path) -> None:
    hand_in(library, two_scans(tmp_path / "book"))
    read(library)

    (box,) = [box for hit in hit_boxes(layer_of(library, 1), "梧桐山") for box in hit.boxes]

    scale = scanned.DPI / 72
    column = scanned.SIZE[0] - 70 - 44  # the second from the right
    left, top = column * scale, (70 + 25 - scanned.PRINT) * scale
    assert abs(box.x - left) < 20
    assert abs(box.y - top) < 25
    assert box.height == pytest.approx(3 * 25 * scale, abs=30)


@pytest.mark.parametrize("parts", [1, 2])
def test_boxes_on_a_pdf_stand_in_the_pixels_of_the_page_whether_it_is_one_scan_or_drawn(
    library: Library, tmp_path: Path, parts: int
) -> None:
    hand_in(library, scanned.pdf(tmp_path / "掃描.pdf", scanned.lines(*MARKET), parts=parts))
    read(library)

    page, layer = pages_of(library)[1], layer_of(library, 1)
    assert (layer.width, layer.height) == (page.width, page.height)
    assert page.width == (875 if parts == 1 else 1600)
    assert layer.text.replace("\n", "") == "".join(MARKET)
    first = layer.lines[0].box
    assert first is not None
    scale = page.width / scanned.SIZE[0]
    assert first.x == pytest.approx(40 * scale, abs=20 * scale / 2)
    assert first.y + first.height == pytest.approx((70 + 5) * scale, abs=10 * scale)


# Whatever happens meanwhile.


def test_texts_come_to_their_pages_though_the_item_is_ordered_described_and_withdrawn_meanwhile(
    library: Library, tmp_path: Path
) -> None:
    hand_in(library, two_scans(tmp_path / "book"))
    item = only_item(library)
    holdings.order_pages(library, item.id, [2, 1], "館員")
    holdings.describe(library, item.id, item.description.model_copy(update={"title": "新安雜記二卷"}), "館員")
    holdings.withdraw(library, item.id, "館員", "權利未明")

    assert read(library).state is JobState.DONE
    assert shown(library) == []
    restored = holdings.restore(library, item.id, "館員")

    assert restored.description.title == "新安雜記二卷"
    assert list(pages_of(library)) == [2, 1]
    assert text_of(library, 1).replace("\n", "") == "".join(RIVER)
    assert text_of(library, 2).replace("\n", "") == "".join(MARKET)


def test_a_page_that_is_gone_meanwhile_takes_no_others_text_with_it(library: Library, tmp_path: Path) -> None:
    hand_in(library, two_scans(tmp_path / "book"))

    def lose_a_page(_job: Job, _stage: str, done: int, _total: int) -> None:
        if done == 1:
            with library.catalogue.writing() as session:
                session.execute(delete(PageRow).where(PageRow.key == 2))

    worker = Worker(library, lose_a_page, (OCR,))
    assert worker.step()
    worker.close()

    assert ocr_jobs(library)[0].state is JobState.DONE
    assert text_of(library, 1).replace("\n", "") == "".join(RIVER)
    assert list(pages_of(library)) == [1]


def corrected(library: Library, key: int, text: str) -> None:
    """A person has typed a page."""
    line = layers.Line(text, box=layers.Box(10, 10, 200, 20))
    page = pages_of(library)[key]
    layer = layers.TextLayer(page.width, page.height, (layers.Region((line,)),))
    texts.add_layers(library, only_item(library).id, [NewLayer(key, layer, Origin.CORRECTED, "館員")], "館員")


def test_a_page_that_a_person_typed_meanwhile_is_left_alone_and_its_correction_stays_when_it_is_read_again(
    library: Library, tmp_path: Path
) -> None:
    hand_in(library, two_scans(tmp_path / "book"))
    corrected(library, 1, "深圳河，手錄")
    read(library)

    assert [layer.origin for layer in pages_of(library)[1].layers] == [Origin.CORRECTED]
    assert [layer.origin for layer in pages_of(library)[2].layers] == [Origin.OCR]

    done = ask(library, pages=(1,))

    assert (done.receipt or {})["read"] == 1
    assert [layer.origin for layer in pages_of(library)[1].layers] == [Origin.CORRECTED, Origin.OCR]
    assert text_of(library, 1) == "深圳河，手錄"


def test_what_was_read_survives_the_loss_of_the_catalogue(library: Library, tmp_path: Path) -> None:
    hand_in(library, two_scans(tmp_path / "book", recognition={"languages": ["zh-Hant"]}))
    read(library)
    before, described = pages_of(library), only_item(library).description

    made = rebuild.rebuild_catalogue(library, replace=True)

    assert made.damage == []
    assert pages_of(library) == before
    assert only_item(library).description == described
    assert text_of(library, 1).replace("\n", "") == "".join(RIVER)


# Again.


def versions(library: Library) -> dict[int, list[LayerVersion]]:
    """All versions of all texts."""
    return {key: list(page.layers) for key, page in pages_of(library).items()}


def test_reading_once_more_with_the_same_engine_and_settings_changes_nothing_and_says_so(
    library: Library, tmp_path: Path
) -> None:
    hand_in(library, two_scans(tmp_path / "book"))
    read(library)
    before, item = versions(library), only_item(library)

    done = ask(library)

    assert (done.receipt or {})["unchanged"] == 2
    assert (versions(library), only_item(library).version) == (before, item.version)

    same = ask(library, again=True)

    assert (same.receipt or {})["read"] == 2
    assert versions(library) == before, "read anew, it is the same text: no version for nothing"


def test_other_settings_make_another_version_which_readers_see(library: Library, tmp_path: Path) -> None:
    hand_in(library, two_scans(tmp_path / "book"))
    read(library)

    done = ask(library, Recognition(writing=WritingWish.VERTICAL), pages=(1,))

    assert (done.receipt or {})["read"] == 1
    first, second = pages_of(library)[1].layers
    assert (first.settings["asked"].get("writing"), second.settings["asked"]["writing"]) == (None, "vertical")
    assert current((first, second)) is second
    assert len(pages_of(library)[2].layers) == 1


def test_a_book_that_brought_a_text_is_read_only_where_a_page_is_named(library: Library, tmp_path: Path) -> None:
    folder = two_scans(tmp_path / "book")
    for name in ("1.xml", "2.xml"):
        given.alto(folder / name, ["深圳河"], size=(875, 1167))
    hand_in(library, folder)

    assert ocr_jobs(library) == []
    assert (ask(library).receipt or {})["pages"] == 0
    assert (ask(library, pages=(2,)).receipt or {})["read"] == 1
    assert [layer.origin for layer in pages_of(library)[2].layers] == [Origin.IMPORTED, Origin.OCR]
    assert text_of(library, 2) == "深圳河", "what the vendor has handed in is trusted more"


# What comes of odd pages.


def test_a_blank_page_is_told_with_its_reason_and_not_asked_for_again(library: Library, tmp_path: Path) -> None:
    scanned.picture(tmp_path / "book" / "1.png", scanned.blank())
    scanned.picture(tmp_path / "book" / "2.png", scanned.lines(*MARKET))
    hand_in(library, tmp_path / "book")

    done = read(library)

    assert [one["page"] for one in (done.receipt or {})["without_text"]] == [1]
    assert (done.receipt or {})["without_text"][0]["reason"] in {"blank", "no-text"}
    assert text_of(library, 1) == ""
    with library.catalogue.reading() as session:
        assert list(recognising.unread(session)) == []


@pytest.mark.parametrize(("damage", "code"), [("cut short", "damaged-source"), ("lost", "object-missing")])
def test_a_page_whose_original_is_damaged_is_told_and_the_others_are_read(
    library: Library, tmp_path: Path, damage: str, code: str
) -> None:
    hand_in(library, two_scans(tmp_path / "book"))
    with library.catalogue.reading() as session:
        lost, _ = items.files(session, only_item(library).id)[:2]
    (blob,) = (library.settings.home / "store" / "blobs").rglob(lost.sha256)
    data = blob.read_bytes()
    blob.unlink()
    if damage == "cut short":
        blob.write_bytes(data[: len(data) // 2])

    done = read(library)

    assert (done.state, (done.receipt or {})["read"]) == (JobState.DONE, 1)
    (refused,) = (done.receipt or {})["refused_pages"]
    assert (refused["page"], refused["error"]["code"]) == (1, code)


# What staff is told and asked.


def test_scans_upside_down_are_told_and_read_all_the_same(library: Library, tmp_path: Path) -> None:
    scanned.picture(tmp_path / "市" / "1.png", scanned.lines(*MARKET))
    upright = scanned.picture(tmp_path / "2.png", scanned.lines(*MARKET))
    with Image.open(upright) as picture:
        picture.rotate(180).save(tmp_path / "市" / "2.png")
    hand_in(library, tmp_path / "市")

    (told,) = (read(library).receipt or {})["warnings"]

    assert told == {"code": "looks-turned", "data": {"file": "市", "item": only_item(library).id, "pages": "2"}}
    assert text_of(library, 2) == text_of(library, 1) != ""


def test_a_book_in_columns_described_in_lines_is_told_and_left_as_it_is(library: Library, tmp_path: Path) -> None:
    scanned.picture(tmp_path / "書" / "1.png", scanned.columns(*RIVER))
    hand_in(library, tmp_path / "書")

    (told,) = (read(library).receipt or {})["warnings"]

    assert told == {"code": "looks-vertical", "data": {"file": "書", "item": only_item(library).id, "pages": 1}}
    assert only_item(library).description.viewing_direction == "left-to-right"


def test_a_book_described_as_it_is_gives_rise_to_no_word(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "書"
    scanned.picture(folder / "1.png", scanned.columns(*RIVER))
    given.write_json(
        folder / "metadata.json", {"title": "書", "writing": "vertical", "viewing_direction": "right-to-left"}
    )
    hand_in(library, folder)

    assert (read(library).receipt or {})["warnings"] == []


@pytest.mark.parametrize(
    ("draw", "expected"), [(scanned.lines, (*RIVER, *MARKET)), (scanned.columns, (*MARKET, *RIVER))]
)
def test_two_pages_on_one_scan_are_read_one_after_the_other_once_staff_has_said_so(
    library: Library, tmp_path: Path, draw: Callable[..., Any], expected: tuple[str, ...]
) -> None:
    scanned.picture(tmp_path / "書" / "1.png", scanned.facing(draw(*RIVER), draw(*MARKET)))
    hand_in(library, tmp_path / "書")

    ask(library, Recognition(facing=Facing.TWO))

    assert text_of(library, 1).replace("\n", "") == "".join(expected)
    found, page = layer_of(library, 1), pages_of(library)[1]
    assert (found.width, found.height) == (page.width, page.height)
    assert current(page.layers).settings["asked"]["facing"] == "two"  # type: ignore[union-attr]
    rightmost = max(box.x + box.width for line in found.lines for box in line.glyphs)
    assert page.width / 2 < rightmost <= page.width


def test_staff_see_on_the_page_of_the_delivery_how_its_reading_goes_and_what_is_proposed(
    library: Library, tmp_path: Path
) -> None:
    scanned.picture(tmp_path / "書" / "1.png", scanned.columns(*RIVER))
    hand_in(library, tmp_path / "書")
    with library.catalogue.writing() as session:
        users.put(session, "staff", PASSWORD, Role.STAFF)
    app = create_app(library)
    app.testing = True
    staff = signed_in(app, "staff")

    before = staff.get("/staff/deliveries/1").text
    read(library)
    after = staff.get("/staff/deliveries/1").text

    assert "识别文字" in before
    assert "页读出文字" not in before
    assert "1 页读出文字，0 页没有字，0 页没有读成。" in after
    assert f"wenyuan item set {only_item(library).id} viewing_direction right-to-left" in after


# The commands.


def command(home: Path, *words: str, code: int = 0) -> str:
    """Run a command; what it printed on standard output."""
    variables = {
        "WENYUAN_HOME": str(home),
        "WENYUAN_EXECUTOR": "inline",
        "WENYUAN_OCR_ENGINE": "auto",
        "COLUMNS": "200",
    }
    done = CliRunner(env={**os.environ, **variables}).invoke(main, list(words))
    assert done.exit_code == code, done.output + repr(done.exception)
    assert "Traceback" not in done.output
    return done.stdout


def test_ingest_reads_what_it_has_taken_and_says_what_came_of_it(tmp_path: Path) -> None:
    told = command(tmp_path / "home", "ingest", str(two_scans(tmp_path / "book")))

    assert "2 页还没有文字（等待识别）" in told
    assert "新安雜記：识别 2 页，2 页读出文字，0 页没有字，0 页没有读成" in told
    assert json.loads(command(tmp_path / "home", "jobs", "--json")) == []


def test_ingest_may_leave_it_to_the_worker_and_check_names_what_nobody_reads(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command(home, "ingest", "--no-recognise", str(two_scans(tmp_path / "book")))
    (waiting,) = json.loads(command(home, "jobs", "--json"))
    assert (waiting["kind"], waiting["lane"], waiting["state"]) == ("recognise", "ocr", "queued")
    assert json.loads(command(home, "check", "--json"))["no_text"]["pages"] == 0, "a job will read them"

    with wiring.build(load(home=home)).catalogue.writing() as session:
        session.execute(jobs.delete(jobs.JobRow).where(jobs.JobRow.lane == OCR))
    assert "有 2 页没有文字" in command(home, "check")

    assert "识别 2 页" in command(home, "recognise", "--missing")
    assert json.loads(command(home, "check", "--json"))["no_text"] == {"items": 0, "pages": 0, "first": []}
    assert command(home, "recognise", "--missing").strip() == "没有要识别的页。"


def test_work_does_what_was_queued_in_both_lanes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command(home, "ingest", "--queue", str(two_scans(tmp_path / "book")))
    command(home, "work", "--once", "--lane", "pages")
    (left,) = json.loads(command(home, "jobs", "--json"))
    assert left["lane"] == "ocr"

    command(home, "work", "--once")

    assert json.loads(command(home, "jobs", "--json")) == []


def test_recognise_reads_the_pages_that_are_named_by_their_places(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command(home, "ingest", "--no-recognise", str(two_scans(tmp_path / "book")))
    (row,) = json.loads(command(home, "item", "list", "--json"))["items"]
    command(home, "item", "move", row["id"], "2", "--to", "1")

    told = json.loads(command(home, "recognise", row["id"], "--pages", "1", "--json"))

    assert [(one["pages"], one["read"]) for one in told] == [(1, 1)]
    pages = json.loads(command(home, "item", "show", row["id"]))["structure"]["pages"]
    assert [(page["key"], "layers" in page) for page in pages] == [(2, True), (1, False)]
    command(home, "recognise", row["id"], "--pages", "3", code=66)
    for wrong in ("eins", "3-", "1-99999999999", "-"):
        command(home, "recognise", row["id"], "--pages", wrong, code=64)
    command(home, "recognise", row["id"], "--engine", "paddle", code=64)
    command(home, "recognise", code=64)
