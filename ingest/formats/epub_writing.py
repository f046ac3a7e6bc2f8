"""Whether a book's text runs in columns, as its style sheets have it.

It is not enough to look for `vertical-rl` in the sheets: the common Japanese and Taiwanese templates define a class for
either way of writing and use one. So the few rules that say so are matched against the roots of some chapters.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import tinycss2
from lxml.etree import _Element as Element

from wenyuan.ingest.formats.epub_book import Book, Entries, first, local
from wenyuan.ingest.formats.sanitise_parse import decode, parse_markup
from wenyuan.ingest.formats.sanitise_style import component_values, standard
from wenyuan.repo.description import Writing
from wenyuan.repo.errors import BadInput

_SAMPLES = 7
_MAX_IMPORTS = 4
_MAX_RULES = 1000
_COMPOUND = re.compile(r"(\*|[\w-]+)?((?:[.#][\w-]+|:root)*)$")
_FEW_CHARACTERS = 40
"""A chapter with less is a title page or a picture and says little."""


@dataclass(frozen=True, slots=True)
class _Rule:
    steps: tuple[str, ...]
    mode: str
    important: bool

    @property
    def weight(self) -> tuple[bool, int, int, int]:
        """Specificity (Selectors 4, section 17), importance before it."""
        whole = " ".join(self.steps)
        words = sum(1 for step in self.steps if re.match(r"[\w-]", step))
        return self.important, whole.count("#"), whole.count(".") + whole.count(":"), words


@dataclass(slots=True)
class _Sheets:
    entries: Entries
    _known: dict[str, list[_Rule]] = field(default_factory=dict)

    def rules(self, path: str, depth: int = 0) -> list[_Rule]:
        """The rules of a sheet and of those it imports."""
        found = self.entries.find(path)
        if found is None or depth > _MAX_IMPORTS:
            return []
        if found not in self._known:
            self._known[found] = []  # before reading it: sheets import each other
            try:
                text = decode(self.entries.text(found))
            except BadInput:
                return []
            self._known[found] = self.parsed(text, posixpath.dirname(found), depth)
        return self._known[found]

    def parsed(self, text: str, folder: str, depth: int = 0) -> list[_Rule]:
        """The rules in a text; nothing is parsed where nothing is said."""
        if "writing-mode" not in text and "@import" not in text:
            return []
        rules = tinycss2.parse_stylesheet(component_values(text), skip_comments=True, skip_whitespace=True)
        return self._of(rules, folder, depth)

    def _of(self, nodes: Iterable[Any], folder: str, depth: int) -> list[_Rule]:
        rules: list[_Rule] = []
        for node in nodes:
            if len(rules) >= _MAX_RULES:  # sheets can import others many times over
                break
            prelude = tinycss2.serialize(node.prelude).strip() if node.type in ("at-rule", "qualified-rule") else ""
            if node.type == "qualified-rule":
                rules += _modes(prelude, node.content)
            elif node.type == "at-rule" and node.lower_at_keyword == "import":
                address = re.match(r"""(?:url\()?\s*["']?([^"')]+)""", prelude)
                if address:
                    rules += self.rules(posixpath.normpath(posixpath.join(folder, unquote(address[1]))), depth + 1)
            elif node.type == "at-rule" and node.content and not re.search("print|amzn", prelude):
                rules += self._of(tinycss2.parse_rule_list(node.content, True, True), folder, depth)
        return rules[:_MAX_RULES]


def writing_of(book: Book, entries: Entries, chapters: Sequence[str]) -> Writing:
    """Vertical if most of some chapters, spread over the book, are.

    Args:
        book: its package document may say so too.
        entries: of the archive.
        chapters: paths of the XHTML documents of the spine.
    """
    sheets = _Sheets(entries)
    step = max(1, len(chapters) // _SAMPLES)
    votes: list[tuple[bool, bool]] = []
    for path in chapters[::step]:
        try:
            root = parse_markup(entries.text(path))
        except BadInput:
            continue
        if root is not None:
            text = "".join(root.itertext("{*}p", "{*}div", "{*}span")).strip()
            votes.append((len(text) >= _FEW_CHARACTERS, _is_vertical(root, path, sheets)))
    telling = [vertical for long, vertical in votes if long] or [vertical for _, vertical in votes]
    if any(telling) and sum(telling) * 2 >= len(telling):
        return Writing.VERTICAL
    for meta in book.package.iter():
        if local(meta) == "meta" and meta.get("name") == "primary-writing-mode" and not votes:
            return Writing.VERTICAL if "vertical" in (meta.get("content") or "") else Writing.HORIZONTAL
    return Writing.HORIZONTAL


def _is_vertical(root: Element, path: str, sheets: _Sheets) -> bool:
    folder = posixpath.dirname(path)
    rules: list[_Rule] = []
    for element in root.iter():
        if len(rules) >= _MAX_RULES:
            break
        if local(element) == "link" and "stylesheet" in (element.get("rel") or "").lower():
            address = unquote((element.get("href") or "").partition("#")[0])
            rules += sheets.rules(posixpath.normpath(posixpath.join(folder, address)))
        elif local(element) == "style":
            rules += sheets.parsed("".join(element.itertext()), folder)
    mode = ""
    for element in _frames(root):
        own = _modes("*", component_values(element.get("style") or ""))
        matching = [rule for rule in rules if _matches(rule.steps, element)]
        if matching or own:
            mode = own[-1].mode if own else max(enumerate(matching), key=lambda pair: (pair[1].weight, pair[0]))[1].mode
    return mode.startswith("vertical")


def _frames(root: Element) -> list[Element]:
    """The root, the body, and what lies alone in it: whatever holds all the text."""
    frames, body = [root], first(root, "body")
    while body is not None and len(frames) < 8:
        frames.append(body)
        inner = [child for child in body if isinstance(child.tag, str)]
        body = inner[0] if len(inner) == 1 and local(inner[0]) in ("div", "section", "article", "main") else None
    return frames


def _modes(prelude: str, content: Any) -> list[_Rule]:
    rules: list[_Rule] = []
    for node in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if node.type != "declaration" or not node.lower_name.endswith("writing-mode"):
            continue
        name, value = standard(node.lower_name, tinycss2.serialize(node.value).strip().lower())
        if name == "writing-mode":
            steps = [tuple(re.split(r"[\s>]+", selector.strip())) for selector in prelude.split(",")]
            rules += [_Rule(step, value, bool(node.important)) for step in steps]
    return rules


def _matches(steps: Sequence[str], element: Element) -> bool:
    if not _fits(steps[-1], element):
        return False
    above = list(element.iterancestors())
    return all(any(_fits(step, ancestor) for ancestor in above) for step in steps[:-1])


def _fits(compound: str, element: Element) -> bool:
    """One step of a selector without attributes and states; others never fit."""
    found = _COMPOUND.match(compound)
    if not found or not compound:
        return False
    classes = (element.get("class") or "").split()
    for part in re.findall(r"[.#:][\w-]+", found[2]):
        if part[0] == "." and part[1:] not in classes:
            return False
        if part[0] == "#" and part[1:] != element.get("id"):
            return False
        if part == ":root" and element.getparent() is not None:
            return False
    return found[1] in (None, "*") or found[1].lower() == local(element).lower()
