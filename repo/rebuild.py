"""Making the catalogue again from storage alone: manifests say what there is, blobs what it is made of.

A manifest that no other names as its previous one is the newest version of its item. What cannot be seen from storage:
that the newest manifest of an item was taken away without a trace (the one before it then looks newest), and whatever
never was in storage (`NOT_IN_STORAGE`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from wenyuan.repo import history, indexing
from wenyuan.repo.catalogue import collections, events, item_versions
from wenyuan.repo.catalogue.schema import CollectionRow, EventRow, ItemRow, OutboxRow, TextProposalRow, WorkRow
from wenyuan.repo.errors import CatalogueNotEmpty
from wenyuan.repo.history import DAMAGE
from wenyuan.repo.items import Collection, Structure, current
from wenyuan.repo.library import Library
from wenyuan.repo.manifests import CollectionManifest, ItemManifest, Manifest
from wenyuan.repo.progress import Progress, nobody_watches
from wenyuan.storage.errors import Corrupt, LibraryError, StoreMisconfigured
from wenyuan.storage.keys import MANIFESTS, blob_key, manifest_key

NOT_IN_STORAGE = ("users", "deliveries", "jobs", "fixity events", "proposed corrections", "what readers keep")
"""What a rebuild cannot bring back: keep a copy of the database for these."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_NAMED_ITEM = re.compile(rb'"id":"([0-9a-hjkmnp-tv-z]{13})"')
"""An item's id in the bytes of a damaged manifest; a hint and no more."""
_HINT_BYTES = 64 * 1024


class Loss(StrEnum):
    """What the library lacks because of a damage."""

    VERSION = "version"
    """A manifest: what it said is not known; its item, if there is an older version, was made from that."""
    HISTORY = "history"
    """Older versions and their events; the newest is whole."""
    ITEM = "item"
    """The item was not made."""
    TEXT = "text"
    """The text of a page."""
    ORIGINAL = "original"
    """A file as it was handed in; the item was made without looking into it."""
    PLACE = "place"
    """A collection above: what was in it stands at the top now."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing in storage that is not there or not as it was."""

    key: str
    problem: str
    """missing, corrupt or unreadable."""
    loss: Loss
    item: str | None = None
    """The item concerned, where that is known."""


@dataclass(frozen=True, slots=True)
class Fork:
    """Two newest versions of one thing.

    Somebody changed it in two catalogues, or a program died when storage had the version and the catalogue had not.
    """

    name: str
    """Id of the item, or key of the collection."""
    chosen: str
    """SHA-256 of the manifest that was taken."""
    others: tuple[str, ...]


@dataclass(slots=True)
class RebuildReport:
    """What was found and made."""

    manifests: int = 0
    collections: int = 0
    items: int = 0
    pages: int = 0
    texts: int = 0
    damage: list[Damage] = field(default_factory=list)
    forks: list[Fork] = field(default_factory=list)
    not_in_storage: tuple[str, ...] = NOT_IN_STORAGE

    @property
    def lost_items(self) -> tuple[str, ...]:
        """Items that could not be made."""
        return tuple(one.item for one in self.damage if one.loss is Loss.ITEM and one.item)


@dataclass(frozen=True, slots=True, order=True)
class _Version:
    """What is kept of a manifest while all are looked through; the greatest is the newest."""

    version: int
    modified: datetime
    sha256: str


@dataclass(slots=True)
class _Found:
    items: dict[str, list[_Version]] = field(default_factory=dict)
    collections: dict[str, list[_Version]] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)
    """Manifests that another names as its previous one."""


def rebuild_catalogue(library: Library, progress: Progress = nobody_watches, *, replace: bool = False) -> RebuildReport:
    """Make collections, items, pages, texts and events from storage.

    One item at a time: what is kept of all of them is some hundred bytes for each manifest. Each item is one
    transaction; a rebuild that was broken off is begun anew with `replace`.

    Args:
        library: its catalogue is filled; its index and its derivatives are left alone.
        progress: told of the stages "manifests" and "items".
        replace: empty the tables of collections, works, items, events and the outbox first. Users, deliveries and jobs
            stay.

    Raises:
        CatalogueNotEmpty: there are items or collections, and `replace` was not given.
        StoreMisconfigured: the store has no manifest at all: nothing was emptied, for it is likely the wrong store.
        StoreUnavailable: the store is away; what was made so far is there.
    """
    _refuse_full(library, replace=replace)
    report = RebuildReport()
    found = _look_through(library, report, progress)
    if not report.manifests:
        raise StoreMisconfigured(setting="WENYUAN_STORE", reason=f"no manifests in {library.store.name}")
    if replace:
        _empty(library)
    maker = _Maker(library, report)
    waiting = _kept_for_proposals(library) if replace else set()
    maker.make_collections({key: _newest(key, of, found, report) for key, of in sorted(found.collections.items())})
    for number, (item, of) in enumerate(sorted(found.items.items()), start=1):
        maker.make_item(item, _newest(item, of, found, report))
        progress("items", number, len(found.items))
    _drop(library, waiting - maker.items)
    return report


def rebuild_index(library: Library, progress: Progress = nobody_watches) -> int:
    """Build the index anew from the catalogue, beside the one that serves; how many items those are.

    Raises:
        IndexUnavailable: it cannot be written now; the old one goes on serving.
    """
    return indexing.rebuild(library, progress=progress)


def _refuse_full(library: Library, *, replace: bool) -> None:
    with library.catalogue.reading() as session:
        held = session.scalar(select(func.count()).select_from(ItemRow)) or 0
        grouped = session.scalar(select(func.count()).select_from(CollectionRow)) or 0
    if (held or grouped) and not replace:
        raise CatalogueNotEmpty(items=held)


def _empty(library: Library) -> None:
    """Items that readers have proposed corrections for stay until they are written anew: proposals go with them."""
    proposed = select(TextProposalRow.item)
    with library.catalogue.writing() as session:
        session.execute(delete(OutboxRow))
        session.execute(delete(EventRow))
        session.execute(delete(ItemRow).where(ItemRow.id.not_in(proposed)))
        session.execute(update(ItemRow).values(work=None, collection=None))
        session.execute(delete(WorkRow))
        session.execute(delete(CollectionRow))


def _kept_for_proposals(library: Library) -> set[str]:
    with library.catalogue.reading() as session:
        return set(session.scalars(select(ItemRow.id)))


def _drop(library: Library, lost: set[str]) -> None:
    """Take away kept items that storage does not have any more."""
    if lost:
        with library.catalogue.writing() as session:
            session.execute(delete(ItemRow).where(ItemRow.id.in_(lost)))


def _look_through(library: Library, report: RebuildReport, progress: Progress) -> _Found:
    found = _Found()
    for sha256 in library.blobs.digests(MANIFESTS):
        report.manifests += 1
        progress("manifests", report.manifests, 0)
        try:
            manifest = history.read_manifest(library.blobs, sha256)
        except DAMAGE as error:
            key = manifest_key(sha256)
            report.damage.append(Damage(key, history.problem_of(error), Loss.VERSION, _item_named_in(library, key)))
            continue
        _keep(found, sha256, manifest)
    return found


def _keep(found: _Found, sha256: str, manifest: Manifest) -> None:
    if manifest.previous:
        found.followed.add(manifest.previous)
    if isinstance(manifest, ItemManifest):
        item = manifest.item
        found.items.setdefault(item.id, []).append(_Version(item.version, item.modified, sha256))
    else:
        version = _Version(manifest.version, _BEGINNING, sha256)
        found.collections.setdefault(manifest.collection.key, []).append(version)


def _item_named_in(library: Library, key: str) -> str | None:
    try:
        with library.store.open(key) as stream:
            named = _NAMED_ITEM.search(stream.read(_HINT_BYTES))
    except LibraryError:
        return None
    return named.group(1).decode() if named else None


def _newest(name: str, of: Iterable[_Version], found: _Found, report: RebuildReport) -> str:
    heads = sorted((one for one in of if one.sha256 not in found.followed), reverse=True)
    chosen, *others = (one.sha256 for one in heads)
    if others:
        report.forks.append(Fork(name, chosen, tuple(others)))
    return chosen


class _Maker:
    """Puts what was found into the catalogue."""

    def __init__(self, library: Library, report: RebuildReport) -> None:
        self._library = library
        self._report = report
        self._collections: set[str] = set()
        self.items: set[str] = set()
        """Those that were made."""

    def make_collections(self, newest: dict[str, str]) -> None:
        """All collections, parents first; one whose parent is lost (or is below itself) stands at the top."""
        waiting: dict[str, tuple[str, CollectionManifest]] = {}
        for key, sha256 in newest.items():
            manifest = history.read_manifest(self._library.blobs, sha256)
            if isinstance(manifest, CollectionManifest):
                waiting[key] = (sha256, manifest)
        while waiting:
            ready = [key for key, (_, one) in waiting.items() if self._has_place(one.collection)]
            for key in ready or self._at_the_top(waiting):
                sha256, one = waiting.pop(key)
                with self._library.catalogue.writing() as session:
                    collections.write(session, one.collection, sha256, one.version)
                self._collections.add(key)
                self._report.collections += 1

    def make_item(self, item: str, head: str) -> None:
        """One item with its structure, texts and events; reported and left out where its structure is lost."""
        try:
            chain = history.chain(self._library.blobs, head)
            versions = [(sha, one) for sha, one in chain.manifests if isinstance(one, ItemManifest)]
            structure = history.read_structure(self._library.blobs, versions[0][1].item.structure)
        except DAMAGE as error:
            self._tell(error, Loss.ITEM, item)
            return
        if chain.broken is not None:
            self._tell(chain.broken, Loss.HISTORY, item)
        self._check_originals(item, structure)
        texts = self._texts(item, structure)
        try:
            self._write([one for _, one in versions], structure, texts)
        except IntegrityError as error:
            detail = str(error.orig)
            self._tell(Corrupt(key=blob_key(versions[0][1].item.structure), detail=detail), Loss.ITEM, item)

    def _write(self, versions: list[ItemManifest], structure: Structure, texts: dict[int, str]) -> None:
        newest = versions[0].item
        if newest.collection is not None and newest.collection not in self._collections:
            self._report.damage.append(Damage(newest.collection, "missing", Loss.PLACE, newest.id))
            newest = replace(newest, collection=None)
        with self._library.catalogue.writing() as session:
            item_versions.write(session, newest, structure, texts)
            for version in reversed(versions):
                events.add(session, version.event)
        self.items.add(newest.id)
        self._report.items += 1
        self._report.pages += len(structure.pages)
        self._report.texts += len(texts)

    def _texts(self, item: str, structure: Structure) -> dict[int, str]:
        texts: dict[int, str] = {}
        for page in structure.pages:
            read = current(page.layers)
            if read is not None:
                try:
                    texts[page.key] = history.read_text(self._library.blobs, read.sha256)
                except DAMAGE as error:
                    self._tell(error, Loss.TEXT, item)
                    texts[page.key] = ""
        return texts

    def _check_originals(self, item: str, structure: Structure) -> None:
        """Only whether they are there: reading them all is `wenyuan check`."""
        for file in structure.files:
            if not self._library.blobs.exists(file.sha256):
                self._report.damage.append(Damage(blob_key(file.sha256), "missing", Loss.ORIGINAL, item))

    def _has_place(self, collection: Collection) -> bool:
        return collection.parent is None or collection.parent in self._collections

    def _at_the_top(self, waiting: dict[str, tuple[str, CollectionManifest]]) -> list[str]:
        """Lift what hangs on nothing: first those whose parent is lost; else one of a ring."""
        lost = [key for key, (_, one) in waiting.items() if one.collection.parent not in waiting]
        lifted = lost or [min(waiting)]
        for key in lifted:
            sha256, one = waiting[key]
            self._report.damage.append(Damage(str(one.collection.parent), "missing", Loss.PLACE))
            waiting[key] = (sha256, replace(one, collection=replace(one.collection, parent=None)))
        return lifted

    def _tell(self, error: LibraryError, loss: Loss, item: str) -> None:
        key = str(error.data.get("key", ""))
        self._report.damage.append(Damage(key, history.problem_of(error), loss, item))
