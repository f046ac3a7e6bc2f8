"""The tree of collections: moving a branch, and what must not be."""

from __future__ import annotations

import pytest

from wenyuan.repo import holdings
from wenyuan.repo.catalogue import collections
from wenyuan.repo.errors import NoSuchCollection
from wenyuan.repo.items import Collection
from wenyuan.repo.library import Library


def grow(library: Library, key: str, parent: str | None = None) -> None:
    """Save a collection."""
    holdings.save_collection(library, Collection(key, {"zh-Hans": key}, {}, parent))


def path_of(library: Library, key: str) -> list[str]:
    """Keys from the root down."""
    with library.catalogue.reading() as session:
        return [one.key for one in collections.path(session, key)]


def test_a_branch_moves_with_all_that_lies_below_it(library: Library) -> None:
    for key, parent in (("a", None), ("b", None), ("c", "a"), ("d", "c")):
        grow(library, key, parent)

    grow(library, "c", "b")

    assert path_of(library, "d") == ["b", "c", "d"]


def test_a_collection_cannot_lie_below_itself(library: Library) -> None:
    grow(library, "a")
    grow(library, "b", "a")

    with pytest.raises(NoSuchCollection):
        grow(library, "a", "b")
    assert path_of(library, "b") == ["a", "b"]


def test_the_same_again_makes_no_new_version(library: Library) -> None:
    grow(library, "a")
    before = sorted(stored.key for stored in library.store.list("manifests/"))

    grow(library, "a")

    assert sorted(stored.key for stored in library.store.list("manifests/")) == before
