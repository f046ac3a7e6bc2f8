"""PDFs laid out anew: the same pages and text, linearised, any page a few steps away, and nothing in them that acts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import given
import pikepdf
import pymupdf
import pytest
from pikepdf import Array, Dictionary, Name

from wenyuan.ingest.formats import pdf_linear
from wenyuan.repo.errors import BadInput, DamagedSource, EmptySource, EncryptedSource

TEXTS = ["序言：城市與書", "第二章 街道與河流", "第三章 圖書館"]
ACTING = ("/JavaScript", "/JS", "/OpenAction", "/AA", "/XFA", "/Launch", "/SubmitForm", "/ImportData", "/EmbeddedFiles")


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Three born-digital pages."""
    return given.pdf(tmp_path / "three.pdf", TEXTS)


def texts(path: Path) -> list[str]:
    """The text of all pages, by another reader than the one that wrote them."""
    with pymupdf.open(path) as document:
        return ["".join(page.get_text().split()) for page in document]


def linear(source: Path) -> Path:
    """The linearised file."""
    target = source.with_name(f"linear-{source.name}")
    pdf_linear.linearise(source, target, source.name)
    return target


def names_in(path: Path) -> set[str]:
    """All keys and names of all objects."""
    found: set[str] = set()

    def walk(value: Any, depth: int = 0) -> None:
        if isinstance(value, Name):
            found.add(str(value))
        elif isinstance(value, Array):
            for each in value:
                if not getattr(each, "is_indirect", False):
                    walk(each, depth + 1)
        elif isinstance(value, Dictionary | pikepdf.Stream):
            for key in value.keys():  # noqa: SIM118
                found.add(key)
                if not getattr(value[key], "is_indirect", False):
                    walk(value[key], depth + 1)

    with pikepdf.open(path) as pdf:
        for each in pdf.objects:
            walk(each)
    return found


def test_it_is_linearised_and_passes_the_check_with_the_same_text(three: Path) -> None:
    made = linear(three)
    with pikepdf.open(made) as pdf:
        assert pdf.is_linearized
        assert pdf.check_linearization()
        assert pdf.check_pdf_syntax() == []
    assert texts(made) == texts(three)
    assert pdf_linear.is_sound(made)
    assert not pdf_linear.is_sound(three)


def test_the_same_file_gives_the_same_bytes(three: Path) -> None:
    assert linear(three).read_bytes() == linear(three).read_bytes()


def test_any_page_is_a_few_steps_from_the_root_and_alone_in_its_node(tmp_path: Path) -> None:
    made = linear(given.pdf(tmp_path / "many.pdf", [f"第{number}葉" for number in range(1, 301)]))
    with pikepdf.open(made) as pdf:
        for page in pdf.pages:
            node, steps = page.obj.Parent, 1
            assert int(node.Count) == len(node.Kids) == 1
            while "/Parent" in node:
                node, steps = node.Parent, steps + 1
                assert len(node.Kids) <= pdf_linear.BRANCHES
            assert steps <= 4
        assert int(pdf.Root.Pages.Count) == 300
    assert texts(made)[299] == "第300葉"


def test_what_pages_inherit_stays_theirs(tmp_path: Path, three: Path) -> None:
    with pikepdf.open(three) as pdf:
        parent = pdf.Root.Pages
        parent.MediaBox, parent.Rotate = Array([0, 0, 400, 300]), 90
        for page in pdf.pages:
            del page.obj["/MediaBox"], page.obj["/Rotate"]
        source = tmp_path / "inherited.pdf"
        pdf.save(source)
    with pikepdf.open(linear(source)) as pdf:
        for page in pdf.pages:
            assert [int(each) for each in page.mediabox] == [0, 0, 400, 300]
            assert int(page.obj.Rotate) == 90


def armed(path: Path, three: Path) -> Path:
    """A PDF that acts by every door we know."""
    script = Dictionary(S=Name.JavaScript, JS=b"app.alert('open')")
    launch = Dictionary(S=Name.Launch, F=b"calc.exe", Win=Dictionary(F=b"calc.exe"))
    with pikepdf.open(three) as pdf:
        root = pdf.Root
        root.OpenAction = pdf.make_indirect(script)
        root.AA = Dictionary(WC=script)
        root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"), NeedAppearances=True, CO=Array([]))
        files = Array([b"x.exe", pdf.make_indirect(Dictionary(Type=Name.Filespec, F=b"x.exe"))])
        root.Names = Dictionary(
            JavaScript=Dictionary(Names=Array([b"one", pdf.make_indirect(script)])),
            EmbeddedFiles=Dictionary(Names=files),
        )
        page = pdf.pages[0].obj
        page.AA = Dictionary(O=script)
        box = Array([10, 10, 50, 50])
        actions = [
            script, launch, Dictionary(S=Name.URI, URI=b"https://example.org/", Next=script),
            Dictionary(S=Name.SubmitForm, F=b"https://example.org/"), Dictionary(S=Name.ImportData, F=b"x"),
            Dictionary(S=Name.URI, URI=b"https://example.org/kept"),
        ]  # fmt: skip
        page.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=box, A=action) for action in actions])
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, T=b"go", Rect=box, A=script, AA=Dictionary(U=launch)
        )
        page.Annots.append(pdf.make_indirect(field))
        pdf.save(path)
    return path


@pytest.mark.filterwarnings("ignore:This document has 1 form widget")
def test_nothing_in_it_acts_any_more_and_links_stay(tmp_path: Path, three: Path) -> None:
    source = armed(tmp_path / "armed.pdf", three)
    assert {"/JavaScript", "/Launch", "/XFA"} <= names_in(source)
    made = linear(source)
    assert names_in(made).isdisjoint(ACTING)
    with pikepdf.open(made) as pdf:
        kept = [annotation.A.URI for annotation in pdf.pages[0].obj.Annots if "/A" in annotation]
        assert [bytes(each) for each in kept] == [b"https://example.org/kept"]
    assert texts(made) == texts(three)
    assert b"calc.exe" not in made.read_bytes()


def test_what_only_the_owner_locked_is_opened_and_what_asks_readers_for_a_password_is_refused(
    tmp_path: Path, three: Path
) -> None:
    owned, locked = tmp_path / "owned.pdf", tmp_path / "locked.pdf"
    with pikepdf.open(three) as pdf:
        pdf.save(owned, encryption=pikepdf.Encryption(owner="館長", user=""))
        pdf.save(locked, encryption=pikepdf.Encryption(owner="館長", user="讀者"))
    made = linear(owned)
    with pikepdf.open(made) as pdf:
        assert not pdf.is_encrypted
    assert texts(made) == texts(three)
    with pytest.raises(EncryptedSource):
        linear(locked)


def test_a_broken_table_of_objects_is_repaired(tmp_path: Path, three: Path) -> None:
    source = tmp_path / "broken.pdf"
    source.write_bytes(three.read_bytes().replace(b"startxref", b"startxxxx"))
    assert texts(linear(source)) == texts(three)


def test_a_page_tree_that_runs_in_a_ring_ends(tmp_path: Path, three: Path) -> None:
    source = tmp_path / "ring.pdf"
    with pikepdf.open(three) as pdf:
        ring = pdf.make_indirect(Dictionary(Type=Name.Pages, Count=1, Kids=Array([])))
        ring.Kids.append(pdf.Root.Pages)
        pdf.Root.Pages.Kids.append(ring)
        pdf.save(source)
    with pytest.raises(DamagedSource) as refused:
        linear(source)
    assert refused.value.data["detail"].endswith("Loop detected in /Pages structure (getAllPages)")
    assert str(tmp_path) not in refused.value.data["detail"]


def test_without_pages_it_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "none.pdf"
    with pikepdf.new() as pdf:
        pdf.save(source)
    with pytest.raises(EmptySource):
        linear(source)


def test_rubbish_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "rubbish.pdf"
    source.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40)
    with pytest.raises(BadInput):
        linear(source)


@pytest.mark.parametrize(
    "name", ["chinese-tables.pdf", "link.pdf", "tagged.pdf", "toc.pdf", "multipage.pdf", "enormous.pdf", "cmyk.pdf"]
)
def test_real_files_keep_their_text(corpus: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    source.write_bytes(corpus(f"pdf/{name}").read_bytes())
    made = linear(source)
    assert pdf_linear.is_sound(made)
    assert texts(made) == texts(source)
