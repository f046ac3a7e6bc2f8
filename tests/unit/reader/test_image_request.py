"""Addresses of the IIIF Image API 3.0 and 2.1: what they ask for, and how they are refused."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.reader.iiif import info
from wenyuan.reader.iiif.image_request import Image, ImageRequest, Limits, parse
from wenyuan.repo.errors import EnlargedUnasked, InvalidImageRequest, PictureTooLarge, RegionOutside
from wenyuan.repo.page_images import PageImage

PAGE = Image(300, 200)
"""The size of the examples in both specifications."""
LIMITS = Limits(area=1_000_000, side=2_000)


def asked(version: str, address: str, image: Image = PAGE, limits: Limits = LIMITS) -> ImageRequest:
    region, size, rotation, name = address.split("/")
    return parse(version, image, limits, (region, size, rotation, name))


def region(text: str, image: Image = PAGE) -> tuple[int, int, int, int]:
    return asked("3", f"{text}/max/0/default.jpg", image).region


def size(version: str, text: str, of: str = "full", image: Image = PAGE) -> tuple[int, int]:
    return asked(version, f"{of}/{text}/0/default.jpg", image).size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("full", (0, 0, 300, 200)),
        ("square", (50, 0, 200, 200)),
        ("125,15,120,140", (125, 15, 120, 140)),
        ("pct:41.6,7.5,40,70", (125, 15, 120, 140)),
        ("125,15,200,200", (125, 15, 175, 185)),
        ("pct:41.6,7.5,66.6,100", (125, 15, 175, 185)),
        ("pct:.5,5.,50.00,050", (2, 10, 150, 100)),
        ("0,0,9999999999,9999999999", (0, 0, 300, 200)),
    ],
)
def test_regions_of_the_specification(text: str, expected: tuple[int, ...]) -> None:
    assert region(text) == expected


NO_REGIONS = (
    "|all|0,0,10|0,0,10,10,|-1,0,10,10|0,0,0,10|0,0,10,0|1.5,0,10,10|+1,0,10,10|pct:0,0,0,9|pct:1e1,0,9,9|pct:"
    "|pct:.,0,9,9|pct:nan,0,9,9|٣,0,9,9|0,0,10,10 |0,0,10,10\n|00000000000,0,9,9"
)


@pytest.mark.parametrize("text", NO_REGIONS.split("|"))
def test_a_region_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidImageRequest) as refused:
        region(text)
    assert refused.value.data["parameter"] == "region"
    assert refused.value.status == 400


@pytest.mark.parametrize("text", ["300,0,10,10", "0,200,10,10", "pct:100,0,10,10", "9999999999,0,1,1"])
def test_a_region_beside_the_image_is_refused(text: str) -> None:
    with pytest.raises(RegionOutside):
        region(text)


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max", (300, 200)),
        ("150,", (150, 100)),
        (",150", (225, 150)),
        ("pct:50", (150, 100)),
        ("225,100", (225, 100)),
        ("!225,100", (150, 100)),
        ("!300,100", (150, 100)),
        ("!300,9999", (300, 200)),
    ],
)
def test_sizes_of_the_specification(version: str, text: str, expected: tuple[int, int]) -> None:
    assert size(version, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^max", (1224, 816)),
        ("^360,", (360, 240)),
        ("^,240", (360, 240)),
        ("^pct:120", (360, 240)),
        ("^360,360", (360, 360)),
        ("^!360,360", (360, 240)),
        ("^!225,100", (150, 100)),
        ("^150,", (150, 100)),
    ],
)
def test_a_caret_allows_enlarging(text: str, expected: tuple[int, int]) -> None:
    found = asked("3", f"full/{text}/0/default.jpg")
    assert found.size == expected
    assert found.upscaled == (expected[0] > 300 or expected[1] > 200)


@pytest.mark.parametrize("text", ["301,", ",201", "pct:101", "301,10", "10,201", "!301,201"])
def test_without_a_caret_version_3_enlarges_nothing(text: str) -> None:
    with pytest.raises(EnlargedUnasked):
        size("3", text)


def test_version_2_enlarges_without_a_caret_but_not_into_a_box() -> None:
    assert size("2", "360,") == (360, 240)
    assert size("2", "pct:120") == (360, 240)
    assert size("2", "!900,900") == (300, 200)


NO_SIZES = (
    "|,|0,|,0|0,10|10,0|!,10|!10,|!0,10|pct:0|pct:|pct:-5|10|10,10,10|native|1.5,|^|^,|!!10,10|!^10,10|^full|10,10\n"
    "|pct:1e3"
)


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize("text", NO_SIZES.split("|"))
def test_a_size_that_is_none_is_refused(version: str, text: str) -> None:
    with pytest.raises(InvalidImageRequest) as refused:
        size(version, text)
    assert refused.value.status == 400


def test_each_version_has_words_of_its_own_for_the_largest_size() -> None:
    assert size("2", "full") == (300, 200)
    for version, text in (("3", "full"), ("2", "^max"), ("2", "^10,")):
        with pytest.raises(InvalidImageRequest):
            size(version, text)


def test_a_picture_of_no_pixels_is_refused() -> None:
    for text in ("0,", ",0", "0,0", "pct:0", "0,10"):
        with pytest.raises(InvalidImageRequest):
            size("3", text, image=Image(1000, 100))
    assert size("3", "!1,1", image=Image(1000, 100)) == (1, 1)


def test_a_side_that_follows_from_the_other_has_a_pixel_at_least() -> None:
    for version in ("2", "3"):
        assert size(version, "1,", image=Image(1000, 100)) == (1, 1)
        assert size(version, ",1", image=Image(100, 1000)) == (1, 1)


def test_the_largest_size_stays_within_the_limits() -> None:
    large = Image(4000, 3000)
    for version, text in (("3", "max"), ("3", "^max"), ("2", "full"), ("2", "max")):
        width, height = size(version, text, image=large)
        assert width * height <= LIMITS.area
        assert width == pytest.approx(1154, abs=1)
        assert height == pytest.approx(866, abs=1)
    assert size("3", "max", image=Image(100_000, 10)) == (2000, 1), "its longer side is limited, too"
    assert size("3", "!4000,4000", image=large) == size("3", "max", image=large)


@pytest.mark.parametrize("text", ["1100,1100", "1500,", "2001,1", "pct:50"])
def test_more_than_the_limits_is_refused(text: str) -> None:
    with pytest.raises(PictureTooLarge):
        size("3", text, image=Image(4000, 3000))


def test_a_size_that_is_made_already_may_pass_the_limits_as_it_is_and_in_no_other_way() -> None:
    tall = Image(1600, 9000, made=[(1600, 9000)])
    limits = Limits(area=1_000_000)
    assert asked("3", "full/1600,9000/0/default.jpg", tall, limits).size == (1600, 9000)
    for other in (
        "full/1600,9000/0/default.png",
        "full/1600,9000/90/default.jpg",
        "0,0,1600,8999/1600,8999/0/gray.jpg",
    ):
        with pytest.raises(PictureTooLarge):
            asked("3", other, tall, limits)


@pytest.mark.parametrize("name", ["default.jpg", "default.webp"])
def test_a_picture_that_grows_by_turning_is_limited_too(name: str) -> None:
    strip = Image(60_000, 10)
    limits = Limits(area=20_000_000)
    if name.endswith("jpg"):
        assert asked("3", f"full/max/0/{name}", strip, limits).size == (60_000, 10)
    for rotation in ("45", "10"):
        with pytest.raises(PictureTooLarge):
            asked("3", f"full/max/{rotation}/{name}", strip, limits)
    with pytest.raises(PictureTooLarge):
        asked("3", "full/max/0/default.webp", strip, limits)
    assert asked("3", "full/max/45/default.png", Image(4472, 4472), limits).rotation == 45


def test_webp_has_a_limit_of_its_own() -> None:
    square, limits = Image(4000, 4000), Limits.of(20)
    assert asked("3", "full/2000,2000/0/default.webp", square, limits).format == "webp"
    assert asked("3", "full/1400,1400/45/default.webp", square, limits).rotation == 45
    wrong = ("max/0", "2001,2000/0", "2000,2000/45", "^17000,9/0")
    for address in (f"full/{each}/default.webp" for each in wrong):
        with pytest.raises(PictureTooLarge):
            asked("3", address, square, limits)


@pytest.mark.parametrize(
    ("text", "mirrored", "degrees"),
    [
        ("0", False, 0),
        ("!0", True, 0),
        ("360", False, 0),
        ("90", False, 90),
        ("!180", True, 180),
        ("22.5", False, 22.5),
        (".5", False, 0.5),
        ("90.000", False, 90),
        ("359.9999", False, 0),
    ],
)
def test_rotations_of_the_specification(text: str, mirrored: bool, degrees: float) -> None:
    found = asked("3", f"full/max/{text}/default.png")
    assert (found.mirrored, found.rotation) == (mirrored, degrees)


@pytest.mark.parametrize(
    "text", ["", "!", "-90", "+90", "361", "360.1", "1e1", "nan", "inf", "90!", "!!90", "9 0", "²"]
)
def test_a_rotation_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidImageRequest) as refused:
        asked("3", f"full/max/{text}/default.png")
    assert refused.value.data["parameter"] == "rotation"


@pytest.mark.parametrize(
    "name", ["native.jpg", "grey.jpg", "default", "default.", ".jpg", "default.jp2", "default.JPG"]
)
def test_a_quality_or_format_that_is_not_made_is_refused(name: str) -> None:
    with pytest.raises(InvalidImageRequest):
        asked("3", f"full/max/0/{name}")


CANONICAL = [
    ("3", "full/max/0/default.jpg", "full/max/0/default.jpg"),
    ("3", "full/300,/0/default.jpg", "full/max/0/default.jpg"),
    ("3", "pct:0,0,100,100/pct:50/0/color.jpg", "full/150,100/0/default.jpg"),
    ("3", "125,15,200,200/!90,90/360/gray.png", "125,15,175,185/85,90/0/gray.png"),
    ("3", "125,15,120,140/90,/!345.0/gray.jpg", "125,15,120,140/90,105/!345/gray.jpg"),
    ("3", "full/^360,/22.50/default.png", "full/^360,240/22.5/default.png"),
    ("3", "full/^max/0.50/default.png", "full/^max/0.5/default.png"),
    ("3", "square/^100,/0/bitonal.png", "50,0,200,200/100,100/0/bitonal.png"),
    ("2", "full/full/0/default.jpg", "full/full/0/default.jpg"),
    ("2", "full/max/0/default.jpg", "full/full/0/default.jpg"),
    ("2", "full/150,100/0/color.jpg", "full/150,/0/default.jpg"),
    ("2", "full/,50/0/default.jpg", "full/75,/0/default.jpg"),
    ("2", "full/225,100/0/default.jpg", "full/225,100/0/default.jpg"),
    ("2", "square/full/0.50/default.jpg", "50,0,200,200/full/.5/default.jpg"),
]


@pytest.mark.parametrize(("version", "address", "expected"), CANONICAL)
def test_the_canonical_form_is_that_of_the_version(version: str, address: str, expected: str) -> None:
    assert asked(version, address).canonical(version) == expected


def test_the_largest_size_is_called_so_in_version_3_and_by_its_width_in_version_2() -> None:
    large = Image(4000, 3000)
    assert asked("3", "full/max/0/default.jpg", large).canonical("3") == "full/max/0/default.jpg"
    width = asked("2", "full/full/0/default.jpg", large).size[0]
    assert asked("2", "full/full/0/default.jpg", large).canonical("2").startswith(f"full/{width},")


WORDS = "full max square pct: ^ ! , . 0 1 7 90 300 -1 1e9 default gray jpg webp ٣ % nan"
PIECES = st.sampled_from([*WORDS.split(" "), "\0", " ", "\n", "\ud800"])
NUMBERS = st.one_of(
    st.integers(-5, 10**11).map(str), st.decimals(0, 500, places=4).map(str), st.text("0123456789.,-e", max_size=8)
)
PARAMETERS = st.one_of(
    st.text(max_size=20),
    st.binary(max_size=20).map(lambda data: unquote_to_bytes(data).decode("utf-8", "replace")),
    st.lists(PIECES, max_size=8).map("".join),
    st.lists(NUMBERS, max_size=5).map(",".join),
    st.lists(NUMBERS, min_size=4, max_size=4).map(lambda parts: "pct:" + ",".join(parts)),
    st.tuples(st.sampled_from(["^", "!", "^!", "pct:", "^pct:", ""]), NUMBERS, NUMBERS).map(
        lambda parts: f"{parts[0]}{parts[1]},{parts[2]}" if "pct" not in parts[0] else parts[0] + parts[1]
    ),
)
"""Likely and unlikely: what almost fits is found by pieces, what never fits by any text."""
IMAGES = st.builds(Image, st.integers(1, 100_000), st.integers(1, 100_000))


@settings(max_examples=3000, deadline=None)
@given(
    st.sampled_from(["2", "3"]),
    IMAGES,
    st.one_of(st.just("full"), PARAMETERS),
    st.one_of(st.just("max"), PARAMETERS),
    st.one_of(st.just("0"), PARAMETERS),
    st.one_of(st.just("default.jpg"), PARAMETERS),
)
def test_whatever_is_asked_is_refused_or_can_be_made(
    version: str, image: Image, region: str, size: str, rotation: str, name: str
) -> None:
    limits = Limits(area=20_000_000)
    try:
        found = parse(version, image, limits, (region, size, rotation, name))
    except InvalidImageRequest:
        return
    x, y, width, height = found.region
    assert 0 <= x < x + width <= image.width
    assert 0 <= y < y + height <= image.height
    assert limits.allow(found.size)
    assert min(found.size) >= 1
    assert 0 <= found.rotation < 360
    canonical = found.canonical(version)
    assert re.fullmatch(r"[a-z0-9,]+/\^?[a-z0-9,]+/!?[0-9.]+/[a-z]+\.[a-z]+", canonical)
    parts = canonical.split("/")
    again = parse(version, image, limits, (parts[0], parts[1], parts[2], parts[3]))
    assert again.canonical(version) == canonical
    assert (again.region, again.size, again.rotation, again.mirrored) == (
        found.region,
        found.size,
        found.rotation,
        found.mirrored,
    )


def information(version: str, **more: Any) -> dict[str, Any]:
    page = PageImage("pd9axvkhb00jn", 12, "0" * 64, 0, 2480, 3508, "v")
    return info.information(version, "https://x/iiif/image/3/pd9axvkhb00jn-12", page, Limits.of(20), **more)


def test_information_of_version_3_tells_sizes_tiles_and_limits() -> None:
    told = information("3")
    assert next(iter(told)) == "@context"
    assert (told["type"], told["profile"]) == ("ImageService3", "level2")
    assert [(each["width"], each["height"]) for each in told["sizes"]] == [
        (300, 424),
        (310, 439),
        (1024, 1448),
        (1600, 2263),
    ]
    assert told["tiles"] == [{"width": 512, "scaleFactors": [1, 2, 4, 8]}]
    assert (told["maxArea"], told["maxWidth"], told["maxHeight"]) == (20_000_000, 65_500, 65_500)


def test_information_of_version_2_has_its_profile_in_a_list() -> None:
    told = information("2", rights="http://rightsstatements.org/vocab/NoC-NC/1.0/")
    assert told["profile"][0] == "http://iiif.io/api/image/2/level2.json"
    assert told["profile"][1]["maxArea"] == 20_000_000
    assert told["license"] == "http://rightsstatements.org/vocab/NoC-NC/1.0/"


def test_information_tells_neither_rights_nor_services_where_there_are_none() -> None:
    mark, sign_in = "http://creativecommons.org/publicdomain/mark/1.0/", {"id": "https://x/probe", "type": "Probe"}
    told = information("3", rights=mark, services=[sign_in])
    assert (told["rights"], told["service"]) == (mark, [sign_in])
    assert not {"rights", "service"} & information("3", rights=None).keys()


def test_a_size_that_is_told_lies_within_the_limits_that_are_told() -> None:
    tall = PageImage("x", 1, "0" * 64, 0, 1600, 40_000, "v")
    told = info.information("3", "https://x", tall, Limits.of(20))
    assert told["sizes"]
    assert all(each["width"] * each["height"] <= told["maxArea"] for each in told["sizes"])


def test_the_same_information_is_the_same_bytes() -> None:
    assert info.as_bytes(information("3")) == info.as_bytes(information("3"))
