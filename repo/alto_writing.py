"""Write a text layer as ALTO 4.4 (Library of Congress), for preservation and exchange; `alto.read_alto` reads it back.

What ALTO cannot hold: anchors, lines without anything to see, control characters, alternatives of more than three
characters, how sure a blank between words is, rows of blanks where characters have no boxes. Tags of our own are
told in `alto`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lxml import etree

from wenyuan.repo.layers import Alternative, Box, Direction, Line, Region, RegionKind, TextLayer, around
from wenyuan.repo.word_lines import looks_like_a_column, storable, word_spans

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_LONGEST_VARIANT = 3
"""Characters; of the schema."""
_LABELS = {
    "vertical": "竖排 lines that run down",
    "horizontal": "横排 lines that run across though their boxes are tall",
    "small-note": "夹注 one of double small notes",
    "furniture": "版心、书眉、页码 no part of the running text",
    "note": "注",
    "caption": "图注",
    "table": "表",
}


def to_alto(
    layer: TextLayer, *, source: str, page_label: str, engine: str, created: datetime, number: int = 1
) -> bytes:
    """The layer as an ALTO document in UTF-8; same arguments, same bytes.

    Args:
        layer: of one page; its pixels are the unit.
        source: name of the picture's file, as staff knows it.
        page_label: as printed on the page; may be empty.
        engine: what made the text, with version: `LayerVersion.engine`.
        created: when it made it.
        number: of the page in its document, from 1.
    """
    root = etree.Element(_name("alto"), nsmap={None: NAMESPACE, "xsi": _INSTANCE}, SCHEMAVERSION="4.4")
    root.set(f"{{{_INSTANCE}}}schemaLocation", f"{NAMESPACE} {_SCHEMA}")
    _describe(root, source, engine, created)
    used = {label for region in layer.regions for label in _labels_of(region)}
    tags = _sub(root, "Tags") if used else None
    for label in sorted(used):
        _sub(tags, "LayoutTag", ID=f"tag-{label}", LABEL=label, DESCRIPTION=_LABELS[label])
    page = _sub(
        _sub(root, "Layout"),
        "Page",
        ID="page",
        PHYSICAL_IMG_NR=str(number),
        PROCESSINGREFS="processing",
        **({"PRINTED_IMG_NR": page_label} if page_label else {}),
        **({"WIDTH": str(layer.width), "HEIGHT": str(layer.height)} if layer.width and layer.height else {}),
        **_page_confidence(layer),
    )
    space = _sub(page, "PrintSpace", **_place(Box(0, 0, layer.width, layer.height) if layer.width else None))
    for position, region in enumerate(layer.regions, start=1):
        _write_region(space, region, f"b{position}")
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return document


def _describe(root: Any, source: str, engine: str, created: datetime) -> None:
    description = _sub(root, "Description")
    _sub(description, "MeasurementUnit").text = "pixel"
    _sub(_sub(description, "sourceImageInformation"), "fileName").text = storable(source)
    processing = _sub(description, "Processing", ID="processing")
    _sub(processing, "processingCategory").text = "contentGeneration"
    _sub(processing, "processingDateTime").text = created.astimezone(UTC).isoformat()
    software = _sub(processing, "processingSoftware")
    _sub(software, "softwareName").text = storable(engine)


def _page_confidence(layer: TextLayer) -> dict[str, str]:
    told = [confidence for line in layer.lines for confidence in line.confidences]
    return {"PC": _share(sum(told) / len(told))} if told else {}


def _write_region(space: Any, region: Region, name: str) -> None:
    lines = [line for line in region.lines if line.text.strip()]
    if not lines:
        return
    box = region.box or around(line.box for line in lines if line.box)
    tags = {} if region.kind is RegionKind.TEXT else {"TAGREFS": f"tag-{region.kind.value}"}
    block = _sub(space, "TextBlock", ID=name, **_place(box), **tags)
    for position, line in enumerate(lines, start=1):
        _write_line(block, line, f"{name}-{position}")


def _write_line(block: Any, line: Line, name: str) -> None:
    labels = sorted(_labels_of_line(line))
    tags = {"TAGREFS": " ".join(f"tag-{label}" for label in labels)} if labels else {}
    row = _sub(block, "TextLine", ID=name, BASEDIRECTION=line.direction.value, **_place(line.box), **tags)
    alternatives: dict[int, list[Alternative]] = {}
    for one in line.alternatives:
        alternatives.setdefault(one.position, []).append(one)
    text = storable(line.text)
    for start, end in word_spans(text):
        if start:
            _sub(row, "SP", **(_place(line.glyphs[start - 1]) if line.glyphs else {}))
        _write_string(row, line, text, range(start, end), alternatives)
    row.tail = "\n"


def _write_string(row: Any, line: Line, text: str, piece: range, alternatives: dict[int, list[Alternative]]) -> None:
    glyphs, sure = line.glyphs[piece.start : piece.stop], line.confidences[piece.start : piece.stop]
    confidence = {"WC": _share(sum(sure) / len(sure))} if sure else {}
    place = _place(around(glyphs))
    string = _sub(row, "String", CONTENT=text[piece.start : piece.stop], **place, **confidence)
    if not glyphs and not sure and not alternatives:
        return
    for position in piece:
        marks = _place(line.glyphs[position]) if glyphs else {}
        if sure:
            marks["GC"] = _share(line.confidences[position])
        glyph = _sub(string, "Glyph", CONTENT=text[position], **marks)
        for one in alternatives.get(position, ()):
            if one.text and len(one.text) <= _LONGEST_VARIANT:
                _sub(glyph, "Variant", CONTENT=storable(one.text), VC=_share(one.confidence))


def _labels_of(region: Region) -> set[str]:
    kind = set() if region.kind is RegionKind.TEXT else {region.kind.value}
    return kind.union(*(_labels_of_line(line) for line in region.lines))


def _labels_of_line(line: Line) -> set[str]:
    labels = {"small-note"} if line.note else set()
    if line.direction is Direction.TOP_TO_BOTTOM:
        return labels | {"vertical"}
    whole = line.box or around(line.glyphs)
    if whole and looks_like_a_column(line.text, whole.width, whole.height):
        labels.add("horizontal")
    return labels


def _place(box: Box | None) -> dict[str, str]:
    if box is None:
        return {}
    return {"HPOS": str(box.x), "VPOS": str(box.y), "WIDTH": str(box.width), "HEIGHT": str(box.height)}


def _share(percent: float) -> str:
    """0…100 as 0…1, in as few characters as tell it."""
    return f"{percent / 100:.2f}".rstrip("0").rstrip(".")


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _sub(parent: Any, name: str, **attributes: str) -> Any:
    return etree.SubElement(parent, _name(name), {key: storable(value) for key, value in attributes.items()})
