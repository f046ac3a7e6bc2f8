"""Picture archives: a ZIP of page images (CBZ), read in natural order of their names: 2.jpg before 10.jpg.

Pictures are taken out one at a time into a temporary file of ours, which bears no name from the archive.
"""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from natsort import natsort_keygen, ns

from wenyuan.ingest.formats import images
from wenyuan.ingest.formats.archive import Archive, entry_name, extract_entry, open_archive
from wenyuan.ingest.formats.source import Format, FoundText, Limits, Outline, PageOutline
from wenyuan.repo.errors import BadInput, EmptySource, TooLarge
from wenyuan.repo.items import PageKind

_MEDIA_TYPE = "application/vnd.comicbook+zip"
_JUNK_FOLDERS = {"__macosx", ".git", "@eadir", "$recycle.bin"}
_JUNK_NAMES = {"thumbs.db", "desktop.ini", ".ds_store"}
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_natural = natsort_keygen(alg=ns.IGNORECASE)


def _score(head: bytes, name: str) -> int:
    if not head.startswith(_ZIP) or head[30:38] == b"mimetype":
        return 0
    if _first_entry(head).lower().endswith(tuple(images.FORMAT.media_types)):
        return 70
    # The first entry may be a folder or ComicInfo.xml; then only the name can tell.
    return 40 if PurePosixPath(name).suffix.lower() in (".cbz", ".zip") else 0


def _first_entry(head: bytes) -> str:
    if len(head) < 30:
        return ""
    (length,) = struct.unpack_from("<H", head, 26)
    return head[30 : 30 + length].decode("ascii", "replace")


FORMAT = Format(
    name="cbz",
    media_types={".cbz": _MEDIA_TYPE, ".zip": _MEDIA_TYPE},
    score=_score,
    media_type=lambda head, name: _MEDIA_TYPE,
)


def open_source(path: Path, file: str, limits: Limits) -> PictureArchive:
    """Open an archive of pictures; its directory is checked, no picture is read.

    Args:
        path: the file as it lies on disk.
        file: the name that staff knows, for errors.
        limits: how much the file may ask of us.

    Raises:
        EmptySource: no pictures in it.
        TooLarge: more pages than the limit.
        BadInput: what `archive.open_archive` refuses.
    """
    archive = open_archive(path, file, limits)
    try:
        names = _picture_names(archive)
        if not names:
            raise EmptySource(file=file)
        if len(names) > limits.max_pages:
            raise TooLarge(
                file=file, found=len(names), limit=limits.max_pages, unit="pages", setting="WENYUAN_MAX_PAGES"
            )
    except BadInput:
        archive.close()
        raise
    return PictureArchive(archive, names, file, limits)


def _picture_names(archive: Archive) -> list[str]:
    """Keys of the archive's pictures, in natural order of the names as people read them."""
    shown = {name: entry_name(info) for name, info in archive.NameToInfo.items() if not info.is_dir()}
    return sorted((name for name in shown if _is_page(shown[name])), key=lambda name: _natural(shown[name]))


def _is_page(name: str) -> bool:
    path = PurePosixPath(name)
    junk = path.name.startswith("._") or path.name.lower() in _JUNK_NAMES
    junk = junk or any(part.lower() in _JUNK_FOLDERS for part in path.parts[:-1])
    return not junk and path.suffix.lower() in images.FORMAT.media_types


class PictureArchive:
    """An open archive of pictures; fulfils `Source`. Each entry is one page, the first picture of its file."""

    def __init__(self, archive: Archive, names: list[str], file: str, limits: Limits) -> None:
        self._archive, self._names, self._file, self._limits = archive, names, file, limits
        self._folder = tempfile.TemporaryDirectory(prefix="wenyuan-cbz-")
        self._opened: tuple[int, images.Pictures] | None = None

    def outline(self) -> Outline:
        """One page an entry. A broken picture costs a warning here, and is refused when it is asked for."""
        warnings: list[Exception] = []
        pages = tuple(self._page_outline(index, warnings) for index in range(len(self._names)))
        return Outline(pages, warnings=tuple(warnings))

    def text(self, index: int) -> FoundText | None:
        """None: pictures bring no text."""
        return None

    def picture(self, index: int, *, width: int) -> Any:
        """As `images.Pictures.picture`. Valid until another picture is asked for or the archive is closed.

        Raises:
            BadInput: what is wrong with this entry; `file` is archive and entry.
        """
        return self._pictures(index).picture(0, width=width)

    def package(self, target: Path) -> bool:
        """False: readers get derivatives, not packages."""
        return False

    def close(self) -> None:
        """Close the archive and remove what was taken out of it."""
        self._archive.close()
        self._folder.cleanup()

    def _page_outline(self, index: int, warnings: list[Exception]) -> PageOutline:
        try:
            page = self._pictures(index).outline().pages[0]
        except BadInput as error:
            warnings.append(error)
            return PageOutline(PageKind.IMAGE, index, 0, 0)
        return PageOutline(PageKind.IMAGE, index, page.width, page.height)

    def _pictures(self, index: int) -> images.Pictures:
        if self._opened is None or self._opened[0] != index:
            name = self._names[index]
            file = f"{self._file}/{entry_name(self._archive.NameToInfo[name])}"
            # One name a page: libvips may still hold the page before.
            path = Path(self._folder.name, f"{index}")
            if self._opened is not None:
                Path(self._folder.name, f"{self._opened[0]}").unlink(missing_ok=True)
                self._opened = None
            extract_entry(self._archive, name, path, self._limits.max_archive_bytes)
            self._opened = (index, images.open_source(path, file, self._limits))
        return self._opened[1]
