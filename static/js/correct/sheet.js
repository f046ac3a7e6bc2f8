// The lines of a page as somebody corrects them: what the library has, what the person has written, what is confirmed.

const SURE = 100;

/** Characters of a text as the server counts them: code points. */
export const characters = (text) => Array.from(text);

/** How many characters two texts share at their beginning, and after that at their end. */
function shared(before, after) {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < least - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [head, tail];
}

/** One line. `text` is the library's, `mine` the person's. */
class Line {
  constructor(told, number) {
    Object.assign(this, told);
    this.number = number;
    this.mine = told.text;
    this.isConfirmed = false;
  }

  get isChanged() {
    return this.mine !== this.text;
  }

  get isVertical() {
    return this.direction === "ttb";
  }

  /** The box of each character of the library's text, as lists of x, y, width, height. */
  get boxes() {
    const found = [];
    for (let at = 0; at < this.glyphs.length; at += 4) found.push(this.glyphs.slice(at, at + 4));
    return found;
  }

  /** Where a character of the person's text stands in the library's; -1 for one that is new. */
  placeOf(position) {
    const [before, after] = [characters(this.text), characters(this.mine)];
    const [head, tail] = shared(before, after);
    if (position < head) return position;
    const fromEnd = after.length - position;
    if (fromEnd <= tail) return before.length - fromEnd;
    // One for one, as long as both are: a character that was replaced stands where the other stood.
    return before.length === after.length ? position : -1;
  }

  /** How sure the engine was of a character of the person's text; a new one is sure. */
  sureness(position) {
    if (!this.confidences || this.isConfirmed) return SURE;
    const place = this.placeOf(position);
    if (place < 0 || characters(this.text)[place] !== characters(this.mine)[position]) return SURE;
    return this.confidences[place] ?? SURE;
  }

  /** What else a character of the person's text may be, best first. */
  choices(position) {
    const place = this.placeOf(position);
    const here = characters(this.mine)[position];
    if (place < 0) return [];
    const told = (this.alternatives ?? []).filter(([at]) => at === place).map(([, text]) => text);
    const first = characters(this.text)[place];
    return [...new Set([...(here === first ? [] : [first]), ...told])].filter((text) => text !== here);
  }
}

/** All lines of the page. Tells its listeners "lines" when there are others, "line" when one has been written. */
export class Sheet extends EventTarget {
  constructor(document) {
    super();
    this.take(document);
  }

  /** Take what the library has now. */
  take(document) {
    this.etag = document.etag;
    this.version = document.version;
    this.width = document.width;
    this.height = document.height;
    this.lines = document.lines.map((told, number) => new Line(told, number));
    this.dispatchEvent(new Event("lines"));
  }

  write(number, text) {
    this.lines[number].mine = text;
    this.#told(number);
  }

  confirm(number) {
    this.lines[number].isConfirmed = true;
    this.#told(number);
  }

  #told(number) {
    this.dispatchEvent(new CustomEvent("line", { detail: number }));
  }

  /** The lines that were changed, by number. */
  get changed() {
    return Object.fromEntries(this.lines.filter((line) => line.isChanged).map((line) => [line.number, line.mine]));
  }

  /** What is to be saved: changed lines, and those that were confirmed though the engine was not sure of all of them. */
  get toSave() {
    const doubted = (line) => line.isConfirmed && (line.confidences?.some((sure) => sure < SURE) || line.alternatives?.length);
    return Object.fromEntries(
      this.lines.filter((line) => line.isChanged || doubted(line)).map((line) => [line.number, line.mine]),
    );
  }

  get isChanged() {
    return this.lines.some((line) => line.isChanged);
  }
}
