"""Open ZIP files that strangers hand in; nothing is unpacked to disk.

Not a format itself: e-books and picture archives are read through it. What is refused and why:

* names that leave the archive (`..`, absolute, drives, backslashes) and symbolic links: Snyk, "Zip Slip", 2018;
* overlapping entries, the quine-like bomb of D. Fifield, "A better zip bomb", WOOT 2019;
* entries that grow too much, archives of nothing but archives (42.zip), more entries or bytes than the limits;
* methods other than stored and deflate: EPUB 3.3 (OCF 4.2.2) allows no other, and zipfile bounds memory for these only.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import (
    DamagedSource,
    EncryptedSource,
    TooLarge,
    UnreadableFile,
    UnsafeArchive,
    UnsupportedFormat,
)

# Everything that zipfile of Python 3.11 was seen to raise for changed bytes (tests/unit/ingest/test_archive.py).
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
    OverflowError, MemoryError,
)  # fmt: skip
_ARCHIVES = {".zip", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".zst"}
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
"""APPNOTE 4.4.4: bit 0 encrypted, 6 strong encryption, 13 masked headers."""
_UTF8 = 0x0800
_AES = 99
_RATIO_FROM_BYTES = 1024**2
_CHUNK_BYTES = 256 * 1024
_LOCAL_HEADER_BYTES = 30
_DIRECTORY_BYTES_PER_ENTRY = 1024
"""Room for an entry of the central directory; 46 bytes and a name are usual."""


class Archive(zipfile.ZipFile):
    """A ZIP file whose directory was checked.

    Attributes:
        file: the name that staff knows, for errors.
    """

    file: str


def open_archive(path: Path, file: str, limits: Limits) -> Archive:
    """Open a ZIP for reading, its whole directory checked; no entry is decompressed yet.

    An entry named twice is allowed: the later one counts, as zip tools do when they replace (`archive.NameToInfo`).

    Args:
        path: the file as it lies on disk.
        file: the name that staff knows, for errors.
        limits: how much the file may ask of us.

    Raises:
        DamagedSource: not a ZIP, or its directory is broken.
        UnsafeArchive: names, links, overlaps or ratios as in the module's docstring.
        TooLarge: too many entries or bytes, seen before anything is decompressed.
        EncryptedSource: an entry needs a password.
        UnsupportedFormat: an unusual method of compression.
        UnreadableFile: the operating system refuses.
    """
    _check_directory_size(path, file, limits)
    try:
        archive = Archive(path)
    except _BROKEN as error:
        raise DamagedSource(file=file, detail=_short(error)) from error
    archive.file = file
    try:
        _check(archive, limits)
    except BaseException:
        archive.close()
        raise
    return archive


def read_entry(archive: Archive, name: str, limit: int) -> bytes:
    """One entry, decompressed; stops at its declared size, which must not be above `limit` bytes.

    Raises:
        DamagedSource: missing, broken, or its checksum is wrong.
        TooLarge: declared larger than `limit`.
    """
    return b"".join(entry_chunks(archive, name, limit))


def extract_entry(archive: Archive, name: str, target: Path, limit: int) -> None:
    """As `read_entry`, into a file whose name the caller chose; memory stays small however large the entry.

    Raises:
        DamagedSource, TooLarge: as `read_entry`.
    """
    chunks = entry_chunks(archive, name, limit)
    with target.open("wb") as stream:
        stream.writelines(chunks)


def entry_chunks(archive: Archive, name: str, limit: int) -> Iterator[bytes]:
    """As `read_entry`, bit by bit: 256 KiB, fewer only at the end. What is damaged may be seen at the end only.

    Raises:
        DamagedSource, TooLarge: as `read_entry`; errors of whoever takes the chunks stay what they are.
    """
    info = archive.NameToInfo.get(name)
    if info is None:
        raise DamagedSource(file=archive.file, detail=f"no entry {name}")
    if info.file_size > limit:
        raise too_many_bytes(archive.file, info.file_size, limit)
    return _chunks(archive, info)


def _chunks(archive: Archive, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Decompress an entry; zipfile stops at the declared size and checks the sum there."""
    done = 0
    try:
        with archive.open(info) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                done += len(chunk)
                yield chunk
    except _BROKEN as error:
        raise DamagedSource(file=archive.file, detail=f"{entry_name(info)}: {_short(error)}") from error
    if done != info.file_size:
        raise DamagedSource(file=archive.file, detail=f"{entry_name(info)}: {done} of {info.file_size} bytes")


def entry_name(info: zipfile.ZipInfo) -> str:
    """The name as people read it.

    Names without the UTF-8 flag are code page 437 by the standard but GB18030 or Big5 in ZIPs of Chinese Windows. This
    matters for safety too: the second byte of 功 in Big5 is a backslash.
    """
    raw = _raw_name(info)
    if info.flag_bits & _UTF8:
        return info.orig_filename
    for encoding in ("utf-8", "gb18030", "big5hkscs"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _check_directory_size(path: Path, file: str, limits: Limits) -> None:
    """Refuse a directory too long to be read; zipfile would read any number of entries into memory."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - 65_557 - 76))  # the longest comment, the end record, the ZIP64 records
            tail = stream.read()
    except OSError as error:
        raise UnreadableFile(file=file, detail=error.strerror or str(error)) from error
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise DamagedSource(file=file, detail="no end record: not a ZIP, or cut short")
    count, length = struct.unpack_from("<HL", tail, end + 10)
    end64 = tail.rfind(b"PK\x06\x06", 0, end)
    if end64 >= 0 and len(tail) >= end64 + 56:
        count, length = struct.unpack_from("<QQ", tail, end64 + 32)
    if count > limits.max_archive_entries or length > limits.max_archive_entries * _DIRECTORY_BYTES_PER_ENTRY:
        raise _too_many_entries(file, count, limits.max_archive_entries)


def _check(archive: Archive, limits: Limits) -> None:
    file, entries = archive.file, archive.infolist()
    if len(entries) > limits.max_archive_entries:
        raise _too_many_entries(file, len(entries), limits.max_archive_entries)
    for info in entries:
        _check_entry(info, file, limits)
    total = sum(info.file_size for info in entries)
    if total > limits.max_archive_bytes:
        raise too_many_bytes(file, total, limits.max_archive_bytes)
    _check_overlaps(archive)
    names = [entry_name(info) for info in entries if not info.is_dir()]
    if names and all(PurePosixPath(name).suffix.lower() in _ARCHIVES for name in names):
        raise UnsafeArchive(file=file, entry=names[0])


def _check_entry(info: zipfile.ZipInfo, file: str, limits: Limits) -> None:
    name = entry_name(info)
    if _leaves(name) or stat.S_ISLNK(info.external_attr >> 16):
        raise UnsafeArchive(file=file, entry=name)
    if info.flag_bits & _ENCRYPTED or info.compress_type == _AES:
        raise EncryptedSource(file=file)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnsupportedFormat(file=file, found=f"zip method {info.compress_type}")
    large = info.file_size > _RATIO_FROM_BYTES
    if large and info.file_size > limits.max_archive_ratio * info.compress_size:
        raise UnsafeArchive(file=file, entry=name)


def _leaves(name: str) -> bool:
    return (
        not name
        or name.startswith("/")
        or "\\" in name
        or "\0" in name
        or bool(re.match(r"[A-Za-z]:", name))
        or ".." in name.split("/")
    )


def _check_overlaps(archive: Archive) -> None:
    """Entries must lie one behind the other, before the directory. The shortest possible local header is assumed."""
    entries = sorted(archive.infolist(), key=lambda info: info.header_offset)
    ends = [info.header_offset + _LOCAL_HEADER_BYTES + len(_raw_name(info)) + info.compress_size for info in entries]
    starts = [info.header_offset for info in entries[1:]] + [archive.start_dir]
    for info, end, next_start in zip(entries, ends, starts if entries else [], strict=True):
        if end > next_start:
            raise UnsafeArchive(file=archive.file, entry=entry_name(info))


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437", "surrogatepass")


def _too_many_entries(file: str, found: int, limit: int) -> TooLarge:
    return TooLarge(file=file, found=found, limit=limit, unit="entries", setting="WENYUAN_MAX_ARCHIVE_ENTRIES")


def too_many_bytes(file: str, found: int, limit: int, setting: str = "WENYUAN_MAX_ARCHIVE_MB") -> TooLarge:
    """More bytes than a setting allows, told in megabytes."""
    return TooLarge(
        file=file,
        found=round(found / 1024**2, 1),
        limit=round(limit / 1024**2, 1),
        unit="megabytes",
        setting=setting,
    )


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]
