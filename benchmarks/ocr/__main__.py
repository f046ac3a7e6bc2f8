"""OCR: how many characters are wrong, in the engine's order, in ours, and whatever the order; time and memory.

    python -m benchmarks.ocr [--corpus FOLDER] [--made N] [--seed S] [--engines ours,rapidocr,tesseract] [--keep FOLDER]

Pages are those of a folder with a `manifest.tsv` (by default `../shared/corpus/ocr`, where it lies there) and N that
are made on the spot (`made_pages`), kinds and states of wear in turn. Each engine reads the same files, in a process
of its own and on one thread, one engine after the other: rates are pages a second of processor time, so that a busy
neighbour changes them little, memory is the peak of that process. Beside ours stand RapidOCR as it comes and tesseract
with the best language given. What is not installed is skipped and named:
apt install tesseract-ocr tesseract-ocr-chi-{sim,tra}{,-vert}

Nothing is fetched from the network.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.ocr import report
from benchmarks.ocr.corpus import TruePage, read
from benchmarks.ocr.made_pages import KINDS, make, write, write_manifest
from benchmarks.ocr.texts import HELD_OUT
from benchmarks.ocr.worker import ENGINES

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "ocr"


def made(folder: Path, count: int, seed: int, kinds: list[str]) -> list[TruePage]:
    """Make pages: each kind once with light wear, once with heavy, then the next seed."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(count):
        turn, place = divmod(number, 2 * len(kinds))
        wear, kind = ("light", "heavy")[place >= len(kinds)], kinds[place % len(kinds)]
        rows.append(write(make(kind, seed + turn, wear), folder, f"{kind}_{seed + turn}_{wear}"))
    write_manifest(rows, folder)
    return read(folder)


def absent(engine: str) -> str | None:
    """What is missing for an engine."""
    if engine == "tesseract":
        if shutil.which("tesseract") is None:
            return "tesseract-ocr"
        known = subprocess.run(["tesseract", "--list-langs"], check=True, capture_output=True, text=True).stdout.split()
        return next(
            (
                f"tesseract-ocr-{name.replace('_', '-')}"
                for name in ("chi_sim", "chi_tra", "chi_tra_vert")
                if name not in known
            ),
            None,
        )
    return None


def run(engine: str, pages: list[TruePage], folder: Path, *, reuse: bool) -> tuple[dict[str, Any], list[report.Scored]]:
    """All pages by one engine, in a process of its own.

    Args:
        reuse: what it said in an earlier run on the same pages will do.
    """
    listed, out = folder / f"{engine}-pages.json", folder / f"{engine}.json"
    # With a checksum, so that pages made anew by another version of the generator are other pages.
    asked = json.dumps([[str(page.picture), page.kind, zlib.crc32(page.picture.read_bytes())] for page in pages])
    if not (reuse and out.exists() and listed.exists() and listed.read_text(encoding="utf-8") == asked):
        listed.write_text(asked, encoding="utf-8")
        out.unlink(missing_ok=True)
        command = [sys.executable, "-m", "benchmarks.ocr.worker", engine, str(listed), str(out)]
        subprocess.run(command, cwd=ROOT, check=True)
    told = json.loads(out.read_text(encoding="utf-8"))
    scored = []
    for page, said in zip(pages, told.pop("pages"), strict=True):
        with Image.open(page.picture) as picture:
            scored.append(report.score(page, picture.width * picture.height, said))
    return told, scored


def main() -> None:
    """Run and report."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--corpus", type=Path, help=f"folder with a manifest.tsv ({CORPUS}, where it is)")
    arguments.add_argument("--no-corpus", action="store_true", help="only pages made")
    arguments.add_argument(
        "--made", type=int, default=2 * len(KINDS), help=f"pages to make ({2 * len(KINDS)}: each kind, light and heavy)"
    )
    arguments.add_argument("--kinds", default=",".join(KINDS), help="kinds to make, parted by commas (all)")
    arguments.add_argument("--seed", type=int, default=HELD_OUT, help=f"seed of the first ({HELD_OUT}: held out)")
    arguments.add_argument("--engines", default=",".join(ENGINES), help="parted by commas (all)")
    arguments.add_argument("--keep", type=Path, help="keep the pages made and what each engine said in this folder")
    arguments.add_argument("--reuse", default="", help="engines not to run again where --keep holds their results")
    wanted = arguments.parse_args()
    folder = wanted.keep or Path(tempfile.mkdtemp(prefix="wenyuan-ocr-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        pages = _pages(wanted, folder)
        results = {}
        for engine in wanted.engines.split(","):
            missing = absent(engine)
            if missing:
                print(f"skipped {engine} for want of: apt install {missing}")
                continue
            results[engine] = run(engine, pages, folder, reuse=engine in wanted.reuse.split(","))
    finally:
        if not wanted.keep:
            shutil.rmtree(folder)
    found = report.figures(results)
    print(report.tables(found))
    report.keep(
        found,
        {"corpus": str(wanted.corpus or CORPUS.name), "made": wanted.made, "seed": wanted.seed, "reused": wanted.reuse},
    )


def _pages(wanted: argparse.Namespace, folder: Path) -> list[TruePage]:
    pages: list[TruePage] = []
    source = wanted.corpus or CORPUS
    if wanted.no_corpus:
        pass
    elif (source / "manifest.tsv").exists():
        pages += read(source)
    elif wanted.corpus:
        raise SystemExit(f"no manifest.tsv in {wanted.corpus}")
    else:
        print("no corpus beside the project: only pages made")
    if wanted.made:
        pages += made(folder / "made", wanted.made, wanted.seed, wanted.kinds.split(","))
    if not pages:
        raise SystemExit("no pages")
    return pages


if __name__ == "__main__":
    main()
