"""The Oxford Common File Layout 1.1 (ocfl.io/1.1/spec): items as self-describing folders with all their versions.

One object for each item, one OCFL version for each of our manifests. The layout is community extension 0003, whose
paths show the object's id. An export into the same root later adds versions; what is there is not written again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wenyuan.repo.catalogue import items
from wenyuan.repo.export import contents
from wenyuan.repo.export.contents import MANIFEST, Version
from wenyuan.repo.export.report import ExportReport, Failed
from wenyuan.repo.export.staging import put_in_place, staging, unusable
from wenyuan.repo.history import DAMAGE
from wenyuan.repo.library import Library
from wenyuan.repo.progress import Progress, nobody_watches
from wenyuan.storage.errors import Corrupt

ROOT_DECLARATION = "ocfl_1.1"
OBJECT_DECLARATION = "ocfl_object_1.1"
LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
_LAYOUT_CONFIG = {"extensionName": LAYOUT, "digestAlgorithm": "sha256", "tupleSize": 3, "numberOfTuples": 3}
_LAYOUT_WORDS = "Hashed truncated n-tuple trees with object id encapsulating directory"
_INVENTORY_TYPE = "https://ocfl.io/1.1/spec/#inventory"
_INVENTORY = "inventory.json"
_SIDECAR = "inventory.json.sha512"
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_ENCAPSULATION_CHARACTERS = 100
"""Longer names are cut and carry the digest (extension 0003)."""

Inventory = dict[str, Any]


def export_ocfl(
    library: Library, item_ids: Iterable[str], target: Path, progress: Progress = nobody_watches
) -> ExportReport:
    """Write items into an OCFL storage root, with all their versions.

    A damaged item is reported and left as it is in the target; the others go on.

    Args:
        library: read only; withdrawn items can be exported, too.
        item_ids: ids of items in the catalogue.
        target: a new or empty folder, or a root that an earlier export made.
        progress: told of the stage "items".

    Raises:
        InvalidSetting: the target is something else, or another export is writing to it.
        NoSuchItem: an id is unknown; nothing was written.
        StoreUnavailable: the store is away; whole items are in the target.
    """
    with library.catalogue.reading() as session:
        heads = {item: items.get(session, item).manifest for item in item_ids}
    report = ExportReport()
    with staging(target) as work:
        _prepare_root(target)
        for number, (item, head) in enumerate(heads.items(), start=1):
            try:
                _Object(library, item, target, work).bring_to(head, report)
            except DAMAGE as error:
                report.failed.append(Failed(item, error))
            progress("items", number, len(heads))
    return report


def object_path(identifier: str) -> str:
    """Path of an object below the root: extension 0003 with tuples of 3 characters of the id's SHA-256.

    Args:
        identifier: the object's id; percent-encoded, byte by byte of its UTF-8, in the last segment.
    """
    digest = hashlib.sha256(identifier.encode()).hexdigest()
    parts = [one if one in _PLAIN else "".join(f"%{byte:02x}" for byte in one.encode()) for one in identifier]
    name = "".join(parts)
    if len(name) > _ENCAPSULATION_CHARACTERS:
        name = f"{name[:_ENCAPSULATION_CHARACTERS]}-{digest}"
    return f"{digest[:3]}/{digest[3:6]}/{digest[6:9]}/{name}"


@dataclass(frozen=True, slots=True)
class _Object:
    """One object in the target, §3."""

    library: Library
    item: str
    target: Path
    work: Path

    @property
    def identifier(self) -> str:
        return f"urn:wenyuan:{self.item}"

    @property
    def place(self) -> Path:
        return self.target / object_path(self.identifier)

    def bring_to(self, head: str, report: ExportReport) -> None:
        """Add the versions that the target lacks."""
        versions = contents.versions(self.library.blobs, head)
        inventory = self._inventory_there()
        there = len(inventory["versions"])
        self._compare(inventory, versions)
        if there == len(versions):
            report.unchanged.append(self.item)
            return
        draft = self.work / self.item
        shutil.rmtree(draft, ignore_errors=True)
        if there:
            # Same content, same inode: nothing is copied. Inventories are unlinked before new ones are written.
            shutil.copytree(self.place, draft, copy_function=_link)
        for number, version in enumerate(versions[there:], start=there + 1):
            report.size_bytes += _add_version(inventory, draft, number, version)
        _write_object(inventory, draft)
        put_in_place(draft, self.place, self.work / f"{self.item}-before")
        shutil.rmtree(self.work / f"{self.item}-before", ignore_errors=True)
        report.written.append(self.item)

    def _inventory_there(self) -> Inventory:
        """The inventory in the target, checked against its sidecar (§3.7); an empty one for a new object."""
        if not self.place.exists():
            return {
                "id": self.identifier, "type": _INVENTORY_TYPE, "digestAlgorithm": "sha512", "head": "v0",
                "manifest": {}, "versions": {}, "fixity": {"sha256": {}},
            }  # fmt: skip
        try:
            data = (self.place / _INVENTORY).read_bytes()
            sidecar = (self.place / _SIDECAR).read_text("ascii").split()
            inventory: Inventory = json.loads(data)
        except (OSError, ValueError) as error:
            raise Corrupt(key=str(self.place / _INVENTORY), detail=str(error)) from error
        if sidecar[:1] != [hashlib.sha512(data).hexdigest()]:
            raise Corrupt(key=str(self.place / _INVENTORY), detail="sidecar")
        return inventory

    def _compare(self, inventory: Inventory, versions: list[Version]) -> None:
        """What is there must be the beginning of what we have, manifest by manifest."""
        there = inventory["versions"]
        ours = [
            hashlib.sha512(self.library.blobs.read(version.sha256, manifest=True)).hexdigest()
            for version in versions[: len(there)]
        ]
        theirs = [_digest_at(there[f"v{number}"]["state"], MANIFEST) for number in range(1, len(there) + 1)]
        if ours != theirs:
            raise unusable(
                self.place, "本馆以前的导出 / an earlier export of this library: this object has another history"
            )


def _prepare_root(target: Path) -> None:
    """§4.1: declaration, layout, and the layout's configuration."""
    declaration = target / f"0={ROOT_DECLARATION}"
    config = target / "extensions" / LAYOUT / "config.json"
    if declaration.exists():
        if not config.exists() or json.loads(config.read_bytes()) != _LAYOUT_CONFIG:
            raise unusable(target, LAYOUT)
        return
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise unusable(target, "空文件夹或以前的 OCFL 导出 / an empty folder, or the OCFL root of an earlier export")
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps(_LAYOUT_CONFIG, indent=2) + "\n", "utf-8")
    layout = {"extension": LAYOUT, "description": _LAYOUT_WORDS}
    (target / "ocfl_layout.json").write_text(json.dumps(layout, indent=2) + "\n", "utf-8")
    declaration.write_text(f"{ROOT_DECLARATION}\n", "ascii")


def _add_version(inventory: Inventory, draft: Path, number: int, version: Version) -> int:
    """Write the content of a version that the object lacks, and tell it in the inventory; bytes written.

    The fixity block (§3.5.4) keeps the SHA-256 that all our keys are made of: what it names is in the object already
    and is not read again.
    """
    known = _sha512_by_sha256(inventory)
    state: dict[str, list[str]] = {}
    written = 0
    for content in version.contents():
        if content.sha256 not in known:
            path = f"v{number}/content/{content.path}"
            copied = contents.copy(content, draft / path)
            known[content.sha256] = copied.sha512
            inventory["manifest"][copied.sha512] = [path]
            inventory["fixity"]["sha256"][content.sha256] = [path]
            written += copied.size_bytes
        state.setdefault(known[content.sha256], []).append(content.path)
    event = version.manifest.event
    inventory["versions"][f"v{number}"] = {
        "created": version.manifest.item.modified.isoformat(timespec="seconds"),
        "message": event.type,
        "state": state,
        "user": {"name": event.agent or "wenyuan", "address": f"urn:wenyuan:agent:{quote(event.agent, safe='')}"},
    }
    inventory["head"] = f"v{number}"
    _write_inventory(inventory, draft / f"v{number}")
    return written


def _write_object(inventory: Inventory, draft: Path) -> None:
    declaration = draft / f"0={OBJECT_DECLARATION}"
    if not declaration.exists():
        declaration.write_text(f"{OBJECT_DECLARATION}\n", "ascii")
    _write_inventory(inventory, draft)


def _write_inventory(inventory: Inventory, folder: Path) -> None:
    """Inventory and sidecar (§3.7). Every version folder keeps the inventory as it was then (§3.8)."""
    data = json.dumps(inventory, ensure_ascii=False, indent=1, sort_keys=True).encode()
    sidecar = f"{hashlib.sha512(data).hexdigest()} {_INVENTORY}\n".encode()
    for name, content in ((_INVENTORY, data), (_SIDECAR, sidecar)):
        path = folder / name
        # It may be a hard link to the file in the target: never write into it.
        path.unlink(missing_ok=True)
        path.write_bytes(content)


def _sha512_by_sha256(inventory: Inventory) -> dict[str, str]:
    digests = {path: digest for digest, paths in inventory["manifest"].items() for path in paths}
    fixity = inventory["fixity"]["sha256"]
    return {sha256: digests[paths[0]] for sha256, paths in fixity.items()}


def _digest_at(state: dict[str, list[str]], path: str) -> str | None:
    return next((digest for digest, paths in state.items() if path in paths), None)


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        # A file system without hard links (exFAT on a stick).
        shutil.copy2(source, target)
    return target
