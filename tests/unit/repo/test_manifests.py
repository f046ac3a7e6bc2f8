"""Manifests and structures are the memory of the library: what is written is what is read, byte for byte, for ever."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.repo.description import Access, Agent, Description, ItemKind, ViewingDirection, Writing
from wenyuan.repo.items import (
    Collection,
    Event,
    File,
    Item,
    ItemState,
    LayerVersion,
    Page,
    PageKind,
    Section,
    Structure,
)
from wenyuan.repo.layers import Origin
from wenyuan.repo.manifests import (
    CollectionManifest,
    ItemManifest,
    manifest_from_bytes,
    manifest_to_bytes,
    structure_from_bytes,
    structure_to_bytes,
)

WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
STRIPPED = WORDS.map(str.strip)
NAMES = STRIPPED.filter(bool)
DIGESTS = st.binary(max_size=8).map(lambda data: hashlib.sha256(data).hexdigest())
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8))])
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=ZONES)  # noqa: DTZ001 -- zones are given
COUNTS = st.integers(0, 2**40)
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)
DETAILS = st.dictionaries(WORDS, JSON_VALUES, max_size=3)

DESCRIPTIONS = st.builds(
    Description,
    title=NAMES,
    title_variants=st.lists(STRIPPED, max_size=3).map(tuple),
    kind=st.sampled_from(ItemKind),
    agents=st.lists(st.builds(Agent, name=NAMES, dynasty=STRIPPED, role=STRIPPED), max_size=3).map(tuple),
    date=STRIPPED,
    series=STRIPPED,
    access=st.sampled_from(Access),
    viewing_direction=st.sampled_from(ViewingDirection),
    writing=st.sampled_from(Writing),
)
ITEMS = st.builds(
    Item,
    id=st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=13, max_size=13),
    description=DESCRIPTIONS,
    collection=st.none() | NAMES,
    state=st.sampled_from(ItemState),
    version=st.integers(1, 10**6),
    manifest=st.just(""),
    structure=DIGESTS,
    page_count=COUNTS,
    cover_page=st.none() | COUNTS,
    page_kind=st.sampled_from(PageKind),
    size_bytes=COUNTS,
    created=TIMES,
    modified=TIMES,
)


@st.composite
def item_manifests(draw: st.DrawFn) -> ItemManifest:
    item = draw(ITEMS)
    event = Event(draw(TIMES), draw(WORDS), draw(WORDS), draw(WORDS), item.id, draw(DETAILS))
    return ItemManifest(item, draw(st.none() | DIGESTS), event)


COLLECTION_MANIFESTS = st.builds(
    CollectionManifest,
    collection=st.builds(
        Collection,
        key=NAMES,
        titles=st.dictionaries(WORDS, WORDS, max_size=3),
        descriptions=st.dictionaries(WORDS, WORDS, max_size=3),
        parent=st.none() | NAMES,
        position=st.integers(-5, 10**6),
    ),
    version=st.integers(1, 10**6),
    previous=st.none() | DIGESTS,
)
LAYERS = st.builds(
    LayerVersion,
    sha256=DIGESTS,
    origin=st.sampled_from(Origin),
    engine=WORDS,
    created=TIMES,
    character_count=COUNTS,
    settings=DETAILS,
)
PAGES = st.builds(
    Page,
    key=st.integers(1, 10**6),
    kind=st.sampled_from(PageKind),
    file=COUNTS,
    index=COUNTS,
    width=COUNTS,
    height=COUNTS,
    label=WORDS,
    entry=st.none() | WORDS.filter(bool),
    layers=st.lists(LAYERS, max_size=2).map(tuple),
)
FILES = st.builds(File, sha256=DIGESTS, size_bytes=COUNTS, media_type=WORDS, path=WORDS, role=WORDS)
SECTIONS: st.SearchStrategy[Section] = st.recursive(
    st.builds(Section, title=WORDS, page=COUNTS, fragment=st.none() | WORDS.filter(bool)),
    lambda inner: st.builds(
        Section,
        title=WORDS,
        page=COUNTS,
        fragment=st.none() | WORDS.filter(bool),
        children=st.lists(inner, max_size=3).map(tuple),
    ),
    max_leaves=6,
)
STRUCTURES = st.builds(
    Structure,
    files=st.lists(FILES, max_size=3).map(tuple),
    pages=st.lists(PAGES, max_size=3).map(tuple),
    sections=st.lists(SECTIONS, max_size=3).map(tuple),
)


@given(item_manifests())
def test_an_item_comes_back_with_the_digest_of_its_manifest(manifest: ItemManifest) -> None:
    data = manifest_to_bytes(manifest)
    sha256 = hashlib.sha256(data).hexdigest()
    assert manifest_from_bytes(data, sha256) == replace(manifest, item=replace(manifest.item, manifest=sha256))


@given(item_manifests())
def test_written_again_it_has_the_same_bytes(manifest: ItemManifest) -> None:
    data = manifest_to_bytes(manifest)
    assert manifest_to_bytes(manifest_from_bytes(data, "0" * 64)) == data


@given(COLLECTION_MANIFESTS)
def test_a_collection_comes_back(manifest: CollectionManifest) -> None:
    assert manifest_from_bytes(manifest_to_bytes(manifest), "0" * 64) == manifest


@given(STRUCTURES)
def test_a_structure_comes_back(structure: Structure) -> None:
    data = structure_to_bytes(structure)
    assert structure_from_bytes(data) == structure
    assert structure_to_bytes(structure_from_bytes(data)) == data


@given(item_manifests())
def test_it_is_canonical_json_in_utf_8(manifest: ItemManifest) -> None:
    data = manifest_to_bytes(manifest)
    document = json.loads(data.decode("utf-8"))
    written_by_others = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert written_by_others.encode() == data


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"format": 2, "type": "item"}', b"\xff\xfe"])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, AttributeError)):
        manifest_from_bytes(data, "0" * 64)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"format": 2}'])
def test_what_is_no_structure_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"structure format|Expecting value"):
        structure_from_bytes(data)


def test_a_changed_title_writes_little_whatever_the_number_of_pages() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    item = Item(
        "0" * 13, Description(title="永樂大典"), None, ItemState.PUBLISHED, 2, "", "0" * 64, 22_937, 1,
        PageKind.IMAGE, 10**12, moment, moment,
    )  # fmt: skip
    event = Event(moment, "metadata modification", "館員", "success", item.id)
    assert len(manifest_to_bytes(ItemManifest(item, "1" * 64, event))) < 1024
