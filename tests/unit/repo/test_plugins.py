"""The seam where stores, engines and formats are plugged in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wenyuan.repo import plugins
from wenyuan.repo.errors import MissingExtra, UnknownBackend


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A folder of plug-ins, and an installed distribution that brings one more."""
    folder = tmp_path / "gadgets"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "brass.py").write_text("def open_gadget(): return 'brass'\n")
    (folder / "tin.py").write_text("import an_sdk_nobody_has\ndef open_gadget(): return 'tin'\n")
    (folder / "broken.py").write_text("import wenyuan.no_such_module\ndef open_gadget(): ...\n")
    (folder / "gears.py").write_text("TEETH = 12\n")
    (folder / "_private.py").write_text("def open_gadget(): ...\n")
    (tmp_path / "foreign_gadget.py").write_text("def open_gadget(): return 'foreign'\n")
    installed = tmp_path / "foreign-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[wenyuan.gadgets]\nforeign = foreign_gadget\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(plugins.EXPORTS, "gadgets", "open_gadget")
    yield "gadgets"
    for name in [name for name in sys.modules if name.partition(".")[0] in {"gadgets", "foreign_gadget"}]:
        del sys.modules[name]


def test_names_are_the_files_that_define_the_export_and_the_installed_entry_points(package: str) -> None:
    assert plugins.names(package) == ["brass", "broken", "foreign", "tin"]


def test_nothing_is_imported_for_the_names(package: str) -> None:
    plugins.names(package)
    assert "gadgets.brass" not in sys.modules


def test_a_plugin_is_loaded_by_the_name_of_its_file(package: str) -> None:
    assert plugins.load(package, "brass").open_gadget() == "brass"


def test_a_third_party_plugin_is_loaded_by_its_entry_point(package: str) -> None:
    assert plugins.load(package, "foreign").open_gadget() == "foreign"


@pytest.mark.parametrize("name", ["gold", "gears", "", "brass.evil", "../brass", "os"])
def test_an_unknown_name_tells_which_there_are(package: str, name: str) -> None:
    with pytest.raises(UnknownBackend) as raised:
        plugins.load(package, name)
    assert raised.value.data == {"setting": "gadgets", "value": name, "allowed": plugins.names(package)}


def test_a_plugin_whose_sdk_is_missing_names_it(package: str) -> None:
    with pytest.raises(MissingExtra) as raised:
        plugins.load(package, "tin")
    assert raised.value.data == {"package": "an_sdk_nobody_has", "extra": "tin"}


def test_a_missing_module_of_our_own_is_no_missing_extra(package: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        plugins.load(package, "broken")


def test_whoosh_is_a_search_engine_and_its_parts_are_none() -> None:
    found = plugins.names("wenyuan.repo.search")
    assert "whoosh" in found
    assert not {"index", "codec", "packed", "matching"} & set(found)
