"""The same requests in each server's own words, and whether it answers them rightly."""

from __future__ import annotations

import http.client
import io
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from PIL import Image

from benchmarks.delivery.pages import Page
from wenyuan.repo.recipes import fitted
from wenyuan.repo.tiles import TILE_SIZE, TileGrid

THUMBNAIL_WIDTH = 300
READING_WIDTH = 1024
TOLERANCE = 1
"""Pixels: libvips rounds the halves of its pyramids down, IIIF tiles are rounded up."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Paths at one server; position n of each list is the same page at every server.

    Attributes:
        views: reading images.
        tiles: of each page all tiles, in the order of `TileGrid.tiles`.
    """

    infos: list[str]
    views: list[str]
    thumbnails: list[str]
    tiles: list[list[str]]

    def every_tile(self) -> list[str]:
        """Tiles of all pages and levels."""
        return [tile for page in self.tiles for tile in page]

    def whole_tiles(self, pages: list[Page]) -> list[str]:
        """Only those of 512 × 512 pixels: where iipsrv need not cut."""
        sizes = [size for page in pages for size in tile_sizes(page)]
        whole = (TILE_SIZE, TILE_SIZE)
        return [path for path, size in zip(self.every_tile(), sizes, strict=True) if size == whole]


def tile_sizes(page: Page) -> list[tuple[int, int]]:
    """Width and height of each tile of a page."""
    grid = TileGrid(page.width, page.height)
    return [grid.size(tile) for tile in grid.tiles()]


def of_iipsrv(pages: list[Page], *, view: str) -> Addresses:
    """Requests for pyramids under /iiif/.

    Args:
        view: the size of the reading image, e.g. `!1024,1024`.
    """
    bases = [f"/iiif/{pyramid_name(page)}" for page in pages]
    return Addresses(
        [f"{base}/info.json" for base in bases],
        [f"{base}/full/{view}/0/default.jpg" for base in bases],
        [f"{base}/full/{THUMBNAIL_WIDTH},/0/default.jpg" for base in bases],
        [_iipsrv_tiles(base, TileGrid(page.width, page.height)) for base, page in zip(bases, pages, strict=True)],
    )


def _iipsrv_tiles(base: str, grid: TileGrid) -> list[str]:
    """Whole tiles by width alone, which iipsrv answers a quarter faster; edges by both, else it makes other sizes."""
    paths: list[str] = []
    for tile in grid.tiles():
        across, down = grid.size(tile)
        size = f"{across}," if across == down == TILE_SIZE else f"{across},{down}"
        paths.append(f"{base}/{','.join(map(str, grid.region(tile)))}/{size}/0/default.jpg")
    return paths


def pyramid_name(page: Page) -> str:
    """The file that iipsrv reads."""
    return f"{page.file.rpartition('.')[0]}.tif"


def of_ours(pages: list[Page], images: list[tuple[str, str]]) -> Addresses:
    """Requests at our server.

    Args:
        images: IIIF base path and version of each page.
    """
    return _canonical(pages, [base for base, _ in images], [f"?v={version}" for _, version in images])


def of_files(pages: list[Page]) -> Addresses:
    """Files named by the canonical IIIF request."""
    return _canonical(pages, [f"/{number:02}" for number in range(len(pages))], ["" for _ in pages])


def _canonical(pages: list[Page], bases: list[str], queries: list[str]) -> Addresses:
    def sized(width: int) -> list[str]:
        found: list[str] = []
        for page, base, query in zip(pages, bases, queries, strict=True):
            across, down = fitted(page.width, page.height, width)
            found.append(f"{base}/full/{across},{down}/0/default.jpg{query}")
        return found

    grids = [TileGrid(page.width, page.height) for page in pages]
    tiles = [
        [f"{base}/{grid.name(tile)}{query}" for tile in grid.tiles()]
        for base, grid, query in zip(bases, grids, queries, strict=True)
    ]
    return Addresses([f"{base}/info.json" for base in bases], sized(READING_WIDTH), sized(THUMBNAIL_WIDTH), tiles)


class WrongAnswerError(RuntimeError):
    """A server does not answer what was asked: no figure is taken from it."""


class Asker:
    """Asks one address after the other over one connection."""

    def __init__(self, origin: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=30)

    def get(self, path: str) -> bytes:
        """The body of an answer.

        Raises:
            WrongAnswerError: any status but 200.
        """
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise WrongAnswerError(f"{path}: {answer.status} {body[:300]!r}")
        return body

    def check_picture(self, path: str, size: tuple[int, int]) -> None:
        """Whether a JPEG of this size comes.

        Raises:
            WrongAnswerError: something else does.
        """
        with Image.open(io.BytesIO(self.get(path))) as picture:
            found = picture.size
        if max(abs(found[0] - size[0]), abs(found[1] - size[1])) > TOLERANCE:
            raise WrongAnswerError(f"{path}: {found} instead of {size}")


def check(origin: str, asked: Addresses, pages: list[Page], view_box: int | None = None) -> None:
    """Ask everything once, which also fills what caches a server has.

    Args:
        view_box: the reading image fits a square of this side; else it is as wide as asked.

    Raises:
        WrongAnswerError: an answer is not what was asked for.
    """
    asker = Asker(origin)
    for number, page in enumerate(pages):
        told = json.loads(asker.get(asked.infos[number]))
        if (told["width"], told["height"]) != (page.width, page.height):
            raise WrongAnswerError(f"{asked.infos[number]}: {told['width']} × {told['height']}")
        width = READING_WIDTH if view_box is None else round(view_box * min(1, page.width / page.height))
        asker.check_picture(asked.views[number], fitted(page.width, page.height, width))
        asker.check_picture(asked.thumbnails[number], fitted(page.width, page.height, THUMBNAIL_WIDTH))
        for path, size in zip(asked.tiles[number], tile_sizes(page), strict=True):
            asker.check_picture(path, size)
