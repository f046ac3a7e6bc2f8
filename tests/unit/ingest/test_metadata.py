"""What staff writes beside the files: read leniently in form, strictly in meaning, refused with field and problem."""

from __future__ import annotations

from pathlib import Path

import given
import pytest

from wenyuan.ingest import metadata
from wenyuan.ingest.metadata import MAX_BYTES
from wenyuan.repo.description import usable
from wenyuan.repo.errors import InvalidMetadata, MetadataSyntax, UnreadableFile


def written(tmp_path: Path, text: str | bytes, name: str = "metadata.json") -> Path:
    """A metadata file."""
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused_json(tmp_path: Path, text: str | bytes) -> dict[str, str]:
    """Field and problem of the refusal."""
    with pytest.raises(InvalidMetadata) as caught:
        metadata.read_json(written(tmp_path, text), "書/metadata.json")
    assert caught.value.data.pop("file") == "書/metadata.json"
    return caught.value.data


def test_fields_labels_and_contents_are_told_apart(tmp_path: Path) -> None:
    told = metadata.read_json(
        given.write_json(
            tmp_path / "m.json",
            {
                "title": "縣志",
                "pages": [{"file": "1.png", "label": "卷一 葉一"}],
                "sections": [{"title": "卷一", "page": 1, "children": [{"title": "輿圖", "page": 2}]}],
            },
        ),
        "m.json",
    )

    assert told.fields == {"title": "縣志"}
    assert told.labels == {"1.png": "卷一 葉一"}
    assert told.sections[0]["children"][0]["title"] == "輿圖"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_json_may_be_in_utf8_or_gb18030(tmp_path: Path, encoding: str) -> None:
    told = metadata.read_json(written(tmp_path, '{"title": "縣志"}'.encode(encoding)), "m.json")

    assert told.fields == {"title": "縣志"}


def test_a_slip_of_the_pen_is_shown_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(MetadataSyntax) as caught:
        metadata.read_json(written(tmp_path, '{"title": "縣志",}'.encode()), "m.json")

    assert (caught.value.data["line"], caught.value.data["column"]) == (1, 16)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('["縣志"]', ""),
        ("[" * 100_000, ""),
        ('{"titel": "縣志"}', "titel"),
        ('{"kind": "cookbook"}', "kind"),
        ('{"agents": [{"nam": "孟浩然"}]}', "agents.0.name"),
        ('{"access": "everybody"}', "access"),
        ('{"title": ""}', "title"),
        ('{"title": ' + "9" * 5000 + "}", ""),
        ('{"sections": [{"title": "卷一"}]}', "sections"),
        ('{"sections": {"卷一": 1}}', "sections"),
        ('{"sections": [{"title": "卷一", "page": 1, "children": [{"page": 2}]}]}', "sections"),
        ('{"sections": ' + '[{"title": "深", "page": 1, "children": ' * 600 + "[]" + "}]" * 600 + "}", ""),
        ('{"sections": ' + '[{"title": "深", "page": 1, "children": ' * 40 + "[]" + "}]" * 40 + "}", "sections"),
        ('{"pages": ["1.png"]}', "pages"),
        (b"\xff\xfe\xff\xff", ""),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_field(tmp_path: Path, text: str | bytes, field: str) -> None:
    told = refused_json(tmp_path, text)

    assert told["field"] == field
    assert told["problem"]


@pytest.mark.parametrize(
    "text",
    [
        r'{"title": "春\u0000曉"}',
        r'{"title": "春\ud800曉"}',
        r'{"sections": [{"title": "卷\ud800", "page": 1}]}',
        r'{"pages": [{"file": "1.png", "label": "\u0000"}]}',
    ],
)
def test_characters_that_no_database_keeps_are_refused(tmp_path: Path, text: str) -> None:
    assert refused_json(tmp_path, text)["problem"]


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    with pytest.raises(InvalidMetadata) as caught:
        metadata.read_json(path, "m.json")

    assert caught.value.data["problem"] == "> 16 MB"


def test_a_file_that_went_away_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        metadata.read_json(tmp_path / "m.json", "m.json")


def test_columns_may_stand_in_any_order_and_unnamed_rows_are_passed_over(tmp_path: Path) -> None:
    text = "题名,语种,文件\n老街,zh-Hans | en,a.jpg\n無名,,\n短行\n"

    told = metadata.read_csv(written(tmp_path, text, "metadata.csv"), "metadata.csv")

    assert {name: one.fields for name, one in told.items()} == {
        "a.jpg": {"title": "老街", "languages": ["zh-Hans", "en"]}
    }


@pytest.mark.parametrize(
    ("text", "file", "field"),
    [
        ("题名\n老街\n", "metadata.csv", "file"),
        ("", "metadata.csv", "file"),
        ("file,价格\na.jpg,3\n", "metadata.csv", "价格"),
        ("file,kind\na.jpg,photograph\nb.jpg,cookbook\n", "metadata.csv:3", "kind"),
        ('file,title\na.jpg,"' + "長" * 200_000 + '"\n', "metadata.csv", ""),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_row_and_column(
    tmp_path: Path, text: str, file: str, field: str
) -> None:
    with pytest.raises(InvalidMetadata) as caught:
        metadata.read_csv(written(tmp_path, text, "metadata.csv"), "metadata.csv")

    assert (caught.value.data["file"], caught.value.data["field"]) == (file, field)


def test_a_collection_has_key_titles_and_a_place(tmp_path: Path) -> None:
    document = {"key": "maps", "title": {"zh-Hant": "輿圖", "en": "Maps"}, "description": "圖", "position": 3}

    found = metadata.read_collection(given.write_json(tmp_path / "collection.json", document), "c", "local")

    assert (found.key, found.titles, found.descriptions) == ("maps", document["title"], {"zh-Hans": "圖"})
    assert (found.parent, found.position) == ("local", 3)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"title": "圖"}, "key"),
        ({"key": "輿圖", "title": "圖"}, "key"),
        ({"key": "../maps", "title": "圖"}, "key"),
        ({"key": "maps"}, "title"),
        ({"key": "maps", "title": ""}, "title"),
        ({"key": "maps", "title": {"fr": "Cartes"}}, "title"),
        ({"key": "maps", "title": "圖", "position": "first"}, "position"),
    ],
)
def test_a_collection_that_cannot_be_used_is_refused_with_its_field(
    tmp_path: Path, document: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidMetadata) as caught:
        metadata.read_collection(given.write_json(tmp_path / "collection.json", document), "c", None)

    assert caught.value.data["field"] == field


def test_staff_wins_over_the_files_and_the_first_file_over_the_second() -> None:
    suggested = [{"title": "甲", "publisher": "書局"}, {"title": "乙", "place": "廣州"}]

    joined = metadata.describe({"title": "丙", "publisher": ""}, suggested, "檔名", "檔名")

    assert (joined.title, joined.publisher, joined.place) == ("丙", "書局", "廣州")


def test_the_name_of_the_file_is_the_title_where_nobody_says_another() -> None:
    assert metadata.describe({}, [{}], "檔名", "檔名").title == "檔名"


def test_what_a_file_says_badly_of_itself_is_left_out_and_the_rest_kept() -> None:
    assert usable({"title": "甲", "kind": "cookbook", "nonsense": 1, "date": "1936"}) == {
        "title": "甲",
        "date": "1936",
    }


def test_a_nul_that_a_file_says_of_itself_is_left_out() -> None:
    assert metadata.describe({}, [usable({"title": "春曉\0", "publisher": "書\0局"})], "檔名", "檔名").title == "春曉"


def test_a_table_in_utf16_is_told_what_to_save_it_as(tmp_path: Path) -> None:
    with pytest.raises(InvalidMetadata) as caught:
        metadata.read_csv(written(tmp_path, "file,title\na.jpg,老街\n".encode("utf-16"), "metadata.csv"), "m.csv")

    assert caught.value.data["problem"] == "UTF-8, GB18030"
