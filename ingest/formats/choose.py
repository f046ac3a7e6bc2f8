"""Find the format of a file: the bytes decide, the name only breaks ties. Not a format itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePath
from typing import NamedTuple

from wenyuan.ingest.formats.source import Format
from wenyuan.repo import plugins
from wenyuan.repo.errors import EmptySource, MislabelledSource, UnreadableFile, UnsupportedFormat

PACKAGE = "wenyuan.ingest.formats"
HEAD_BYTES = 4096

_KNOWN: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (word, re.compile(pattern, re.DOTALL))
    for word, pattern in (
        ("epub", rb"PK\x03\x04.{26}mimetypeapplication/epub\+zip"),
        ("zip", rb"PK(\x03\x04|\x05\x06|\x07\x08)"),
        ("rar", rb"Rar!\x1a\x07"),
        ("7z", rb"7z\xbc\xaf\x27\x1c"),
        ("gzip", rb"\x1f\x8b"),
        ("bzip2", rb"BZh\d"),
        ("xz", rb"\xfd7zXZ"),
        ("tar", rb".{257}ustar"),
        ("psd", rb"8BP[SB]"),
        ("sgi", rb"\x01\xda[\0\x01][\x01\x02]"),
        ("fli", rb".{4}[\x11\x12]\xaf"),
        ("blp", rb"BLP[012]"),
        ("djvu", rb"AT&TFORM"),
        ("heif", rb".{4}ftyp(heic|heix|mif1|avif|heim|hevc)"),
        ("video", rb".{4}ftyp|\x1a\x45\xdf\xa3|RIFF.{4}AVI "),
        ("audio", rb"ID3|\xff[\xfb\xf3\xf2]|fLaC|OggS|RIFF.{4}WAVE"),
        ("kfx", rb"CONT\x02\0|\xeaDRMION\xee"),
        ("palmdoc", rb".{60}TEXtREAd"),
        ("topaz", rb"TPZ"),
        ("office", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("rtf", rb"\{\\rtf"),
        ("postscript", rb"%!PS|\xc5\xd0\xd3\xc6"),
        ("program", rb"MZ|\x7fELF|#!"),
        ("marc", rb"\s*\d{5}[acdnpos][a-z][a-z ]"),
        ("svg", rb"(\xef\xbb\xbf)?\s*(<\?xml.*)?<svg[\s>]"),
        ("html", rb"(?i)(\xef\xbb\xbf)?\s*(<!doctype html|<html)"),
        ("xml", rb"(\xef\xbb\xbf)?\s*<[?!a-zA-Z]|(\xff\xfe<\0|\xfe\xff\0<)"),
        ("json", rb"(\xef\xbb\xbf)?\s*[\[{]\s*[\"\[{\]}]"),
    )
)
"""What a file that we cannot read looks like; the first that fits is told to staff."""


class Choice(NamedTuple):
    """Which module of the folder reads a file.

    Attributes:
        module: name for `plugins.load`.
        media_type: of this very file.
        warnings: MislabelledSource where the file's ending promises something else.
    """

    module: str
    media_type: str
    warnings: tuple[Exception, ...]


def choose(path: Path, name: str) -> Choice:
    """Decide by its first 4 KiB who reads a file.

    Args:
        path: the file as it lies on disk.
        name: as handed in; its ending is compared with the bytes.

    Raises:
        EmptySource: no bytes.
        UnsupportedFormat: no format of ours; `found` is a short word such as zip, psd, marc, xml, text, unknown.
        UnreadableFile: the operating system does not let us read it.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        raise UnreadableFile(file=name, detail=error.strerror or str(error)) from error
    if not head:
        raise EmptySource(file=name)
    scores = {module: form.score(head, name) for module, form in formats().items()}
    module = max(scores, key=lambda key: scores[key], default="")
    if not module or scores[module] <= 0:
        raise UnsupportedFormat(file=name, found=looks_like(head))
    found = formats()[module].media_type(head, name)
    named = _promised(name)
    warnings = (MislabelledSource(file=name, named=named, found=found),) if named and named != found else ()
    return Choice(module, found, warnings)


@cache
def formats() -> dict[str, Format]:
    """The formats of the folder by module name, in order of their names."""
    found: dict[str, Format] = {}
    for name in plugins.names(PACKAGE):
        form = getattr(plugins.load(PACKAGE, name), "FORMAT", None)
        if isinstance(form, Format):
            found[name] = form
    return found


def looks_like(head: bytes) -> str:
    """A short word for the first bytes of a file that no format reads."""
    for word, pattern in _KNOWN:
        if pattern.match(head):
            return word
    printable = sum(byte >= 32 or byte in b"\t\n\r\f" for byte in head)
    return "text" if printable == len(head) else "unknown"


def _promised(name: str) -> str | None:
    """The media type that a file of this ending should be; `.fb2.zip` is an ending of its own."""
    endings = PurePath(name.lower()).suffixes[-2:]
    for ending in ("".join(endings), *endings[-1:]):
        for form in formats().values():
            if ending in form.media_types:
                return form.media_types[ending]
    return None
