"""Pictures handed in: every kind comes out upright, sRGB, 8 bit and on white; broken ones are refused."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
import pyvips
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from wenyuan.ingest.formats import images
from wenyuan.ingest.formats.pixels import decoding, dimensions, from_memory
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import BadInput, DamagedSource, TooLarge

FILE = "掃描/第一葉"


def gradient(width: int = 90, height: int = 60) -> Image.Image:
    """Red grows to the right, green downwards; blue is constant."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, Image.new("L", (width, height), 40)))


def saved(picture: Image.Image, form: str, **options) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def by_vips(picture: pyvips.Image, ending: str, **options) -> bytes:
    return picture.write_to_buffer(ending, **options)


@pytest.fixture
def opened(tmp_path: Path):
    def open_bytes(data: bytes, limits: Limits = Limits()) -> images.Pictures:
        path = tmp_path / "picture"
        path.write_bytes(data)
        return images.open_source(path, FILE, limits)

    return open_bytes


def decoded(source: images.Pictures, index: int = 0) -> Image.Image:
    picture = source.picture(index, width=1600)
    assert (picture.format, picture.interpretation) in {("uchar", "srgb"), ("uchar", "b-w")}
    assert picture.bands in (1, 3)
    with decoding(FILE):
        data = picture.write_to_memory()
    page = source.outline().pages[index]
    assert (page.width, page.height) == (picture.width, picture.height)
    return Image.frombytes("RGB" if picture.bands == 3 else "L", (picture.width, picture.height), data)


def assert_alike(found: Image.Image, wanted: Image.Image, tolerance: int) -> None:
    assert found.size == wanted.size
    found, wanted = found.convert("RGB"), wanted.convert("RGB")
    for x in range(2, wanted.width - 2, 11):
        for y in range(2, wanted.height - 2, 11):
            pair = found.getpixel((x, y)), wanted.getpixel((x, y))
            assert max(abs(a - b) for a, b in zip(*pair, strict=True)) <= tolerance, (x, y, pair)


@pytest.mark.parametrize(
    ("form", "options", "tolerance"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}, 8),
        ("PNG", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "jpeg", "quality": 95}, 8),
        ("TIFF", {"big_tiff": True}, 0),
        ("JPEG2000", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("BMP", {}, 0),
    ],
)
def test_colours_come_out_as_they_went_in(opened, form: str, options: dict, tolerance: int) -> None:
    assert_alike(decoded(opened(saved(gradient(), form, **options))), gradient(), tolerance)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "GIF", "BMP"])
def test_palettes_are_resolved(opened, form: str) -> None:
    picture = gradient().quantize(32)
    assert_alike(decoded(opened(saved(picture, form))), picture.convert("RGB"), 1)


@pytest.mark.parametrize("compression", [None, "group4"])
def test_one_bit_tiffs_are_black_on_white(opened, compression: str | None) -> None:
    picture = gradient().convert("1")
    found = decoded(opened(saved(picture, "TIFF", compression=compression)))
    assert found.mode == "L"
    assert_alike(found, picture, 0)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "JPEG2000"])
def test_sixteen_bits_are_scaled_not_cut(opened, form: str) -> None:
    samples = b"".join(struct.pack("<H", x * 728) for _ in range(60) for x in range(90))
    found = decoded(opened(saved(Image.frombytes("I;16", (90, 60), samples), form)))
    assert [found.getpixel((x, 30)) for x in (0, 45, 89)] == pytest.approx([0, 128, 253], abs=1)


def test_sixteen_bit_colour_is_scaled(opened) -> None:
    flat = (
        pyvips.Image.black(20, 10, bands=3)
        .linear([1, 1, 1], [65_535, 32_768, 0])
        .cast("ushort")
        .copy(interpretation="rgb16")
    )
    assert decoded(opened(by_vips(flat, ".png"))).getpixel((5, 5)) == (255, 128, 0)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP", "JPEG2000"])
def test_transparent_parts_become_white(opened, form: str) -> None:
    picture = Image.new("RGBA", (40, 20), (200, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 20, 20))
    options = {"lossless": True} if form == "WEBP" else {}
    found = decoded(opened(saved(picture, form, **options)))
    assert found.getpixel((5, 5)) == (255, 255, 255)
    assert found.getpixel((30, 5)) == (200, 0, 0)


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_cmyk_becomes_srgb(opened, form: str) -> None:
    options = {"quality": 95} if form == "JPEG" else {}
    red, white = Image.new("CMYK", (32, 32), (0, 255, 255, 0)), Image.new("CMYK", (32, 32), (0, 0, 0, 0))
    r, g, b = decoded(opened(saved(red, form, **options))).getpixel((16, 16))
    assert r > 200
    assert max(g, b) < 60
    assert min(decoded(opened(saved(white, form, **options))).getpixel((16, 16))) > 250


def test_tiles_and_pyramids_are_one_page(opened) -> None:
    picture = from_memory(gradient(300, 200).tobytes(), 300, 200, 3)
    data = by_vips(picture, ".tif", tile=True, tile_width=64, tile_height=64, pyramid=True, bigtiff=True)
    source = opened(data)
    assert len(source.outline().pages) == 1
    assert_alike(decoded(source), gradient(300, 200), 1)


def test_each_page_of_a_tiff_has_its_own_size(opened) -> None:
    others = [gradient(50, 80), gradient(30, 30).convert("L")]
    source = opened(saved(gradient(), "TIFF", save_all=True, append_images=others))
    assert [(page.width, page.height) for page in source.outline().pages] == [(90, 60), (50, 80), (30, 30)]
    assert_alike(decoded(source, 1), gradient(50, 80), 0)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "turn"),
    [(3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_270), (8, Image.Transpose.ROTATE_90)],
)
def test_pictures_are_turned_upright(opened, form: str, orientation: int, turn: Image.Transpose) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    options = {"quality": 95, "subsampling": 0} if form == "JPEG" else {"lossless": True} if form == "WEBP" else {}
    found = decoded(opened(saved(gradient(), form, exif=exif.tobytes(), **options)))
    assert_alike(found, gradient().transpose(turn), 8)


def test_colours_of_another_profile_are_moved_to_srgb(opened) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert_alike(decoded(opened(saved(gradient(), "PNG", icc_profile=lab))), gradient(), 2)
    # An sRGB profile whose red and blue primaries are exchanged: pure red must come out blue.
    swapped = lab.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")
    swapped = swapped.replace(b"sRGB", b"xxxx")
    red = Image.new("RGB", (30, 30), (255, 0, 0))
    assert decoded(opened(saved(red, "TIFF", icc_profile=swapped))).getpixel((9, 9)) == pytest.approx(
        (0, 0, 255), abs=6
    )


def test_a_broken_profile_is_ignored(opened) -> None:
    assert_alike(decoded(opened(saved(gradient(), "PNG", icc_profile=b"no profile" * 20))), gradient(), 0)


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    header = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def test_a_bomb_is_refused_by_its_header(opened) -> None:
    with pytest.raises(TooLarge) as refusal:
        opened(png_header(60_000, 60_000))
    assert refusal.value.data == {
        "file": FILE, "found": 3600.0, "limit": 400.0, "unit": "megapixels", "setting": "WENYUAN_MAX_MEGAPIXELS",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "JPEG2000", "WEBP", "BMP", "GIF"])
def test_the_pixel_limit_holds_for_every_format(opened, form: str) -> None:
    with pytest.raises(TooLarge):
        opened(saved(gradient(), form), Limits(max_pixels=90 * 60 - 1))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "JPEG2000", "WEBP", "BMP", "GIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_cut_short_is_refused_not_shown_half_grey(opened, form: str, share: float) -> None:
    data = saved(gradient(400, 300), form)
    with pytest.raises(DamagedSource):
        decoded(opened(data[: int(len(data) * share)]))


def test_more_pages_than_the_limit_are_refused(opened) -> None:
    data = saved(gradient(), "TIFF", save_all=True, append_images=[gradient()] * 4)
    with pytest.raises(TooLarge) as refusal:
        opened(data, Limits(max_pages=3))
    assert refusal.value.data["unit"] == "pages"


def test_directories_that_form_a_loop_are_refused(opened) -> None:
    data = bytearray(saved(gradient(), "TIFF"))
    (start,) = struct.unpack_from("<L", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    struct.pack_into("<L", data, start + 2 + 12 * count, start)
    with pytest.raises(DamagedSource):
        opened(bytes(data))


def test_what_a_picture_says_of_itself_is_suggested(opened) -> None:
    xmp = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">
      <rdf:Description rdf:about="" photoshop:DateCreated="1936-05-01T00:00:00">
      <dc:title><rdf:Alt><rdf:li xml:lang="en">Gate</rdf:li>
      <rdf:li xml:lang="x-default">臺北城門</rdf:li></rdf:Alt></dc:title>
      <dc:creator><rdf:Seq><rdf:li>鄧南光</rdf:li><rdf:li>李鳴鵰</rdf:li></rdf:Seq></dc:creator>
      <dc:subject><rdf:Bag><rdf:li>城門</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"""
    assert opened(saved(gradient(), "JPEG", xmp=xmp.encode())).outline().suggestion == {
        "title": "臺北城門",
        "agents": [{"name": "鄧南光"}, {"name": "李鳴鵰"}],
        "subjects": ["城門"],
        "date": "1936-05-01",
    }


def test_exif_is_suggested_and_what_cameras_say_is_not(opened) -> None:
    exif = Image.Exif()
    exif[270], exif[315] = "City gate (north)", "Wang; Li"
    exif.get_ifd(0x8769)[36867] = "2019:05:04 10:00:00"
    found = opened(saved(gradient(), "JPEG", exif=exif)).outline().suggestion
    assert found == {
        "description": "City gate (north)", "agents": [{"name": "Wang"}, {"name": "Li"}], "date": "2019-05-04",
    }  # fmt: skip
    exif = Image.Exif()
    exif[270] = "OLYMPUS DIGITAL CAMERA"
    assert opened(saved(gradient(), "JPEG", exif=exif)).outline().suggestion == {}


def test_iptc_is_suggested_in_either_encoding(opened) -> None:
    def dataset(number: int, text: bytes) -> bytes:
        return struct.pack(">BBBH", 0x1C, 2, number, len(text)) + text

    block = dataset(5, "廣州街景".encode()) + dataset(80, "梅閣".encode("gb18030")) + dataset(55, b"18601231")
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">L", len(block)) + block + b"\0" * (len(block) % 2)
    segment = b"Photoshop 3.0\0" + resource
    data = saved(gradient(), "JPEG")
    data = data[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + data[2:]
    assert opened(data).outline().suggestion == {
        "title": "廣州街景", "agents": [{"name": "梅閣"}], "date": "1860-12-31",
    }  # fmt: skip


def test_pictures_bring_neither_text_nor_package_nor_labels(opened, tmp_path: Path) -> None:
    source = opened(saved(gradient(), "PNG"))
    assert source.text(0) is None
    assert source.package(tmp_path / "p.zip") is False
    assert source.outline().pages[0].label == ""
    source.close()


def test_dimensions_are_those_of_the_upright_picture() -> None:
    image = pyvips.Image.black(30, 20).copy()
    image.set_type(pyvips.GValue.gint_type, "orientation", 6)
    assert dimensions(image) == (20, 30)


def test_libvips_refuses_all_other_loaders(tmp_path: Path) -> None:
    path = tmp_path / "drawing.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    with pytest.raises(pyvips.Error):
        pyvips.Image.new_from_file(str(path))


SAMPLES = [
    saved(gradient(), "JPEG"), saved(gradient(), "PNG"), saved(gradient(), "TIFF", compression="tiff_lzw"),
    saved(gradient(), "WEBP"), saved(gradient(), "GIF"), saved(gradient(), "BMP"), saved(gradient(40, 30), "JPEG2000"),
]  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_changed_or_cut_bytes_are_read_or_refused_and_nothing_else_happens(tmp_path_factory, data) -> None:
    whole = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(12, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("images") / "x"
    path.write_bytes(bytes(whole[: data.draw(st.integers(12, len(whole)))]))
    refused = FILE
    try:
        source = images.open_source(path, FILE, Limits(max_pixels=1_000_000))
        for page in source.outline().pages:
            picture = source.picture(page.index, width=100)
            with decoding(FILE):
                picture.avg()
    except BadInput as refusal:
        refused = refusal.data["file"]
    assert refused == FILE
