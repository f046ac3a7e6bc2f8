"""The table of keys in the documents is the keys that the scripts listen to."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ROOM = ROOT / "static" / "js" / "room"
KEEP = ROOT / "static" / "js" / "keep"
NAMES = {" ": "Space"}


def _told() -> set[str]:
    section = (ROOT / "docs" / "reading-room.md").read_text("utf-8").partition("## Keys")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {key for cell in cells for key in re.findall(r"`([^`]+)`", cell)}


def _listened_to() -> set[str]:
    body = (ROOM / "keys.js").read_text("utf-8").partition("const actions = {")[2].partition("\n  };")[0]
    keys = {key.strip('"') for key in re.findall(r'^ {4}("[^"]+"|[A-Za-z0-9]+):', body, re.MULTILINE)}
    for name in ("thumbs.js", "search.js"):
        keys |= set(re.findall(r'event\.key [!=]== "(\w+)"', (ROOM / name).read_text("utf-8")))
    kept = (KEEP / "palette.js").read_text("utf-8").partition("const actions = {")[2].partition("\n    };")[0]
    keys |= set(re.findall(r"^ {6}(\w): ", kept, re.MULTILINE))
    return {NAMES.get(key, key) for key in keys} | {"Shift+Space"}


def test_every_key_is_told_and_no_other() -> None:
    assert _told() == _listened_to()
