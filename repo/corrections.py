"""Correcting the text of one page: opening it, saving it as a new version, going back to an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from wenyuan.repo import correcting, history, layers, texts
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.correcting import Fault, Step, Unusable
from wenyuan.repo.errors import LinesApart, NoSuchLine, NoSuchPage, PlaceOutside, TextChanged, TextUnusable
from wenyuan.repo.items import Item, LayerVersion, PageKind, current
from wenyuan.repo.layers import Origin, TextLayer
from wenyuan.repo.library import Library
from wenyuan.repo.texts import NewLayer
from wenyuan.storage.blobs import BlobStore
from wenyuan.storage.errors import Corrupt
from wenyuan.storage.keys import blob_key

ENGINE = f"wenyuan {version('wenyuan')}"
"""What writes down a correction; who corrected stands in its settings, and not in what readers take home."""
_KINDS: Mapping[Fault, type[TextUnusable]] = {
    Fault.NO_SUCH_LINE: NoSuchLine,
    Fault.OUTSIDE: PlaceOutside,
    Fault.APART: LinesApart,
}
"""Other faults are of the words."""


@dataclass(frozen=True, slots=True)
class OpenText:
    """The text of a page as somebody sees it who corrects it.

    Attributes:
        page: which page.
        layer: its current text; without regions where it has none.
        digest: SHA-256 of that layer, "" where there is none: what a change is made upon.
        versions: all of them, oldest first.
    """

    page: PageView
    layer: TextLayer
    digest: str
    versions: tuple[LayerVersion, ...]

    @property
    def version(self) -> int:
        """Number of the current version, from 1; 0 where there is none."""
        read = current(self.versions)
        return self.versions.index(read) + 1 if read else 0


def open_text(library: Library, item_id: str, key: int) -> OpenText:
    """The text of a page, to be corrected.

    Raises:
        NoSuchPage: there is none, or it is a chapter of an e-book, whose text is the book's own.
        ObjectMissing, Corrupt: its text is lost.
    """
    with library.catalogue.reading() as session:
        page = items.page_by_key(session, item_id, key)
        versions = tuple(items.layers(session, item_id, key))
    if page.kind is PageKind.CHAPTER:
        raise NoSuchPage(item=item_id, page=key)
    read = current(versions)
    layer = read_layer(library.blobs, read.sha256) if read else TextLayer(page.width, page.height, ())
    return OpenText(page, layer, read.sha256 if read else "", versions)


def read_layer(blobs: BlobStore, sha256: str) -> TextLayer:
    """A text layer.

    Raises:
        ObjectMissing, DigestMismatch, Corrupt: it is lost, damaged, or of a form not known here.
    """
    data = blobs.read(sha256)
    try:
        return layers.decode(data)
    except history.MALFORMED as error:
        raise Corrupt(key=blob_key(sha256), detail=str(error)) from error


def corrected(item_id: str, held: OpenText, lines: Mapping[int, str], step: Step | None = None) -> TextLayer:
    """The layer with new words in some lines, and after them one change of its lines.

    Raises:
        TextUnusable: it cannot be made; NoSuchLine, PlaceOutside, LinesApart, where it is not for its words.
    """
    try:
        layer = correcting.apply(held.layer, lines)
        return correcting.take(layer, step) if step else layer
    except Unusable as error:
        kind, problem = _KINDS.get(error.fault, TextUnusable), error.fault.value
        raise kind(item=item_id, page=held.page.key, problem=problem, line=error.line + 1, **error.told) from error


def save(
    library: Library,
    item_id: str,
    key: int,
    lines: Mapping[int, str],
    agent: str,
    *,
    expected: str,
    step: Step | None = None,
) -> Item | None:
    """Make a new version of a page's text; None where nothing is different.

    Args:
        library: whose item it is.
        item_id: the item.
        key: of the page.
        lines: new words by the number of the line, from 0; a line given as it was is confirmed.
        agent: who corrects.
        expected: `OpenText.digest` of what the person saw.
        step: a change of the lines, after the words.

    Raises:
        NoSuchItem, NoSuchPage: there is none.
        TextChanged: the page has another text by now.
        TextUnusable: the correction cannot be made.
    """
    held = open_text(library, item_id, key)
    if held.digest != expected:
        raise TextChanged(item=item_id, page=key, found=held.digest)
    return keep(library, item_id, held, corrected(item_id, held, lines, step), agent, {"by": agent})


def restore(library: Library, item_id: str, key: int, number: int, agent: str, *, expected: str) -> Item | None:
    """Make an earlier version the current one again: a new version with its bytes.

    Args:
        library, item_id, key, agent, expected: as `save`.
        number: of the version, from 1.

    Raises:
        NoSuchPage: there is no such version, too.
    """
    held = open_text(library, item_id, key)
    if held.digest != expected:
        raise TextChanged(item=item_id, page=key, found=held.digest)
    if not 1 <= number <= len(held.versions):
        raise NoSuchPage(item=item_id, page=key)
    chosen = held.versions[number - 1]
    settings = {"by": agent, "restored": number, "origin": chosen.origin.value, "engine": chosen.engine}
    return keep(library, item_id, held, read_layer(library.blobs, chosen.sha256), agent, settings)


def keep(
    library: Library, item_id: str, held: OpenText, layer: TextLayer, agent: str, settings: dict[str, Any]
) -> Item | None:
    """Keep a corrected layer upon what was held; None where it is the same."""
    if layer == held.layer:
        return None
    key = held.page.key
    new = NewLayer(key, layer, Origin.CORRECTED, ENGINE, settings)
    return texts.add_layers(library, item_id, [new], agent, expected={key: held.digest}, also=None)
