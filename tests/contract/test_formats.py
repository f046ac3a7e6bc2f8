"""What every format keeps to, whichever files lie in the folder (docs/add-a-format.md)."""

from __future__ import annotations

import contextlib
import inspect
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.ingest.formats import choose
from wenyuan.ingest.formats.source import Limits, Source
from wenyuan.repo import plugins
from wenyuan.repo.errors import BadInput

FORMATS = choose.formats()
HEADS = [
    b"", b"PK\x03\x04", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"<?xml version='1.0'?><FictionBook>",
    b"x" * 60 + b"BOOKMOBI", b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip", b"\xff\xfe",
]  # fmt: skip


@pytest.fixture(params=sorted(FORMATS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def read(source: Source) -> str:
    """Read the first pages; the name that a refusal tells."""
    try:
        for leaf in source.outline().pages[:3]:
            source.text(leaf.index)
    except BadInput as refusal:
        return str(refusal.data["file"])
    return "館藏.bin"


def test_it_is_called_as_its_file(name: str) -> None:
    assert FORMATS[name].name == name


def test_its_endings_and_media_types_are_written_as_such(name: str) -> None:
    for ending, media_type in FORMATS[name].media_types.items():
        assert re.fullmatch(r"(\.[a-z0-9]+){1,2}", ending)
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", media_type)


def test_no_ending_is_promised_by_two() -> None:
    endings = [ending for form in FORMATS.values() for ending in form.media_types]
    assert len(endings) == len(set(endings))


def test_it_is_opened_by_path_name_and_limits(name: str) -> None:
    module = plugins.load(choose.PACKAGE, name)
    assert list(inspect.signature(module.open_source).parameters) == ["path", "file", "limits"]
    opened = inspect.get_annotations(module.open_source, eval_str=True, globals=vars(module))["return"]
    for method in (word for word in vars(Source) if not word.startswith("_")):
        assert callable(getattr(opened, method)), method


@given(st.sampled_from(HEADS), st.binary(max_size=400), st.text(max_size=12))
@settings(max_examples=40, deadline=None)
def test_any_bytes_get_a_score_and_a_media_type(head: bytes, more: bytes, called: str) -> None:
    for form in FORMATS.values():
        assert 0 <= form.score(head + more, called) <= 100
        if form.score(head + more, called):
            assert "/" in form.media_type(head + more, called)


@given(st.sampled_from(HEADS), st.binary(max_size=400), st.sampled_from(sorted(FORMATS)))
@settings(max_examples=120, deadline=None)
def test_any_bytes_are_read_or_refused_by_the_name_that_staff_knows(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, more: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("format") / "file"
    path.write_bytes(head + more)
    with contextlib.ExitStack() as held:
        try:
            source = plugins.load(choose.PACKAGE, name).open_source(path, "館藏.bin", Limits())
        except BadInput as refusal:
            told = str(refusal.data["file"])
        else:
            held.callback(source.close)
            told = read(source)
    assert told.startswith("館藏.bin")


def test_a_file_that_is_not_there_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        plugins.load(choose.PACKAGE, name).open_source(tmp_path / "nothing", "無", Limits())
