"""What other people wrote for the browser is carried unmodified, listed, and under a licence that is carried too."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tools import vendor


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """All of static/vendor, to be spoilt."""
    return shutil.copytree(vendor.VENDOR, tmp_path / "vendor")


def test_every_vendored_file_is_listed_with_its_digest_and_licence() -> None:
    assert vendor.complaints(vendor.VENDOR) == []
    assert [package.name for package in vendor.listed(vendor.VENDOR)] == sorted(vendor.COPIED)


def test_an_altered_copy_is_noticed(copies: Path) -> None:
    script = next(copies.rglob("openseadragon.min.js"))
    script.write_bytes(script.read_bytes() + b" ")
    assert vendor.complaints(copies) == [f"{script.parent.name}/openseadragon.min.js: altered"]


def test_a_missing_licence_is_noticed(copies: Path) -> None:
    copied = next(copies.rglob("LICENSE"))
    copied.unlink()
    (wrong,) = vendor.complaints(copies)
    assert wrong == f"{copied.parent.name}/LICENSE: missing"
    listing = copies / "VENDOR.toml"
    listing.write_text("\n".join(line for line in listing.read_text().splitlines() if '"LICENSE"' not in line))
    wrong = "\n".join(vendor.complaints(copies))
    assert f"{copied.parent.name}: no LICENSE is listed" in wrong


def test_an_unlisted_file_is_noticed(copies: Path) -> None:
    (copies / "more.js").write_text("")
    assert vendor.complaints(copies) == ["more.js: not listed in VENDOR.toml"]


def test_the_list_says_what_the_lockfile_says_and_the_lockfile_names_no_host() -> None:
    written = (vendor.LOCKED / "package-lock.json").read_text("utf-8")
    locked = json.loads(written)["packages"]
    wanted = json.loads((vendor.LOCKED / "package.json").read_text("utf-8"))["dependencies"]
    assert set(wanted) == set(vendor.COPIED)
    for package in vendor.listed(vendor.VENDOR):
        entry = locked[f"node_modules/{package.name}"]
        assert (package.version, package.license, package.integrity) == (
            entry["version"], entry["license"], entry["integrity"],
        )  # fmt: skip
        assert package.version == wanted[package.name], "pinned, not a range"
        assert package.integrity.startswith("sha512-")
    assert "resolved" not in written
