"""The main job on material that we did not make: every file ends as an item or as a refusal with code and words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS
from handing_in import shown

from wenyuan.ingest import receipt as receipts
from wenyuan.ingest.receive import receive
from wenyuan.repo import indexing, pictures, wiring, wording
from wenyuan.repo.catalogue import items
from wenyuan.repo.items import PageKind
from wenyuan.repo.settings import load

pytestmark = pytest.mark.slow

GUARD_S = 580


@dataclass(frozen=True)
class HandedIn:
    """What the one run gave."""

    home: Path
    scratch: Path
    code: int
    receipt: dict[str, Any]
    stderr: str


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> HandedIn:
    """The whole corpus, handed in once, with two processes."""
    if not CORPUS.exists():
        pytest.skip("real material is not beside this checkout")
    home, scratch = tmp_path_factory.mktemp("corpus") / "home", tmp_path_factory.mktemp("scratch")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WENYUAN_")} | {
        "WENYUAN_HOME": str(home),
        "WENYUAN_EXECUTOR": "process",
        "WENYUAN_WORKERS": "2",
        "TMPDIR": str(scratch),
    }
    command = [sys.executable, "-c", "from wenyuan.repo.cli import main; main()", "ingest", "--json", str(CORPUS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=GUARD_S, check=False)
    assert done.stdout, done.stderr[-3000:]
    return HandedIn(home, scratch, done.returncode, json.loads(done.stdout), done.stderr)


def files_below(folder: Path) -> set[str]:
    """All files, as the receipt names them."""
    return {
        path.relative_to(folder.parent).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()
    }


def test_the_receipt_lists_every_file_once_and_adds_up(handed_in: HandedIn) -> None:
    told = handed_in.receipt
    names = [row["name"] for row in told["files"]]

    assert len(names) == len(set(names)) == told["given"] == sum(told["outcomes"].values())
    assert set(names) == files_below(CORPUS)
    assert set(told["outcomes"]) <= {"stored", "refused", "metadata", "ignored", "already-held"}
    signed = {key: value for key, value in told.items() if key not in {"delivery", "recognition"}}
    assert receipts.is_genuine(signed, load(home=handed_in.home).session_key.get_secret_value())


def test_every_refusal_has_a_code_with_words_that_name_the_file(handed_in: HandedIn) -> None:
    refused = [row for row in handed_in.receipt["files"] if row["outcome"] == "refused"]
    pages = [page for item in handed_in.receipt["items"] for page in item["refused_pages"]]

    assert refused
    assert handed_in.code == 65
    for row in (*refused, *pages, *({"error": warning} for warning in handed_in.receipt["warnings"])):
        error = row["error"]
        assert error["code"] in wording.codes()
        assert error["code"] != "internal", error
        for language in wording.LANGUAGES:
            words = wording.describe(error["code"], error["data"], language)
            assert error["data"]["file"] in words.what
            assert words.remedy


def test_nobody_sees_a_traceback(handed_in: HandedIn) -> None:
    assert "Traceback" not in handed_in.stderr
    assert {item["state"] for item in handed_in.receipt["items"]} <= {"done", "refused"}


def test_nothing_is_left_where_the_work_was_done(handed_in: HandedIn) -> None:
    work = handed_in.home / "work"

    assert [path.name for path in handed_in.scratch.iterdir()] == []
    assert list((handed_in.home / "store" / "tmp").iterdir()) == []
    assert not work.exists() or list(work.iterdir()) == []


def test_every_page_that_is_shown_has_its_picture_and_the_index_agrees(handed_in: HandedIn) -> None:
    with closing(wiring.build(load(home=handed_in.home))) as library:
        held = shown(library)
        with library.catalogue.reading() as session:
            pages = [page for item in held for page in items.pages(session, item.id)]
        assert len(pages) == handed_in.receipt["pages"]
        assert {item["item"] for item in handed_in.receipt["items"] if item["state"] == "done"} == {
            item.id for item in held
        }
        for page in pages:
            if page.kind is not PageKind.CHAPTER:
                assert pictures.of_page(library, page, "thumbnail").data
        assert indexing.drift(library) == indexing.Drift((), (), 0)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("pdf/invalid.pdf", {"damaged-source"}),
        ("pdf/libreoffice-writer-password.pdf", {"encrypted-source"}),
        ("hostile/42.zip", {"unsafe-archive", "unsupported-format", "encrypted-source"}),
        ("marc/bad_records.mrc", {"unsupported-format"}),
    ],
)
def test_what_is_known_to_be_bad_is_refused_for_what_it_is(handed_in: HandedIn, name: str, codes: set[str]) -> None:
    (row,) = [row for row in handed_in.receipt["files"] if row["name"] == f"corpus/{name}"]

    assert row["outcome"] == "refused"
    assert row["error"]["code"] in codes


def test_nothing_leaves_an_archive(handed_in: HandedIn) -> None:
    assert not [path for path in tempfile.gettempdir().split() if (Path(path) / "evil.txt").exists()]
    assert handed_in.receipt


def test_the_door_alone_takes_a_moment_and_places_every_file(corpus: Callable[[str], Path]) -> None:
    folder = corpus("mets/kant")

    assert receive([folder]).given == len({path for path in folder.rglob("*") if path.is_file()})
