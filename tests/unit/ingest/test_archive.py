"""ZIP files of strangers: opened when they are harmless, refused by name when they are not."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.ingest.formats.archive import entry_name, extract_entry, open_archive, read_entry
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import (
    BadInput,
    DamagedSource,
    EncryptedSource,
    TooLarge,
    UnreadableFile,
    UnsafeArchive,
    UnsupportedFormat,
)

NAME = "送交/第一批.zip"
LIMITS = Limits(max_archive_entries=50, max_archive_bytes=20 * 1024**2)


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return stream.getvalue()


@pytest.fixture
def written(tmp_path: Path):
    def write(data: bytes) -> Path:
        path = tmp_path / "archive.zip"
        path.write_bytes(data)
        return path

    return write


def test_entries_of_a_harmless_archive_are_read(written, tmp_path: Path) -> None:
    path = written(zipped({"一/甲.txt": b"alpha", "b.txt": b"beta" * 1000}))
    with open_archive(path, NAME, LIMITS) as archive:
        assert read_entry(archive, "一/甲.txt", 100) == b"alpha"
        extract_entry(archive, "b.txt", tmp_path / "out", 10_000)
    assert (tmp_path / "out").read_bytes() == b"beta" * 1000


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/passwd", "C:evil", "C:/evil", "..", "a/.."],
)
def test_names_that_leave_the_archive_are_refused(written, name: str) -> None:
    with pytest.raises(UnsafeArchive) as refusal:
        open_archive(written(zipped({"good.txt": b"x", name: b"x"})), NAME, LIMITS)
    assert refusal.value.data == {"file": NAME, "entry": name}


def test_backslashes_are_refused_but_not_in_the_second_byte_of_big5(written) -> None:
    with pytest.raises(UnsafeArchive):
        open_archive(written(zipped({"a_evil": b"x"}).replace(b"a_evil", b"a\\evil")), NAME, LIMITS)
    placeholder = b"x" * len("許功蓋.txt".encode("big5"))
    data = zipped({placeholder.decode(): b"page"}).replace(placeholder, "許功蓋.txt".encode("big5"))
    assert b"\\" in data
    with open_archive(written(data), NAME, LIMITS) as archive:
        (info,) = archive.infolist()
        assert read_entry(archive, info.filename, 10) == b"page"


def test_names_in_gb18030_are_shown_as_people_wrote_them(written) -> None:
    wanted = "目录/第一页.jpg".encode("gb18030")
    placeholder = b"y" * len(wanted)
    with open_archive(
        written(zipped({placeholder.decode(): b""}).replace(placeholder, wanted)), NAME, LIMITS
    ) as archive:
        assert [entry_name(info) for info in archive.infolist()] == ["目录/第一页.jpg"]


def test_symbolic_links_are_refused(written) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeArchive):
        open_archive(written(stream.getvalue()), NAME, LIMITS)


def test_too_many_entries_are_refused(written) -> None:
    with pytest.raises(TooLarge) as refusal:
        open_archive(written(zipped({f"{n}.txt": b"" for n in range(51)})), NAME, LIMITS)
    assert refusal.value.data["found"] == 51
    assert refusal.value.data["setting"] == "WENYUAN_MAX_ARCHIVE_ENTRIES"


def test_more_bytes_than_the_limit_are_refused_before_anything_is_decompressed(written) -> None:
    noise = bytes(range(256)) * 4096
    with pytest.raises(TooLarge) as refusal:
        open_archive(
            written(zipped({f"{n}": noise for n in range(21)})),
            NAME,
            Limits(max_archive_bytes=20 * 1024**2, max_archive_ratio=10_000),
        )
    assert (refusal.value.data["unit"], refusal.value.data["limit"]) == ("megabytes", 20)


def test_an_entry_that_grows_a_thousandfold_is_refused(written) -> None:
    with pytest.raises(UnsafeArchive):
        open_archive(written(zipped({"bomb": bytes(5 * 1024**2)})), NAME, LIMITS)


def test_overlapping_entries_are_refused(written) -> None:
    data = bytearray(zipped({"a": b"same", "b": b"same"}, zipfile.ZIP_STORED))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<L", 0)  # both entries of the directory point at the first
    with pytest.raises(UnsafeArchive):
        open_archive(written(bytes(data)), NAME, LIMITS)


def test_an_archive_of_archives_is_refused(written) -> None:
    with pytest.raises(UnsafeArchive):
        open_archive(written(zipped({f"lib {n}.zip": zipped({"x": b"x"}) for n in range(3)})), NAME, LIMITS)


def test_encrypted_entries_are_told_as_such(written) -> None:
    data = bytearray(zipped({"secret.txt": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(EncryptedSource):
        open_archive(written(bytes(data)), NAME, LIMITS)


def test_unusual_compression_is_refused(written) -> None:
    with pytest.raises(UnsupportedFormat):
        open_archive(written(zipped({"a": b"x" * 1000}, zipfile.ZIP_LZMA)), NAME, LIMITS)


def test_a_wrong_checksum_is_damage(written) -> None:
    data = zipped({"a.txt": b"SEVENTEEN LETTERS"}, zipfile.ZIP_STORED).replace(b"SEVENTEEN", b"SEVENTEEM")
    with open_archive(written(data), NAME, LIMITS) as archive, pytest.raises(DamagedSource):
        read_entry(archive, "a.txt", 100)


def test_an_entry_that_lies_about_its_size_is_damage(written) -> None:
    data = bytearray(zipped({"a.txt": b"x" * 500_000}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<L", 10)
    with open_archive(written(bytes(data)), NAME, LIMITS) as archive, pytest.raises(DamagedSource):
        read_entry(archive, "a.txt", 100)


def test_an_entry_above_the_callers_limit_is_too_large(written) -> None:
    with open_archive(written(zipped({"a.txt": b"x" * 500})), NAME, LIMITS) as archive, pytest.raises(TooLarge):
        read_entry(archive, "a.txt", 499)


def test_a_missing_entry_is_damage(written) -> None:
    with open_archive(written(zipped({"a": b""})), NAME, LIMITS) as archive, pytest.raises(DamagedSource):
        read_entry(archive, "b", 10)


def test_a_folder_or_missing_file_is_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(UnreadableFile):
            open_archive(path, NAME, LIMITS)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_changed_or_cut_bytes_are_refused_and_nothing_else_happens(tmp_path_factory, data) -> None:
    whole = bytearray(zipped({"一.txt": b"alpha" * 50, "b/c.txt": b"beta", "d.bin": bytes(3000)}))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    path = tmp_path_factory.mktemp("zip") / "x.zip"
    path.write_bytes(bytes(cut))
    refused = NAME
    try:
        with open_archive(path, NAME, LIMITS) as archive:
            for name in archive.namelist():
                read_entry(archive, name, 10_000)
    except BadInput as refusal:
        refused = refusal.data["file"]
    assert refused == NAME
