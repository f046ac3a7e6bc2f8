"""BagIt 1.0 (RFC 8493): the newest version of an item as a folder to hand over, with lists of what must be in it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from wenyuan.repo.catalogue import items
from wenyuan.repo.export import contents
from wenyuan.repo.export.contents import Version
from wenyuan.repo.export.staging import put_in_place, staging, unusable
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library

_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_MANIFEST_TAG = "Internal-Sender-Identifier"
"""Holds the SHA-256 of our manifest: which version the bag is of."""
_ALLOWED = "空文件夹或同一资源的包 / an empty folder, or a bag of the same item"


def export_bag(library: Library, item_id: str, target: Path) -> int:
    """Write the newest version of an item as a bag; bytes of its payload, 0 where that very version is there already.

    Args:
        library: read only; a withdrawn item can be exported, too.
        item_id: id of an item in the catalogue.
        target: the bag's folder: new, empty, or a bag of the same item, which is replaced.

    Raises:
        NoSuchItem: the id is unknown.
        InvalidSetting: the target is something else, or another export is writing to it.
        ObjectMissing, Corrupt: the item is damaged; the target is as it was.
        StoreUnavailable: the store is away; the target is as it was.
    """
    with library.catalogue.reading() as session:
        item = items.get(session, item_id)
    if _is_there(item, target):
        return 0
    with staging(target) as work:
        draft = work / "bag"
        newest = contents.versions(library.blobs, item.manifest)[-1]
        size_bytes = _write_bag(newest, draft, library.settings.site_name)
        put_in_place(draft, target, work / "before")
    return size_bytes


def _is_there(item: Item, target: Path) -> bool:
    """Whether the target holds this version; refuses a target that holds anything but a bag of this item."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return False
    try:
        tags = (target / "bag-info.txt").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise unusable(target, _ALLOWED) from error
    if f"External-Identifier: {_identifier(item)}" not in tags:
        raise unusable(target, _ALLOWED)
    return f"{_MANIFEST_TAG}: {item.manifest}" in tags


def _write_bag(newest: Version, draft: Path, organisation: str) -> int:
    sha256: dict[str, str] = {}
    sha512: dict[str, str] = {}
    size_bytes = 0
    for content in newest.contents():
        path = f"data/{content.path}"
        copied = contents.copy(content, draft / path)
        sha256[path], sha512[path] = content.sha256, copied.sha512
        size_bytes += copied.size_bytes
    tags = {
        "bagit.txt": _DECLARATION,
        "bag-info.txt": _bag_info(newest, organisation, f"{size_bytes}.{len(sha256)}"),
        "manifest-sha256.txt": _manifest(sha256),
        "manifest-sha512.txt": _manifest(sha512),
    }
    for name, text in tags.items():
        (draft / name).write_bytes(text.encode())
    for algorithm in ("sha256", "sha512"):
        digests = {name: hashlib.new(algorithm, text.encode()).hexdigest() for name, text in tags.items()}
        (draft / f"tagmanifest-{algorithm}.txt").write_bytes(_manifest(digests).encode())
    return size_bytes


def _manifest(digests: dict[str, str]) -> str:
    """RFC 8493 §2.1.3. No path holds a line end or `%` (`wenyuan.repo.export.names`), so none needs encoding."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))


def _bag_info(newest: Version, organisation: str, oxum: str) -> str:
    """RFC 8493 §2.2.2; elements may be repeated, other names are allowed."""
    item = newest.manifest.item
    told = item.description
    agents = "；".join(" ".join(filter(None, (one.dynasty, one.name, one.role))) for one in told.agents)
    elements = [
        ("Source-Organization", told.holder or organisation),
        ("External-Description", " / ".join(filter(None, (told.title, told.edition, agents)))),
        ("External-Identifier", _identifier(item)),
        *(("External-Identifier", one) for one in told.identifiers),
        (_MANIFEST_TAG, newest.sha256),
        ("Internal-Sender-Description", f"version {item.version}, {item.state.value}"),
        ("Bagging-Date", datetime.now(UTC).date().isoformat()),
        ("Bag-Software-Agent", f"wenyuan {version('wenyuan')}"),
        ("Payload-Oxum", oxum),
        ("Title", told.title),
        *(("Alternative-Title", one) for one in told.title_variants),
        ("Rights", told.rights),
    ]
    return "".join(f"{name}: {' '.join(value.split())}\n" for name, value in elements if value.strip())


def _identifier(item: Item) -> str:
    return f"urn:wenyuan:{item.id}"
