"""The documents say what the code does: settings, errors, commands, fields, examples, files and links."""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from wenyuan.ingest import metadata
from wenyuan.ingest.executors.pool import PoolPlan
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo import errors as library_errors
from wenyuan.repo import wording
from wenyuan.repo.description import Access, Agent, Description, ItemKind, ViewingDirection, Writing
from wenyuan.repo.errors import InvalidMetadata
from wenyuan.repo.search.index import Filters, ItemDocument, PageText
from wenyuan.repo.settings import PREFIX, Settings
from wenyuan.storage.errors import LibraryError, ObjectMissing
from wenyuan.storage.keys import blob_key
from wenyuan.storage.store import StoreOptions

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
READMES = (ROOT / "README.md", ROOT / "README.en.md")
PAGES = (*READMES, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
SOURCE_FILE = re.compile(
    r"`((?:repo|ingest|reader|storage|static|tests|sample|benchmarks|tools|docs)/[\w./-]+\.(?:py|toml|tsv|md|html|css|js))"
)
FENCE = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A complete example: its language, the name of its file, its content."""


def rows(page: Path) -> dict[str, list[str]]:
    """The rows of all tables of a page, by the `code` in their first cell."""
    found: dict[str, list[str]] = {}
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) > 1 and cells[0].startswith("`") and cells[0].endswith("`"):
            assert cells[0] not in found, f"{page.name} has {cells[0]} twice"
            found[cells[0].strip("`")] = [cell.replace("\\|", "|") for cell in cells[1:]]
    return found


def examples(page: str) -> dict[str, str]:
    """The complete examples of a page, by the name of their file."""
    return {name: content for _, name, content in FENCE.findall((DOCS / page).read_text("utf-8"))}


def run_example(page: str, name: str) -> dict[str, Any]:
    """The names that a Python example defines."""
    defined: dict[str, Any] = {"__name__": f"example_{Path(name).stem}"}
    exec(compile(examples(page)[name], name, "exec"), defined)
    return defined


class TestSettings:
    def type_of(self, field: FieldInfo) -> str:
        if get_origin(field.annotation) is Literal:
            return " | ".join(get_args(field.annotation))
        kinds = {bool: "yes or no", int: "number", float: "number", str: "text", SecretStr: "secret", Path: "path"}
        kinds[Path | None] = "path"
        name = kinds[field.annotation]
        low = next((one.ge for one in field.metadata if isinstance(one, Ge)), None)
        high = next((one.le for one in field.metadata if isinstance(one, Le)), None)
        return f"{name} {low} … {high or ''}".rstrip() if low is not None else name

    def default_of(self, field: FieldInfo) -> str:
        if field.default_factory is not None:
            told = field.default_factory.__doc__ or "This machine's processors."
            return told[0].lower() + told[1:].rstrip(".")
        value = field.default
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if value in ("", None):
            return ""
        return f"`{json.dumps(value, ensure_ascii=False)}`" if isinstance(value, (bool, int)) else f"`{value}`"

    def test_every_setting_is_told_with_variable_type_default_and_meaning(self) -> None:
        told = rows(DOCS / "settings.md")
        expected = {
            name: [f"`{PREFIX}{name.upper()}`", self.type_of(field), self.default_of(field), field.description]
            for name, field in Settings.model_fields.items()
        }
        assert {name: cells[:4] for name, cells in told.items()} == expected


class TestErrors:
    def kinds(self, base: type[LibraryError] = LibraryError) -> Iterator[type[LibraryError]]:
        yield base
        for kind in base.__subclasses__():
            if kind.__module__.startswith("wenyuan."):
                yield from self.kinds(kind)

    def test_every_code_is_told_with_class_status_and_exit_code(self) -> None:
        assert library_errors.NotFound in set(self.kinds())
        told = {code: cells[:3] for code, cells in rows(DOCS / "errors.md").items() if len(cells) == 6}
        expected = {kind.code: [f"`{kind.__name__}`", str(kind.status), str(kind.exit_code)] for kind in self.kinds()}
        assert told == expected

    def test_it_is_told_in_the_words_that_people_see(self) -> None:
        for code, cells in rows(DOCS / "errors.md").items():
            blank = re.compile(r"\{(\w+)\}")
            expected = [blank.sub("…", wording._table()[code]["what"][language]) for language in ("zh-Hans", "en")]
            assert cells[-2:] == expected, code

    def test_reasons_of_refusals_are_told(self) -> None:
        assert set(rows(DOCS / "errors.md")) == wording.codes()


class TestMetadata:
    def test_every_field_is_told(self) -> None:
        told = rows(DOCS / "metadata.md")
        assert set(Description.model_fields) <= set(told)
        assert set(Agent.model_fields) <= {name.removeprefix("agents.") for name in told if name.startswith("agents.")}

    @pytest.mark.parametrize(("field", "words"), [("kind", ItemKind), ("access", Access), ("writing", Writing),
                                                  ("viewing_direction", ViewingDirection)])  # fmt: skip
    def test_every_word_of_a_choice_is_told(self, field: str, words: type) -> None:
        told = " ".join(rows(DOCS / "metadata.md")[field])
        assert [f"`{word.value}`" for word in words if f"`{word.value}`" not in told] == []

    def test_every_chinese_column_is_told_with_its_field(self) -> None:
        told = rows(DOCS / "metadata.md")
        for chinese, column in metadata._CHINESE_COLUMNS.items():
            assert f"`{chinese}`" in " ".join(told[column]), chinese

    def test_the_examples_can_be_handed_in(self, tmp_path: Path) -> None:
        found = examples("metadata.md")
        for name, content in found.items():
            (tmp_path / name).write_text(content, "utf-8")
        whole = metadata.read_json(tmp_path / "metadata.json", "metadata.json")
        assert whole.labels["0001.jpg"]
        assert whole.sections[1]["children"]
        assert set(whole.fields) == set(Description.model_fields)
        assert metadata.read_json(tmp_path / "oral-history.json", "oral-history.json").fields["title"]
        for name in ("metadata.csv", "metadata-zh.csv"):
            told = metadata.read_csv(tmp_path / name, name)
            assert told["harbour.jpg"].fields["agents"] == [{"dynasty": "民國", "name": "華光照相館", "role": "攝"}]
            assert told["harbour.jpg"].fields["subjects"] == ["海港", "帆船"]
        collection = metadata.read_collection(tmp_path / "collection.json", "collection.json", None)
        assert set(collection.titles) == set(metadata.LANGUAGES)
        assert sorted(found) == sorted(path.name for path in tmp_path.iterdir())

    def test_an_example_with_a_misspelt_field_would_be_noticed(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text('{"titel": "x"}')
        with pytest.raises(InvalidMetadata):
            metadata.read_json(tmp_path / "a.json", "a.json")


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_is_in_the_readme(readme: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    commands = {f"wenyuan {name}" for name in project["entry-points"]["wenyuan.commands"]}
    assert commands == {row for row in rows(readme) if row.startswith("wenyuan ")}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_source_files_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]
    assert [link for link in links if not (page.parent / link).exists()] == []
    planned = set(examples(str(page.relative_to(DOCS)))) if page.is_relative_to(DOCS) else set()
    named = set(SOURCE_FILE.findall(text)) - planned
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


class TestWorkedExamples:
    """What the pages "add a …" show is run."""

    def test_a_format(self, tmp_path: Path) -> None:
        example = run_example("add-a-format.md", "ingest/formats/markdown.py")
        file = tmp_path / "notes.md"
        file.write_text("# 南山記\n\n山在縣南。\n\n## 二\n\n有石<塔>。\n", "utf-8")
        assert example["FORMAT"].score(file.read_bytes(), "notes.md") > 0
        assert example["FORMAT"].score(b"\x89PNG\r\n\x1a\n", "notes.md") == 0
        source = example["open_source"](file, "notes.md", Limits())
        outline = source.outline()
        assert outline.suggestion == {"title": "南山記"}
        assert [section.title for section in outline.sections] == ["南山記", "二"]
        assert source.text(0).layer.text.splitlines() == ["南山記", "山在縣南。", "二", "有石<塔>。"]
        assert source.package(tmp_path / "package.zip")

    def test_a_store(self, tmp_path: Path) -> None:
        example = run_example("add-a-store.md", "storage/mirrored.py")
        values = {"root": str(tmp_path / "one"), "mirror_root": str(tmp_path / "two"), "reserve_bytes": "0"}
        store = example["open_store"](StoreOptions(tmp_path, values))
        store.check()
        kept = store.put(blob_key, io.BytesIO("山".encode()))
        for path in tmp_path.glob(f"*/{kept.key}"):
            assert path.read_text("utf-8") == "山"
        (tmp_path / "one" / kept.key).unlink()
        with store.open(kept.key) as stream:
            assert stream.read() == "山".encode()
        store.delete(kept.key)
        with pytest.raises(ObjectMissing):
            store.stat(kept.key)

    def test_a_search_engine(self, tmp_path: Path) -> None:
        index = run_example("add-a-search-engine.md", "repo/search/scan.py")["open_index"](tmp_path / "index")
        with index.write() as writer:
            for item, access in (("a", "open"), ("b", "staff")):
                pages = [PageText(7, 1, "白日依山盡，黃"), PageText(8, 2, "河入海流")]
                writer.replace(ItemDocument(item, "登鸛雀樓", ("王之涣",), ("all",), access, "book", pages))
        for query, expected in (("黄河", (7,)), ("流", (8,)), ("依山 盡", (7,)), ("杜甫", None), ("王之渙", ())):
            results = index.search(query, Filters())
            assert [hit.pages for hit in results.hits] == ([] if expected is None else [expected])
        with index.write() as writer:
            writer.remove("a")
        assert (index.count(), list(index.items())) == ((1, 2), ["b"])

    def test_an_executor(self) -> None:
        settings = Settings(workers=1, page_memory_mb=2048)
        example = run_example("add-an-executor.md", "ingest/executors/fresh.py")
        pool = example["open_pool"](settings, PoolPlan.for_pages(settings))
        try:
            assert pool.submit(len, "ab").result() == 2
            with pytest.raises(pool.lost):
                pool.submit(_die, 1).result()
            pool.renew()
            assert pool.submit(len, "abc").result() == 3
        finally:
            pool.close()


def _die(status: int) -> None:
    """A page that ends its process."""
    import os

    os._exit(status)
