"""The bytes decide which format reads a file; a name that promises something else costs a warning."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from wenyuan.ingest.formats.choose import choose, looks_like
from wenyuan.repo.errors import EmptySource, MislabelledSource, UnreadableFile, UnsupportedFormat


def picture(form: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, form)
    return stream.getvalue()


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, b"application/epub+zip" if name == "mimetype" else b"x")
    return stream.getvalue()


@pytest.fixture
def chosen(tmp_path: Path):
    def choose_bytes(data: bytes, name: str):
        path = tmp_path / "bytes"
        path.write_bytes(data)
        return choose(path, name)

    return choose_bytes


@pytest.mark.parametrize(
    ("data", "name", "module", "media_type"),
    [
        (picture("JPEG"), "一.jpg", "images", "image/jpeg"),
        (picture("JPEG"), "一.JPEG", "images", "image/jpeg"),
        (picture("TIFF"), "一.tif", "images", "image/tiff"),
        (picture("JPEG2000"), "一.jp2", "images", "image/jp2"),
        (picture("BMP"), "一.bmp", "images", "image/bmp"),
        (b"%PDF-1.7\n", "一.pdf", "pdf", "application/pdf"),
        (b"\0junk from a mail server\n%PDF-1.4\n", "一.pdf", "pdf", "application/pdf"),
        (zipped("1.jpg"), "一.cbz", "cbz", "application/vnd.comicbook+zip"),
        (zipped("1.jpg"), "一.zip", "cbz", "application/vnd.comicbook+zip"),
        (zipped("folder/", "folder/1.jpg"), "一.zip", "cbz", "application/vnd.comicbook+zip"),
        (zipped("mimetype", "META-INF/container.xml"), "一.epub", "epub", "application/epub+zip"),
        ("關關雎鳩".encode("big5"), "詩經.txt", "plain_text", "text/plain"),
        (picture("PNG"), "no ending", "images", "image/png"),
    ],
)
def test_files_that_are_what_they_say(chosen, data: bytes, name: str, module: str, media_type: str) -> None:
    assert chosen(data, name) == (module, media_type, ())


@pytest.mark.parametrize(
    ("data", "name", "module", "named", "found"),
    [
        (picture("PNG"), "foo.jpg", "images", "image/jpeg", "image/png"),
        (picture("JPEG"), "foo.pdf", "images", "application/pdf", "image/jpeg"),
        (b"%PDF-1.7\n", "foo.txt", "pdf", "text/plain", "application/pdf"),
        (zipped("mimetype"), "foo.zip", "epub", "application/vnd.comicbook+zip", "application/epub+zip"),
    ],
)
def test_a_wrong_ending_is_a_warning(chosen, data: bytes, name: str, module: str, named: str, found: str) -> None:
    choice = chosen(data, name)
    assert (choice.module, choice.media_type) == (module, found)
    (warning,) = choice.warnings
    assert isinstance(warning, MislabelledSource)
    assert warning.data == {"file": name, "named": named, "found": found}


@pytest.mark.parametrize(
    ("data", "name", "found"),
    [
        (b"8BPS\0\1" + bytes(40), "foo.jpg", "psd"),
        (zipped("[Content_Types].xml", "word/document.xml"), "foo.docx", "zip"),
        (b"Rar!\x1a\x07\0", "foo.cbr", "rar"),
        (b"00714cam a2200205 a 4500001", "foo.mrc", "marc"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><collection/>", "foo.xml", "xml"),
        (b"<?xml version='1.0'?>\n<svg xmlns='x'/>", "foo.svg", "svg"),
        (b"<!DOCTYPE html><p>", "foo.html", "html"),
        (b'{"title": 1}', "metadata.json", "json"),
        (b"a,b,c\n1,2,3\n", "foo.csv", "text"),
        (b"not a picture at all", "foo.jpg", "text"),
        (bytes(300), "foo.bin", "unknown"),
    ],
)
def test_what_nobody_reads_is_told_by_a_word(chosen, data: bytes, name: str, found: str) -> None:
    with pytest.raises(UnsupportedFormat) as refusal:
        chosen(data, name)
    assert refusal.value.data == {"file": name, "found": found}


def test_no_bytes_are_empty(chosen) -> None:
    with pytest.raises(EmptySource):
        chosen(b"", "foo.jpg")


def test_a_folder_or_missing_file_is_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(UnreadableFile) as refusal:
            choose(path, "名")
        assert refusal.value.data["file"] == "名"


def test_words_are_short() -> None:
    assert looks_like(b"\x1f\x8b\x08") == "gzip"
    assert looks_like(bytes(257) + b"ustar\0") == "tar"
