"""The receipt adds up, is signed, and does not come to be where the counts disagree."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wenyuan.ingest import receipt
from wenyuan.ingest.delivery import Candidate, GivenFile, Received, RefusedFile
from wenyuan.repo.catalogue.jobs import Job, JobState
from wenyuan.repo.errors import CountsDisagree, EmptySource, MislabelledSource

KEY = "a key"
WHEN = datetime(2026, 11, 23, tzinfo=UTC)


def given_file(name: str, text_name: str | None = None) -> GivenFile:
    """A picture, with its text."""
    path = str(Path("/in") / name)
    return GivenFile(path, name, "images", "image/png", path if text_name else None, text_name)


BOOK = Candidate("縣志", (given_file("1.png", "1.xml"), given_file("2.png")))
RECEIVED = Received(
    (BOOK,),
    (RefusedFile("empty.pdf", EmptySource(file="empty.pdf")),),
    ("metadata.json",),
    (".DS_Store",),
    (),
    (RefusedFile("2.png", MislabelledSource(file="2.png", named="image/png", found="image/jpeg")),),
)


def job(told: dict[str, Any] | None, state: JobState = JobState.DONE, error: dict[str, Any] | None = None) -> Job:
    """The ended job of the book."""
    return Job(
        7, "ingest", state, BOOK.title, "", 0, 0, 1, 1, BOOK.to_json(), "item1", error, told, WHEN, WHEN, None
    )  # fmt: skip


def told(*outcomes: str) -> dict[str, Any]:
    """What the book's job says of its three files."""
    rows = [{"name": name, "outcome": one} for name, one in zip(("1.png", "1.xml", "2.png"), outcomes, strict=False)]
    return {"files": rows, "pages": 2, "refused_pages": [], "no_text_yet": 1, "warnings": [{"code": "x", "data": {}}]}


def test_every_file_given_is_listed_with_its_outcome() -> None:
    whole = receipt.complete(receipt.begin(RECEIVED), [job(told("stored", "stored", "stored"))], KEY)

    assert whole["given"] == RECEIVED.given == len(whole["files"]) == 6
    assert whole["outcomes"] == {"ignored": 1, "metadata": 1, "refused": 1, "stored": 3}
    assert whole["pages"] == 2
    assert [(item["title"], item["no_text_yet"]) for item in whole["items"]] == [("縣志", 1)]
    assert [warning["code"] for warning in whole["warnings"]] == ["mislabelled-source", "x"]
    assert whole["files"][0]["error"] == {"code": "empty-source", "data": {"file": "empty.pdf"}}


@pytest.mark.parametrize("error", [None, {"code": "worker-died", "data": {"attempts": 5}}])
def test_a_job_that_failed_without_a_receipt_refuses_its_files_with_its_reason(error: dict[str, Any] | None) -> None:
    whole = receipt.complete(receipt.begin(RECEIVED), [job(None, JobState.FAILED, error)], KEY)

    assert whole["outcomes"] == {"ignored": 1, "metadata": 1, "refused": 4}
    reasons = {row["error"]["code"] for row in whole["files"] if row["name"] in {"1.png", "1.xml", "2.png"}}
    assert reasons == {error["code"] if error else "internal"}


def test_counts_that_disagree_make_no_receipt() -> None:
    with pytest.raises(CountsDisagree) as caught:
        receipt.complete(receipt.begin(RECEIVED), [job(told("stored", "already-held"))], KEY)

    assert caught.value.data["given"] == 6
    assert caught.value.data["already_held"] == 1


def test_nothing_given_adds_up_too() -> None:
    assert receipt.complete(receipt.begin(Received((), (), (), (), ())), [], KEY)["outcomes"] == {}


def test_a_changed_copy_is_noticed() -> None:
    whole = receipt.complete(receipt.begin(RECEIVED), [job(told("stored", "stored", "stored"))], KEY)
    assert receipt.is_genuine(whole, KEY)

    for change in (
        lambda copied: copied["files"].pop(),
        lambda copied: copied["files"][0].update(outcome="stored"),
        lambda copied: copied.update(pages=3),
        lambda copied: copied.update(extra=None),
        lambda copied: copied.pop("signature"),
    ):
        copied = copy.deepcopy(whole)
        change(copied)
        assert not receipt.is_genuine(copied, KEY)
    assert not receipt.is_genuine(whole, "another key")


def test_the_signature_does_not_hang_on_the_order_of_keys() -> None:
    whole = receipt.complete(receipt.begin(RECEIVED), [job(told("stored", "stored", "stored"))], KEY)

    assert receipt.is_genuine(dict(reversed(whole.items())), KEY)
