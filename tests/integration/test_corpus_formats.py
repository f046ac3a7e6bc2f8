"""Every file of the corpus is read or refused by an error of ours: no crash, no hang, no other exception."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
FOLDERS = ("pdf", "images", "hostile", "ocr", "marc")
SECONDS_PER_FILE = 30

# One child a folder, so that a decoder's crash ends the child and not the test; it prints a line of JSON for each file.
CHILD = """
import faulthandler, json, sys, time
from pathlib import Path
from wenyuan.ingest.formats.choose import PACKAGE, choose
from wenyuan.ingest.formats.pixels import decoding
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import BadInput
from wenyuan.repo import plugins

def read(path):
    choice = choose(path, path.name)
    source = plugins.load(PACKAGE, choice.module).open_source(path, path.name, Limits())
    outline = source.outline()
    for page in outline.pages[:50]:
        source.text(page.index)
        picture = source.picture(page.index, width=1600)
        if picture is not None:
            assert (picture.width, picture.height) == (page.width, page.height)
            with decoding(path.name):
                picture.avg()
    source.close()
    return "%s, %d pages" % (choice.module, len(outline.pages))

for name in sys.stdin.read().splitlines():
    faulthandler.dump_traceback_later(%d, exit=True)
    start = time.monotonic()
    try:
        outcome = read(Path(name))
    except BadInput as refusal:
        outcome = refusal.code
    except Exception as error:
        outcome = "LEAK " + repr(error)
    print(json.dumps([name, outcome, round(time.monotonic() - start, 2)]), flush=True)
""".replace("%d, exit", f"{SECONDS_PER_FILE}, exit")


def files() -> list[object]:
    found = [path for folder in FOLDERS for path in sorted((CORPUS / folder).rglob("*")) if path.is_file()]
    if not found:
        return [pytest.param("", marks=pytest.mark.skip(reason="no corpus at ../shared/corpus"))]
    return [str(path.relative_to(CORPUS)) for path in found]


@functools.cache
def outcomes(folder: str) -> dict[str, tuple[str, float]]:
    names = sorted(str(path) for path in (CORPUS / folder).rglob("*") if path.is_file())
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", CHILD]
    child = subprocess.run(
        command, input="\n".join(names), env=environment, capture_output=True, text=True, check=False
    )
    rows = [json.loads(line) for line in child.stdout.splitlines()]
    assert rows, child.stderr
    return {str(Path(name).relative_to(CORPUS)): (outcome, seconds) for name, outcome, seconds in rows}


@pytest.mark.slow
@pytest.mark.parametrize("name", files())
def test_a_file_is_read_or_refused(name: str) -> None:
    found = outcomes(Path(name).parts[0])
    assert name in found, "its process crashed or hung"
    outcome, _ = found[name]
    assert not outcome.startswith("LEAK"), outcome


EXPECTED = {
    "hostile/42.zip": {"unsupported-format", "unsafe-archive", "encrypted-source"},
    "hostile/zip-slip/zip-slip.zip": {"unsafe-archive"},
    "hostile/zip-slip/zip-slip-win.zip": {"unsafe-archive"},
    "hostile/zip-slip/zip-slip.tar": {"unsupported-format"},
    "images/old-style-jpeg-compression.tif": {"images, 1 pages"},
    "marc/batch.xml": {"unsupported-format"},
    "marc/testunimarc.dat": {"unsupported-format"},
    "pdf/enormous.pdf": {"pdf, 1 pages"},
    "pdf/invalid.pdf": {"damaged-source"},
    "pdf/libreoffice-writer-password.pdf": {"encrypted-source"},
    "pdf/multipage.pdf": {"pdf, 6 pages"},
}


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus at ../shared/corpus")
@pytest.mark.parametrize(("name", "wanted"), EXPECTED.items())
def test_outcomes_that_we_know(name: str, wanted: set[str]) -> None:
    assert outcomes(Path(name).parts[0])[name][0] in wanted


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus at ../shared/corpus")
@pytest.mark.parametrize("ending", [".psd", ".sgi", ".fli", ".blp"])
def test_formats_that_hung_other_decoders_are_refused_at_once(ending: str) -> None:
    rows = [row for name, row in outcomes("hostile").items() if name.endswith(ending)]
    assert rows
    assert all(outcome == "unsupported-format" and seconds < 1 for outcome, seconds in rows)
