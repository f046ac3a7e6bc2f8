"""The ages by which readers narrow a search: dynasties, the Republic, and what came after.

Bounds are those that local gazetteers of the region use; a date that may mean several ages belongs to each of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Period:
    """An age; `first` or `last` None where it is open."""

    key: str
    first: int | None
    last: int | None


PERIODS = (
    Period("yuan", None, 1367),
    Period("ming", 1368, 1643),
    Period("qing", 1644, 1911),
    Period("republic", 1912, 1949),
    Period("1950", 1950, 1978),
    Period("1979", 1979, 1999),
    Period("2000", 2000, None),
)
"""In their order in time."""


def of_years(first: int | None, last: int | None) -> tuple[str, ...]:
    """Keys of the ages that these years may lie in; none for years that nobody knows."""
    if first is None or last is None:
        return ()
    return tuple(
        period.key
        for period in PERIODS
        if (period.first is None or last >= period.first) and (period.last is None or first <= period.last)
    )
