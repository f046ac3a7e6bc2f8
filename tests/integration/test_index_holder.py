"""Workers on several machines share one catalogue; the index lies on one of them and must not be fed elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import given
from handing_in import hand_in

from wenyuan.repo import find, indexing, wiring
from wenyuan.repo.library import Library
from wenyuan.repo.policy import ANONYMOUS
from wenyuan.repo.settings import Settings, load


def elsewhere(settings: Settings, home: Path, backends: dict[str, Any]) -> Library:
    """The same catalogue and store, another data folder."""
    store = {} if "store" in backends else {"store_root": settings.home / "store"}
    return wiring.build(load(home=home, executor="inline", **{"database": settings.database_url, **store, **backends}))


def test_a_worker_elsewhere_leaves_the_index_to_its_holder(
    library: Library, settings: Settings, backends: dict[str, Any], tmp_path: Path
) -> None:
    hand_in(library, given.scans(tmp_path / "first", 1))
    other = elsewhere(settings, tmp_path / "other", backends)

    hand_in(other, given.pdf(tmp_path / "second.pdf", ["深圳老街"]))

    assert find.find(library, "老街", person=ANONYMOUS).total == 0
    assert indexing.drift(library).waiting == 1
    indexing.drain(library)
    assert find.find(library, "老街", person=ANONYMOUS).total == 1
    other.close()


def test_rebuilding_the_index_makes_its_folder_the_holder(
    library: Library, settings: Settings, backends: dict[str, Any], tmp_path: Path
) -> None:
    hand_in(library, given.scans(tmp_path / "first", 1))
    other = elsewhere(settings, tmp_path / "other", backends)

    indexing.rebuild(other)
    indexing.drain(other)

    assert find.find(other, "啼鳥", person=ANONYMOUS).total == 1
    other.close()
