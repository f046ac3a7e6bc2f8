"""The layout of keys, and what may be a key at all."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.storage import keys
from wenyuan.storage.streams import check_key

DIGEST = "ab12" + "0" * 60
digests = st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)
segments = st.text(alphabet=string.ascii_letters + string.digits + "._-", min_size=1, max_size=200).filter(
    lambda segment: segment not in {".", "..", "tmp"}
)


def test_a_blob_lies_two_folders_deep_under_its_digest() -> None:
    assert keys.blob_key(DIGEST) == f"blobs/sha256/ab/12/{DIGEST}"


def test_a_manifest_lies_two_folders_deep_under_its_digest() -> None:
    assert keys.manifest_key(DIGEST) == f"manifests/sha256/ab/12/{DIGEST}"


def test_a_derivative_lies_under_its_source_and_page() -> None:
    assert keys.derivative_key(DIGEST, 12, "reading-1600-v1.jpg") == f"derivatives/ab/{DIGEST}/12/reading-1600-v1.jpg"


@given(digests)
def test_every_digest_makes_keys_that_stores_take_and_that_name_it_again(digest: str) -> None:
    for key in (keys.blob_key(digest), keys.manifest_key(digest)):
        assert check_key(key) == key
        assert keys.digest_of(key) == digest
    assert check_key(keys.derivative_key(digest, 0, "text-v1.json"))


@pytest.mark.parametrize("digest", ["ab12", DIGEST.upper(), DIGEST + "0", DIGEST + "\n", "../" + DIGEST[3:]])
def test_what_is_no_digest_makes_no_key(digest: str) -> None:
    for make in (keys.blob_key, keys.manifest_key, lambda value: keys.derivative_key(value, 0, "a"), keys.digest_of):
        with pytest.raises(ValueError, match=re.escape(digest)):
            make(digest)


@pytest.mark.parametrize("recipe", ["a/b", "四庫", "a" * 201])
def test_a_recipe_is_one_segment(recipe: str) -> None:
    with pytest.raises(ValueError, match=re.escape(recipe)):
        keys.derivative_key(DIGEST, 0, recipe)


@given(st.lists(segments, min_size=1, max_size=5))
def test_segments_joined_by_slashes_are_a_key(parts: list[str]) -> None:
    assert check_key("/".join(parts)) == "/".join(parts)


@given(st.lists(segments, max_size=3), st.sampled_from(["", ".", "..", "文", "a b", "a\x00", "a" * 201]), segments)
def test_one_bad_segment_spoils_a_key(before: list[str], bad: str, after: str) -> None:
    key = "/".join([*before, bad, after])
    with pytest.raises(ValueError, match=re.escape(key)):
        check_key(key)


def test_what_is_on_its_way_has_a_folder_that_no_key_may_use() -> None:
    with pytest.raises(ValueError, match="tmp/a"):
        check_key("tmp/a")
    assert check_key("blobs/tmp/a")
