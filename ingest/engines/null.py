"""The engine that reads nothing: pages stay without text until another is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from wenyuan.ingest.engines.engine import Engine, EngineOptions, FoundLine, Picture, Wish


@dataclass(frozen=True, slots=True)
class NoEngine:
    """Finds no line on any page."""

    label: str = "null"

    def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
        """Nothing."""
        del picture, wish
        return []


def open_engine(options: EngineOptions) -> Engine:
    """Always there."""
    del options
    return NoEngine()
