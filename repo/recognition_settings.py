"""How pages without text are to be read: what staff says of an item, of a collection, or for one run.

Every field may be left open; what an item leaves open its collection says, then the one above, then the settings of the
library, and at last what is found on each page. Kept in manifests like the rest of a description.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NO_ENGINE = "null"
"""The engine that reads nothing: such pages wait for no job."""
AUTO_ENGINE = "auto"
"""The engine is chosen by what is on the page."""

EngineName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]


class WritingWish(StrEnum):
    """How the characters run; `auto`: found on each page."""

    AUTO = "auto"
    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


class Facing(StrEnum):
    """Whether a scan shows two facing pages."""

    AUTO = "auto"
    """Found on each page; what is found is proposed to staff."""
    ONE = "one"
    """One page, whatever a gutter may look like."""
    TWO = "two"
    """Two pages: each half is read by itself, the first in reading order first."""


class Step(StrEnum):
    """A step of the preparation of a page's picture that can be switched (docs/recognition.md)."""

    ORIENTATION = "orientation"
    LIGHT = "light"
    RULES = "rules"
    SKEW = "skew"
    FACING = "facing"
    SMALL_PRINT = "small_print"


class Recognition(BaseModel):
    """What staff says; None and empty: nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: EngineName | None = None
    """A module of `wenyuan.ingest.engines`, or `auto`."""
    languages: tuple[LanguageTag, ...] | None = None
    """BCP 47, the most likely first."""
    writing: WritingWish | None = None
    facing: Facing | None = None
    steps: Mapping[Step, bool] = Field(default_factory=dict)
    """Steps of the preparation that are switched on or off; the others are as the program has them."""

    def over(self, below: Self | None) -> Self:
        """What both say together: this one's word counts, the other's where this one says nothing."""
        if below is None:
            return self
        said = {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}
        return below.model_copy(update={**said, "steps": {**below.steps, **self.steps}})

    @property
    def says_something(self) -> bool:
        """Whether anything is said at all."""
        return self != type(self)()
