"""Searching inside an item for other viewers: IIIF Content Search API 2.0 and 1.0.

Each line that a hit runs over is an annotation with its box. What stands before and behind a hit is told in a second
list, which is called `annotations` in 2.0 and `hits` in 1.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wenyuan.reader import inside
from wenyuan.reader.iiif import addresses, answers
from wenyuan.reader.iiif.answers import Json
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import Item
from wenyuan.repo.layers import Box
from wenyuan.repo.locate import Hit

CANVASES = 25
"""Matching pages that one answer tells of: a common character stands twenty times on a page."""
CONTEXT = 20
"""Characters told before and behind a hit."""
MOTIVATIONS = {1: frozenset({"painting", "sc:painting"}), 2: frozenset({"supplementing", "contextualizing"})}
"""Of our annotations, by version; 1.0 knows no other for the text of a page."""

_LINE_ENDS = re.compile(r"\n+")


@dataclass(frozen=True, slots=True)
class Match:
    """One hit.

    Attributes:
        canvas: address of the canvas it is on.
        start: its place in the text of the page, which names it.
        lines: the text on each line with its box; None where nobody knows the place.
    """

    canvas: str
    start: int
    lines: tuple[tuple[str, Box | None], ...]
    before: str
    after: str

    @property
    def addresses(self) -> list[str]:
        """Identifiers of its annotations."""
        return [f"{self.canvas}/hit/{self.start}/{number}" for number in range(1, len(self.lines) + 1)]

    @property
    def targets(self) -> list[str]:
        """Where each of its lines stands."""
        return [self.canvas + _fragment(box) for _, box in self.lines]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of an answer.

    Attributes:
        number: of this page, from 1.
        canvases: how many pages of the item match.
        ignored: parameters that the client sent and nobody looked at.
    """

    base: str
    item: str
    query: str
    number: int
    canvases: int
    matches: tuple[Match, ...]
    ignored: tuple[str, ...]

    @property
    def last(self) -> int:
        """Number of the last page."""
        return max(1, -(-self.canvases // CANVASES))

    @property
    def total(self) -> int | None:
        """How many annotations there are on all pages; None where only reading them all would tell."""
        return sum(len(match.lines) for match in self.matches) if self.last == 1 else None

    def address(self, version: int, number: int | None = None) -> str:
        """Of one page, or of the whole."""
        return addresses.search(self.base, version, self.item, q=self.query, page=number)


def matches_on(base: str, item: Item, page: PageView, query: str, texts: tuple[str, str]) -> list[Match]:
    """The hits on a page.

    Args:
        base: address of the site, without a slash at its end.
        item: the item.
        page: a page of it.
        query: as typed.
        texts: of the page and of the one after it.
    """
    text, next_text = texts
    ranges = inside.ranges(item, text, query, next_text)
    hits = inside.hits(item, page, query)
    if len(hits) != len(ranges):  # its boxes are lost: the page is still told
        hits = [Hit((), text[start:end]) for start, end in ranges]
    canvas = addresses.canvas(base, item.id, page.key)
    return [
        Match(
            canvas, start, _lines(hit), _flat(text[max(0, start - CONTEXT) : start]), _flat(text[end : end + CONTEXT])
        )
        for (start, end), hit in zip(ranges, hits, strict=True)
    ]


def version_2(results: Results) -> Json:
    """The answer of Content Search 2.0."""
    document: Json = {
        "@context": answers.SEARCH_2,
        "id": results.address(2, results.number),
        "type": "AnnotationPage",
    }
    if results.ignored:
        document["ignored"] = list(results.ignored)
    if results.last > 1:
        document["partOf"] = _annotation_collection(results)
    for name, number in _neighbours(results):
        document[name] = {"id": results.address(2, number), "type": "AnnotationPage"}
    document["items"] = [each for match in results.matches for each in _supplementing(match)]
    if results.matches:
        told = [_contextualizing(match) for match in results.matches]
        document["annotations"] = [
            {"id": f"{results.address(2, results.number)}#context", "type": "AnnotationPage", "items": told}
        ]
    return document


def version_1(results: Results) -> Json:
    """The answer of Content Search 1.0."""
    layer: Json = {"@type": "sc:Layer"}
    if results.total is not None:
        layer["total"] = results.total
    if results.ignored:
        layer["ignored"] = list(results.ignored)
    if results.last > 1:
        layer |= {"first": results.address(1, 1), "last": results.address(1, results.last)}
    document: Json = {
        "@context": ["http://iiif.io/api/presentation/2/context.json", answers.SEARCH_1],
        "@id": results.address(1, results.number),
        "@type": "sc:AnnotationList",
        "within": layer,
    }
    document |= {name: results.address(1, number) for name, number in _neighbours(results)}
    if results.number == 1:
        document["startIndex"] = 0
    document["resources"] = [each for match in results.matches for each in _resources(match)]
    document["hits"] = [
        {
            "@type": "search:Hit",
            "annotations": match.addresses,
            "match": "".join(text for text, _ in match.lines),
            "before": match.before,
            "after": match.after,
        }
        for match in results.matches
    ]
    return document


def _neighbours(results: Results) -> list[tuple[str, int]]:
    before = [("prev", results.number - 1)] if results.number > 1 else []
    return before + ([("next", results.number + 1)] if results.number < results.last else [])


def _annotation_collection(results: Results) -> Json:
    return {
        "id": results.address(2),
        "type": "AnnotationCollection",
        "first": {"id": results.address(2, 1), "type": "AnnotationPage"},
        "last": {"id": results.address(2, results.last), "type": "AnnotationPage"},
    }


def _supplementing(match: Match) -> list[Json]:
    return [
        {
            "id": address,
            "type": "Annotation",
            "motivation": "supplementing",
            "body": {"type": "TextualBody", "value": text, "format": "text/plain"},
            "target": target,
        }
        for address, target, (text, _) in zip(match.addresses, match.targets, match.lines, strict=True)
    ]


def _contextualizing(match: Match) -> Json:
    """What stands around a hit. One that runs over several lines has a target for each of them (§4.2.8)."""
    texts = [text for text, _ in match.lines]
    targets = [
        {
            "type": "SpecificResource",
            "source": address,
            "selector": [
                {
                    "type": "TextQuoteSelector",
                    "prefix": match.before + "".join(texts[:place]),
                    "exact": texts[place],
                    "suffix": "".join(texts[place + 1 :]) + match.after,
                }
            ],
        }
        for place, address in enumerate(match.addresses)
    ]
    return {
        "id": f"{match.canvas}/hit/{match.start}",
        "type": "Annotation",
        "motivation": "contextualizing",
        "target": targets[0] if len(targets) == 1 else targets,
    }


def _resources(match: Match) -> list[Json]:
    return [
        {
            "@id": address,
            "@type": "oa:Annotation",
            "motivation": "sc:painting",
            "resource": {"@type": "cnt:ContentAsText", "format": "text/plain", "chars": text},
            "on": target,
        }
        for address, target, (text, _) in zip(match.addresses, match.targets, match.lines, strict=True)
    ]


def _lines(hit: Hit) -> tuple[tuple[str, Box | None], ...]:
    """The text of a hit on each of its lines; the whole on each where lines and boxes do not answer each other."""
    if not hit.boxes:
        return ((_flat(hit.text), None),)
    texts = [text for text in _LINE_ENDS.split(hit.text) if text.strip()]
    if len(texts) != len(hit.boxes):
        texts = [_flat(hit.text)] * len(hit.boxes)
    return tuple(zip(texts, hit.boxes, strict=True))


def _flat(text: str) -> str:
    """On one line; between Han characters nothing stands for the end of a line."""
    return _LINE_ENDS.sub("", text)


def _fragment(box: Box | None) -> str:
    return f"#xywh={box.x},{box.y},{box.width},{box.height}" if box else ""
