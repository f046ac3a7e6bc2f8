"""Reading what staff writes beside the files: `metadata.json`, `NAME.json`, `metadata.csv`, `collection.json`.

The result is a partial description in plain values; `describe` joins it with what the files say of themselves.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from wenyuan.repo.description import Description
from wenyuan.repo.errors import InvalidMetadata, MetadataSyntax, UnreadableFile
from wenyuan.repo.items import Collection
from wenyuan.repo.recognition_settings import Recognition

MAX_BYTES = 16 * 1024**2
MAX_DEPTH = 32
"""Levels of contents; far more than any book has."""
LANGUAGES = ("zh-Hans", "zh-Hant", "en")

_LISTS = frozenset({"title_variants", "subjects", "languages", "identifiers"})
_STRUCTURE = frozenset({"pages", "sections"})
_CREATOR = "creator"
_CHINESE_COLUMNS = {
    chinese: column
    for column, names in {
        "file": ("文件", "文件名", "檔名"),
        "title": ("题名", "題名"),
        "title_variants": ("其他题名", "其他題名"),
        "kind": ("类型", "類型"),
        "creator": ("责任者", "責任者"),
        "edition": ("版本",),
        "date": ("日期", "年代"),
        "place": ("地点", "地點"),
        "publisher": ("出版者",),
        "classification": ("分类号", "分類號"),
        "subjects": ("主题", "主題"),
        "languages": ("语种", "語種"),
        "call_number": ("索书号", "索書號"),
        "holder": ("馆藏", "館藏"),
        "rights": ("权利", "權利"),
        "description": ("说明", "說明"),
        "series": ("丛编", "叢編"),
        "volume": ("卷期",),
    }.items()
    for chinese in names
}


@dataclass(frozen=True, slots=True)
class Told:
    """What staff says of one item, in plain JSON values."""

    fields: dict[str, Any] = field(default_factory=dict)
    """By field names of `Description`."""
    labels: dict[str, str] = field(default_factory=dict)
    """Page labels by file name."""
    sections: list[dict[str, Any]] = field(default_factory=list)
    """`{"title", "page" (1-based), "children"}`"""
    source: str = ""
    """Path of the file that says so; empty for a row of a table."""


def read_json(path: Path, name: str) -> Told:
    """A `metadata.json`, or the JSON beside a file.

    Raises:
        InvalidMetadata: not JSON, unknown field, or a value that cannot be used; names field and problem.
        UnreadableFile: the operating system refuses.
    """
    document = _load_json(path, name)
    fields = {key: value for key, value in document.items() if key not in _STRUCTURE}
    labels = document.get("pages", [])
    sections = document.get("sections", [])
    if not isinstance(labels, list) or not all(isinstance(page, dict) and "file" in page for page in labels):
        raise InvalidMetadata(file=name, field="pages", problem='[{"file": "001.jpg", "label": "…"}]')
    _check_sections(sections, name)
    _check_fields(fields, name)
    return Told(fields, {str(page["file"]): str(page.get("label", "")) for page in labels}, sections, _told_path(path))


def _told_path(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode()


def is_object(path: Path) -> bool:
    """Whether a JSON beside a file begins like a description; a list of boxes, say, is somebody else's."""
    try:
        with path.open("rb") as file:
            return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    except OSError:
        return False


def read_csv(path: Path, name: str) -> dict[str, Told]:
    """A `metadata.csv`: one row an item, by the name in its column `file`.

    Columns are named as the fields of `Description`, or in Chinese; many values in one cell are parted by `|`, a
    creator is `朝代/姓名/责任方式` or a name alone. UTF-8 or GB18030.

    Raises:
        InvalidMetadata: no such column, or a value that cannot be used; names row, field and problem.
        UnreadableFile: the operating system refuses.
    """
    text = _text(_read(path, name), name)
    try:
        return _told_by_rows(csv.DictReader(io.StringIO(text)), name)
    except csv.Error as error:
        raise InvalidMetadata(file=name, field="", problem=str(error)) from error


def _told_by_rows(rows: csv.DictReader[str], name: str) -> dict[str, Told]:
    columns = [_column(column) for column in rows.fieldnames or []]
    if "file" not in columns:
        raise InvalidMetadata(file=name, field="file", problem="file | 文件")
    unknown = [column for column in columns if column not in {*Description.model_fields, "file", _CREATOR}]
    if unknown:
        raise InvalidMetadata(
            file=name, field=unknown[0], problem=", ".join(["file", "creator", *Description.model_fields])
        )
    told: dict[str, Told] = {}
    for number, row in enumerate(rows, start=2):
        cells = {_column(column): (cell or "").strip() for column, cell in row.items() if column}
        file = cells.pop("file", "")
        fields = {key: _cell(key, cell) for key, cell in cells.items() if cell and key != _CREATOR}
        if cells.get(_CREATOR):
            fields["agents"] = [_creator(part) for part in cells[_CREATOR].split("|")]
        if file:
            _check_fields(fields, f"{name}:{number}")
            told[file] = Told(fields)
    return told


def read_collection(path: Path, name: str, parent: str | None) -> Collection:
    """A `collection.json`.

    Raises:
        InvalidMetadata: names field and problem.
        UnreadableFile: the operating system refuses.
    """
    document = _load_json(path, name)
    key = document.get("key")
    if not isinstance(key, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", key):
        raise InvalidMetadata(file=name, field="key", problem="a-z 0-9 -")
    titles = _by_language(document.get("title"), name, "title")
    if not titles:
        raise InvalidMetadata(file=name, field="title", problem='{"zh-Hans": "…"}')
    position = document.get("position", 0)
    if not isinstance(position, int):
        raise InvalidMetadata(file=name, field="position", problem="0, 1, 2, …")
    descriptions = _by_language(document.get("description"), name, "description")
    return Collection(key, titles, descriptions, parent, position, _recognition(document.get("recognition"), name))


def _recognition(value: Any, name: str) -> Recognition | None:
    """How the collection's pages are to be read, as `Description.recognition` has it for an item."""
    _check_fields({"recognition": value}, name)
    return Recognition.model_validate(value) if value else None


def describe(told: dict[str, Any], suggested: list[dict[str, Any]], fallback_title: str, name: str) -> Description:
    """Join what staff says with what the files suggest; staff wins, then the first file.

    Raises:
        InvalidMetadata: the result cannot be used.
    """
    fields: dict[str, Any] = {"title": fallback_title}
    for source in (*reversed(suggested), told):
        fields |= {key: value for key, value in source.items() if value not in ("", [], None)}
    try:
        return Description.model_validate(fields)
    except ValidationError as error:
        raise _invalid(error, name) from error


def _load_json(path: Path, name: str) -> dict[str, Any]:
    try:
        document = json.loads(_text(_read(path, name), name))
    except json.JSONDecodeError as error:
        raise MetadataSyntax(file=name, line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise InvalidMetadata(file=name, field="", problem="nesting") from error
    except ValueError as error:  # a number of thousands of digits
        raise InvalidMetadata(file=name, field="", problem=str(error)[:200]) from error
    if not isinstance(document, dict):
        raise InvalidMetadata(file=name, field="", problem='{"title": "…"}')
    if not _can_be_kept(document):
        raise InvalidMetadata(file=name, field="", problem="U+0000, U+D800 … U+DFFF")
    return document


def _can_be_kept(document: dict[str, Any]) -> bool:
    """No lone surrogates and no NUL, which databases refuse."""
    try:
        return b"\\u0000" not in json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False


def _read(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidMetadata(file=name, field="", problem=f"> {MAX_BYTES // 1024**2} MB")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(file=name, detail=str(error.strerror)) from error


def _text(data: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        if b"\0" in data:
            break
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidMetadata(file=name, field="", problem="UTF-8, GB18030")


def _check_fields(fields: dict[str, Any], name: str) -> None:
    try:
        Description.model_validate({"title": "-", **fields})
    except ValidationError as error:
        raise _invalid(error, name) from error


def _check_sections(sections: Any, name: str, depth: int = 1) -> None:
    good = isinstance(sections, list) and all(
        isinstance(one, dict) and isinstance(one.get("title"), str) and isinstance(one.get("page"), int)
        for one in sections
    )
    if not good:
        raise InvalidMetadata(file=name, field="sections", problem='[{"title": "…", "page": 1}]')
    if depth > MAX_DEPTH:
        raise InvalidMetadata(file=name, field="sections", problem=f"children: > {MAX_DEPTH}")
    for one in sections:
        _check_sections(one.get("children", []), name, depth + 1)


_EXPECTED = {
    "string_type": '"…"',
    "string_too_short": '"…"',
    "tuple_type": '["…", "…"]',
    "model_type": '{"name": "…", "dynasty": "…", "role": "…"}',
    "model_attributes_type": '{"name": "…", "dynasty": "…", "role": "…"}',
    "missing": '"…"',
}
"""What pydantic's error types ask for, as it is written in the file: the same in every language."""
_RECOGNITION = '{"engine": "…", "languages": ["…"], "writing": "…"}'


def _invalid(error: ValidationError, name: str) -> InvalidMetadata:
    first = error.errors()[0]
    kind, context = first["type"], first.get("ctx", {})
    if kind == "extra_forbidden" and first["loc"][0] == "recognition":
        expected = " | ".join(Recognition.model_fields)
    elif kind == "extra_forbidden":
        expected = " | ".join((*Description.model_fields, *sorted(_STRUCTURE)))
    elif "expected" in context:
        expected = str(context["expected"]).replace(" or ", " | ").replace(", ", " | ")
    elif "max_length" in context:
        expected = f"≤ {context['max_length']}"
    else:
        expected = _RECOGNITION if first["loc"] == ("recognition",) else _EXPECTED.get(kind, first["msg"])
    return InvalidMetadata(file=name, field=".".join(str(part) for part in first["loc"]), problem=expected)


def _by_language(value: Any, name: str, where: str) -> dict[str, str]:
    if value is None:
        return {}
    if isinstance(value, str):
        return {"zh-Hans": value} if value.strip() else {}
    if isinstance(value, dict) and all(key in LANGUAGES and isinstance(text, str) for key, text in value.items()):
        return dict(value)
    raise InvalidMetadata(file=name, field=where, problem='{"zh-Hans": "…", "zh-Hant": "…", "en": "…"}')


def _column(column: str | None) -> str:
    plain = (column or "").strip()
    return _CHINESE_COLUMNS.get(plain, plain.lower().replace(" ", "_"))


def _cell(key: str, cell: str) -> Any:
    return [part.strip() for part in cell.split("|") if part.strip()] if key in _LISTS else cell


def _creator(text: str) -> dict[str, str]:
    parts = [part.strip() for part in text.split("/")]
    if len(parts) == 1:
        return {"name": parts[0]}
    dynasty, name, role = [*parts, "", ""][:3]
    return {"name": name, "dynasty": dynasty, "role": role}
