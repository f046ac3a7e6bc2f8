"""Make the sample collection: python -m sample.make [--out FOLDER] [PART ...]."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

from .making import (
    countymap,
    ebooks,
    gazetteer,
    newspaper,
    oralhistory,
    photographs,
    picturebook,
    plain,
    primer,
    report,
)

HERE = Path(__file__).resolve().parent
COLLECTIONS = HERE / "records" / "collections"
PARTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "gazetteer": ("01-gazetteers/nanshan-xianzhi", gazetteer.make),
    "countymap": ("01-gazetteers/nanshan-xianjing-tu", countymap.make),
    "newspaper": ("02-newspapers/nanshan-ribao-1936-05-01", newspaper.make),
    "photographs": ("03-photographs", photographs.make),
    "report": ("04-reports/difang-wenxian-pucha-1986", report.make),
    "oralhistory": ("04-reports/nanshan-laojie-koushushi.pdf", oralhistory.make),
    "ebooks": ("05-ebooks", ebooks.make),
    "text": ("05-ebooks/nanshan-qiao-ji.txt", plain.make_text),
    "picturebook": ("05-ebooks/yugong-yishan.cbz", picturebook.make),
    "primer": ("06-primers/qianziwen", primer.make),
    "scanned": ("06-primers/sanzijing.pdf", plain.make_scanned_pdf),
}


def main() -> None:
    """Make all parts, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "collection")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    chosen = parser.parse_args()
    unknown = set(chosen.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    lay_tree(chosen.out)
    for name in chosen.parts or PARTS:
        target, maker = PARTS[name]
        maker(chosen.out / target)


def lay_tree(out: Path) -> None:
    """Copy the collection.json files; their folders make the tree."""
    for source in sorted(COLLECTIONS.rglob("collection.json")):
        target = out / source.relative_to(COLLECTIONS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


if __name__ == "__main__":
    main()
