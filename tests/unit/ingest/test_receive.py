"""At the door: which files make which item, and that every file given stands in exactly one place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import given
import pytest

from wenyuan.ingest.delivery import Candidate, Received
from wenyuan.ingest.receive import receive

HOCR = "<!DOCTYPE html><html><body><div class='ocr_page' title='bbox 0 0 60 80'></div></body></html>"
ALTO = '<?xml version="1.0"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"/>'


def touch(path: Path, text: str | bytes = "正文。") -> Path:
    """A small file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def page(path: Path) -> Path:
    """The smallest page picture."""
    return given.picture(path, size=(8, 8))


def made(received: Received) -> dict[str, list[str]]:
    """Names of the files of each candidate by title."""
    return {one.title: [Path(file.name).name for file in one.files] for one in received.candidates}


def refusals(received: Received) -> dict[str, str]:
    """Error codes by file name."""
    return {one.name: one.error.code for one in received.refused}


def files_below(folder: Path) -> int:
    """Everything that is not a folder."""
    return sum(len(names) for _, _, names in os.walk(folder))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A folder handed in."""
    folder = tmp_path / "南山縣志"
    folder.mkdir()
    return folder


def test_pictures_of_a_folder_are_one_item_in_natural_order(book: Path) -> None:
    for name in ("10.png", "2.png", "1.png", "封面.png", "2 (1).png"):
        page(book / name)

    assert made(receive([book])) == {"南山縣志": ["1.png", "2.png", "2 (1).png", "10.png", "封面.png"]}


def test_other_files_are_items_of_their_own_beside_the_pictures(book: Path) -> None:
    page(book / "1.png")
    given.pdf(book / "索引.pdf", ["甲"])
    touch(book / "跋.txt")

    assert made(receive([book])) == {"南山縣志": ["1.png"], "索引": ["索引.pdf"], "跋": ["跋.txt"]}


def test_each_folder_of_pictures_is_an_item(book: Path) -> None:
    page(book / "卷2" / "1.png")
    page(book / "卷10" / "1.png")

    assert list(made(receive([book]))) == ["卷2", "卷10"]


def test_metadata_json_describes_the_folders_pictures(book: Path) -> None:
    page(book / "1.png")
    given.write_json(book / "metadata.json", {"title": "南山縣志", "date": "乾隆三十年"})

    received = receive([book])

    (one,) = received.candidates
    assert one.told.fields == {"title": "南山縣志", "date": "乾隆三十年"}
    assert received.metadata == ("南山縣志/metadata.json",)


def test_name_json_describes_the_file_of_that_name(book: Path) -> None:
    given.pdf(book / "甲.pdf", ["甲"])
    given.pdf(book / "乙.pdf", ["乙"])
    given.write_json(book / "乙.json", {"title": "乙集"})

    assert {one.title: one.told.fields for one in receive([book]).candidates} == {"甲": {}, "乙": {"title": "乙集"}}


def test_a_picture_with_a_json_of_its_own_is_an_item_of_its_own(book: Path) -> None:
    for name in ("1", "2", "老街"):
        page(book / f"{name}.png")
    given.write_json(book / "老街.json", {"title": "老街舊影", "kind": "photograph"})

    received = receive([book])

    assert made(received) == {"南山縣志": ["1.png", "2.png"], "老街": ["老街.png"]}
    assert received.candidates[1].told.fields["title"] == "老街舊影"


def test_a_list_of_boxes_beside_a_page_is_no_description(book: Path) -> None:
    page(book / "1.png")
    touch(book / "1.json", '[["字", 1, 2, 3, 4]]')

    received = receive([book])

    assert made(received) == {"南山縣志": ["1.png"]}
    assert refusals(received) == {"南山縣志/1.json": "unsupported-format"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_metadata_csv_describes_files_by_name_in_chinese_or_english(book: Path, encoding: str) -> None:
    page(book / "a.png")
    page(book / "b.png")
    page(book / "c.png")
    rows = "文件,题名,责任者,主题\na.png,老街,清/王崇熙/攝|佚名,街道|骑楼\nb.png,海港,,\n"
    (book / "metadata.csv").write_bytes(rows.encode(encoding))

    received = receive([book])

    assert made(received) == {"南山縣志": ["c.png"], "a": ["a.png"], "b": ["b.png"]}
    assert received.candidates[1].told.fields == {
        "title": "老街",
        "agents": [{"name": "王崇熙", "dynasty": "清", "role": "攝"}, {"name": "佚名"}],
        "subjects": ["街道", "骑楼"],
    }


def test_collection_json_makes_its_folder_and_all_below_a_collection(book: Path) -> None:
    given.write_json(book / "collection.json", {"key": "local", "title": "地方文献"})
    given.write_json(book / "圖" / "collection.json", {"key": "maps", "title": {"en": "Maps"}, "position": 2})
    page(book / "圖" / "全圖" / "1.png")
    given.pdf(book / "目錄.pdf", ["甲"])

    received = receive([book], "above")

    assert [(one.key, one.parent) for one in received.collections] == [("local", "above"), ("maps", "local")]
    assert {one.title: one.collection for one in received.candidates} == {"目錄": "local", "全圖": "maps"}
    assert len(received.metadata) == 2


def test_what_no_collection_json_places_goes_where_the_caller_says(book: Path) -> None:
    given.pdf(book / "甲.pdf", ["甲"])

    assert [one.collection for one in receive([book], "gazetteers").candidates] == ["gazetteers"]
    assert [one.collection for one in receive([book]).candidates] == [None]


@pytest.mark.parametrize("ending", ["xml", "alto", "txt", "hocr", "html", "HTM"])
def test_alto_hocr_or_text_of_the_same_name_is_the_text_of_the_page(book: Path, ending: str) -> None:
    page(book / "1.png")
    touch(book / f"1.{ending}", {"xml": ALTO, "alto": ALTO, "txt": "天地玄黃"}.get(ending, HOCR))

    received = receive([book])

    (file,) = received.candidates[0].files
    assert file.text == str(book / f"1.{ending}")
    assert file.text_name == f"南山縣志/1.{ending}"
    assert received.given == 2


def test_a_web_page_beside_a_picture_is_not_its_text(book: Path) -> None:
    page(book / "1.png")
    touch(book / "1.html", "<!DOCTYPE html><p>天地玄黃")

    received = receive([book])

    assert made(received) == {"南山縣志": ["1.png"]}
    assert received.candidates[0].files[0].text is None
    assert refusals(received) == {"南山縣志/1.html": "unsupported-format"}
    assert refusals(receive([book / "1.png"])) == {}


def test_the_hocr_of_a_picture_handed_in_alone_comes_with_it(book: Path) -> None:
    page(book / "1.png")
    touch(book / "1.html", HOCR)

    assert receive([book / "1.png"]).candidates[0].files[0].text == str(book / "1.html")


def test_a_text_beside_two_pages_of_its_name_is_nobodys(book: Path) -> None:
    page(book / "1.png")
    page(book / "1.jpg")
    touch(book / "1.txt", "天地玄黃")

    received = receive([book])

    assert made(received) == {"南山縣志": ["1.jpg", "1.png"], "1": ["1.txt"]}
    assert all(file.text is None for one in received.candidates for file in one.files)


def test_a_text_beside_an_e_book_is_an_item_of_its_own(book: Path) -> None:
    given.epub(book / "桃花源記.epub", {"一": "晉太元中"})
    touch(book / "桃花源記.txt", "晉太元中")

    assert [file.name for one in receive([book]).candidates for file in one.files] == [
        "南山縣志/桃花源記.epub",
        "南山縣志/桃花源記.txt",
    ]


def test_an_xml_beside_nothing_is_refused(book: Path) -> None:
    page(book / "1.png")
    touch(book / "2.xml", ALTO)

    assert refusals(receive([book])) == {"南山縣志/2.xml": "unsupported-format"}


def test_tag_files_of_a_bag_are_passed_over_and_only_in_a_bag(tmp_path: Path) -> None:
    for name in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-md5.txt", "fetch.txt"):
        touch(tmp_path / "bag" / name)
    page(tmp_path / "bag" / "data" / "1.png")
    touch(tmp_path / "plain" / "manifest-of-goods.txt")

    bag, plain = receive([tmp_path / "bag"]), receive([tmp_path / "plain"])

    assert (made(bag), len(bag.ignored)) == ({"data": ["1.png"]}, 5)
    assert (list(made(plain)), plain.ignored) == (["manifest-of-goods"], ())


def test_what_operating_systems_leave_behind_is_passed_over(book: Path) -> None:
    page(book / "1.png")
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._1.png"):
        touch(book / name)
    touch(book / "__MACOSX" / "1.png")

    received = receive([book])

    assert made(received) == {"南山縣志": ["1.png"]}
    assert len(received.ignored) == 4
    assert received.refused == ()


def test_an_empty_folder_is_told_by_name(book: Path) -> None:
    (book / "卷三").mkdir()
    page(book / "1.png")

    assert refusals(receive([book])) == {"南山縣志/卷三": "empty-source"}


def test_links_to_files_are_followed_and_loops_are_not(book: Path) -> None:
    page(book.parent / "elsewhere.png")
    (book / "1.png").symlink_to(book.parent / "elsewhere.png")
    (book / "loop").symlink_to(book)
    (book / "self.png").symlink_to(book / "self.png")
    (book / "gone.png").symlink_to(book / "nothing")

    received = receive([book])

    assert made(received) == {"南山縣志": ["1.png"]}
    assert refusals(received) == {f"南山縣志/{name}": "unreadable-file" for name in ("loop", "self.png", "gone.png")}


def test_a_pipe_or_device_is_refused_and_nobody_waits_for_it(book: Path) -> None:
    page(book / "1.png")
    os.mkfifo(book / "2.png")
    os.mkfifo(book / "1.json")
    os.mkfifo(book / "metadata.json")

    received = receive([book])

    assert made(received) == {"南山縣志": ["1.png"]}
    assert set(refusals(received)) == {"南山縣志/2.png", "南山縣志/1.json", "南山縣志/metadata.json"}
    assert set(refusals(received).values()) == {"unreadable-file"}


def test_a_name_that_is_no_utf8_is_taken_and_shown_with_its_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "in" / os.fsdecode(b"\xbf\xff")
    try:
        folder.mkdir(parents=True)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    page(tmp_path / "plain.png").rename(folder / os.fsdecode(b"\xff1.png"))

    received = receive([tmp_path / "in", Path(os.fsdecode(b"/nothing/\xff"))])

    (one,) = received.candidates
    assert (one.title, one.files[0].name) == (r"\udcbf\udcff", r"in/\udcbf\udcff/\udcff1.png")
    assert Candidate.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert Path(one.files[0].path).exists()
    for name in (one.title, one.files[0].name, *(refused.name for refused in received.refused)):
        name.encode("utf-8")
    for refused in received.refused:
        json.dumps(refused.error.data, ensure_ascii=False).encode("utf-8")


def test_a_single_file_brings_its_description_and_its_text(book: Path) -> None:
    page(book / "1.png")
    page(book / "2.png")
    given.write_json(book / "1.json", {"title": "首葉"})
    touch(book / "1.txt", "天地玄黃")

    received = receive([book / "1.png"])

    (one,) = received.candidates
    assert [(file.name, file.text_name) for file in one.files] == [("1.png", "1.txt")]
    assert one.told.fields == {"title": "首葉"}
    assert received.given == 3


def test_a_single_picture_is_called_by_its_own_name(book: Path) -> None:
    assert list(made(receive([page(book / "老街.png")]))) == ["老街"]


def test_a_missing_path_is_told_and_the_others_are_taken(book: Path) -> None:
    page(book / "1.png")

    received = receive([book / "nothing", book])

    assert refusals(received) == {str(book / "nothing"): "unreadable-file"}
    assert made(received) == {"南山縣志": ["1.png"]}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything: the child below stands in for it")
def test_what_may_not_be_read_is_told(book: Path) -> None:
    page(book / "1.png")
    page(book / "2.png").chmod(0)
    (book / "closed").mkdir(mode=0)

    received = receive([book])

    assert refusals(received) == {"南山縣志/2.png": "unreadable-file", "南山縣志/closed": "unreadable-file"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop its privileges; others run the test above")
def test_what_may_not_be_read_is_told_to_an_ordinary_user(book: Path) -> None:
    page(book / "1.png")
    page(book / "2.png").chmod(0)
    (book / "closed").mkdir(mode=0)
    for folder in (book, *book.parents):
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        os.write(writing, json.dumps(refusals(receive([book]))).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as told:
        assert json.load(told) == {"南山縣志/2.png": "unreadable-file", "南山縣志/closed": "unreadable-file"}


def test_a_broken_description_keeps_what_it_describes_out_and_nothing_else(book: Path) -> None:
    page(book / "卷一" / "1.png")
    touch(book / "卷一" / "1.txt", "天地玄黃")
    touch(book / "卷一" / "metadata.json", '{"title": ')
    given.pdf(book / "甲.pdf", ["甲"])
    touch(book / "甲.json", '{"kind": "cookbook"}')
    page(book / "照片" / "海港.png")
    touch(book / "照片" / "海港.json", '{"access": "nobody"}')
    given.pdf(book / "乙.pdf", ["乙"])

    received = receive([book])

    assert made(received) == {"乙": ["乙.pdf"]}
    assert set(refusals(received)) == {
        "南山縣志/甲.json",
        "南山縣志/甲.pdf",
        "南山縣志/卷一/metadata.json",
        "南山縣志/卷一/1.png",
        "南山縣志/卷一/1.txt",
        "南山縣志/照片/海港.json",
        "南山縣志/照片/海港.png",
    }
    assert set(refusals(received).values()) <= {"invalid-metadata", "metadata-syntax"}
    assert received.given == files_below(book)


def test_a_broken_csv_keeps_out_what_it_may_describe(book: Path) -> None:
    # Which files it closes to readers cannot be known: none of them may become open by a typing error.
    touch(book / "metadata.csv", "文件,acess\n甲.pdf,staff\n")
    given.pdf(book / "甲.pdf", ["甲"])
    given.pdf(book / "乙.pdf", ["乙"])
    given.write_json(book / "乙.json", {"title": "乙集"})

    received = receive([book])

    assert made(received) == {"乙": ["乙.pdf"]}
    assert refusals(received) == {"南山縣志/metadata.csv": "invalid-metadata", "南山縣志/甲.pdf": "invalid-metadata"}


def test_a_file_named_as_another_format_is_taken_with_a_warning(book: Path) -> None:
    given.pdf(book / "甲.pdf", ["甲"]).rename(book / "甲.epub")

    received = receive([book])

    assert [(one.name, one.error.code) for one in received.warnings] == [("南山縣志/甲.epub", "mislabelled-source")]
    assert received.candidates[0].files[0].format == "pdf"
    assert received.given == 1


def test_every_file_given_stands_in_exactly_one_place(book: Path) -> None:
    given.scans(book / "卷一", 3)
    given.cbz(book / "畫冊.cbz", 2)
    touch(book / "empty.pdf", "")
    touch(book / "x.exe", b"MZ\x90")
    touch(book / ".DS_Store")
    touch(book / "卷一" / "9.xml", ALTO)
    given.write_json(book / "collection.json", {"key": "k", "title": "題"})
    (book / "gone.png").symlink_to(book / "nothing")

    received = receive([book])

    assert received.given == files_below(book)
    names = [
        *(name for one in received.candidates for file in one.files for name in (file.name, file.text_name) if name),
        *(one.name for one in received.refused),
        *received.metadata,
        *received.ignored,
    ]
    assert len(names) == len(set(names)) == received.given
