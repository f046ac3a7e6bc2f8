"""Write a text layer as hOCR 1.2 (kba.github.io/hocr-spec/1.2); `hocr.read_hocr` reads it back.

What is not written: anchors, lines without anything to see, control characters, places of blanks between words, what
else a character may be (ALTO holds that).
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from wenyuan.repo.layers import Box, Direction, Line, Region, RegionKind, TextLayer, around
from wenyuan.repo.word_lines import storable, word_spans


def to_hocr(layer: TextLayer, *, source: str, engine: str, language: str = "zh", number: int = 1) -> bytes:
    """The layer as hOCR: XHTML in UTF-8 that browsers show as text; same arguments, same bytes.

    What else a character may be is not written; ALTO holds it.

    Args:
        layer: of one page.
        source: name of the picture's file.
        engine: what made the text, with version.
        language: of the page, BCP 47.
        number: of the page in its document, from 1.
    """
    root = etree.Element("html", nsmap={None: "http://www.w3.org/1999/xhtml"}, lang=storable(language))
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "meta", charset="utf-8")
    etree.SubElement(head, "title").text = storable(source)
    capable = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrx_cinfo"
    for name, content in (("ocr-system", engine), ("ocr-capabilities", capable), ("ocr-number-of-pages", "1")):
        etree.SubElement(head, "meta", name=name, content=storable(content))
    image = re.sub(r"""["'\\\\;]""", "_", storable(source))
    page = _sub(
        etree.SubElement(root, "body"), "div", "ocr_page", f"page_{number}",
        [f'image "{image}"', _bbox_of(Box(0, 0, layer.width, layer.height)), f"ppageno {number - 1}"],
    )  # fmt: skip
    for position, region in enumerate(layer.regions, start=1):
        _write_region(page, region, f"{number}_{position}")
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, doctype="<!DOCTYPE html>")
    return document


def _write_region(page: Any, region: Region, name: str) -> None:
    lines = [line for line in region.lines if line.text.strip()]
    if not lines:
        return
    box = _bbox_of(region.box or around(line.box for line in lines if line.box))
    kind = "" if region.kind is RegionKind.TEXT else f"x_kind {region.kind.value}"
    area = _sub(page, "div", "ocr_carea", f"carea_{name}", [box, kind])
    paragraph = _sub(area, "p", "ocr_par", f"par_{name}", [box])
    for position, line in enumerate(lines, start=1):
        _write_line(paragraph, line, f"{name}_{position}")


def _write_line(paragraph: Any, line: Line, name: str) -> None:
    row = _sub(paragraph, "span", "ocr_line", f"line_{name}", [_bbox_of(line.box), "x_note 1" if line.note else ""])
    if line.direction is Direction.TOP_TO_BOTTOM:
        row.set("style", "writing-mode: vertical-rl")
    else:
        row.set("dir", line.direction.value)
        row.set("style", "writing-mode: horizontal-tb")
    row.tail = "\n"
    text = storable(line.text)
    for count, (start, end) in enumerate(word_spans(text), start=1):
        glyphs, sure = line.glyphs[start:end], line.confidences[start:end]
        confidence = f"x_wconf {round(sum(sure) / len(sure))}" if sure else ""
        word = _sub(row, "span", "ocrx_word", f"word_{name}_{count}", [_bbox_of(around(glyphs)), confidence])
        if end < len(text):
            word.tail = text[end]
        if not glyphs and not sure:
            word.text = text[start:end]
            continue
        for position in range(start, end):
            told = [_bbox_of(line.glyphs[position], "x_bboxes") if glyphs else ""]
            told.append(f"x_conf {line.confidences[position]}" if sure else "")
            _sub(word, "span", "ocrx_cinfo", "", told).text = text[position]


def _bbox_of(box: Box | None, name: str = "bbox") -> str:
    return f"{name} {box.x} {box.y} {box.x + box.width} {box.y + box.height}" if box else ""


def _sub(parent: Any, tag: str, class_name: str, name: str, told: list[str]) -> Any:
    marks = {"class": class_name, "id": name, "title": "; ".join(one for one in told if one)}
    return etree.SubElement(parent, tag, {key: value for key, value in marks.items() if value})
