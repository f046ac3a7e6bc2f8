"""CSS without scripts, and without anything that is fetched from elsewhere.

Rules and functions pass by a list of what is known. Properties pass by a list of what is not allowed: a property can
only do harm through a function that fetches (`url()`, `image-set()`, `src()` …) or one of the four below that ran code
in old browsers, and a list of all harmless ones would drop something with every new version of CSS.
Prefixed properties of EPUB 3.3 (appendix "Prefixed CSS properties") and of old WebKit become the standard ones.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

import tinycss2
from tinycss2.ast import ParseError

from wenyuan.ingest.formats.sanitise_links import Kind, References

_FORBIDDEN_PROPERTIES = frozenset(("behavior", "-ms-behavior", "-moz-binding", "binding"))
_NESTED = frozenset(("media", "supports", "layer", "container", "scope", "starting-style"))
_KEYFRAMES = frozenset(("keyframes", "-webkit-keyframes", "-moz-keyframes"))
_PLAIN = frozenset(
    ("font-face", "page", "counter-style", "font-feature-values", "property", "viewport", "-ms-viewport")
)
_NAMESPACES = frozenset(
    ("http://www.w3.org/1999/xhtml", "http://www.idpf.org/2007/ops", "http://www.w3.org/2000/svg",
     "http://www.w3.org/1998/Math/MathML", "http://www.w3.org/1999/xlink")
)  # fmt: skip
_FUNCTIONS = (
    "abs acos annotation asin atan atan2 attr blur brightness calc character-variant circle clamp color color-mix "
    "conic-gradient contrast cos counter counters cubic-bezier drop-shadow ellipse env exp fit-content format "
    "grayscale hsl hsla hue-rotate hwb hypot inset invert lab lch leader light-dark linear linear-gradient local log "
    "matrix matrix3d max min minmax mod oklab oklch opacity ornaments path perspective polygon pow radial-gradient "
    "ray rect rem repeat repeating-conic-gradient repeating-linear-gradient repeating-radial-gradient rgb rgba rotate "
    "rotate3d rotatex rotatey rotatez round saturate scale scale3d scalex scaley scalez sepia sign sin skew skewx "
    "skewy sqrt steps styleset stylistic swash symbols tan target-counter target-counters target-text tech translate "
    "translate3d translatex translatey translatez var xywh -webkit-gradient -webkit-linear-gradient "
    "-webkit-radial-gradient -moz-linear-gradient "
    # in conditions of @supports and @media, and in selectors
    "selector font-tech font-format not is where has matches any lang dir nth-child nth-last-child nth-of-type "
    "nth-last-of-type host slotted highlight -webkit-any -moz-any"
)
_KNOWN_FUNCTIONS = frozenset(_FUNCTIONS.split())

_PREFIX = re.compile(r"-(?:epub|webkit|ms|moz)-")
_STANDARD = {
    "writing-mode": "writing-mode",
    "text-orientation": "text-orientation",
    "text-combine": "text-combine-upright",
    "text-combine-horizontal": "text-combine-upright",
    "text-combine-upright": "text-combine-upright",
    "text-emphasis": "text-emphasis",
    "text-emphasis-color": "text-emphasis-color",
    "text-emphasis-position": "text-emphasis-position",
    "text-emphasis-style": "text-emphasis-style",
    "text-underline-position": "text-underline-position",
    "ruby-position": "ruby-position",
    "text-transform": "text-transform",
    "hyphens": "hyphens",
    "line-break": "line-break",
    "word-break": "word-break",
    "text-align-last": "text-align-last",
}
_VALUES = {
    "writing-mode": {"tb-rl": "vertical-rl", "tb": "vertical-rl", "tb-lr": "vertical-lr", "lr": "horizontal-tb",
                     "lr-tb": "horizontal-tb", "rl": "horizontal-tb", "rl-tb": "horizontal-tb"},
    "text-orientation": {"vertical-right": "mixed", "sideways-right": "sideways", "rotate-right": "sideways",
                         "rotate-normal": "mixed", "use-glyph-orientation": "mixed"},
    "text-combine-upright": {"horizontal": "all"},
    "text-transform": {"-epub-fullwidth": "full-width", "fullwidth": "full-width"},
    "text-underline-position": {"alphabetic": "auto"},
    "ruby-position": {"before": "over", "after": "under"},
}  # fmt: skip

_MAX_NESTING = 24
"""Blocks and functions within each other; real books stay under 8. The walk below takes four calls for each."""
_MOST_MARKS = 1_000_000
"""Characters that can be tokens of their own, each about 200 bytes of memory; real sheets stay under 100,000."""
_WORDS = re.compile("[0-9A-Za-z_\x80-\U0010ffff]+")
_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9]{300,}")
"""Python refuses to read them as numbers."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Escapes can name characters that are none in XML or UTF-8."""

_IMAGES = frozenset((Kind.IMAGE, Kind.DRAWING))
_FONTS = frozenset((Kind.FONT,))
_STYLES = frozenset((Kind.STYLE,))


class _Unwanted(Exception):
    """The rule or declaration must go."""


def sanitise_style(text: str, references: References) -> str:
    """A style sheet of a book, with only what is known; its addresses anew.

    Args:
        text: CSS, decoded.
        references: knows where its addresses lead.
    """
    tokens = component_values(text, references.dropped)
    rules = tinycss2.parse_stylesheet(tokens, skip_comments=True, skip_whitespace=True)
    try:
        return _rules(rules, references)
    except RecursionError:
        references.dropped.append("style sheet: nested too deeply")
        return ""


def sanitise_declarations(text: str, references: References) -> str:
    """The value of a `style` attribute, likewise."""
    if "(" not in text and "\\" not in text and "@" not in text and "{" not in text:
        return _plain_declarations(text)
    tokens = component_values(text, references.dropped)
    nodes = tinycss2.parse_blocks_contents(tokens, skip_comments=True, skip_whitespace=True)
    try:
        return _contents([node for node in nodes if node.type == "declaration"], references)
    except RecursionError:
        references.dropped.append("style attribute: nested too deeply")
        return ""


def sanitise_value(text: str, references: References) -> str | None:
    """A presentation attribute of SVG (fill, clip-path …); None where it names something outside the document."""
    if "(" not in text and "\\" not in text:
        return text
    try:
        return _tokens(component_values(text, references.dropped), references, frozenset())
    except _Unwanted:
        return None
    except RecursionError:
        references.dropped.append("attribute: nested too deeply")
        return None


def component_values(text: str, dropped: list[str] | None = None) -> list[Any]:
    """The tokens of CSS without comments, safe for walks by recursion (tinycss2's `serialize` among them).

    What is nested too deeply is an error there, for which its rule or declaration is dropped. tinycss2's own tokenizer
    does not recurse, but takes memory for each token: a text of too many gives none, and a line in `dropped`.
    """
    if len(text) > _MOST_MARKS and len(_WORDS.sub("", text)) > _MOST_MARKS:
        if dropped is not None:
            dropped.append("style sheet: too many tokens")
        return []
    tokens: list[Any] = tinycss2.parse_component_value_list(_LONG_NUMBER.sub("0", text), skip_comments=True)
    waiting = [(tokens, 0)]
    while waiting:
        level, depth = waiting.pop()
        for token in level:
            inner = token.arguments if token.type == "function" else getattr(token, "content", None)
            if inner and depth < _MAX_NESTING:
                waiting.append((inner, depth + 1))
            elif inner:
                inner[:] = [ParseError(token.source_line, token.source_column, ")", "nested too deeply")]
    return tokens


@lru_cache(maxsize=4096)
def _plain_declarations(text: str) -> str:
    """Attributes without functions: the same few hundreds of times in books from word processors."""
    nodes = tinycss2.parse_blocks_contents(component_values(text), skip_comments=True, skip_whitespace=True)
    return _contents(nodes, None)


def _rules(rules: Iterable[Any], references: References) -> str:
    parts = []
    for rule in rules:
        try:
            if rule.type == "qualified-rule":
                parts.append(_qualified(rule, references))
            elif rule.type == "at-rule":
                parts.append(_at_rule(rule, references))
        except _Unwanted:
            continue
    return "\n".join(part for part in parts if part)


def _qualified(rule: Any, references: References | None) -> str:
    selector = _tokens(rule.prelude, None, frozenset()).strip()
    nodes = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    return f"{selector} {{ {_contents(nodes, references)} }}"


def _at_rule(rule: Any, references: References) -> str:
    name = rule.lower_at_keyword
    if name == "import":
        return _import(rule, references)
    if name == "namespace":
        return _namespace(rule)
    head = f"@{name} {_tokens(rule.prelude, None, frozenset()).strip()}".rstrip()
    if name == "layer" and rule.content is None:
        return f"{head};"
    if rule.content is None:
        return ""
    if name in _NESTED or name in _KEYFRAMES:
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        return f"{head} {{\n{_rules(inner, references)}\n}}"
    if name in _PLAIN:
        nodes = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
        kinds = _FONTS if name == "font-face" else _IMAGES
        return f"{head} {{ {_contents(nodes, references, kinds)} }}"
    return ""


def _import(rule: Any, references: References) -> str:
    tokens = [token for token in rule.prelude if token.type not in ("whitespace", "comment")]
    address = _address(tokens[0]) if tokens else None
    found = references.resource(address, _STYLES) if address else None
    if found is None:
        return ""
    condition = _tokens(tokens[1:], None, frozenset(), between=" ")
    return f"@import url({_quoted(found)}) {condition};"


def _namespace(rule: Any) -> str:
    """Namespaces are compared, never fetched; the few that books use are enough."""
    tokens = [token for token in rule.prelude if token.type not in ("whitespace", "comment")]
    address = _address(tokens[-1]) if tokens else None
    if address not in _NAMESPACES:
        return ""
    prefix = tokens[0].serialize() + " " if len(tokens) == 2 and tokens[0].type == "ident" else ""
    return f"@namespace {prefix}url({_quoted(address)});"


def _contents(nodes: Iterable[Any], references: References | None, kinds: Collection[Kind] = _IMAGES) -> str:
    parts = []
    for node in nodes:
        try:
            if node.type == "declaration":
                parts.append(_declaration(node, references, kinds))
            elif node.type == "qualified-rule":
                parts.append(_qualified(node, references))
            elif node.type == "at-rule" and references is not None:
                parts.append(_at_rule(node, references))
        except _Unwanted:
            continue
    return " ".join(part for part in parts if part)


def _declaration(node: Any, references: References | None, kinds: Collection[Kind]) -> str:
    name, value = node.lower_name, node.value
    if name in _FORBIDDEN_PROPERTIES or not re.fullmatch(r"--[^\s:;{}<>]+|-?[a-z][a-z0-9-]*", name):
        return ""
    text = _tokens(value, references, kinds).strip()
    if _UNWRITABLE.search(name):
        raise _Unwanted
    name, text = standard(node.name if name.startswith("--") else name, text)
    return f"{name}: {text}{' !important' if node.important else ''};"


def standard(name: str, value: str) -> tuple[str, str]:
    """A property and value without prefix, if EPUB 3.3 or old WebKit had one for it; others as they are.

    >>> standard("-epub-writing-mode", "vertical-rl")
    ('writing-mode', 'vertical-rl')
    """
    bare = _STANDARD.get(_PREFIX.sub("", name, count=1))
    if bare is None:
        return name, value
    return bare, _VALUES.get(bare, {}).get(value.lower(), value)


def _tokens(tokens: Iterable[Any], references: References | None, kinds: Collection[Kind], *, between: str = "") -> str:
    return between.join(_token(token, references, kinds) for token in tokens)


def _token(token: Any, references: References | None, kinds: Collection[Kind]) -> str:
    kind = token.type
    address = _address(token) if kind in ("url", "function") else None
    if address is not None:
        return _fetched(address, references, kinds)
    if kind == "function":
        if token.lower_name not in _KNOWN_FUNCTIONS:
            raise _Unwanted
        return f"{token.name}({_tokens(token.arguments, references, kinds)})"
    if kind in ("() block", "[] block", "{} block"):
        return f"{kind[0]}{_tokens(token.content, references, kinds)}{kind[1]}"
    if kind in ("error", "at-keyword"):
        raise _Unwanted
    if kind == "comment":
        return " "
    text: str = token.serialize()
    if _UNWRITABLE.search(text):
        raise _Unwanted
    # Inside XML this is escaped anyway; for whoever reads the package as text/html it must not end the style element.
    return text.replace("</", "<\\/").replace("<!", "\\3c !")


def _fetched(address: str, references: References | None, kinds: Collection[Kind]) -> str:
    if references is None:
        raise _Unwanted
    found = references.fragment(address) or references.resource(address, kinds)
    if found is None:
        raise _Unwanted
    return f"url({_quoted(found)})"


def _address(token: Any) -> str | None:
    """What a `url()` or, in @import and @namespace, a string names."""
    if token.type in ("url", "string"):
        return str(token.value)
    if token.type == "function" and token.lower_name == "url":
        inner = [part for part in token.arguments if part.type not in ("whitespace", "comment")]
        return str(inner[0].value) if len(inner) == 1 and inner[0].type == "string" else ""
    return None


def _quoted(address: str) -> str:
    """As a CSS string; addresses are escaped already, so quotes and backslashes cannot occur in them."""
    return '"' + re.sub(r'["\\\n<>]', lambda found: quote_character(found.group()), address) + '"'


def quote_character(character: str) -> str:
    """A character as a CSS escape."""
    return f"\\{ord(character):x} "
