// The text of pages with its boxes, fetched when a page is opened, and which character lies where on the page.

const KEPT = 40; // pages; two or three dozen kilobytes each

/** One line or column: its characters by code point, as the boxes count them, and by UTF-16 unit, as the browser does. */
class Line {
  constructor({ text, direction, box, glyphs }, region) {
    Object.assign(this, { text, direction, box, glyphs, region });
    this.characters = Array.from(text);
    this.units = [0];
    this.characters.forEach((each) => this.units.push(this.units.at(-1) + each.length));
  }

  get isVertical() {
    return this.direction === "ttb";
  }

  /** Start and end of a character along the line, in the page's pixels; where only the line is known, its even share. */
  span(index) {
    const [x, y, width, height] = this.box;
    if (this.glyphs) {
      const [left, top, wide, high] = this.glyphs.slice(4 * index, 4 * index + 4);
      return this.isVertical ? [top, top + high] : [left, left + wide];
    }
    const place = this.direction === "rtl" ? this.characters.length - 1 - index : index;
    const [start, length] = this.isVertical ? [y, height] : [x, width];
    const share = length / this.characters.length;
    return [start + place * share, start + (place + 1) * share];
  }

  /** The gap between two characters that is nearest to a point of the page: 0 before the first one. */
  gapAt(x, y) {
    const along = this.isVertical ? y : x;
    const isPassed = (index) => {
      const [start, end] = this.span(index);
      return this.direction === "rtl" ? along < (start + end) / 2 : along > (start + end) / 2;
    };
    const found = this.characters.findIndex((_, index) => !isPassed(index));
    return found < 0 ? this.characters.length : found;
  }

  /** The character under a point of the page; the nearest of the line. */
  characterAt(x, y) {
    const gap = this.gapAt(x, y);
    if (gap >= this.characters.length) return this.characters.length - 1;
    const [start, end] = this.span(gap);
    const along = this.isVertical ? y : x;
    return gap > 0 && (along < start || along > end) ? gap - 1 : gap;
  }

  /** The box around characters from one gap to another. */
  boxOf(from, to) {
    const spans = [];
    for (let index = from; index < to; index += 1) spans.push(...this.span(index));
    const [start, end] = [Math.min(...spans), Math.max(...spans)];
    const [x, y, width, height] = this.box;
    return this.isVertical ? [x, start, width, end - start] : [start, y, end - start, height];
  }
}

/** How far a point lies outside of a box, across and down. */
function distance([left, top, width, height], x, y) {
  return [Math.max(left - x, x - left - width, 0), Math.max(top - y, y - top - height, 0)];
}

/** The running text of a page: its regions without furniture (版心, page numbers), in reading order. */
export class PageText {
  constructor(position, { regions, origin = "" }) {
    this.position = position;
    this.origin = origin;
    this.regions = regions
      .filter((region) => region.kind !== "furniture")
      .map((region, index) => region.lines.map((line) => new Line(line, index)));
    this.lines = this.regions.flat();
    this.plain = this.#tellStarts();
    this.placed = this.lines.filter((line) => line.box && line.characters.length);
    this.outlines = this.regions.map(outline);
  }

  /** Where each line begins in the page's plain text, and that text as code points: lines joined by one line feed, regions
   * by two, as the server's `TextLayer.text`. */
  #tellStarts() {
    const points = [];
    this.regions.forEach((lines, region) => {
      if (region) points.push("\n", "\n");
      lines.forEach((line, index) => {
        if (index) points.push("\n");
        line.start = points.length;
        for (const character of line.characters) points.push(character);
      });
    });
    return points;
  }

  /** The parts of lines between two places of the plain text: [{line, from, to}]. */
  parts(start, end) {
    return this.lines
      .map((line) => ({ line, from: Math.max(0, start - line.start), to: Math.min(line.characters.length, end - line.start) }))
      .filter(({ from, to }) => from < to);
  }

  get isEmpty() {
    return !this.lines.some((line) => line.text.trim());
  }

  /**
   * The line at a point of the page, or the nearest: of the nearest region the line beside which the point lies.
   *
   * @returns {{line: Line, away: number} | null} with the distance to it in the page's pixels.
   */
  nearest(x, y) {
    let best = null;
    for (const line of this.placed) {
      const [across, down] = distance(line.box, x, y);
      const outside = Math.hypot(...distance(this.outlines[line.region], x, y));
      const rank = line.isVertical ? [outside, across, down] : [outside, down, across];
      if (!best || isLess(rank, best.rank)) best = { line, rank, away: Math.hypot(across, down) };
    }
    return best;
  }
}

function isLess(one, other) {
  const differs = one.findIndex((value, index) => value !== other[index]);
  return differs >= 0 && one[differs] < other[differs];
}

function outline(lines) {
  const boxes = lines.map((line) => line.box).filter(Boolean);
  if (!boxes.length) return [0, 0, 0, 0];
  const [left, top] = [Math.min(...boxes.map((box) => box[0])), Math.min(...boxes.map((box) => box[1]))];
  const right = Math.max(...boxes.map((box) => box[0] + box[2]));
  const bottom = Math.max(...boxes.map((box) => box[1] + box[3]));
  return [left, top, right - left, bottom - top];
}

class Texts {
  constructor(book) {
    this.book = book;
    this.kept = new Map();
  }

  /** The text of the page at a place. Rejects where it cannot be fetched, and asks again the next time. */
  at(position) {
    const known = this.kept.get(position);
    if (known) return known;
    const coming = this.#fetch(position);
    coming.catch(() => this.kept.delete(position));
    this.kept.set(position, coming);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    return coming;
  }

  async #fetch(position) {
    const { key, layer } = this.book.page(position);
    if (!layer) return new PageText(position, { regions: [] });
    const answer = await fetch(this.book.address("text", { key, layer }));
    if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
    return new PageText(position, await answer.json());
  }
}

/** One store of texts for a room, whichever part asks first. */
export function textsOf(room) {
  room.texts ??= new Texts(room.book);
  return room.texts;
}
