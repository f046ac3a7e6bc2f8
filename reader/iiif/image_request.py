"""What an address of the IIIF Image API asks for: four parameters, read by the rules of 3.0 or 2.1 (§4 of both).

Pure: addresses in, pixels out. What does not fit the rules is refused with 400, as both versions ask for; whatever is
not refused can be made. 501 has no place here: it is for services that cannot enlarge (3.0, §4.2), and this one can.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction

from wenyuan.repo.errors import EnlargedUnasked, InvalidImageRequest, PictureTooLarge, RegionOutside

QUALITIES = ("default", "color", "gray", "bitonal")
FORMATS = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
"""Media type by the name that stands in addresses."""

LARGEST_SIDE = 65_500
"""Pixels. A JPEG counts them in 16 bits; libjpeg keeps this many."""
_DIGITS_OF_ANGLE = 3
"""Decimals of a rotation that are kept: a thousandth of a degree moves no pixel of a picture of this size."""
_TOLD_CHARACTERS = 60
"""Of a wrong parameter, in messages."""

_WHOLE = r"[0-9]{1,10}"
_NUMBER = r"(?:[0-9]{1,10}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})"
_PIXELS = re.compile(rf"({_WHOLE}),({_WHOLE}),({_WHOLE}),({_WHOLE})")
_PERCENT = re.compile(rf"pct:({_NUMBER}),({_NUMBER}),({_NUMBER}),({_NUMBER})")
_SIZE = re.compile(
    rf"(?P<enlarge>\^?)(?:(?P<most>max|full)|pct:(?P<share>{_NUMBER})"
    rf"|(?P<confined>!)(?P<within>{_WHOLE}),(?P<below>{_WHOLE})|(?P<width>(?:{_WHOLE})?),(?P<height>(?:{_WHOLE})?))"
)
_ROTATION = re.compile(rf"(!?)({_NUMBER})")

Region = tuple[int, int, int, int]
"""x, y, width, height in pixels of the full image."""
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is made at most.

    Attributes:
        area: pixels of a picture.
        side: pixels of its width or height.
    """

    area: int
    side: int = LARGEST_SIDE

    @classmethod
    def of(cls, megapixels: int) -> Limits:
        """Those of the setting `image_megapixels`."""
        return cls(megapixels * 1_000_000)

    def allow(self, size: Size) -> bool:
        """Whether a picture of this size is made."""
        return max(size) <= self.side and size[0] * size[1] <= self.area

    def largest(self, width: int, height: int, *, enlarge: bool) -> Size:
        """The largest size of a region that is made, in its proportions."""
        if not enlarge and self.allow((width, height)):
            return width, height
        scale = min(self.side / width, self.side / height, math.sqrt(self.area / (width * height)))
        across, down = max(1, int(width * scale)), max(1, int(height * scale))
        return min(across, self.side, self.area), min(down, self.side, max(1, self.area // across))


_LARGEST_WEBP = Limits(4_000_000, 16_383)
"""A side has 14 bits (RFC 9649, §2.6); its encoder holds all of the picture in memory, several times over."""


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """A picture that can be made.

    Attributes:
        region: of the full image, within its edges.
        size: of the picture before it is turned.
        rotation: degrees clockwise, from 0 to less than 360.
        mirrored: whether left and right change places before it is turned.
        quality: default, gray or bitonal; color is what default gives.
        format: a name of `FORMATS`.
        full: whether the region is the whole image.
        most: whether the size is the largest that needs no enlarging.
        most_enlarged: whether it is the largest there is, and no other than by enlarging.
    """

    region: Region
    size: Size
    rotation: float
    mirrored: bool
    quality: str
    format: str
    full: bool
    most: bool
    most_enlarged: bool

    @property
    def upscaled(self) -> bool:
        """Whether it is larger than the region it shows."""
        return self.size[0] > self.region[2] or self.size[1] > self.region[3]

    @property
    def is_plain(self) -> bool:
        """Whether it is an upright JPEG as ingest makes them."""
        return (self.rotation, self.mirrored, self.quality, self.format) == (0, False, "default", "jpg")

    @property
    def media_type(self) -> str:
        """Of the picture's bytes."""
        return FORMATS[self.format]

    def canonical(self, version: str) -> str:
        """The parameters as the specification would have them (3.0, §4.8; 2.1, §4.7)."""
        region = "full" if self.full else ",".join(map(str, self.region))
        size = self._size_of_2() if version == "2" else self._size_of_3()
        return f"{region}/{size}/{'!' if self.mirrored else ''}{self._rotation(version)}/{self.quality}.{self.format}"

    def _size_of_3(self) -> str:
        if self.most or self.most_enlarged:
            return "max" if self.most else "^max"
        return f"{'^' if self.upscaled else ''}{self.size[0]},{self.size[1]}"

    def _size_of_2(self) -> str:
        width, height = self.region[2:]
        if self.size == (width, height):
            return "full"
        in_proportion = max(1, _rounded(Fraction(self.size[0] * height, width)))
        return f"{self.size[0]}," if self.size[1] == in_proportion else f"{self.size[0]},{self.size[1]}"

    def _rotation(self, version: str) -> str:
        told = f"{self.rotation:.{_DIGITS_OF_ANGLE}f}".rstrip("0").rstrip(".")
        # 2.1, §4.7 has no zero before the point, 3.0, §4.7 has one.
        return told.removeprefix("0") if version == "2" and told.startswith("0.") else told


@dataclass(frozen=True, slots=True)
class Image:
    """An image to ask parts of.

    Attributes:
        width: pixels, as height.
        made: the sizes of the whole that are made already; they may pass the limits.
    """

    width: int
    height: int
    made: Collection[Size] = ()


def parse(version: str, image: Image, limits: Limits, parameters: tuple[str, str, str, str]) -> ImageRequest:
    """Read the parameters of an address.

    Args:
        version: "3" for 3.0, "2" for 2.1.
        image: what is asked for.
        limits: of what is made.
        parameters: region, size, rotation, and quality with format (`default.jpg`), not percent-encoded.

    Raises:
        InvalidImageRequest: they do not fit the rules.
        RegionOutside: nothing of the region lies in the image.
        EnlargedUnasked: larger than the region, without `^`.
        PictureTooLarge: more than the limits.
    """
    region = _region(parameters[0], image)
    asked = plain(image, limits, region, _size(version, parameters[1], region, limits))
    mirrored, rotation = _rotation(parameters[2])
    quality, format_name = _quality(parameters[3])
    asked = replace(asked, mirrored=mirrored, rotation=rotation, quality=quality, format=format_name)
    # What ingest has made is sent as it is and costs nothing.
    if not (asked.is_plain and asked.full and asked.size in image.made):
        _check(asked, limits, parameters)
    return asked


def plain(image: Image, limits: Limits, region: Region, size: Size) -> ImageRequest:
    """A part of an image as an upright JPEG."""
    return ImageRequest(
        region,
        size,
        rotation=0,
        mirrored=False,
        quality="default",
        format="jpg",
        full=region == (0, 0, image.width, image.height),
        most=size == limits.largest(region[2], region[3], enlarge=False),
        most_enlarged=size != region[2:] and size == limits.largest(region[2], region[3], enlarge=True),
    )


def _region(text: str, image: Image) -> Region:
    if text == "full":
        return 0, 0, image.width, image.height
    if text == "square":
        side = min(image.width, image.height)
        return (image.width - side) // 2, (image.height - side) // 2, side, side
    if found := _PIXELS.fullmatch(text):
        x, y, width, height = map(int, found.groups())
    elif found := _PERCENT.fullmatch(text):
        x, y, width, height = _pixels_of([_fraction(part) / 100 for part in found.groups()], image)
    else:
        raise InvalidImageRequest(parameter="region", value=_told(text))
    if width < 1 or height < 1:
        raise InvalidImageRequest(parameter="region", value=_told(text))
    if x >= image.width or y >= image.height:
        raise RegionOutside(value=_told(text), width=image.width, height=image.height)
    return x, y, min(width, image.width - x), min(height, image.height - y)


def _pixels_of(shares: list[Fraction], image: Image) -> Region:
    x, y, width, height = shares
    return (
        _rounded(x * image.width),
        _rounded(y * image.height),
        _rounded(width * image.width),
        _rounded(height * image.height),
    )


def _size(version: str, text: str, region: Region, limits: Limits) -> Size:
    _, _, width, height = region
    found = _SIZE.fullmatch(text)
    if found is None or (version == "2" and found["enlarge"]):
        raise InvalidImageRequest(parameter="size", value=_told(text))
    enlarge = bool(found["enlarge"])
    if found["most"]:
        if version == "3" and found["most"] == "full":
            raise InvalidImageRequest(parameter="size", value=_told(text))
        return limits.largest(width, height, enlarge=enlarge)
    if found["confined"]:
        size = _confined((width, height), (int(found["within"]), int(found["below"])), version, limits, enlarge=enlarge)
    elif found["share"]:
        share = _fraction(found["share"]) / 100
        size = _rounded(share * width), _rounded(share * height)
    else:
        size = _exact((width, height), found["width"], found["height"])
    if min(size) < 1:
        raise InvalidImageRequest(parameter="size", value=_told(text))
    if version == "3" and not enlarge and (size[0] > width or size[1] > height):
        raise EnlargedUnasked(value=_told(text), width=width, height=height)
    return size


def _exact(of: Size, width: str, height: str) -> Size:
    """`w,h`, or `w,` and `,h` in the proportions of the region, however narrow: canonical addresses of 2.1 say `w,`."""
    if width and height:
        return int(width), int(height)
    if width:
        return int(width), max(1, _rounded(Fraction(int(width) * of[1], of[0])))
    return (max(1, _rounded(Fraction(int(height) * of[0], of[1]))), int(height)) if height else (0, 0)


def _confined(of: Size, box: Size, version: str, limits: Limits, *, enlarge: bool) -> Size:
    """`!w,h`: as large as fits into the box.

    A box larger than the region in both directions gives the region as it is in 2.1. In 3.0 it is refused unless `^`
    stands before it: §4.2 can be read either way, and the validator of the IIIF (1.0.5, `size_noup`) wants the refusal.
    """
    if min(box) < 1:
        return 0, 0
    if box[0] > of[0] and box[1] > of[1] and not enlarge:
        return of if version == "2" else box
    if not enlarge:
        box = min(box[0], of[0]), min(box[1], of[1])
    largest = limits.largest(*of, enlarge=True)
    box = min(box[0], largest[0]), min(box[1], largest[1])
    if box[0] * of[1] <= box[1] * of[0]:
        return box[0], max(1, _rounded(Fraction(box[0] * of[1], of[0])))
    return max(1, _rounded(Fraction(box[1] * of[0], of[1]))), box[1]


def _rotation(text: str) -> tuple[bool, float]:
    found = _ROTATION.fullmatch(text)
    if found is None or (degrees := _fraction(found[2])) > 360:
        raise InvalidImageRequest(parameter="rotation", value=_told(text))
    return bool(found[1]), round(float(degrees), _DIGITS_OF_ANGLE) % 360


def _quality(text: str) -> tuple[str, str]:
    quality, _, format_name = text.rpartition(".")
    if quality not in QUALITIES:
        raise InvalidImageRequest(parameter="quality", value=_told(quality))
    if format_name not in FORMATS:
        raise InvalidImageRequest(parameter="format", value=_told(format_name))
    return ("default" if quality == "color" else quality), format_name


def _check(asked: ImageRequest, limits: Limits, parameters: tuple[str, str, str, str]) -> None:
    """Compare with the limits what would be made; a picture turned askew grows: a square twice, a strip more."""
    turned_area = 2 * limits.area
    if asked.format == "webp":
        limits = Limits(min(limits.area, _LARGEST_WEBP.area), min(limits.side, _LARGEST_WEBP.side))
        turned_area = limits.area
    angle = math.radians(asked.rotation)
    width = asked.size[0] * abs(math.cos(angle)) + asked.size[1] * abs(math.sin(angle))
    height = asked.size[0] * abs(math.sin(angle)) + asked.size[1] * abs(math.cos(angle))
    too_large = max(round(width), round(height)) > limits.side or round(width * height) > turned_area
    if too_large or not limits.allow(asked.size):
        raise PictureTooLarge(value=_told("/".join(parameters[1:])), megapixels=limits.area // 1_000_000)


def _fraction(text: str) -> Fraction:
    return Fraction(text.removesuffix(".") or "0")


def _rounded(number: Fraction) -> int:
    """Half upwards."""
    return math.floor(number + Fraction(1, 2))


def _told(text: str) -> str:
    return text[:_TOLD_CHARACTERS]
