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
        skew: find by how much the page leans, and set its lines straight before they are put in order.
        facing: part a scan of two facing pages where the gutter shows.
        small_print: look again, and larger, where print is small.
    """

    orientation: bool = True
    light: bool = False
    rules: bool = True
    skew: bool = True
    facing: bool = True
    small_print: bool = True

    def record(self) -> dict[str, bool]:
        """Plain values."""
        return asdict(self)
