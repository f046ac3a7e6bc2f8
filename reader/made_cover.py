"""A cover for what brings none: a thread-bound book (线装书) in indigo cloth with its title on a slip, as SVG."""

from __future__ import annotations

from html import escape

WIDTH, HEIGHT = 300, 400
_COLUMN = 9
"""Characters in one column of the slip."""
_COLUMNS = 2
_SIZE = 24
_FONTS = "LXGW WenKai, Kaiti SC, STKaiti, KaiTi, AR PL UKai CN, serif"
_STITCHES = (52, 150, 250, 348)
"""Four holes, as four-hole binding (四眼装) has them."""


def draw(title: str) -> bytes:
    """The cover of a title.

    Args:
        title: of any script and length; what does not fit on the slip ends in an ellipsis.
    """
    columns = _columns(title)
    width, height = 22 + len(columns) * (_SIZE + 8), 30 + max(map(len, columns)) * (_SIZE + 3)
    texts = "".join(
        f'<text x="{36 + width - 11 - _SIZE / 2 - place * (_SIZE + 8):g}" y="45">{escape(column)}</text>'
        for place, column in enumerate(columns)
    )
    stitches = "".join(f'<path d="M272 {y}h28"/>' for y in _STITCHES)
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="3" fill="#2f4058"/>'
        f'<rect x="272" width="28" height="{HEIGHT}" fill="#28384e"/>'
        f'<g stroke="#d9cfb8" stroke-width="1.6" opacity=".75"><path d="M272 0v{HEIGHT}"/>{stitches}</g>'
        f'<rect x="36" y="30" width="{width}" height="{height}" fill="#f6efdd"/>'
        f'<rect x="40" y="34" width="{width - 8}" height="{height - 8}" fill="none" stroke="#26231e" opacity=".55"/>'
        f'<g font-family="{_FONTS}" font-size="{_SIZE}" letter-spacing="3" writing-mode="vertical-rl" fill="#26231e">'
        f"{texts}</g></svg>"
    )
    return drawing.encode()


def _columns(title: str) -> list[str]:
    short = (
        "".join(title.split("　", maxsplit=1)[0].split("（", maxsplit=1)[0].split(":", maxsplit=1)[0].split())
        if not title.isascii()
        else title
    )
    room = _COLUMN * _COLUMNS * (1 if not title.isascii() else 2)
    short = short if len(short) <= room else short[: room - 1] + "…"
    step = max(1, -(-len(short) // _COLUMNS)) if len(short) > _COLUMN else max(1, len(short))
    return [short[start : start + step] for start in range(0, len(short), step)] or [title[:1]]
