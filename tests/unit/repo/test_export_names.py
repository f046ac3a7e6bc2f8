"""Names of exported files are safe and all different, whatever they were."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.repo.export.names import Names, safe_path

SHA = "0123456789abcdef" * 4
PATHS = st.text(st.sampled_from("aA/.~é縣 \n%\\:\x00\ud800"), max_size=12) | st.text(max_size=300)


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("第1葉.png", "卷一/葉 2.tif", "a-b_c.d.txt", ".hidden"):
        assert safe_path(name) == name


@pytest.mark.parametrize("name", ["..", "../x", "/etc/passwd", "a\nb", "50%", "CON", "nul.txt", "a/", "", ".", "x. "])
def test_names_that_are_no_names_are_changed(name: str) -> None:
    assert safe_path(name) != name


def test_a_long_name_keeps_its_ending() -> None:
    safe = safe_path("長" * 300 + ".png")
    assert safe.endswith(".png")
    assert len(safe.encode()) < 255


@given(st.lists(PATHS, max_size=8))
def test_no_two_files_meet_on_any_file_system(paths: list[str]) -> None:
    names = Names()
    given_out = [names.take(path, SHA) for path in paths]
    folded = [name.casefold() for name in given_out]
    assert len(set(folded)) == len(folded)
    for one in folded:
        assert not any(other.startswith(one + "/") for other in folded)


@given(PATHS)
def test_every_name_is_relative_short_and_without_signs_that_need_encoding(path: str) -> None:
    safe = safe_path(path)
    assert not re.search(r"[\x00-\x1f%\\:*?\"<>|]", safe)
    assert len(safe.encode()) < 1000
    for segment in safe.split("/"):
        assert segment not in {"", ".", ".."}
        assert len(segment.encode()) <= 255


def test_the_same_files_get_the_same_names() -> None:
    paths = ["a.png", "A.png", "a.png/b", "a.png"]
    once, again = Names(), Names()
    assert [once.take(path, SHA) for path in paths] == [again.take(path, SHA) for path in paths]
