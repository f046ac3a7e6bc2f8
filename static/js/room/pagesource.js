// The picture of a page in its levels, each asked for by the address under which the server has it ready: first the
// pictures made at ingest, whole; then, finer than those, tiles. No request of ours makes the server decode anything.

const LONGEST = 65500; // pixels that a JPEG may have on a side, as repo/recipes.py says

/** Half to even, as the server rounds. */
function rounded(value) {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 ? down + 1 : down;
}

/** Width and height of the pictures made of a page, small to large; the first as wide as the page is the last. */
export function madeSizes(page, widths) {
  const sizes = [];
  const tallest = Math.max(1, Math.floor((page.width * LONGEST) / page.height));
  for (const wanted of widths) {
    const width = Math.min(wanted, page.width, tallest);
    sizes.push({ width, height: Math.max(1, rounded((page.height * width) / page.width)) });
    if (width < wanted || width === page.width) break;
  }
  return sizes;
}

/** The levels of the tile pyramid that are finer than the finest made picture, coarse to fine. */
function tileLevels(page, largest) {
  const levels = [];
  for (let factor = 1; ; factor *= 2) {
    const width = Math.ceil(page.width / factor);
    if (width <= largest) return levels.reverse();
    levels.push({ width, height: Math.ceil(page.height / factor), factor });
  }
}

/** Address of a picture of a page: region and size as IIIF writes them. */
function pictureAddress(book, page, region, width, height) {
  const base = book.address("image", { key: page.key });
  return `${base}/${region}/${width},${height}/0/default.jpg?v=${page.version}`;
}

/** Address of a made picture of a page that is at least so wide, or the widest. */
export function madeAddress(book, page, width) {
  const sizes = madeSizes(page, book.image.widths);
  const size = sizes.find((each) => each.width >= width) ?? sizes.at(-1);
  return pictureAddress(book, page, "full", size.width, size.height);
}

/** Address of the made picture that a page so many device pixels wide is drawn with. */
export function firstAddress(book, page, devicePixels) {
  const sizes = madeSizes(page, book.image.widths);
  const size = sizes[levelFor(sizes, devicePixels)];
  return pictureAddress(book, page, "full", size.width, size.height);
}

/** Value of `srcset` with all made pictures of a page. */
export function madeSet(book, page) {
  return madeSizes(page, book.image.widths)
    .map((size) => `${pictureAddress(book, page, "full", size.width, size.height)} ${size.width}w`)
    .join(", ");
}

/** Address of one tile: column and row of a level. */
function tileAddress(book, page, level, column, row) {
  const span = book.image.tile * level.factor;
  const [x, y] = [column * span, row * span];
  const [width, height] = [Math.min(span, page.width - x), Math.min(span, page.height - y)];
  const isWhole = width === page.width && height === page.height;
  const region = isWhole ? "full" : `${x},${y},${width},${height}`;
  return pictureAddress(book, page, region, Math.ceil(width / level.factor), Math.ceil(height / level.factor));
}

/**
 * The coarsest level that will do when the page is so many device pixels wide: a touch of enlarging is unseen, except where
 * somebody looks at the picture pixel by pixel.
 */
export function levelFor(levels, devicePixels) {
  if (devicePixels >= 0.99 * levels.at(-1).width) return levels.length - 1;
  const found = levels.findIndex((level) => level.width >= 0.9 * devicePixels);
  return found < 0 ? levels.length - 1 : found;
}

/**
 * A tile source of OpenSeadragon for a page.
 *
 * Of the made pictures between the thumbnail and the one that fits the first view none is ever needed, so they are left
 * out: OpenSeadragon would fetch every level on its way. Where the plain page has fetched a picture already (`atHand`),
 * that one is taken.
 *
 * @param devicePixels how wide the page is in the first view.
 */
export function pageSource(book, page, devicePixels) {
  const made = madeSizes(page, book.image.widths);
  const first = Math.max(levelFor(made, devicePixels), made.findIndex(({ width }) => width === book.atHand?.get(page.key)));
  const levels = [...made.filter((_, index) => index === 0 || index >= first), ...tileLevels(page, made.at(-1).width)];
  return new OpenSeadragon.TileSource({
    width: page.width,
    height: page.height,
    tileSize: book.image.tile,
    minLevel: 0,
    maxLevel: levels.length - 1,
    pageLevels: levels,
    getLevelScale: (level) => levels[level].width / page.width,
    getTileWidth: (level) => (levels[level].factor ? book.image.tile : levels[level].width),
    getTileHeight: (level) => (levels[level].factor ? book.image.tile : levels[level].height),
    getNumTiles: (level) => {
      const { width, height, factor } = levels[level];
      const count = (length) => (factor ? Math.ceil(length / book.image.tile) : 1);
      return new OpenSeadragon.Point(count(width), count(height));
    },
    getClosestLevel: () => 0,
    getTileUrl: (level, column, row) => (levels[level].factor
      ? tileAddress(book, page, levels[level], column, row)
      : pictureAddress(book, page, "full", levels[level].width, levels[level].height)),
    getTileHashKey: (level, column, row) => `${book.item}/${page.key}/${page.version}/${levels[level].width}/${column}/${row}`,
  });
}
