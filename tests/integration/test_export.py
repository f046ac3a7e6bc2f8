"""What is exported can be read by others: their own validators say so, and they say so of damage, too."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any

import bagit
import pytest
from click.testing import CliRunner
from made_items import (
    AGENT,
    BOOK_TEXTS,
    chain_of,
    flip_a_bit,
    make_book,
    make_collections,
    make_library,
    make_photograph,
)
from ocfl import StorageRoot

from wenyuan.repo import holdings, layers, manifests
from wenyuan.repo.catalogue import items
from wenyuan.repo.commands.export import export
from wenyuan.repo.errors import InvalidSetting, NoSuchItem
from wenyuan.repo.export.bag import export_bag
from wenyuan.repo.export.ocfl import export_ocfl, object_path
from wenyuan.repo.export.staging import staging
from wenyuan.repo.library import Library
from wenyuan.storage.errors import DigestMismatch
from wenyuan.storage.keys import blob_key

ODD_NAMES = ("卷一\n第1葉.png", "100%.png", "../../上.png", "長" * 300 + ".png")


def ocfl_says(root: Path) -> tuple[bool, int, int, list[Any]]:
    """What ocfl-py finds: it calls a root valid whose objects are not, so that its words and counts must be read."""
    storage = StorageRoot(root=str(root))
    valid = storage.validate(log_warnings=True)
    return valid, storage.num_objects, storage.good_objects, [*storage.errors, *storage.log.messages]


def object_folder(root: Path, item: str) -> Path:
    return root / object_path(f"urn:wenyuan:{item}")


def inventory(root: Path, item: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((object_folder(root, item) / "inventory.json").read_bytes())
    return told


def files_at(root: Path, item: str, version: str) -> dict[str, bytes]:
    """Content by logical path of one version, as anyone could read it with the OCFL specification in hand."""
    told = inventory(root, item)
    folder = object_folder(root, item)
    return {
        path: (folder / told["manifest"][digest][0]).read_bytes()
        for digest, paths in told["versions"][version]["state"].items()
        for path in paths
    }


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestOcfl:
    def test_ocfl_py_finds_no_error_and_no_warning(self, library: Library, tmp_path: Path) -> None:
        ids = make_library(library)
        report = export_ocfl(library, ids.values(), tmp_path / "root")
        assert sorted(report.written) == sorted(ids.values())
        assert report.failed == []
        assert ocfl_says(tmp_path / "root") == (True, 3, 3, [])

    def test_ocfl_py_would_have_found_a_wrong_bit(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        export_ocfl(embedded_library, ids.values(), tmp_path / "root")
        content = next((object_folder(tmp_path / "root", ids["book"]) / "v1" / "content" / "originals").iterdir())
        content.write_bytes(content.read_bytes()[:-1] + b"!")
        _, count, good, words = ocfl_says(tmp_path / "root")
        assert (count, good) == (3, 2)
        assert "E092" in str(words)

    def test_objects_lie_where_ocfl_py_would_put_them(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        export_ocfl(embedded_library, ids.values(), tmp_path / "root")
        root = StorageRoot(root=str(tmp_path / "root"))
        assert {name: folder for folder, name in root.list_objects()} == {
            f"urn:wenyuan:{item}": root.layout.identifier_to_path(f"urn:wenyuan:{item}") for item in ids.values()
        }

    @pytest.mark.parametrize("identifier", ["urn:wenyuan:0123456789abc", "善本/0042 號", "x" * 101])
    def test_paths_are_those_of_extension_0003(self, identifier: str) -> None:
        root = StorageRoot(layout_name="0003-hash-and-id-n-tuple-storage-layout")
        assert object_path(identifier) == root.layout.identifier_to_path(identifier)

    def test_each_version_is_as_the_item_was_then(self, library: Library, tmp_path: Path) -> None:
        ids = make_library(library)
        export_ocfl(library, [ids["book"]], tmp_path / "root")
        chain = chain_of(library, ids["book"])
        assert inventory(tmp_path / "root", ids["book"])["head"] == f"v{len(chain)}"
        for number, sha256 in enumerate(chain, start=1):
            files = files_at(tmp_path / "root", ids["book"], f"v{number}")
            assert hashlib.sha256(files["metadata/manifest.json"]).hexdigest() == sha256
            manifest = manifests.manifest_from_bytes(files["metadata/manifest.json"], sha256)
            assert isinstance(manifest, manifests.ItemManifest)
            structure = manifests.structure_from_bytes(files["metadata/structure.json"])
            for file in structure.files:
                assert hashlib.sha256(files[f"originals/{file.path}"]).hexdigest() == file.sha256
            described = json.loads(files["metadata/description.json"])
            assert described["dcterms:title"] == "嘉慶新安縣志"
            assert described["wenyuan:edition"] == manifest.item.description.edition

    def test_texts_are_there_plain_and_with_their_boxes(self, library: Library, tmp_path: Path) -> None:
        ids = make_library(library)
        export_ocfl(library, [ids["book"]], tmp_path / "root")
        files = files_at(tmp_path / "root", ids["book"], "v1")
        for key, text in enumerate(BOOK_TEXTS[:-1], start=1):
            assert files[f"text/{key:05}.txt"].decode() == text
        assert "text/00004.txt" not in files
        assert layers.decode(files["layers/00001/2.json.z"]).text == BOOK_TEXTS[0]
        assert json.loads(zlib.decompress(files["layers/00001/1.json.z"]))["v"] == 2

    def test_a_changed_title_copies_no_original_again(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        export_ocfl(embedded_library, [ids["book"]], tmp_path / "root")
        second = object_folder(tmp_path / "root", ids["book"]) / "v2" / "content"
        assert set(tree(second)) == {"metadata/manifest.json", "metadata/description.json"}


class TestOcflAgain:
    def test_a_newer_item_adds_a_version_and_the_old_ones_stay_as_they_were(
        self, library: Library, tmp_path: Path
    ) -> None:
        ids = make_library(library)
        root = tmp_path / "root"
        export_ocfl(library, ids.values(), root)
        before = tree(object_folder(root, ids["photograph"]))
        holdings.restore(library, ids["photograph"], AGENT)

        report = export_ocfl(library, ids.values(), root)

        assert report.written == [ids["photograph"]]
        assert sorted(report.unchanged) == sorted((ids["book"], ids["ebook"]))
        after = tree(object_folder(root, ids["photograph"]))
        assert {name for name in after if name not in before} >= {"v3/inventory.json"}
        versions = {name: data for name, data in before.items() if name.startswith("v")}
        assert versions.items() <= after.items()
        assert ocfl_says(root) == (True, 3, 3, [])

    def test_equals_an_export_made_at_once(self, embedded_library: Library, tmp_path: Path) -> None:
        make_collections(embedded_library)
        book = make_book(embedded_library)
        export_ocfl(embedded_library, [book.id], tmp_path / "twice")
        holdings.order_pages(embedded_library, book.id, [4, 3, 2, 1], AGENT)
        export_ocfl(embedded_library, [book.id], tmp_path / "twice")
        export_ocfl(embedded_library, [book.id], tmp_path / "once")
        assert tree(tmp_path / "twice") == tree(tmp_path / "once")

    def test_nothing_new_changes_nothing(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        export_ocfl(embedded_library, ids.values(), tmp_path / "root")
        before = tree(tmp_path / "root")
        assert export_ocfl(embedded_library, ids.values(), tmp_path / "root").written == []
        assert tree(tmp_path / "root") == before

    def test_a_folder_of_something_else_is_left_alone(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        (tmp_path / "root").mkdir()
        (tmp_path / "root" / "thesis.doc").write_text("mine")
        with pytest.raises(InvalidSetting):
            export_ocfl(embedded_library, ids.values(), tmp_path / "root")
        assert [path.name for path in (tmp_path / "root").iterdir()] == ["thesis.doc"]
        assert not (tmp_path / ".root.part").exists()

    def test_two_exports_into_one_root_do_not_meet(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        with staging(tmp_path / "root"), pytest.raises(InvalidSetting):
            export_ocfl(embedded_library, ids.values(), tmp_path / "root")
        assert export_ocfl(embedded_library, ids.values(), tmp_path / "root").failed == []

    def test_what_a_killed_export_left_is_cleared_away(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        left = tmp_path / ".root.part" / "work" / ids["book"]
        left.mkdir(parents=True)
        (left / "half").write_text("written")
        export_ocfl(embedded_library, ids.values(), tmp_path / "root")
        assert not (tmp_path / ".root.part").exists()
        assert ocfl_says(tmp_path / "root")[1:] == (3, 3, [])


class TestDamage:
    def test_keeps_one_item_back_and_lets_the_others_go(self, library: Library, tmp_path: Path) -> None:
        ids = make_library(library)
        with library.catalogue.reading() as session:
            key = blob_key(items.files(session, ids["book"])[0].sha256)
        flip_a_bit(library, key)
        report = export_ocfl(library, ids.values(), tmp_path / "root")
        assert [(one.item, type(one.error)) for one in report.failed] == [(ids["book"], DigestMismatch)]
        assert not object_folder(tmp_path / "root", ids["book"]).exists()
        assert ocfl_says(tmp_path / "root") == (True, 2, 2, [])

    def test_makes_no_bag(self, library: Library, tmp_path: Path) -> None:
        ids = make_library(library)
        with library.catalogue.reading() as session:
            flip_a_bit(library, blob_key(items.files(session, ids["book"])[0].sha256))
        with pytest.raises(DigestMismatch):
            export_bag(library, ids["book"], tmp_path / "bag")
        assert not (tmp_path / "bag").exists()

    def test_an_unknown_id_writes_nothing(self, embedded_library: Library, tmp_path: Path) -> None:
        make_library(embedded_library)
        with pytest.raises(NoSuchItem):
            export_ocfl(embedded_library, ["0000000000000"], tmp_path / "root")
        assert list(tmp_path.glob("root*")) == []


class TestBag:
    def test_bagit_finds_it_complete_and_valid(self, library: Library, tmp_path: Path) -> None:
        ids = make_library(library)
        for name, item in ids.items():
            export_bag(library, item, tmp_path / name)
            assert bagit.Bag(str(tmp_path / name)).validate()

    def test_bagit_would_have_found_a_wrong_bit(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        export_bag(embedded_library, ids["book"], tmp_path / "bag")
        text = tmp_path / "bag" / "data" / "text" / "00001.txt"
        text.write_text(text.read_text().replace("縣", "县"))
        with pytest.raises(bagit.BagValidationError):
            bagit.Bag(str(tmp_path / "bag")).validate()

    def test_tells_what_it_is_in_chinese(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        export_bag(embedded_library, ids["book"], tmp_path / "bag")
        bag = bagit.Bag(str(tmp_path / "bag"))
        assert (bag.version, bag.encoding) == ("1.0", "UTF-8")
        assert sorted(bag.algorithms) == ["sha256", "sha512"]
        assert bag.info["Title"] == "嘉慶新安縣志"
        assert bag.info["Source-Organization"] == "深圳圖書館"
        assert bag.info["External-Identifier"] == [f"urn:wenyuan:{ids['book']}", "ISBN 0-00-000000-0"]
        payload = tree(tmp_path / "bag" / "data")
        assert bag.info["Payload-Oxum"] == f"{sum(map(len, payload.values()))}.{len(payload)}"

    def test_holds_the_newest_version(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        export_bag(embedded_library, ids["book"], tmp_path / "bag")
        export_ocfl(embedded_library, [ids["book"]], tmp_path / "root")
        assert tree(tmp_path / "bag" / "data") == files_at(tmp_path / "root", ids["book"], "v3")

    def test_again_is_written_only_when_the_item_changed(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        assert export_bag(embedded_library, ids["photograph"], tmp_path / "bag") > 0
        assert export_bag(embedded_library, ids["photograph"], tmp_path / "bag") == 0
        holdings.restore(embedded_library, ids["photograph"], AGENT)
        assert export_bag(embedded_library, ids["photograph"], tmp_path / "bag") > 0
        assert bagit.Bag(str(tmp_path / "bag")).validate()

    def test_never_replaces_a_bag_of_another_item(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        export_bag(embedded_library, ids["photograph"], tmp_path / "bag")
        with pytest.raises(InvalidSetting):
            export_bag(embedded_library, ids["book"], tmp_path / "bag")


class TestOddNames:
    def test_are_made_safe_in_both_forms_and_kept_in_the_structure(
        self, embedded_library: Library, tmp_path: Path
    ) -> None:
        book = make_book(embedded_library, collection=None, names=ODD_NAMES)
        export_ocfl(embedded_library, [book.id], tmp_path / "root")
        export_bag(embedded_library, book.id, tmp_path / "bag")
        assert ocfl_says(tmp_path / "root") == (True, 1, 1, [])
        assert bagit.Bag(str(tmp_path / "bag")).validate()
        assert list(tmp_path.parent.glob("*上*")) == []
        for path in tree(tmp_path / "bag"):
            assert not re.search(r"[\n%]|\.\.", path)
        kept = manifests.structure_from_bytes((tmp_path / "bag" / "data" / "metadata" / "structure.json").read_bytes())
        assert tuple(file.path for file in kept.files[:4]) == ODD_NAMES

    def test_two_files_of_one_name_are_two_files(self, embedded_library: Library, tmp_path: Path) -> None:
        book = make_book(embedded_library, collection=None, names=("a.png", "a.png", "A.PNG", "a.png/b.png"))
        export_bag(embedded_library, book.id, tmp_path / "bag")
        assert bagit.Bag(str(tmp_path / "bag")).validate()
        originals = tree(tmp_path / "bag" / "data" / "originals")
        assert len(originals) == 5
        assert len({name.casefold() for name in originals}) == 5
        assert len(set(originals.values())) == 5


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WENYUAN_HOME", str(tmp_path / "home"))

    def test_exports_everything_as_ocfl_where_nothing_is_named(self, embedded_library: Library, tmp_path: Path) -> None:
        ids = make_library(embedded_library)
        result = CliRunner().invoke(export, ["--to", str(tmp_path / "out"), "--json"])
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["written"] == sorted(ids.values())
        assert ocfl_says(tmp_path / "out") == (True, 3, 3, [])

    def test_exports_the_named_items_as_bags(self, embedded_library: Library, tmp_path: Path) -> None:
        photograph = make_photograph(embedded_library)
        result = CliRunner().invoke(export, [photograph.id, "--to", str(tmp_path / "out"), "--form", "bagit"])
        assert result.exit_code == 0, result.output
        assert "导出 1 份" in result.stdout
        assert bagit.Bag(str(tmp_path / "out" / photograph.id)).validate()

    def test_ends_with_74_when_an_item_is_damaged(self, embedded_library: Library, tmp_path: Path) -> None:
        photograph = make_photograph(embedded_library)
        with embedded_library.catalogue.reading() as session:
            flip_a_bit(embedded_library, blob_key(items.files(session, photograph.id)[0].sha256))
        for form in ("ocfl", "bagit"):
            result = CliRunner().invoke(export, ["--to", str(tmp_path / form), "--form", form])
            assert result.exit_code == 74
            assert photograph.id in result.stdout
