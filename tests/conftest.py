"""Fixtures of the whole suite: a library on either pair of back ends, and the files to hand in."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers.postgres import create_database

from wenyuan.repo import wiring
from wenyuan.repo.library import Library
from wenyuan.repo.settings import Settings, load
from wenyuan.storage.minio import open_store
from wenyuan.storage.store import StoreOptions

pytest_plugins = ["servers.plugin"]

os.environ.setdefault("WENYUAN_OCR_ENGINE", "null")
"""OCR takes seconds a page: only its own tests read, with `ocr_engine` set. Commands in processes of their own, too."""

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
SAMPLE = ROOT / "sample" / "collection"

SERVERS = pytest.param("seaweedfs+postgresql", marks=[pytest.mark.server, pytest.mark.slow])
INLINE = {"executor": "inline"}
"""No new processes for every test; the pools have tests of their own."""
EMBEDDED = pytest.param("local+sqlite")


@pytest.fixture(params=[EMBEDDED, SERVERS])
def backends(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings of one pair of back ends: the same tests pass on both."""
    return backend_settings(request.param, request)


@pytest.fixture
def settings(backends: dict[str, Any], tmp_path: Path) -> Settings:
    """Settings of a fresh library."""
    return load(home=tmp_path / "home", **INLINE, **backends)


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    """A fresh, empty library."""
    built = wiring.build(settings)
    yield built
    built.close()


@pytest.fixture
def embedded_settings(tmp_path: Path) -> Settings:
    """Settings of a fresh library on the embedded default, for what does not touch the back ends."""
    return load(home=tmp_path / "home", **INLINE)


@pytest.fixture
def embedded_library(embedded_settings: Settings) -> Iterator[Library]:
    """A fresh, empty library on the embedded default."""
    built = wiring.build(embedded_settings)
    yield built
    built.close()


@pytest.fixture
def corpus() -> Callable[[str], Path]:
    """Real material beside the checkout; a test that needs a part that is absent is skipped by name."""

    def part(name: str) -> Path:
        path = CORPUS / name
        if not path.exists():
            pytest.skip(f"real material {name} is not beside this checkout")
        return path

    return part


def backend_settings(name: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings that choose a pair of back ends, with an empty bucket and a database of their own."""
    if name == "local+sqlite":
        return {}
    store = request.getfixturevalue("seaweedfs")
    postgres = request.getfixturevalue("postgres")
    # One bucket for all: each bucket of SeaweedFS takes volumes of its own, and a small server has few.
    options = StoreOptions(request.getfixturevalue("tmp_path"), store.values)
    bucket = open_store(options)
    bucket.check()
    for stored in list(bucket.list()):
        bucket.delete(stored.key)
    return {
        "store": "minio",
        "s3_endpoint": store.endpoint,
        "s3_access_key": store.access_key,
        "s3_secret_key": store.secret_key,
        "s3_bucket": store.bucket,
        "database": create_database(postgres, f"t{uuid.uuid4().hex[:12]}"),
    }


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: much of the time goes on waiting for browsers and servers."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long first, file by file: else, at the end, one process is left with it and the others wait."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])
