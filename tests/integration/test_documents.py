"""Born-digital PDFs from ingest to their bytes: linearised, in ranges, for whom they may be; and bad ones."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import given
import made_items
import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from handing_in import hand_in, outcome_of, shown
from integration.web_fixtures import PASSWORD, signed_in

from wenyuan.ingest import rederive
from wenyuan.ingest.context import Workplace
from wenyuan.ingest.executors.inline import InlinePool
from wenyuan.ingest.stages.linearise import LineariseTask
from wenyuan.ingest.stages.opening import StoredFile
from wenyuan.reader.app import create_app
from wenyuan.repo import completeness, linear_pdf, wiring
from wenyuan.repo.catalogue import items, users
from wenyuan.repo.items import Item
from wenyuan.repo.layers import Origin
from wenyuan.repo.library import Library
from wenyuan.repo.linear_pdf import LINEAR, UNFIT
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load
from wenyuan.storage.keys import derivative_key

BORN, OCR, CORRECTED = Origin.BORN_DIGITAL, Origin.EMBEDDED_OCR, Origin.CORRECTED


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """An open report, one for signed-in readers, and a scan."""
    folder = tmp_path_factory.mktemp("documents")
    built = wiring.build(load(home=folder / "home", executor="inline"))
    given.write_json(folder / "closed.json", {"title": "內部資料", "access": "signed-in"})
    texts = ["序言：城市與書", "第二章 街道與河流", "第三章 圖書館"]
    hand_in(
        built,
        given.pdf(folder / "open.pdf", texts, title="城市報告"),
        given.pdf(folder / "closed.pdf", ["祕密的書庫"], title="內部資料"),
        folder / "closed.json",
        given.scanned_pdf(folder / "scan.pdf", 2),
    )
    with built.catalogue.writing() as session:
        users.put(session, "reader", PASSWORD, Role.PATRON)
    yield built
    built.close()


@pytest.fixture(scope="module")
def app(library: Library) -> Flask:
    """The web application."""
    made = create_app(library)
    made.testing = True
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody without an account."""
    return app.test_client()


def item_of(library: Library, title: str) -> Item:
    """An item by title."""
    return next(item for item in shown(library) if item.description.title == title)


def source_of(library: Library, item: Item) -> str:
    """SHA-256 of its one file."""
    with library.catalogue.reading() as session:
        return items.files(session, item.id)[0].sha256


def address(library: Library, title: str) -> str:
    """Where its PDF is."""
    item = item_of(library, title)
    return f"/documents/{item.id}/{source_of(library, item)}.pdf"


def test_ingest_linearises_what_is_born_digital_and_nothing_else(library: Library) -> None:
    made = {title: source_of(library, item_of(library, title)) for title in ("城市報告", "scan")}
    key = derivative_key(made["城市報告"], 0, LINEAR)
    with library.store.as_file(key) as path, pikepdf.open(path) as pdf:
        assert pdf.is_linearized
        assert len(pdf.pages) == 3
    assert not list(library.store.list(derivative_key(made["scan"], 0, "linear")))
    assert list(completeness.gaps(library)) == []


@pytest.mark.parametrize(
    ("origins", "is_document"),
    [
        ([BORN, BORN, None], True),
        ([BORN, OCR, BORN], True),
        ([BORN, OCR], False),
        ([OCR, OCR, BORN], False),
        ([None, None], False),
        ([BORN, CORRECTED, CORRECTED], True),
        ([CORRECTED], False),
        ([], False),
    ],
)
def test_a_pdf_is_read_as_one_when_most_of_its_text_is_its_own(origins: list[Origin | None], is_document: bool) -> None:
    assert linear_pdf.is_born_digital(origins) is is_document


def test_the_pdf_is_sent_whole_and_in_ranges(library: Library, client: FlaskClient) -> None:
    where = address(library, "城市報告")
    whole = client.get(where)
    assert whole.status_code == 200
    assert whole.mimetype == "application/pdf"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert "Content-Disposition" not in whole.headers
    assert whole.headers["Content-Security-Policy"].startswith("sandbox")
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    part = client.get(where, headers={"Range": "bytes=100-299"})
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes 100-299/{len(whole.data)}"
    assert part.data == whole.data[100:300]
    assert client.get(where, headers={"Range": "bytes=999999999-"}).status_code == 416
    assert client.get(where, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    head = client.head(where)
    assert (head.status_code, head.content_length, head.data) == (200, len(whole.data), b"")
    with pikepdf.open(io.BytesIO(whole.data)) as pdf:
        assert pdf.is_linearized


def test_who_may_not_take_the_file_gets_none_of_it_and_reads_pictures(library: Library, app: Flask) -> None:
    where, item = address(library, "內部資料"), item_of(library, "內部資料")
    stranger, patron = app.test_client(), signed_in(app, "reader")
    assert stranger.get(where).status_code == 403
    assert stranger.get(where, headers={"Range": "bytes=0-99"}).status_code == 403
    assert patron.get(where, headers={"Range": "bytes=0-99"}).status_code == 206
    assert "no-cache" in patron.get(where).headers["Cache-Control"]
    assert "document/boot.js" in patron.get(f"/read/{item.id}/1").text


def test_what_is_no_document_has_no_address(library: Library, client: FlaskClient) -> None:
    item = item_of(library, "城市報告")
    assert client.get(f"/documents/{item.id}/{'0' * 64}.pdf").status_code == 404
    assert client.get(address(library, "scan")).status_code == 404
    assert client.get(f"/documents/0000000000000/{'0' * 64}.pdf").status_code == 404


def test_the_room_is_chosen_by_the_pdf_and_by_the_reader(library: Library, client: FlaskClient) -> None:
    report, scan = item_of(library, "城市報告").id, item_of(library, "scan").id
    as_pdf, as_pictures = client.get(f"/read/{report}/1").text, client.get(f"/read/{report}/1?room=scan").text
    assert "document/boot.js" in as_pdf
    assert "以图像阅读" in as_pdf
    assert "room/boot.js" in as_pictures
    assert "document/boot.js" not in as_pictures
    assert "以 PDF 阅读" in as_pictures
    assert f"/read/{report}/2?room=scan" in as_pictures
    assert "document/boot.js" not in client.get(f"/read/{scan}/1").text


def test_without_the_linearised_one_the_original_is_sent_and_derive_makes_it_anew(
    library: Library, client: FlaskClient
) -> None:
    item = item_of(library, "城市報告")
    source = source_of(library, item)
    key = derivative_key(source, 0, LINEAR)
    library.store.delete(key)
    assert [gap.key for gap in completeness.gaps(library)] == [key]
    sent = client.get(address(library, "城市報告")).data
    with library.blobs.open(source) as original:
        assert sent == original.read()
    with library.catalogue.reading() as session:
        structure = items.structure(session, item.id)
    assert all("error" not in one for one in rederive.make(InlinePool(), structure, Workplace.of(library.settings)))
    assert list(completeness.gaps(library)) == []


def test_a_damaged_one_is_found_and_made_anew(library: Library) -> None:
    item = item_of(library, "城市報告")
    key = derivative_key(source_of(library, item), 0, LINEAR)
    with library.store.open(key) as stream:
        sound = stream.read()
    library.store.put(key, io.BytesIO(sound[: len(sound) // 2]))
    with library.catalogue.reading() as session:
        structure = items.structure(session, item.id)
    list(rederive.make(InlinePool(), structure, Workplace.of(library.settings), check=True))
    with library.store.open(key) as stream:
        assert stream.read() == sound


def test_one_that_takes_too_long_is_served_as_it_is_and_lacks_nothing(library: Library, client: FlaskClient) -> None:
    item = item_of(library, "城市報告")
    source = source_of(library, item)
    task = LineariseTask(Workplace.of(library.settings), StoredFile(source, "open.pdf", "pdf"))
    assert task.killed() == {"linear": False}
    assert library.store.stat(derivative_key(source, 0, UNFIT)).size_bytes > 0
    assert list(completeness.gaps(library)) == []
    assert client.get(address(library, "城市報告")).status_code == 200
    with library.catalogue.reading() as session:
        structure = items.structure(session, item.id)
    list(rederive.make(InlinePool(), structure, Workplace.of(library.settings)))
    assert linear_pdf.document(library, source).is_linear


def test_bad_pdfs_are_refused_with_a_reason_and_stop_no_others(embedded_library: Library, tmp_path: Path) -> None:
    sound = given.pdf(tmp_path / "sound.pdf", ["完好"])
    locked = given.pdf(tmp_path / "locked.pdf", ["鎖住"], password="讀者")
    empty, rubbish, ring = tmp_path / "empty.pdf", tmp_path / "rubbish.pdf", tmp_path / "ring.pdf"
    with pikepdf.new() as pdf:
        pdf.save(empty)
    rubbish.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40)
    with pikepdf.open(sound) as pdf:
        node = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Pages, Count=1, Kids=pikepdf.Array([])))
        node.Kids.append(pdf.Root.Pages)
        pdf.Root.Pages.Kids.append(node)
        pdf.Root.Pages.Count = 2
        pdf.save(ring)
    receipt = hand_in(embedded_library, sound, locked, empty, rubbish, ring)
    assert outcome_of(receipt, "sound.pdf") == ("stored", "")
    assert outcome_of(receipt, "locked.pdf") == ("refused", "encrypted-source")
    assert outcome_of(receipt, "empty.pdf")[0] == "refused"
    assert outcome_of(receipt, "rubbish.pdf")[0] == "refused"
    assert outcome_of(receipt, "ring.pdf")[0] in {"stored", "refused"}
    made_items.drain(embedded_library)
    assert list(completeness.gaps(embedded_library)) == []
