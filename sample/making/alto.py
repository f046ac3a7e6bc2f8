"""ALTO 4 beside the page image."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from .sheet import Block, Box, Line, Sheet, around, turned

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"


def write_alto(path: Path, sheet: Sheet, *, image_name: str, degrees: float) -> None:
    """Write the text of a sheet that was turned by some degrees.

    Vertical lines and furniture are marked by layout tags, since ALTO has
    no attribute for the direction of writing; block order is reading order.
    """
    root = etree.Element(f"{{{NAMESPACE}}}alto", nsmap={None: NAMESPACE})
    head = _sub(root, "Description")
    _sub(head, "MeasurementUnit").text = "pixel"
    _sub(_sub(head, "sourceImageInformation"), "fileName").text = image_name
    tags = _sub(root, "Tags")
    for name in ("vertical", "furniture"):
        _sub(tags, "LayoutTag", ID=name, LABEL=name)
    page = _sub(
        _sub(root, "Layout"),
        "Page",
        ID="page",
        PHYSICAL_IMG_NR="1",
        WIDTH=str(sheet.width),
        HEIGHT=str(sheet.height),
    )
    whole = Box(0, 0, sheet.width, sheet.height)
    space = _sub(page, "PrintSpace", **_place(whole))
    for number, block in enumerate(sheet.blocks, start=1):
        if any(line.glyphs for line in block.lines):
            _write_block(space, block, number, _Turn(sheet, degrees))
    etree.ElementTree(root).write(str(path), xml_declaration=True, encoding="UTF-8", pretty_print=True)


class _Turn:
    """The turn of one page."""

    def __init__(self, sheet: Sheet, degrees: float) -> None:
        self.sheet = sheet
        self.degrees = degrees

    def __call__(self, box: Box) -> Box:
        sheet = self.sheet
        return turned(box, self.degrees, sheet.width, sheet.height)


def _write_block(parent: etree._Element, block: Block, number: int, turn: _Turn) -> None:
    tags = [name for name in ("vertical", "furniture") if getattr(block, name)]
    marks = {"TAGREFS": " ".join(tags)} if tags else {}
    boxes = [turn(glyph.box) for line in block.lines for glyph in line.glyphs]
    made = _sub(parent, "TextBlock", ID=f"b{number}", **_place(around(boxes)), **marks)
    for line in block.lines:
        if line.glyphs:
            _write_line(made, line, turn, marks)


def _write_line(parent: etree._Element, line: Line, turn: _Turn, marks: dict[str, str]) -> None:
    boxes = [turn(glyph.box) for glyph in line.glyphs]
    place = _place(around(boxes))
    text = "".join(glyph.char for glyph in line.glyphs)
    made = _sub(parent, "TextLine", **place, **marks)
    string = _sub(made, "String", **place, CONTENT=text)
    for glyph, box in zip(line.glyphs, boxes, strict=True):
        _sub(string, "Glyph", **_place(box), CONTENT=glyph.char)


def _place(box: Box) -> dict[str, str]:
    left, top = round(box.left), round(box.top)
    return {
        "HPOS": str(left),
        "VPOS": str(top),
        "WIDTH": str(max(1, round(box.right) - left)),
        "HEIGHT": str(max(1, round(box.bottom) - top)),
    }


def _sub(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
