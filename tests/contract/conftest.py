"""What the contract of the search engines needs: each engine in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from wenyuan.repo import plugins
from wenyuan.repo.search.index import SearchIndex

PACKAGE = "wenyuan.repo.search"


@pytest.fixture(params=plugins.names(PACKAGE))
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def reopen(engine: str, folder: Path) -> Callable[[], SearchIndex]:
    """Opens the index of this test once more, as another process would."""

    def opened() -> SearchIndex:
        index: SearchIndex = plugins.load(PACKAGE, engine).open_index(folder, lock_wait_s=0.3)
        return index

    return opened


@pytest.fixture
def index(reopen: Callable[[], SearchIndex]) -> SearchIndex:
    return reopen()
