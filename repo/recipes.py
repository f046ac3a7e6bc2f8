"""How derivatives are made: the names that stand in their keys, so that another quality or version is another key."""

from __future__ import annotations

from dataclasses import dataclass

from wenyuan.repo.settings import Settings

THUMBNAIL, READING_SMALL, READING = "thumbnail", "reading-small", "reading"
"""Names of the page pictures, as they stand in addresses."""

COVER = "cover-v1.jpg"
"""A cover picture that an e-book brings along, at page 0 of its file."""

TILES = "tiles"
_MADE_WIDTHS = {THUMBNAIL: 300, READING_SMALL: 1024, READING: 1600}
"""Pixels. 300, 1,024 and 1,600 are what a list, a phone and a desk show (docs/decisions/009)."""
_VERSION = 2
"""Of the encoder's options besides quality: 2 is libvips' quantisation table 3, pictures progressive, tiles not
(docs/decisions/009)."""
_LONGEST_SIDE = 65_500
"""Pixels; JPEG holds 65,535 (ITU-T T.81, B.2.2)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one derivative of a page is made.

    Attributes:
        name: what it is, a name of this module.
        width: pixels; a smaller original is not enlarged. 0 for tiles, which have the page's own size.
        quality: of its JPEG.
    """

    name: str
    width: int
    quality: int

    @property
    def stem(self) -> str:
        """How the last segment of its key begins, whatever the quality: earlier ones serve until this one is made."""
        if not self.width:
            return f"{self.name}-512-"
        # Both reading pictures are of one kind: so version 1 has named them.
        return f"{READING if self.name == READING_SMALL else self.name}-{self.width}-"

    @property
    def file_name(self) -> str:
        """Last segment of its key."""
        return f"{self.stem}q{self.quality}-v{_VERSION}.{'jpg' if self.width else 'zip'}"


@dataclass(frozen=True, slots=True)
class Recipes:
    """All that is made of a page."""

    thumbnail: Recipe
    reading_small: Recipe
    reading: Recipe
    tiles: Recipe

    @classmethod
    def of(cls, settings: Settings) -> Recipes:
        """The recipes that the settings name."""
        return cls(
            Recipe(THUMBNAIL, _MADE_WIDTHS[THUMBNAIL], settings.thumbnail_quality),
            Recipe(READING_SMALL, _MADE_WIDTHS[READING_SMALL], settings.reading_quality),
            Recipe(READING, _MADE_WIDTHS[READING], settings.reading_quality),
            Recipe(TILES, 0, settings.tile_quality),
        )

    @property
    def pictures(self) -> tuple[Recipe, ...]:
        """Those that are one picture each, from small to large."""
        return (self.thumbnail, self.reading_small, self.reading)

    @property
    def all(self) -> tuple[Recipe, ...]:
        """Pictures and tiles."""
        return (*self.pictures, self.tiles)

    def picture(self, name: str) -> Recipe:
        """The picture of a name.

        Raises:
            KeyError: no such picture.
        """
        return {recipe.name: recipe for recipe in self.pictures}[name]


def fitted(width: int, height: int, recipe_width: int) -> tuple[int, int]:
    """Width and height of a page narrowed to a recipe's width, or further to what JPEG can hold; never enlarged."""
    across = max(1, min(recipe_width, width, width * _LONGEST_SIDE // height))
    return across, max(1, min(_LONGEST_SIDE, round(height * across / width)))


def made_sizes(width: int, height: int) -> dict[tuple[int, int], str]:
    """The sizes in which a page of this size is made, from small to large, and the name of the picture that has it.

    Of recipes that are as wide as the page or wider the first stands for all.
    """
    sizes: dict[tuple[int, int], str] = {}
    for name, recipe_width in _MADE_WIDTHS.items():
        sizes.setdefault(fitted(width, height, recipe_width), name)
    return sizes
