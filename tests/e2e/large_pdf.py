"""A born-digital PDF of 720 pages and 300 MB, published without drawing them; and a meter of what a browser is sent."""

from __future__ import annotations

import io
import os
import selectors
import socket
import threading
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import made_items
import pikepdf
import pyvips

from wenyuan.ingest.context import Workplace
from wenyuan.ingest.stages.linearise import LineariseTask, linearise
from wenyuan.ingest.stages.opening import StoredFile
from wenyuan.repo import holdings, layers
from wenyuan.repo.description import Access, Description
from wenyuan.repo.holdings import NewItem
from wenyuan.repo.items import File, Item, LayerVersion, Page, PageKind, Section, Structure
from wenyuan.repo.layers import Box, Direction, Line, Origin, Region, TextLayer
from wenyuan.repo.library import Library
from wenyuan.repo.linear_pdf import MEDIA_TYPE
from wenyuan.storage.keys import derivative_key

PAGES = 720
IMAGE_SIDE = 374
"""Pixels: three random bytes each, 420 kB a page that no filter makes less."""
WIDTH, HEIGHT = 595, 842
FRAME = 1600
SIZE = 24
"""Points of a character."""
LEFT, TOP = 72, 760
PHRASE, ASKED = "觀瀾河畔舊圖書館", "观澜河畔旧图书馆"
PHRASE_PAGES = (400, 523)


def lines_of(page: int) -> list[str]:
    """The text of a page, 1-based."""
    told = ["城市檔案彙編第一輯", "街道河流與圖書館志"]
    return [*told, PHRASE] if page in PHRASE_PAGES else told


def box_of(line: int, first: int, count: int) -> tuple[float, float, float, float]:
    """Where characters of a line stand, in the pixels of the page's frame: left, top, width, height."""
    scale = FRAME / WIDTH
    baseline = HEIGHT - (TOP - 60 * line)
    return (LEFT + SIZE * first) * scale, (baseline - 0.88 * SIZE) * scale, SIZE * count * scale, SIZE * scale


def write(path: Path, pages: int = PAGES) -> Path:
    """The file, its page tree flat and its objects in no order that would help: as programs write them."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(_font())
    for number in range(1, pages + 1):
        words = "".join(
            f"BT /F1 {SIZE} Tf 1 0 0 1 {LEFT} {TOP - 60 * place} Tm <{text.encode('utf-16-be').hex()}> Tj ET\n"
            for place, text in enumerate(lines_of(number))
        )
        picture = pdf.make_stream(zlib.compress(os.urandom(3 * IMAGE_SIDE * IMAGE_SIDE), 0))
        picture.Filter = pikepdf.Name.FlateDecode
        picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        picture.Width = picture.Height = IMAGE_SIDE
        picture.ColorSpace, picture.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, WIDTH, HEIGHT],
            Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font), XObject=pikepdf.Dictionary(Im=picture)),
            Contents=pdf.make_stream(f"q 300 0 0 300 140 120 cm /Im Do Q\n{words}".encode()),
        )
        pdf.pages.append(pikepdf.Page(page))
    pdf.save(path, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return path


def _font() -> pikepdf.Dictionary:
    """A font that is not embedded: what its codes mean stands in a table of Adobe's (UniGB-UCS2-H)."""
    name = pikepdf.Name("/STSong-Light")
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor, FontName=name, Flags=6, FontBBox=[-25, -254, 1000, 880], ItalicAngle=0,
        Ascent=880, Descent=-120, CapHeight=880, StemV=93,
    )  # fmt: skip
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.CIDFontType0, BaseFont=name, DW=1000, FontDescriptor=descriptor,
        CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"GB1", Supplement=4),
    )  # fmt: skip
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type0, BaseFont=name,
        Encoding=pikepdf.Name("/UniGB-UCS2-H"), DescendantFonts=[descendant],
    )  # fmt: skip


def publish(library: Library, path: Path, title: str, *, pages: int = PAGES, access: Access = Access.OPEN) -> Item:
    """Publish the file as ingest would, with text and with small pictures that stand for those of its pages."""
    with path.open("rb") as stream:
        stored = library.blobs.add(stream, media_type=MEDIA_TYPE)
    file = File(stored.sha256, stored.size_bytes, MEDIA_TYPE, f"{title}.pdf")
    high = round(FRAME * HEIGHT / WIDTH)
    made, texts = [], {}
    versions: dict[str, LayerVersion] = {}
    for number in range(1, pages + 1):
        layer = _layer(number, high)
        if layer.text not in versions:
            sha256 = library.blobs.add_bytes(layers.encode(layer))
            told = LayerVersion(sha256, Origin.BORN_DIGITAL, "by hand 1", made_items.WHEN, len(layer.text))
            versions[layer.text] = told
        made.append(Page(number, PageKind.DOCUMENT, 0, number - 1, FRAME, high, layers=(versions[layer.text],)))
        texts[number] = layer.text
    parts = tuple(Section(f"第{number}頁起", number, None) for number in range(1, pages + 1, 40))
    described = Description(title=title, access=access)
    structure = Structure((file,), tuple(made), parts)
    new = NewItem(holdings.item_id([file.sha256]), described, None, structure, texts, 1, made_items.WHEN)
    item = holdings.publish(library, new, made_items.AGENT, {"delivery": 1, "refused": []})
    _put_pictures(library, file.sha256)
    linearise(LineariseTask(Workplace.of(library.settings), StoredFile(file.sha256, file.path, "pdf")))
    made_items.drain(library)
    return item


def _layer(number: int, high: int) -> TextLayer:
    told: list[Line] = []
    for place, text in enumerate(lines_of(number)):
        glyphs = tuple(Box(*(round(each) for each in box_of(place, at, 1))) for at in range(len(text)))
        whole = Box(*(round(each) for each in box_of(place, 0, len(text))))
        told.append(Line(text, Direction.LEFT_TO_RIGHT, whole, glyphs))
    return TextLayer(FRAME, high, (Region(tuple(told)),))


def _put_pictures(library: Library, sha256: str) -> None:
    """One grey picture for the pages that tests look at: of the length that a thumbnail of a page of text has."""
    grey = pyvips.Image.gaussnoise(300, 424, sigma=9, mean=235).cast("uchar")
    data: bytes = grey.jpegsave_buffer(Q=60)
    for page in (*range(1, 9), *range(396, 408), *range(430, 532), *range(716, 721)):
        is_large = page < 7 or page in PHRASE_PAGES
        for recipe in library.recipes.pictures if is_large else (library.recipes.thumbnail,):
            library.store.put(derivative_key(sha256, page - 1, recipe.file_name), io.BytesIO(data))


class Meter:
    """A relay before a server that counts what it sends: headers, scripts and what workers ask for, too.

    A browser's own figures (CDP) are told target by target, and leave out what it breaks off.
    """

    def __init__(self, port: int, target: int) -> None:
        self.sent = 0
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", port))
        self._isolated = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Let nothing through from now on."""
        self._isolated.set()

    def mend(self) -> None:
        """Let new connections through again."""
        self._isolated.clear()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as server:
            watch = selectors.DefaultSelector()
            for one, other in ((client, server), (server, client)):
                watch.register(one, selectors.EVENT_READ, other)
            while not self._isolated.is_set():
                for key, _ in watch.select(timeout=0.1):
                    other: Any = key.data
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not data or self._isolated.is_set():
                        return
                    other.sendall(data)
                    self.sent += len(data) if other is client else 0
