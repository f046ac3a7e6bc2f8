"""The invisible font of searchable PDFs: any character, in the width that its place on the picture asks for.

A composite font (ISO 32000-1, 9.7) with codes of two bytes, given out as characters come: one for each character in
each width. Its ToUnicode table tells what a code means, so Ext B and private use come out as they went in. The file
inside has one empty glyph (tools/make_blank_font.py).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources

from wenyuan.repo.pdf_objects import Objects, array, dictionary, reference

_MOST_CODES = 65_535
"""Two bytes; code 0 is .notdef."""
WIDTHS = tuple(round(50 * 1.1**step) for step in range(64))
"""Widths in thousandths of an em, each a tenth more than the one before: a character's place is off by at most a
twentieth of its width. Each has its glyph in the file, in this order, from the second on."""
_NAME = b"/WenyuanBlank"
_FLAGS = 4
"""Symbolic: its characters are told by no standard set (ISO 32000-1, table 123)."""


class BlankFont:
    """Codes for characters, given out as they are needed."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, int], int] = {}
        self._shapes: list[tuple[str, int]] = []

    def code(self, character: str, width: int, at_least: int = 0) -> int:
        """The code of a character that is about `width` thousandths of an em wide; its true width is `width_of`.

        Args:
            character: one code point.
            width: that is wanted.
            at_least: no narrower.
        """
        wanted = (character, _class_of(width, at_least))
        if (known := self._codes.get(wanted)) is not None:
            return known
        if len(self._shapes) >= _MOST_CODES:
            # More characters than any book has: the right character in another width, else no character.
            return next((code for code, shape in enumerate(self._shapes, 1) if shape[0] == character), 0)
        self._shapes.append(wanted)
        self._codes[wanted] = len(self._shapes)
        return len(self._shapes)

    def width_of(self, code: int) -> int:
        """In thousandths of an em."""
        return WIDTHS[self._shapes[code - 1][1]] if code else 1000

    def write(self, objects: Objects, obj: int) -> Iterator[bytes]:
        """The font with all codes given out, as object `obj`."""
        descendant, descriptor, file, glyphs, meaning = (objects.reserve() for _ in range(5))
        yield objects.put(
            obj,
            dictionary(
                {
                    "Type": b"/Font",
                    "Subtype": b"/Type0",
                    "BaseFont": _NAME,
                    "Encoding": b"/Identity-H",
                    "DescendantFonts": array([reference(descendant)]),
                    "ToUnicode": reference(meaning),
                }
            ),
        )
        widths = array(b"%d" % self.width_of(code) for code in range(1, len(self._shapes) + 1))
        yield objects.put(
            descendant,
            dictionary(
                {
                    "Type": b"/Font",
                    "Subtype": b"/CIDFontType2",
                    "BaseFont": _NAME,
                    "CIDSystemInfo": b"<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>",
                    "FontDescriptor": reference(descriptor),
                    "DW": b"1000",
                    "W": b"[1 " + widths + b"]",
                    "CIDToGIDMap": reference(glyphs),
                }
            ),
        )
        data = _font_file()
        yield objects.put(
            descriptor,
            dictionary(
                {
                    "Type": b"/FontDescriptor",
                    "FontName": _NAME,
                    "Flags": b"%d" % _FLAGS,
                    "FontBBox": b"[0 0 1000 1000]",
                    "ItalicAngle": b"0",
                    "Ascent": b"1000",
                    "Descent": b"0",
                    "CapHeight": b"1000",
                    "StemV": b"80",
                    "FontFile2": reference(file),
                }
            ),
        )
        yield objects.stream(file, data, {"Length1": b"%d" % len(data)})
        # Glyph 0 is .notdef, for code 0; behind it the widths.
        shown = b"".join((width + 1).to_bytes(2) for _, width in self._shapes)
        yield objects.stream(glyphs, b"\0\0" + shown, {})
        yield objects.stream(meaning, self._to_unicode(), {})

    def _to_unicode(self) -> bytes:
        rows = [
            f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>"
            for code, (character, _) in enumerate(self._shapes, 1)
        ]
        # At most 100 a block (Adobe Technical Note 5014).
        several = (rows[start : start + 100] for start in range(0, len(rows), 100))
        blocks = (f"{len(some)} beginbfchar\n" + "\n".join(some) + "\nendbfchar" for some in several)
        return _CMAP.replace("BLOCKS", "\n".join(blocks)).encode()


_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
BLOCKS
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


@lru_cache(8192)
def _class_of(width: int, at_least: int) -> int:
    """The class whose width is nearest, of those that are wide enough."""
    enough = range(min(bisect_left(WIDTHS, at_least), len(WIDTHS) - 1), len(WIDTHS))
    return min(enough, key=lambda place: abs(WIDTHS[place] - width))


@cache
def _font_file() -> bytes:
    return resources.files("wenyuan.repo").joinpath("data", "blank.ttf").read_bytes()
