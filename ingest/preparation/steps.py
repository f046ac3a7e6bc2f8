"""Which steps prepare a page; kept with every text layer that an engine made."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Steps:
    """Switches; all are on unless measurements speak against it (docs/recognition.md).

    Attributes:
        orientation: turn pages that lie on their side or stand on their head.
        light: make uneven light even.
        rules: find printed lines, which part columns and articles.
    """

    orientation: bool = True
    light: bool = False
    rules: bool = True

    def record(self) -> dict[str, bool]:
        """Plain values."""
        return asdict(self)
