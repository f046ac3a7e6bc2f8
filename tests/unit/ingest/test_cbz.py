"""Archives of pictures: read in natural order, without the junk that systems leave in them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from wenyuan.ingest.formats import cbz
from wenyuan.ingest.formats.pixels import decoding
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import BadInput, DamagedSource, EmptySource, TooLarge, UnsafeArchive

FILE = "連環畫.cbz"


def page(width: int, height: int = 20, form: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), (width, 0, 0)).save(stream, form)
    return stream.getvalue()


def zipped(entries: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return stream.getvalue()


@pytest.fixture
def opened(tmp_path: Path):
    sources = []

    def open_it(entries: dict[str, bytes], limits: Limits = Limits()) -> cbz.PictureArchive:
        path = tmp_path / "file"
        path.write_bytes(zipped(entries))
        sources.append(cbz.open_source(path, FILE, limits))
        return sources[-1]

    yield open_it
    for source in sources:
        source.close()


def widths(source: cbz.PictureArchive) -> list[int]:
    return [page.width for page in source.outline().pages]


def test_two_comes_before_ten(opened) -> None:
    assert widths(opened({"10.png": page(10), "2.png": page(2), "1.png": page(1)})) == [1, 2, 10]


def test_chapters_in_folders_are_read_one_after_the_other(opened) -> None:
    entries = {"第10話/1.png": page(30), "第2話/11.png": page(20), "第2話/9.png": page(10)}
    assert widths(opened(entries)) == [10, 20, 30]


def test_junk_is_left_out(opened) -> None:
    entries = {
        "__MACOSX/._1.png": b"junk", "._1.png": b"junk", "Thumbs.db": b"junk", "ComicInfo.xml": b"<x/>",
        "1.png": page(5), ".DS_Store": b"junk", "folder/": b"",
    }  # fmt: skip
    assert widths(opened(entries)) == [5]


def test_pages_are_decoded_in_any_order(opened) -> None:
    source = opened({f"{n}.png": page(n) for n in (10, 20, 30)})
    for index in (2, 0, 1, 1):
        picture = source.picture(index, width=1600)
        with decoding(FILE):
            assert picture.getpoint(0, 0) == [10.0 * (index + 1), 0, 0]


def test_a_broken_page_costs_a_warning_and_is_refused_by_its_own_name(opened) -> None:
    source = opened({"1.png": page(9), "壞.png": page(9)[:30]})
    (warning,) = source.outline().warnings
    assert isinstance(warning, DamagedSource)
    assert warning.data["file"] == f"{FILE}/壞.png"
    with pytest.raises(DamagedSource):
        source.picture(1, width=1600)


def test_an_archive_without_pictures_is_empty(opened) -> None:
    with pytest.raises(EmptySource):
        opened({"readme.txt": b"x"})


def test_more_pages_than_the_limit_are_refused(opened) -> None:
    with pytest.raises(TooLarge):
        opened({f"{n}.png": page(5) for n in range(4)}, Limits(max_pages=3))


def test_names_that_leave_the_archive_are_refused(opened) -> None:
    with pytest.raises(UnsafeArchive):
        opened({"1.png": page(5), "../../2.png": page(5)})


def test_nothing_stays_on_disk_after_closing(opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    source = opened({"1.png": page(5)})
    source.picture(0, width=1600)
    source.close()
    assert list((tmp_path / "temporary").iterdir()) == []


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_changed_or_cut_bytes_are_read_or_refused_and_nothing_else_happens(tmp_path_factory, data) -> None:
    whole = bytearray(zipped({"1.png": page(30), "2.jpg": page(40, form="JPEG"), "3.tif": page(10, form="TIFF")}))
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("cbz") / "x"
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    try:
        source = cbz.open_source(path, FILE, Limits(max_pixels=1_000_000))
    except BadInput:
        return
    for outline in source.outline().pages:
        refused = FILE
        try:
            with decoding(FILE):
                source.picture(outline.index, width=100).avg()
        except BadInput as refusal:
            refused = refusal.data["file"]
        assert refused.startswith(FILE)
    source.close()
