"""The table of an e-book's keys in the documents is the keys that its scripts listen to."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NAMES = {" ": "Space"}


def test_every_key_of_the_book_room_is_told_and_no_other() -> None:
    words = (ROOT / "docs" / "reading-room.md").read_text("utf-8")
    section = words.partition("## Keys of e-books")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    told = {key for cell in cells for key in re.findall(r"`([^`]+)`", cell)}
    script = (ROOT / "static" / "js" / "book" / "keys.js").read_text("utf-8")
    body = script.partition("const actions = {")[2].partition("\n  };")[0]
    heard = {key.strip('"') for key in re.findall(r'^ {4}("[^"]+"|[A-Za-z0-9]+):', body, re.MULTILINE)}
    assert told == {NAMES.get(key, key) for key in heard} | {"Shift+Space"}
