"""Draw the icons of the installed library from static/img/seal.svg: `python tools/icons.py`.

Two of each size: as it is, and `maskable` (W3C Web Application Manifest, "icon masks"), where the seal stands within
the middle four fifths on paper, because systems cut circles and squircles out of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyvips

FOLDER = Path(__file__).resolve().parent.parent / "static" / "img"
SIZES = (192, 512)
PAPER = [250, 248, 243]
"""The light paper of static/css/tokens.css."""
SEEN = 0.62
"""Of the width: the seal's corners lie within the circle of radius 40 % that every mask leaves."""


def draw(size: int, *, is_maskable: bool) -> pyvips.Image:
    """One icon."""
    inner = round(size * SEEN) if is_maskable else size
    seal = pyvips.Image.thumbnail(str(FOLDER / "seal.svg"), inner, height=inner)
    if not is_maskable:
        return seal
    flat = seal.flatten(background=PAPER)
    margin = (size - inner) // 2
    return flat.embed(margin, margin, size, size, extend="background", background=PAPER)


def main() -> None:
    """Write all of them."""
    for size in SIZES:
        for name, is_maskable in ((f"icon-{size}.png", False), (f"icon-maskable-{size}.png", True)):
            draw(size, is_maskable=is_maskable).pngsave(str(FOLDER / name), compression=9, keep="none")
            sys.stdout.write(f"static/img/{name}\n")


if __name__ == "__main__":
    main()
