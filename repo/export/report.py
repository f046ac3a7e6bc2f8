"""What became of each item of an export."""

from __future__ import annotations

from dataclasses import dataclass, field

from wenyuan.storage.errors import LibraryError


@dataclass(frozen=True, slots=True)
class Failed:
    """An item that could not be exported; the others went on."""

    item: str
    error: LibraryError


@dataclass(slots=True)
class ExportReport:
    """Ids of items by what became of them."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    """The target has this very version already."""
    failed: list[Failed] = field(default_factory=list)
    size_bytes: int = 0
    """Bytes written, without inventories and tag files."""
