"""What a picture says of itself: EXIF, IPTC and XMP, as a suggestion for staff. Not a format itself.

Where they disagree XMP wins, then IPTC, then EXIF (Metadata Working Group, Guidelines 2.0, reading precedence).
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from wenyuan.ingest.formats.pixels import VIPS_ERRORS

_LONGEST = 20_000
"""Characters of a description; titles and names are cut at 1,000 (repo.description)."""
_MOST_XMP_BYTES = 1024**2
_CAMERA_TALK = re.compile(r"(?i)(olympus|minolta|kodak|samsung|sony|exif|digital camera|dcim|default).*|[?\s]+")
"""Descriptions that cameras write into every picture, and what lost its characters; they describe nothing."""
_LIBVIPS_SUFFIX = re.compile(r" \([^()]*(\([^()]*\)[^()]*)*, \w+, \d+ components?, \d+ bytes?\)\Z", re.DOTALL)
_NS = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
}
_IPTC = {5: "title", 80: "agents", 105: "headline", 120: "description", 55: "date", 25: "subjects"}
"""Datasets of record 2 (IPTC IIM 4.2)."""


def suggestion(image: Any) -> dict[str, Any]:
    """Fields of `Description` found in a `pyvips.Image`'s header; empty where nothing can be read.

    A date is that of creation (EXIF DateTimeOriginal, IPTC 2:55, photoshop:DateCreated), never of a file's change.
    """
    found: dict[str, list[str]] = {}
    for reader in (_from_exif, _from_iptc, _from_xmp):
        found.update({key: values for key, values in reader(image).items() if values})
    return _fields(found)


def _fields(found: dict[str, list[str]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key in ("title", "description", "date"):
        text = " ".join(found.get(key, ())).strip()
        if text and not _CAMERA_TALK.fullmatch(text):
            result[key] = text[: _LONGEST if key == "description" else 1_000]
    if "agents" in found:
        result["agents"] = [{"name": name[:1_000]} for name in found["agents"]]
    if "subjects" in found:
        result["subjects"] = [subject[:1_000] for subject in found["subjects"]]
    return result


def _from_exif(image: Any) -> dict[str, list[str]]:
    description = _exif_text(image, "exif-ifd0-ImageDescription")
    artist = _exif_text(image, "exif-ifd0-Artist")
    taken = _exif_text(image, "exif-ifd2-DateTimeOriginal")
    return {
        "description": [description] if description else [],
        "agents": [name.strip() for name in artist.split(";") if name.strip()],
        "date": [_iso_date(taken)] if taken else [],
    }


def _exif_text(image: Any, name: str) -> str:
    """The value without what libvips adds: `value (value, ASCII, 5 components, 5 bytes)`."""
    try:
        text = str(image.get(name)) if image.get_typeof(name) else ""
    except VIPS_ERRORS:
        return ""
    return _LIBVIPS_SUFFIX.sub("", text).strip(" \0")


def _from_iptc(image: Any) -> dict[str, list[str]]:
    data = _blob(image, "iptc-data")
    found: dict[str, list[str]] = {}
    # A dataset: 1C, record, number, length (2 bytes; above 32,767 is the extended form, which text fields never need).
    for match in re.finditer(rb"\x1c\x02(.)(..)", data, re.DOTALL):
        key, length = _IPTC.get(match[1][0]), int.from_bytes(match[2], "big")
        value = data[match.end() : match.end() + length]
        if key and 0 < length < 32_768 and len(value) == length:
            found.setdefault(key, []).append(_decoded(value))
    if "headline" in found:
        found.setdefault("title", found.pop("headline"))
    if "date" in found:
        found["date"] = [_iso_date(found["date"][0])]
    return found


def _from_xmp(image: Any) -> dict[str, list[str]]:
    data = _blob(image, "xmp-data").strip(b"\0 \n\r\t")
    if not data or len(data) > _MOST_XMP_BYTES:
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root: Any = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return {}
    dates = root.xpath("//photoshop:DateCreated/text() | //@photoshop:DateCreated", namespaces=_NS)
    return {
        "title": _preferred(root, "title"),
        "description": _preferred(root, "description"),
        "agents": _listed(root, "creator"),
        "subjects": _listed(root, "subject"),
        "date": [_iso_date(str(dates[0]))] if dates else [],
    }


def _preferred(root: Any, name: str) -> list[str]:
    """The default of the language alternatives (XMP 1, 8.2.2.4), else the first."""
    values = root.xpath(f"//dc:{name}//rdf:li[@xml:lang='x-default']/text()", namespaces=_NS)
    values = values or root.xpath(f"//dc:{name}//rdf:li/text()", namespaces=_NS)
    return [str(value).strip() for value in values[:1]]


def _listed(root: Any, name: str) -> list[str]:
    values = (str(value).strip() for value in root.xpath(f"//dc:{name}//rdf:li/text()", namespaces=_NS))
    return [value for value in values if value]


def _blob(image: Any, name: str) -> bytes:
    try:
        return bytes(image.get(name)) if image.get_typeof(name) else b""
    except (*VIPS_ERRORS, TypeError):
        return b""


def _decoded(value: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return value.decode(encoding).strip(" \0")
        except UnicodeDecodeError:
            continue
    return value.decode("latin-1").strip(" \0")


def _iso_date(text: str) -> str:
    """`2019:05:04 10:00:00`, `20190504` and `2019-05-04T10:00` as `2019-05-04`; anything else as it is."""
    match = re.match(r"(\d{4})[:-]?(\d\d)[:-]?(\d\d)", text)
    return "-".join(match.groups()) if match else text
