"""The metadata beside each item."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "records"


@dataclass(frozen=True)
class Page:
    """A page image and the label readers know it by."""

    file: str
    label: str


def write_record(
    name: str,
    target: Path,
    *,
    pages: list[Page] | None = None,
    sections: list[dict[str, Any]] | None = None,
) -> None:
    """Copy a hand-written record, with pages and sections the maker found.

    Args:
        name: stem of the file in sample/records.
        target: where to write it.
        pages: in reading order.
        sections: table of contents by page number.
    """
    said = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    if sections:
        said["sections"] = sections
    if pages:
        said["pages"] = [asdict(page) for page in pages]
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(said, ensure_ascii=False, indent=2)
    target.write_text(text + "\n", encoding="utf-8")
