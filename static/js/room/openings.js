// Which pages are seen together. Pure: no page of the browser, no picture.

/** A leaf that was scanned flat, a map, a foldout: wider than tall, so it fills an opening of its own. */
const isWide = (page) => page.width > page.height;

/**
 * All openings of a book, each a list of 1-based places in reading order.
 *
 * A spread is two pages, the cover alone, a wide page alone; after a wide page pairing begins anew, as it does in the hand.
 */
export function openings(pages, mode) {
  if (mode !== "spread") return pages.map((page) => [page.position]);
  const found = [];
  for (let index = 0; index < pages.length; index += 1) {
    const [page, next] = [pages[index], pages[index + 1]];
    const isPair = index > 0 && next && !isWide(page) && !isWide(next);
    found.push(isPair ? [page.position, next.position] : [page.position]);
    if (isPair) index += 1;
  }
  return found;
}

/** Index of the opening that holds a place; openings are in order, so it is looked up by halves. */
export function openingOf(found, position) {
  let [low, high] = [0, found.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (found[middle][0] <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Whether two pages of this book ever lie side by side. */
export const hasSpreads = (pages) => openings(pages, "spread").length < pages.length;

/**
 * Where the pages of an opening lie, in a plane in which every page is 1 high and the middle of the opening is at x = 0.
 *
 * The first page in reading order is on the right where reading goes from right to left. Pages touch.
 */
export function arrangement(pages, isRightToLeft) {
  const widths = pages.map((page) => page.width / page.height);
  const width = widths.reduce((sum, each) => sum + each, 0);
  let left = -width / 2;
  const order = pages.map((_, index) => index);
  if (isRightToLeft) order.reverse();
  const places = [];
  for (const index of order) {
    places[index] = { x: left, y: 0, width: widths[index], height: 1 };
    left += widths[index];
  }
  return { bounds: { x: -width / 2, y: 0, width, height: 1 }, places };
}

/** The mode to begin with: a spread where there is room for one and the book has any, else single pages. */
export function defaultMode(book, isWideScreen) {
  const single = ["map", "photograph", "newspaper"].includes(book.kind);
  return isWideScreen && !single && hasSpreads(book.pages) ? "spread" : "single";
}
