"""A folder of pages with ground truth, in the format of `../shared/corpus/ocr`: `manifest.tsv` lists them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

MAKER = "benchmarks.ocr.made_pages"
"""How the column `source` of pages begins that `made_pages` has made."""


@dataclass(frozen=True, slots=True)
class TruePage:
    """A picture and its text.

    Attributes:
        kind: as the manifest says: `synth_vt_news_heavy`, `real_vt_woodblock`.
        made: by `made_pages`.
    """

    picture: Path
    truth: Path
    kind: str
    made: bool

    @property
    def layout(self) -> str:
        """The kind without the state of wear."""
        kind = self.kind.removesuffix("_light").removesuffix("_heavy").removesuffix("_none")
        return kind.replace("synth_", "made_", 1) if self.made else kind

    @property
    def group(self) -> str:
        """`made` (by `made_pages`), `synth` (drawn by others), `real_vertical`, or `other`."""
        if self.made:
            return "made"
        if self.kind.startswith("synth"):
            return "synth"
        return "real_vertical" if self.kind.startswith("real_vt") else "other"


def read(folder: Path) -> list[TruePage]:
    """All pages that the manifest names and that are there: some may be kept back elsewhere.

    Raises:
        FileNotFoundError: there is no manifest.
    """
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as rows:
        named = [
            TruePage(folder / row["file"], folder / row["gt"], row["kind"], row.get("source", "").startswith(MAKER))
            for row in csv.DictReader(rows, delimiter="\t")
        ]
    return [page for page in named if page.picture.exists() and page.truth.exists()]
