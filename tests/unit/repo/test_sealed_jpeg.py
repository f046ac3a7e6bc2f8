"""A JPEG that tells whether it is still what was written."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from wenyuan.repo import sealed_jpeg


def jpeg() -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((64, 48), 40).save(stream, "JPEG")
    return stream.getvalue()


def test_a_sealed_jpeg_shows_the_same() -> None:
    data = jpeg()
    sealed = sealed_jpeg.seal(data)
    assert sealed_jpeg.is_sound(sealed)
    assert Image.open(io.BytesIO(sealed)).tobytes() == Image.open(io.BytesIO(data)).tobytes()


def test_any_flipped_bit_is_noticed() -> None:
    sealed = sealed_jpeg.seal(jpeg())
    # The name in the comment itself apart: without it the picture is taken for one that was never sealed.
    for place in [0, 1, *range(20, len(sealed))]:
        broken = bytearray(sealed)
        broken[place] ^= 4
        assert not sealed_jpeg.is_sound(bytes(broken)), place


def test_what_was_cut_off_or_never_a_jpeg_is_noticed() -> None:
    sealed = sealed_jpeg.seal(jpeg())
    for broken in (b"", b"\xff\xd8", sealed[:-1], sealed[: len(sealed) // 2], b"\0" * 1000, sealed[:-2] + b"\0\0"):
        assert not sealed_jpeg.is_sound(broken)


def test_one_that_was_made_before_is_taken_as_it_is() -> None:
    assert sealed_jpeg.is_sound(jpeg())


def test_only_a_jpeg_is_sealed() -> None:
    with pytest.raises(ValueError, match="no JPEG"):
        sealed_jpeg.seal(b"\x89PNG")
