"""Which engine reads a page and how, out of what staff has said and what is on the page.

Engines are opened once in a process and stay open: their networks take up to a second to load and a gigabyte.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, cast

from wenyuan.ingest import page_frame
from wenyuan.ingest.engines import scripts
from wenyuan.ingest.engines.engine import Engine, EngineOptions, Wish, Writing
from wenyuan.ingest.page_language import languages_of
from wenyuan.ingest.preparation.steps import Steps
from wenyuan.ingest.recognition import Plan, Recognised, recognise_page, text_of
from wenyuan.repo import wiring
from wenyuan.repo.layers import TextLayer
from wenyuan.repo.recognition_settings import AUTO_ENGINE, Facing, Recognition
from wenyuan.storage.errors import Misconfigured

RECIPE = 2
"""Raised when preparation, engines' use or reading order change so much that pages are worth reading again."""

FIRST_ENGINE = "rapidocr"
LATIN_ENGINE = "tesseract"

_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_LATIN_SHARE = 0.95
"""Of the letters of a page; below it is no Latin page."""
_LEAST_LETTERS = 200
_LEAST_CONFIDENCE = 85
"""Per cent, on average of all characters: below it a page is not clean."""
_SAME_LENGTH = 0.1
"""How much the lengths of two readings of a clean page may differ; more, and one of them has lost text."""

_MIDDLE = 0.5

Picture = Callable[[], Any]
"""Opens the page's picture; it can be read once, so it is asked for again for a second reading."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """With what a text was made that the page has already."""

    engine: str
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a page, in the pixels of its picture.

    Attributes:
        settings: what was asked (`asked`), and what the steps found and did.
        reason: why there is no text; None where there is some.
        has_facing_pages: two pages were found on the scan, which staff has not been asked about yet.
    """

    layer: TextLayer
    engine: str
    settings: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    has_facing_pages: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """One way to read pages."""

    said: Recognition
    threads: int
    gutter: float
    """Where two facing pages part, as a share of the scan's width."""

    def open(self) -> None:
        """Load the engine that reads first.

        Raises:
            Misconfigured: it is not there.
        """
        _opened(_first_engine(self.said), self.threads)

    def would_repeat(self, known: Known) -> bool:
        """Whether a text was made by the same engine from the same wishes, so that it would come out again."""
        return known.settings.get("asked") == self._asked and known.engine in self._labels

    def read(self, picture: Picture) -> Reading:
        """Read a page.

        Raises:
            BadInput, pyvips.Error: the picture cannot be decoded.
            Misconfigured: the engine is not there.
        """
        found = self._first(picture)
        if self.said.engine == AUTO_ENGINE and self._wants_latin(found.layer):
            found = self._second(picture, found)
        settings = {"asked": self._asked, **found.settings}
        proposes = found.facing_at is not None and self.said.facing in (None, Facing.AUTO)
        if found.facing_at is not None:
            settings["facing_at"] = round(found.facing_at / found.layer.width, 4)
        return Reading(found.layer, found.engine, settings, found.reason, proposes)

    def _first(self, picture: Picture) -> Recognised:
        engine, plan = _opened(_first_engine(self.said), self.threads), self._plan
        if self.said.facing is Facing.TWO:
            return _by_halves(picture().copy_memory(), self.gutter, engine, plan)
        return recognise_page(picture(), engine, plan)

    def _wants_latin(self, layer: TextLayer) -> bool:
        """Whether a page is clean and Latin, or staff says so, and something was read on it."""
        said = self.said.languages or ()
        return _is_clean_latin(layer) or (bool(layer.lines) and scripts.are_alphabetic(said))

    def _second(self, picture: Picture, first: Recognised) -> Recognised:
        """Tesseract parts words better where print is clean and Latin; it must have read as much."""
        engine = _latin_engine(self.threads)
        if engine is None:
            return first
        plan = self._plan
        languages = plan.wish.languages or tuple(first.settings.get("languages", ()))
        second = recognise_page(picture(), engine, replace(plan, wish=replace(plan.wish, languages=languages)))
        length = len("".join(first.layer.text.split()))
        differs = abs(len("".join(second.layer.text.split())) - length) > _SAME_LENGTH * length
        return first if differs or _confidence(second.layer) < _LEAST_CONFIDENCE else second

    @property
    def _plan(self) -> Plan:
        wish = Wish(self.said.languages or (), Writing((self.said.writing or Writing.AUTO).value))
        steps = Steps(**{step.value: on for step, on in self.said.steps.items()})
        # One page is not parted, and neither is one half of two.
        return Plan(wish, replace(steps, facing=steps.facing and self.said.facing in (None, Facing.AUTO)))

    @property
    def _asked(self) -> dict[str, Any]:
        return {**self.said.model_dump(mode="json", exclude_defaults=True), "recipe": RECIPE}

    @property
    def _labels(self) -> tuple[str, ...]:
        first = _opened(_first_engine(self.said), self.threads).label
        latin = _latin_engine(self.threads) if self.said.engine == AUTO_ENGINE else None
        return (first, latin.label) if latin else (first,)


def reader(said: Recognition, threads: int, known: Sequence[Known] = ()) -> Reader:
    """How a page is read of which this is said.

    Args:
        said: `engine` is set.
        threads: of one page.
        known: earlier readings of this page, oldest first: one may have found where facing pages part.
    """
    gutters = [one.settings["facing_at"] for one in known if "facing_at" in one.settings]
    return Reader(said, threads, gutters[-1] if gutters else _MIDDLE)


def _first_engine(said: Recognition) -> str:
    return FIRST_ENGINE if said.engine in (None, AUTO_ENGINE) else said.engine


@cache
def _opened(name: str, threads: int) -> Engine:
    """Raises: UnknownBackend, MissingExtra, ModelMissing."""
    module = wiring.chosen("ocr_engine", name, "wenyuan.ingest.engines")
    return cast("Engine", module.open_engine(EngineOptions(threads)))


@cache
def _latin_engine(threads: int) -> Engine | None:
    """The engine for clean Latin pages, where it is installed."""
    try:
        return _opened(LATIN_ENGINE, threads)
    except Misconfigured as error:
        _log.info("%s: %s", LATIN_ENGINE, error)
        return None


def _is_clean_latin(layer: TextLayer) -> bool:
    letters = [character for character in layer.text if character.isalpha()]
    if len(letters) < _LEAST_LETTERS:
        return False
    latin = sum(bool(_LATIN.match(letter)) for letter in letters)
    return latin >= _LATIN_SHARE * len(letters) and _confidence(layer) >= _LEAST_CONFIDENCE


def _confidence(layer: TextLayer) -> float:
    """Average of all characters in per cent; 0 where nobody said."""
    said = [confidence for line in layer.lines for confidence in line.confidences]
    return sum(said) / len(said) if said else 0.0


def _by_halves(picture: Any, gutter: float, engine: Engine, plan: Plan) -> Recognised:
    """Two facing pages, each prepared and read by itself: the one that comes first in its writing comes first.

    Args:
        picture: a `pyvips.Image` in memory.
    """
    width, height = picture.width, picture.height
    at = min(max(1, round(gutter * width)), width - 1)
    left = recognise_page(picture.crop(0, 0, at, height), engine, plan)
    right = recognise_page(picture.crop(at, 0, width - at, height), engine, plan)
    from_the_right = bool(left.settings.get("vertical") or right.settings.get("vertical"))
    parts = [(right, at), (left, 0)] if from_the_right else [(left, 0), (right, at)]
    layer = page_frame.joined([(part.layer, edge) for part, edge in parts], width, height)
    settings = {
        "facing_at": round(at / width, 4),
        "vertical": from_the_right,
        "languages": list(languages_of(text_of(layer))),
        "halves": [part.settings for part, _ in parts],
    }
    return Recognised(layer, left.engine, settings, (left.reason or right.reason) if not layer.lines else None)
