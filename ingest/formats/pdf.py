"""PDF by MuPDF: pages drawn or, where a page is one scanned image, taken out as it is; text, contents, labels.

Scripts in PDFs are never run: MuPDF runs them only when a program switches them on, and this one does not. Not for more
than one thread of a process (PyMuPDF, "Multiprocessing").
"""

from __future__ import annotations

import ctypes
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymupdf
import pyvips

from wenyuan.ingest.formats import garbled, pdf_outline, pdf_text
from wenyuan.ingest.formats.pdf_text import Frame
from wenyuan.ingest.formats.pixels import check_pixels, decoding, detail_of, from_memory, upright_srgb
from wenyuan.ingest.formats.source import Format, FoundText, Limits, Outline, PageOutline, SectionOutline
from wenyuan.repo.errors import BadInput, DamagedSource, EmptySource, EncryptedSource, TooLarge, UnreadableFile
from wenyuan.repo.items import PageKind
from wenyuan.repo.layers import Origin

REFERENCE_WIDTH = 1600
"""Pixels of a drawn page; text boxes refer to it whatever width it is drawn in (DESIGN §5, reading image)."""

_MOST_DRAWN_PIXELS = 100_000_000
_LONGEST_SIDE = 65_500
"""Pixels; JPEG holds 65,535."""
_POINTS_PER_INCH = 72
_PAGES_PER_EMPTYING = 32
_PIXELS_WORTH_EMPTYING = 4_000_000
"""MuPDF's cache of fonts and decoded images (up to 256 MiB) is emptied after so many pages, or after large images."""
_SCAN_COVER = 0.75
_SCAN_CHARACTERS = 20
"""DESIGN §6: image cover above 75 % with fewer visible characters is a scan."""
_EXACT_COVER = 0.95
_TEXT_OPERATIONS = ("fill-text", "stroke-text")

_mupdf: Any = pymupdf
"""PyMuPDF says that it is typed, but most of its functions are not."""
_mupdf.TOOLS.mupdf_display_errors(False)
_mupdf.TOOLS.mupdf_display_warnings(False)

_log = logging.getLogger(__name__)

# MuPDF's own errors, and what PyMuPDF's Python stumbles over in broken files (tests/unit/ingest/test_pdf.py).
_ERRORS = (
    pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError,
    AssertionError, OverflowError, MemoryError, ZeroDivisionError, SystemError, OSError,
)  # fmt: skip


def _score(head: bytes, name: str) -> int:
    # The header may stand anywhere in the first 1,024 bytes (PDF 1.7, implementation note 13).
    return 95 if head.startswith(b"%PDF-") else 80 if b"%PDF-" in head[:1024] else 0


FORMAT = Format(
    name="pdf",
    media_types={".pdf": "application/pdf"},
    score=_score,
    media_type=lambda head, name: "application/pdf",
)


def open_source(path: Path, file: str, limits: Limits) -> PdfSource:
    """Open a PDF; one that has only an owner's password opens like any other.

    Args:
        path: the file as it lies on disk.
        file: the name that staff knows, for errors.
        limits: how much the file may ask of us.

    Raises:
        DamagedSource: MuPDF cannot open it, even by repairing it.
        EncryptedSource: it needs a password or a handler that we do not have.
        EmptySource: it has no pages.
        TooLarge: more pages than the limit.
        UnreadableFile: the operating system refuses.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        raise UnreadableFile(file=file, detail=error.strerror or str(error)) from error
    with _reading(file):
        document = _mupdf.open(str(path), filetype="pdf")
    try:
        _check(document, file, limits)
    except BadInput:
        document.close()
        raise
    return PdfSource(document, file, limits)


def _check(document: Any, file: str, limits: Limits) -> None:
    with _reading(file):
        locked, count = bool(document.needs_pass), 0
        if not locked:
            count = document.page_count
    if locked:
        raise EncryptedSource(file=file)
    if count < 1:
        raise EmptySource(file=file)
    if count > limits.max_pages:
        raise TooLarge(file=file, found=count, limit=limits.max_pages, unit="pages", setting="WENYUAN_MAX_PAGES")


@contextmanager
def _reading(file: str, page: int | None = None) -> Iterator[None]:
    try:
        yield
    except BadInput:
        raise
    except _ERRORS as error:
        detail = detail_of(error)
        if "encrypt" in detail or "security handler" in detail:
            raise EncryptedSource(file=file) from error
        raise DamagedSource(file=file, detail=detail if page is None else f"page {page + 1}: {detail}") from error


class PdfSource:
    """An open PDF; fulfils `Source`."""

    def __init__(self, document: Any, file: str, limits: Limits) -> None:
        self._document, self._file, self._limits = document, file, limits
        self._frames: dict[int, Frame] = {}
        self._pages_cached = 0

    def outline(self) -> Outline:
        """Pages with labels, contents, metadata. A broken page costs a warning, not the file."""
        warnings: list[Exception] = []
        if self._document.is_repaired:
            warnings.append(DamagedSource(file=self._file, detail="repaired"))
        labels = [""] * self._document.page_count
        sections: tuple[SectionOutline, ...] = ()
        suggestion: dict[str, Any] = {}
        try:
            with _reading(self._file):
                labels = pdf_outline.labels(self._document)
                sections = pdf_outline.sections(self._document)
                suggestion = pdf_outline.suggestion(self._document, self._file)
        except BadInput as error:
            warnings.append(error)
        pages = tuple(self._page_outline(index, label, warnings) for index, label in enumerate(labels))
        return Outline(pages, sections, suggestion, tuple(warnings))

    def text(self, index: int) -> FoundText | None:
        """Text born digital or the OCR under a scan; None for a bare scan and where it means nothing (logged).

        Raises:
            DamagedSource: the page cannot be read.
        """
        with _reading(self._file, index):
            page = self._document[index]
            layer = pdf_text.layer_of(page, self._frame(index))
            is_scan, visible = _scan_and_visible_text(page) if layer else (False, True)
            guessed = layer is not None and pdf_text.has_guessed_fonts(page)
        self._give_back()
        if layer is None:
            return None
        text = layer.text
        if is_scan and visible and len("".join(text.split())) < _SCAN_CHARACTERS:
            return None
        if reason := garbled.why_garbled(text, guessed=guessed):
            _log.warning("%s, page %d: its text means nothing (%s), left out", self._file, index + 1, reason)
            return None
        origin = Origin.EMBEDDED_OCR if is_scan and not visible else Origin.BORN_DIGITAL
        return FoundText(layer, origin, f"pymupdf {pymupdf.VersionBind}")

    def picture(self, index: int, *, width: int) -> Any:
        """The page's one scanned image in its own size, or the page drawn `width` pixels wide, at most 100 megapixels.

        Raises:
            DamagedSource: the page cannot be drawn; for a scanned JPEG only when its pixels are read.
            TooLarge: an image on it has more pixels than the limit.
        """
        with _reading(self._file, index):
            page = self._document[index]
            sizes = [(max(1, image[2]), max(1, image[3])) for image in page.get_images(full=True)]
            for size in sizes:
                check_pixels(*size, self._file, self._limits.max_pixels)
            scan = self._frame(index).scan
            picture = self._drawn(page, width) if scan is None else self._embedded(scan)
        self._give_back(image_pixels=sum(across * down for across, down in sizes))
        return picture

    def width_at(self, index: int, dpi: int) -> int:
        """Pixels that the page is wide at so many to the inch, for `picture`.

        Raises:
            DamagedSource: the page cannot be read.
        """
        with _reading(self._file, index):
            width: float = self._document[index].rect.width
        return max(1, round(width / _POINTS_PER_INCH * dpi))

    def package(self, target: Path) -> bool:
        """False: readers get pictures and the original."""
        return False

    def close(self) -> None:
        """Close the document and empty MuPDF's cache."""
        self._document.close()
        _mupdf.TOOLS.store_shrink(100)

    def _page_outline(self, index: int, label: str, warnings: list[Exception]) -> PageOutline:
        try:
            with _reading(self._file, index):
                frame = self._frame(index)
        except DamagedSource as error:
            warnings.append(error)
            frame = Frame(REFERENCE_WIDTH, round(REFERENCE_WIDTH * 2**0.5), (1, 0, 0, 1, 0, 0))
        return PageOutline(PageKind.DOCUMENT, index, frame.width, frame.height, label)

    def _frame(self, index: int) -> Frame:
        if index not in self._frames:
            page = self._document[index]
            self._frames[index] = _scan_frame(page, self._limits.max_pixels) or _drawn_frame(
                page, REFERENCE_WIDTH, self._limits.max_pixels
            )
            self._give_back()
        return self._frames[index]

    def _drawn(self, page: Any, width: int) -> Any:
        size = _drawn_frame(page, width, self._limits.max_pixels)
        matrix = _mupdf.Matrix(size.width / page.rect.width, size.height / page.rect.height)
        return _as_vips(page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False))

    def _embedded(self, xref: int) -> Any:
        found = _plain_jpeg(self._document, xref)
        if found is not None:
            data, profile = found
            with decoding(self._file):
                image = pyvips.Image.jpegload_buffer(data, access="sequential", fail_on="error").copy()
                # Inside a PDF only the PDF's colour space counts, and EXIF orientation does not (PDF 32000, 7.4.8).
                image.remove("orientation")
                image.remove("icc-profile-data")
                if profile:
                    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
                return upright_srgb(image)
        pixmap = _mupdf.Pixmap(self._document, xref)
        space = pixmap.colorspace
        if space is None or space.name not in ("DeviceGray", "DeviceRGB"):
            target = pymupdf.csGRAY if space is None or space.n == 1 else pymupdf.csRGB
            pixmap = _mupdf.Pixmap(target, pixmap)
        return _as_vips(_mupdf.Pixmap(pixmap, 0) if pixmap.alpha else pixmap)

    def _give_back(self, *, image_pixels: int = 0) -> None:
        self._pages_cached += 1
        if self._pages_cached >= _PAGES_PER_EMPTYING or image_pixels > _PIXELS_WORTH_EMPTYING:
            _mupdf.TOOLS.store_shrink(100)
            self._pages_cached = 0


def _as_vips(pixmap: Any) -> Any:
    """A pixmap without alpha as a `pyvips.Image` over the same memory."""
    size = pixmap.width * pixmap.height * pixmap.n
    samples = (ctypes.c_ubyte * size).from_address(pixmap.samples_ptr)
    samples.pixmap = pixmap  # pyvips keeps the array alive, the array its owner
    return from_memory(samples, pixmap.width, pixmap.height, pixmap.n)


def _drawn_frame(page: Any, width: int, max_pixels: int) -> Frame:
    rect = page.rect
    if not (rect.width > 0 and rect.height > 0):
        raise ValueError("a page without size")
    ratio = rect.height / rect.width
    most = min(max_pixels, _MOST_DRAWN_PIXELS)
    across = min(float(width), (most / ratio) ** 0.5, _LONGEST_SIDE, _LONGEST_SIDE / ratio)
    wide, high = max(1, int(across)), max(1, min(_LONGEST_SIDE, round(across * ratio)))
    matrix = page.rotation_matrix * _mupdf.Matrix(wide / rect.width, high / rect.height)
    return Frame(wide, high, tuple(matrix))


def _scan_frame(page: Any, max_pixels: int) -> Frame | None:
    """The frame of a page that is exactly one upright image and nothing else that can be seen."""
    if page.rotation or not (images := page.get_images(full=True)) or page.first_annot or page.first_widget:
        return None
    operations = [operation for operation, *_ in page.get_bboxlog()]
    if operations.count("fill-image") != 1 or set(operations) - {"fill-image", "ignore-text"}:
        return None
    placed = page.get_image_info()
    if len(placed) != 1:
        return None
    width, height = placed[0]["width"], placed[0]["height"]
    # Resources may be shared by all pages: the image is known when just one has its size.
    fitting = [image for image in images if (image[2], image[3]) == (width, height)]
    if len(fitting) != 1 or not _is_exact(placed[0], fitting[0], page.rect) or width * height > max_pixels:
        return None
    x0, y0, x1, y1 = placed[0]["bbox"]
    across, down = width / (x1 - x0), height / (y1 - y0)
    return Frame(width, height, (across, 0, 0, down, -x0 * across, -y0 * down), fitting[0][0])


def _is_exact(placed: dict[str, Any], image: tuple[Any, ...], rect: Any) -> bool:
    a, b, c, d, _, _ = placed["transform"]
    x0, y0, x1, y1 = placed["bbox"]
    margin = 0.01 * max(rect.width, rect.height)
    upright = a > 0 and d > 0 and abs(b) < 1e-3 * a and abs(c) < 1e-3 * d
    inside = x0 > -margin and y0 > -margin and x1 < rect.width + margin and y1 < rect.height + margin
    covering = (x1 - x0) * (y1 - y0) > _EXACT_COVER * rect.width * rect.height
    masked = placed.get("has-mask") or image[1]
    return bool(upright and inside and covering and not masked and image[2] > 0 and image[3] > 0)


def _plain_jpeg(document: Any, xref: int) -> tuple[bytes, bytes] | None:
    """The JPEG of an image object and its profile, where libvips reads it as MuPDF would; else None."""
    keys = {key: document.xref_get_key(xref, key) for key in ("Filter", "ColorSpace", "Decode", "DecodeParms")}
    space = keys["ColorSpace"][1]
    if keys["ColorSpace"][0] == "xref":
        space = document.xref_object(int(space.split()[0]), compressed=True)
    profile = re.fullmatch(r"\s*\[\s*/ICCBased\s+(\d+) 0 R\s*\]\s*", space)
    if keys["Filter"][1] not in ("/DCTDecode", "[/DCTDecode]", "[ /DCTDecode ]"):
        return None
    if keys["Decode"][0] != "null" or keys["DecodeParms"][0] != "null":
        return None
    if profile and document.xref_get_key(int(profile[1]), "N")[1] in ("1", "3"):
        return bytes(document.xref_stream_raw(xref)), bytes(document.xref_stream(int(profile[1])))
    return (bytes(document.xref_stream_raw(xref)), b"") if space in ("/DeviceRGB", "/DeviceGray") else None


def _scan_and_visible_text(page: Any) -> tuple[bool, bool]:
    """(images cover more than three quarters, some text is drawn above the largest of them)."""
    log = page.get_bboxlog()
    areas = [
        (x1 - x0) * (y1 - y0) if operation in ("fill-image", "fill-imgmask") else 0.0
        for operation, (x0, y0, x1, y1), *_ in log
    ]
    if sum(areas) <= _SCAN_COVER * page.rect.width * page.rect.height:
        return False, True
    largest = areas.index(max(areas))
    return True, any(operation in _TEXT_OPERATIONS for operation, *_ in log[largest:])
