"""Long lists in pages: which page is asked for, and the numbers to show below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

NEIGHBOURS = 2
"""Page numbers shown on each side of the current one."""


@dataclass(frozen=True, slots=True)
class Pager:
    """One page of a long list; numbers from 1."""

    number: int
    size: int
    total: int

    @property
    def offset(self) -> int:
        """How many entries come before."""
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        """Number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def numbers(self) -> list[int | None]:
        """First, last, the current and its neighbours; None where some are left out."""
        near = range(self.number - NEIGHBOURS, self.number + NEIGHBOURS + 1)
        shown = sorted({1, self.last, *(number for number in near if 1 <= number <= self.last)})
        found: list[int | None] = []
        for number in shown:
            if found and number - (found[-1] or 0) > 1:
                found.append(None)
            found.append(number)
        return found

    def url(self, number: int) -> str:
        """This list at another page, with everything else as it is."""
        return address(page=number if number > 1 else None)


def asked(name: str = "page") -> int:
    """The page number that the request asks for; 1 where it makes no sense."""
    text = request.args.get(name, "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def arguments() -> dict[str, Any]:
    """What this address says, for `url_for`: without the names that `url_for` keeps for itself, whoever sent them."""
    own = {name: value for name, value in request.args.items() if name != "endpoint" and not name.startswith("_")}
    return {**own, **(request.view_args or {})}


def address(**changes: str | int | None) -> str:
    """This address with some arguments changed; None takes one away."""
    changed: dict[str, Any] = {**arguments(), **changes}
    changed.pop("lang", None)
    return url_for(request.endpoint or "home.home", **changed)
