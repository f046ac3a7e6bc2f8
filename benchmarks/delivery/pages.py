"""The pages: Chinese books as a library scans them, and the real scans of `../shared/corpus` where they lie there.

Text is set in a real typeface, printed on the sample collection's paper (tone, fibres, ragged ink, the other side
showing through) and given the grain of a scanner. The grain matters: it makes most of the bytes of a JPEG. On blank
paper ours has a deviation of about 1.9 of 255 levels, where real scans of the corpus that kept their grain have 1.8
and more.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.search import corpus
from wenyuan.sample.making.fonts import BLOCK, SONG_SC, covered
from wenyuan.sample.making.paper import Stock
from wenyuan.sample.making.sheet import Sheet, Stroke
from wenyuan.sample.making.wear import Wear, printed

ROOT = Path(__file__).resolve().parent.parent.parent
REAL = ROOT.parent / "shared" / "corpus"
REAL_SCANS = (
    "ocr/real/siku_zongmu_1.jpg",
    "ocr/real/siku_jmml_1.jpg",
    "ocr/real/siku_jmml_2.jpg",
    "mets/kant/data/OCR-D-IMG/INPUT_0017.tif",
    "mets/kant/data/OCR-D-IMG/INPUT_0020.tif",
    "mets/openoni/0001.jp2",
    "mets/openoni/0002.jp2",
)
A4_300_DPI = (2480, 3508)
A4_400_DPI = (3307, 4677)
A3_300_DPI = (3508, 4961)
MADE = [A4_300_DPI] * 8 + [A4_400_DPI] * 3 + [A3_300_DPI] * 2
DOTS_PER_INCH = {A4_300_DPI: 300, A4_400_DPI: 400, A3_300_DPI: 300}
GRAIN = 2.6
"""Deviation before the lens softens it, in levels of 255."""
FIRST_HAN = 0x3000
"""Marks of Chinese text begin here; Latin numbers of catalogues do not belong on an old page."""
VERSION = 1
"""Pages are kept from run to run; another version makes them anew."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the benchmark."""

    file: str
    width: int
    height: int
    text: str
    real: bool

    @property
    def is_a4(self) -> bool:
        """Whether it is a 300 dpi A4 page, in terms of which costs are told."""
        return (self.width, self.height) == A4_300_DPI


def make(folder: Path, count: int) -> list[Page]:
    """The pages in a folder, made where they are not there yet.

    Args:
        count: how many at most; half or fewer of them real.
    """
    listed = folder / f"pages-{VERSION}-{count}.json"
    if not listed.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        real = [path for path in (REAL / name for name in REAL_SCANS) if path.exists()][: count // 2]
        made = [_real(folder, path) for path in real]
        made += [_drawn(folder, number) for number in range(count - len(made))]
        listed.write_text(json.dumps([asdict(page) for page in made], ensure_ascii=False, indent=1))
    return [Page(**page) for page in json.loads(listed.read_text())]


def _real(folder: Path, path: Path) -> Page:
    """A scan of the corpus as it is; JPEG 2000, which Debian's iipsrv cannot read, as TIFF."""
    target = folder / f"real-{path.parent.name}-{path.name}"
    with Image.open(path) as picture:
        width, height = picture.size
        if path.suffix == ".jp2":
            target = target.with_suffix(".tif")
            picture.save(target, compression="tiff_lzw")
        else:
            shutil.copyfile(path, target)
    return Page(target.name, width, height, "", real=True)


def _drawn(folder: Path, number: int) -> Page:
    """A page of print: vertical and horizontal in turn; two of three as JPEG, one as TIFF, as deliveries mix."""
    size, vertical = MADE[number % len(MADE)], number % 2 == 0
    font = BLOCK if vertical else SONG_SC
    texts = _texts(font)
    for _ in range(3 * number):
        next(texts)
    text = next(texts)
    rng = np.random.default_rng(number)
    stock = Stock((236, 226, 203), 0.5, 0.15) if vertical else Stock((238, 237, 231), 0.3, 0.0, 0.15, 0.05, 0.3)
    wear = Wear(stock, degrees=rng.uniform(-0.4, 0.4), rough=0.3, bleed=0.35)
    front, back = (_sheet(size, one, vertical=vertical) for one in (text, next(texts)))
    picture = _grained(printed(front, wear, rng, behind=back), rng)
    dots = DOTS_PER_INCH[size]
    name = f"drawn-{number:02}.{'tif' if number % 3 == 2 else 'jpg'}"
    if name.endswith("tif"):
        picture.save(folder / name, compression="tiff_lzw", dpi=(dots, dots))
    else:
        picture.save(folder / name, quality=93, subsampling=0, dpi=(dots, dots))
    return Page(name, *size, text, real=False)


def _texts(font: str) -> Iterator[str]:
    """Texts of a page each, of characters that the typeface has."""
    known, running = covered(font), ""
    for text in corpus(4000):
        running += "".join(char for char in text if ord(char) in known and ord(char) >= FIRST_HAN)
        if len(running) >= 1200:
            yield running[:1200]
            running = ""


def _sheet(size: tuple[int, int], text: str, *, vertical: bool) -> Sheet:
    """Text set in columns from the right with rules between them, or in lines."""
    width, height = size
    sheet = Sheet(width, height)
    rows, columns = (24, 18) if vertical else (34, 28)
    margin = round(0.11 * width)
    across, down = (width - 2 * margin) / columns, (height - 2.2 * margin) / rows
    stroke = Stroke(BLOCK if vertical else SONG_SC, round(min(across, down) * (0.9 if vertical else 0.82)))
    for place, char in enumerate(text[: rows * columns]):
        along, over = divmod(place, rows if vertical else columns)
        column, row = (columns - 1 - along, over) if vertical else (over, along)
        sheet.stamp(char, margin + (column + 0.5) * across, 1.1 * margin + (row + 0.5) * down, stroke)
    if vertical:
        bottom = height - 1.1 * margin
        for column in range(columns + 1):
            x = margin + column * across
            sheet.draw.line([(x, 1.1 * margin), (x, bottom)], fill=220, width=4)
        sheet.draw.rectangle((margin - 14, 1.1 * margin - 14, width - margin + 14, bottom + 14), outline=255, width=9)
    return sheet


def _grained(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """What the sensor adds: mostly to the brightness, a little to each colour, softened by half a pixel."""
    values = np.asarray(picture, dtype=np.float32)
    height, width = values.shape[:2]
    grain = rng.standard_normal((height, width, 1), dtype=np.float32)
    grain = grain + 0.35 * rng.standard_normal((height, width, 3), dtype=np.float32)
    soft = 0.62 * grain + 0.19 * np.roll(grain, 1, 0) + 0.19 * np.roll(grain, 1, 1)
    return Image.fromarray(np.clip(values + GRAIN * soft, 0, 255).astype(np.uint8))
