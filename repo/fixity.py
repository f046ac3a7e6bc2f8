"""The scrub: reading back everything that the library keeps, oldest checked first, and saying what is not as it was.

After the defects of others: a checker that recorded success for missing files (DSpace/DSpace#8570) and one that was
content when it had checked nothing (artefactual/archivematica#1061). Here a check of nothing fails, and what was found
damaged is told in every later run until it was read and found well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import select

from wenyuan.repo import completeness, history, indexing
from wenyuan.repo.catalogue import events
from wenyuan.repo.catalogue.schema import CollectionRow, FileRow, FixityRow, ItemRow, TextLayerRow
from wenyuan.repo.completeness import Gap
from wenyuan.repo.errors import IndexUnavailable
from wenyuan.repo.history import DAMAGE
from wenyuan.repo.indexing import Drift
from wenyuan.repo.items import Event, LayerVersion
from wenyuan.repo.ledger import Ledger, open_ledger
from wenyuan.repo.library import Library
from wenyuan.repo.manifests import AddedLayers, ItemManifest, Manifest
from wenyuan.repo.progress import Progress, nobody_watches
from wenyuan.storage.errors import DigestMismatch, LibraryError, ObjectMissing, Unavailable
from wenyuan.storage.keys import BLOBS, MANIFESTS, blob_key, digest_of, manifest_key

EVENT = "fixity check"
OK, MISSING, CORRUPT, ERROR = "ok", "missing", "corrupt", "error"

LISTED = 1000
"""How many unreferenced keys and missing derivatives a report names; it counts all."""

_AGENT = f"wenyuan {version('wenyuan')}"
_CHECKS = (FixityRow.key, FixityRow.checked, FixityRow.outcome)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a check that could not be made: it is the next to be tried."""
_RECORDED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """A blob or manifest that could not be read as it was stored."""

    key: str
    outcome: str
    """missing, corrupt or error (the store failed: nothing is known of the bytes)."""
    items: tuple[str, ...]
    """Items that need it; none for a manifest of a collection."""
    detail: dict[str, Any] = field(default_factory=dict)
    known_before: bool = False
    """Found by an earlier run and not read again in this one."""


@dataclass(slots=True)
class FixityReport:
    """What was read and what was found."""

    named: int = 0
    """Blobs and manifests that the library needs."""
    checked: int = 0
    """How many of them this run has read in full."""
    size_bytes: int = 0
    failures: list[Failure] = field(default_factory=list)
    unreferenced: list[str] = field(default_factory=list)
    """Keys in storage that nobody names, the first `LISTED`. No damage: a refused or running ingest leaves some."""
    unreferenced_count: int = 0
    gaps: list[Gap] = field(default_factory=list)
    """Missing derivatives, the first `LISTED`."""
    gap_count: int = 0
    drift: Drift | None = None
    """None where the index could not be asked."""
    index_error: LibraryError | None = None

    @property
    def index_is_well(self) -> bool:
        """Index and catalogue agree, or changes are on their way."""
        return self.drift is not None and bool(self.drift.waiting or not (self.drift.missing or self.drift.surplus))

    @property
    def is_well(self) -> bool:
        """Something was read, and nothing is wrong."""
        return bool(self.checked) and not self.failures and not self.gap_count and self.index_is_well


def check(library: Library, *, limit: int | None = None, progress: Progress = nobody_watches) -> FixityReport:
    """Read back what the library keeps, and compare index and derivatives with the catalogue.

    Nothing is mended and nothing deleted.

    Args:
        library: whose fixity table remembers the checks; each failure becomes an event of the items concerned.
        limit: read at most so many blobs and manifests, those whose last check is oldest; None for all.
        progress: told of the stages "named", "read", "storage" and "derivatives".

    Raises:
        StoreUnavailable: the store is away; what was read until then is recorded.
    """
    report = FixityReport()
    with open_ledger(library.settings.work_folder) as ledger:
        _gather(library, ledger, progress)
        report.named = ledger.count()
        _scrub(library, ledger, report, limit, progress)
        _find_unreferenced(library, ledger, report, progress)
    for gap in completeness.gaps(library, progress):
        report.gap_count += 1
        if report.gap_count <= LISTED:
            report.gaps.append(gap)
    try:
        report.drift = indexing.drift(library)
    except IndexUnavailable as error:
        report.index_error = error
    return report


def _gather(library: Library, ledger: Ledger, progress: Progress) -> None:
    """Note everything that the catalogue names, and what older versions name."""
    ledger.name((blob_key(sha256), item) for item, sha256 in _rows(library, FileRow.item, FileRow.sha256))
    ledger.name((blob_key(sha256), item) for item, sha256 in _rows(library, TextLayerRow.item, TextLayerRow.sha256))
    alto = _rows(library, TextLayerRow.item, TextLayerRow.alto, where=TextLayerRow.alto.is_not(None))
    ledger.name((blob_key(sha256), item) for item, sha256 in alto)
    ledger.name((blob_key(sha256), item) for item, sha256 in _rows(library, ItemRow.id, ItemRow.structure))
    ledger.name((manifest_key(sha256), item) for item, sha256 in _rows(library, ItemRow.id, ItemRow.manifest))
    ledger.name((manifest_key(sha256), "") for (sha256,) in _rows(library, CollectionRow.manifest))
    ledger.remember((key, at, outcome) for key, at, outcome in _rows(library, *_CHECKS) if at > _NEVER)
    broken: set[str] = set()
    # One version alone has no chain to follow: most items cost nothing here.
    changed = [
        *_rows(library, ItemRow.id, ItemRow.manifest, where=ItemRow.version > 1),
        *_rows(library, CollectionRow.key, CollectionRow.manifest, where=CollectionRow.version > 1),
    ]
    for number, (name, head) in enumerate(changed, start=1):
        if not _follow(library, ledger, head):
            broken.add(name)
        progress("named", number, len(changed))
    if broken:
        _name_remains(library, ledger, broken)


def _rows(library: Library, *columns: Any, where: Any = None) -> Iterator[Any]:
    """Rows of some columns, fetched bit by bit."""
    wanted = select(*columns).execution_options(yield_per=1000)
    with library.catalogue.reading() as session:
        yield from session.execute(wanted if where is None else wanted.where(where))


def _follow(library: Library, ledger: Ledger, head: str) -> bool:
    """Note a whole chain; False where it breaks. The manifest missing is noted too: the scrub tells of it."""
    try:
        chain = history.chain(library.blobs, head)
    except DAMAGE:
        return False
    for _, manifest in chain.manifests:
        _name(library, ledger, manifest)
    return chain.broken is None


def _name(library: Library, ledger: Ledger, manifest: Manifest) -> None:
    item = manifest.item.id if isinstance(manifest, ItemManifest) else ""
    if manifest.previous:
        ledger.name([(manifest_key(manifest.previous), item)])
    if isinstance(manifest, ItemManifest):
        _name_structure(library, ledger, item, manifest.item.structure)


def _name_structure(library: Library, ledger: Ledger, item: str, sha256: str) -> None:
    """A structure and what it names; one that is a list upon another leads to that one."""
    known = item in ledger.items_of(blob_key(sha256))
    ledger.name([(blob_key(sha256), item)])
    try:
        held = history.read_part(library.blobs, sha256) if not known else None
    except DAMAGE:
        return
    if isinstance(held, AddedLayers):
        _name_structure(library, ledger, item, held.on)
        _name_layers(ledger, item, (layer for layers in held.layers.values() for layer in layers))
    elif held is not None:
        ledger.name((blob_key(file.sha256), item) for file in held.files)
        _name_layers(ledger, item, (layer for page in held.pages for layer in page.layers))


def _name_layers(ledger: Ledger, item: str, layers: Iterable[LayerVersion]) -> None:
    ledger.name((blob_key(name), item) for layer in layers for name in (layer.sha256, layer.alto) if name)


def _name_remains(library: Library, ledger: Ledger, broken: set[str]) -> None:
    """What lies behind a break is still somebody's: all manifests of these items and collections."""
    for sha256 in library.blobs.digests(MANIFESTS):
        try:
            manifest = history.read_manifest(library.blobs, sha256)
        except DAMAGE:
            continue
        item = manifest.item.id if isinstance(manifest, ItemManifest) else ""
        if (item if isinstance(manifest, ItemManifest) else manifest.collection.key) in broken:
            ledger.name([(manifest_key(sha256), item)])
            _name(library, ledger, manifest)


def _scrub(library: Library, ledger: Ledger, report: FixityReport, limit: int | None, progress: Progress) -> None:
    known = ledger.known_bad()
    total = report.named if limit is None else min(limit, report.named)
    results: list[tuple[str, str, dict[str, Any]]] = []
    for number, key in enumerate(ledger.due(limit), start=1):
        known.pop(key, None)
        outcome, size_bytes, detail = _read(library, key)
        results.append((key, outcome, detail))
        report.checked += outcome != ERROR
        report.size_bytes += size_bytes
        if len(results) == _RECORDED_AT_ONCE or outcome == ERROR:
            _record(library, ledger, report, results)
            results = []
        if outcome == ERROR:
            # One object that cannot be read is told; a store that is away ends the run, not a million times later.
            library.store.check()
        progress("read", number, total)
    _record(library, ledger, report, results)
    report.failures += [Failure(key, known[key], tuple(ledger.items_of(key)), {}, True) for key in sorted(known)]


def _read(library: Library, key: str) -> tuple[str, int, dict[str, Any]]:
    """Outcome, bytes read, and what is known besides."""
    try:
        size_bytes = library.blobs.verify(digest_of(key), manifest=key.startswith(MANIFESTS))
    except ObjectMissing:
        return MISSING, 0, {}
    except DigestMismatch as error:
        return CORRUPT, 0, {"found": error.data.get("found")}
    except Unavailable as error:
        return ERROR, 0, {"code": error.code, **error.data}
    return OK, size_bytes, {}


def _record(
    library: Library, ledger: Ledger, report: FixityReport, results: list[tuple[str, str, dict[str, Any]]]
) -> None:
    """Remember checks; each failure is told to the items that need the thing."""
    now = datetime.now(UTC)
    with library.catalogue.writing() as session:
        for key, outcome, detail in results:
            row = session.get(FixityRow, key) or FixityRow(key=key, checked=_NEVER)
            row.outcome = outcome
            if outcome != ERROR:
                row.checked = now
            session.add(row)
            if outcome == OK:
                continue
            concerned = tuple(ledger.items_of(key))
            report.failures.append(Failure(key, outcome, concerned, detail))
            told = {"key": key, "outcome": outcome, **detail}
            for item in concerned or (None,):
                events.add(session, Event(now, EVENT, _AGENT, "failure", item, told))


def _find_unreferenced(library: Library, ledger: Ledger, report: FixityReport, progress: Progress) -> None:
    seen = 0
    for prefix in (BLOBS, MANIFESTS):
        for found in library.store.list(prefix):
            seen += 1
            progress("storage", seen, 0)
            if not ledger.is_named(found.key):
                report.unreferenced_count += 1
                if report.unreferenced_count <= LISTED:
                    report.unreferenced.append(found.key)
