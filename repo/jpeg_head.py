"""What the head of a JPEG says (ITU T.81, Annex B): size, components, colour profile. No pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass

_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive, Huffman coded: those that the DCTDecode filter of PDF knows."""
_OTHER_FRAMES = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_PROFILE = b"ICC_PROFILE\0"


@dataclass(frozen=True, slots=True)
class JpegHead:
    """Size in pixels, 1 (grey), 3 or 4 (CMYK) components, the ICC profile or nothing, made by Adobe's rules or not."""

    width: int
    height: int
    components: int
    profile: bytes = b""
    is_adobe: bool = False


def read_head(data: bytes) -> JpegHead:
    """The head of a JPEG.

    Raises:
        ValueError: no JPEG, cut short, or of a kind that PDF does not know.
    """
    if not data.startswith(b"\xff\xd8"):
        raise ValueError("not a JPEG")
    profile: dict[int, bytes] = {}
    is_adobe, at = False, 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise ValueError("a JPEG with a broken head")
        marker = data[at + 1]
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4])
        body = data[at + 4 : at + 2 + length]
        if marker in _FRAMES and len(body) >= 6:
            return _head(body, profile, is_adobe)
        if marker in _OTHER_FRAMES or length < 2:
            break
        if marker == 0xE2 and body.startswith(_PROFILE) and len(body) > 14:
            profile[body[12]] = body[14:]
        is_adobe |= marker == 0xEE and body.startswith(b"Adobe")
        at += 2 + length
    raise ValueError("a JPEG that PDF does not know")


def _head(body: bytes, profile: dict[int, bytes], is_adobe: bool) -> JpegHead:
    height, width, components = int.from_bytes(body[1:3]), int.from_bytes(body[3:5]), body[5]
    if body[0] != 8 or not (height and width) or components not in (1, 3, 4):
        raise ValueError("a JPEG that PDF does not know")
    whole = b"".join(profile[part] for part in sorted(profile))
    # The profile's colour space stands at byte 16 (ICC.1, 7.2.6); one of another space would garble the picture.
    fitting = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}[components] == whole[16:20]
    return JpegHead(width, height, components, whole if fitting else b"", is_adobe)
