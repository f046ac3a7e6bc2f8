// The text of a chapter as the server has it (repo/chapters.py), and where each of its characters stands in the document.
//
// The same walk, step by step, so that an offset means the same character here and there: a highlight made today is found
// again by the server, and a hit that the server tells is drawn where it stands. tests/e2e/test_book_text.py compares the two
// over all books of the corpus. What changes there changes here.

const XHTML = "http://www.w3.org/1999/xhtml";
const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";

const names = (words) => new Set(words.split(" "));
const BLOCKS = names(
  "address article aside blockquote body caption center dd details dir div dl dt figcaption figure footer h1 h2 h3 "
  + "h4 h5 h6 header hgroup hr li main menu nav ol p pre search section summary table tbody td tfoot th thead tr ul",
);
const SILENT = names(
  "audio canvas embed head iframe noscript object rp rt rtc script select style template textarea title video",
);
const SILENT_SVG = names("desc metadata script style title");
const SILENT_MATHML = names("annotation annotation-xml");
const HIDEABLE = names("nav ol li");
const PRE = names("pre listing xmp");

const INVISIBLE = "\u00ad\u200b\u2060\ufeff";
const TOKENS = new RegExp(
  `[^ \\t\\n\\r\\f${INVISIBLE}]+(?:[ \\t\\n\\r\\f][^ \\t\\n\\r\\f${INVISIBLE}]+)*|[ \\t\\n\\r\\f]+|[${INVISIBLE}]+`,
  "gu",
);
const WIDE = "\\u2e80-\\u312f\\u3190-\\ua4cf\\uf900-\\ufaff\\ufe30-\\ufe4f\\uff00-\\uffef\\u{20000}-\\u{3ffff}";
const IS_WIDE = new RegExp(`^[${WIDE}]`, "u");
const ENDS_WIDE = new RegExp(`[${WIDE}]$`, "u");
const SEAM = new RegExp(`(?<=[${WIDE}])[\\n\\r](?=[${WIDE}])`, "gu");
// What Python's str.isspace and str.strip take for a blank; JavaScript's trim differs in six characters.
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const IS_SPACE = new RegExp(`^[${SPACE}]*$`);
const INDENT = new RegExp(`^[${SPACE}]*`);
const TRAIL = new RegExp(`[${SPACE}]*$`);

const isPair = (text, at) => at + 1 < text.length && (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;

/** How many code points a string has. */
export function points(text) {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at += 1) if (isPair(text, at)) { count -= 1; at += 1; }
  return count;
}

/** The code unit at which a code point of a string begins. */
export function unitOf(text, point) {
  let unit = 0;
  for (let left = point; left > 0 && unit < text.length; left -= 1) unit += isPair(text, unit) ? 2 : 1;
  return unit;
}

/** One walk: the pieces of the lines, as in `repo.chapters._Walk`. A piece is [text node, code units into it, its text]. */
class Walk {
  constructor() {
    this.lines = [];
    this.block = null;
    this.pieces = [];
    this.gap = null;
  }

  visit(element, outer, isPre) {
    const { namespaceURI: space, localName: name } = element;
    if (isSilent(element, space, name)) return;
    if (space === XHTML && name === "br") {
      this.flush();
      return;
    }
    const startsLine = (space === XHTML && BLOCKS.has(name)) || (space === SVG && (name === "text" || name === "foreignObject"));
    let block = outer;
    if (startsLine) {
      this.flush();
      block = element;
    } else if (space === SVG && name === "svg") {
      block = null; // outside <text>, SVG shows no characters
    }
    const pre = isPre || (space === XHTML && PRE.has(name));
    for (const child of element.childNodes) {
      if (child.nodeType === Node.ELEMENT_NODE) this.visit(child, block, pre);
      else if (child.nodeType === Node.TEXT_NODE || child.nodeType === Node.CDATA_SECTION_NODE) this.#take(child, block, pre);
    }
    if (startsLine) this.flush();
  }

  flush() {
    const { pieces, block } = this;
    this.pieces = [];
    this.gap = null;
    while (pieces.length && IS_SPACE.test(pieces[0].text)) pieces.shift();
    while (pieces.length && IS_SPACE.test(pieces.at(-1).text)) pieces.pop();
    if (!pieces.length || !block) return;
    const [first] = pieces;
    const indent = INDENT.exec(first.text)[0].length;
    pieces[0] = { node: first.node, offset: first.offset + indent, text: first.text.slice(indent) };
    const last = pieces.at(-1);
    pieces[pieces.length - 1] = { ...last, text: last.text.replace(TRAIL, "") };
    this.lines.push({ block, pieces });
  }

  #take(node, block, isPre) {
    const text = node.data;
    if (!text || !block || (!this.pieces.length && IS_SPACE.test(text))) return;
    if (!isPre) {
      this.#tokens(node, text, 0, block);
      return;
    }
    let start = 0;
    text.split("\n").forEach((row, number) => {
      if (number) this.flush();
      this.#tokens(node, row, start, block);
      start += row.length + 1;
    });
  }

  #tokens(node, text, base, block) {
    for (const { 0: found, index } of text.matchAll(TOKENS)) {
      const start = base + index;
      if (/^[ \t\n\r\f]/.test(found)) {
        const hasLineFeed = /[\n\r]/.test(found);
        if (!this.gap) this.gap = { node, offset: start, hasLineFeed };
        else if (hasLineFeed) this.gap.hasLineFeed = true;
      } else if (!INVISIBLE.includes(found[0])) {
        this.#run(node, start, found, block);
      }
    }
  }

  #run(node, start, text, block) {
    if (!this.pieces.length) {
      this.block = block;
    } else if (this.gap) {
      const isSeam = this.gap.hasLineFeed && ENDS_WIDE.test(this.pieces.at(-1).text) && IS_WIDE.test(text);
      if (!isSeam) this.pieces.push({ node: this.gap.node, offset: this.gap.offset, text: " " });
    }
    this.gap = null;
    let done = 0;
    const take = (end) => this.pieces.push({ node, offset: start + done, text: text.slice(done, end).replace(/[\t\n\r\f]/g, " ") });
    for (const { index } of text.matchAll(SEAM)) {
      take(index);
      done = index + 1;
    }
    take(text.length);
  }
}

function isSilent(element, space, name) {
  if (space === XHTML) return SILENT.has(name) || (HIDEABLE.has(name) && element.hasAttribute("hidden"));
  if (space === SVG) return SILENT_SVG.has(name);
  return space === MATHML && SILENT_MATHML.has(name);
}

/** The text of a document or of a part of it. All offsets are code points of `text`. */
export class ChapterText {
  /** @param {Element} root */
  constructor(root) {
    const walk = new Walk();
    walk.visit(root, null, false);
    walk.flush();
    /** @type {{node: Text, offset: number, text: string, start: number, size: number}[]} */
    this.pieces = [];
    this.lines = [];
    let start = 0;
    for (const line of walk.lines) {
      const begin = start;
      for (const piece of line.pieces) {
        const size = points(piece.text);
        this.pieces.push({ ...piece, start, size });
        start += size;
      }
      this.lines.push({ block: line.block, start: begin, end: start, text: line.pieces.map((piece) => piece.text).join("") });
      start += 1;
    }
    this.length = Math.max(0, start - 1);
  }

  /** The whole, lines joined by line feeds. */
  get text() {
    this.joined ??= this.lines.map((line) => line.text).join("\n");
    return this.joined;
  }

  /** A part of it. */
  slice(start, end) {
    const from = unitOf(this.text, Math.max(0, start));
    return this.text.slice(from, from + unitOf(this.text.slice(from), Math.max(0, end - Math.max(0, start))));
  }

  /** The piece that holds an offset, or the next one after it; null behind the end. */
  pieceAt(offset) {
    let [low, high] = [0, this.pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pieces[middle].start + this.pieces[middle].size <= offset) low = middle + 1;
      else high = middle;
    }
    return low < this.pieces.length ? low : null;
  }

  /** Where characters stand: ranges of the document, one for each text node in a row; nothing outside the text. */
  ranges(start, end) {
    const found = [];
    let at = this.pieceAt(start);
    while (at !== null && at < this.pieces.length && this.pieces[at].start < end) {
      const piece = this.pieces[at];
      const from = Math.max(0, start - piece.start);
      const to = Math.min(piece.size, end - piece.start);
      const [first, last] = [piece.offset + unitOf(piece.text, from), piece.offset + unitOf(piece.text, to)];
      const before = found.at(-1);
      if (before?.endContainer === piece.node && before.endOffset === first) {
        before.setEnd(piece.node, last);
      } else if (from < to) {
        const range = piece.node.ownerDocument.createRange();
        range.setStart(piece.node, first);
        range.setEnd(piece.node, last);
        found.push(range);
      }
      at += 1;
    }
    return found;
  }

  /** The offset of the first character at or behind a point of the document. */
  offsetOf(node, offset) {
    const range = node.ownerDocument.createRange();
    range.setStart(node, offset);
    let [low, high] = [0, this.pieces.length];
    while (low < high) { // the first piece whose end lies behind the point
      const middle = (low + high) >> 1;
      const piece = this.pieces[middle];
      if (range.comparePoint(piece.node, piece.offset + piece.text.length) <= 0) low = middle + 1;
      else high = middle;
    }
    if (low >= this.pieces.length) return this.length;
    const piece = this.pieces[low];
    if (piece.node !== node || offset <= piece.offset) return piece.start;
    return piece.start + points(piece.text.slice(0, offset - piece.offset));
  }

  /** Where an element begins. */
  startOf(element) {
    return this.offsetOf(element, 0);
  }
}
