// One chapter in its frame: fetched, looked into, laid out, marked.
//
// The frame is sandboxed without scripts and the chapter comes with a policy of the same kind; the same origin lets us look in
// from outside. Nothing of the document is changed but two attributes of its root, the order of tabs, and sheets adopted.

import { Fixed, sizeOf } from "./fixed.js";
import { Flow } from "./flow.js";
import { ChapterText } from "./text.js";

const LOOK_MS = 25;
const PATIENCE_MS = 30_000;

export class ChapterLost extends Error {}

export class Leaf {
  /**
   * @param {object} chapter - a row of the book: {position, key, entry, label}
   * @param {HTMLIFrameElement} frame - on its way to the chapter
   */
  constructor(chapter, frame) {
    Object.assign(this, { chapter, frame, layout: null, isReady: false, isGone: false });
    this.ready = this.#open();
    this.ready.catch(() => {}); // told to who opens it
  }

  get position() {
    return this.chapter.position;
  }

  get doc() {
    return this.frame.contentDocument;
  }

  get win() {
    return this.frame.contentWindow;
  }

  get scroller() {
    return this.doc.scrollingElement ?? this.doc.documentElement;
  }

  /** The text of the chapter, as the server has it. */
  get text() {
    this.known ??= new ChapterText(this.doc.documentElement);
    return this.known;
  }

  async #open() {
    await this.#there();
    const size = sizeOf(this.doc);
    this.layout = size ? new Fixed(this, size) : new Flow(this);
    this.isReady = true;
  }

  /** Wait until the document and its sheets are there; pictures and fonts may still be coming. */
  #there() {
    const wanted = this.frame.src.split("#")[0];
    const end = Date.now() + PATIENCE_MS;
    return new Promise((resolve, reject) => {
      let hasLoaded = false;
      this.frame.addEventListener("load", () => { hasLoaded = true; look(); }, { once: true });
      const look = () => {
        if (this.isReady || this.isGone) return;
        const doc = this.frame.contentDocument;
        const isIt = doc && doc.URL.split("#")[0] === wanted && doc.documentElement;
        if (isIt && doc.readyState !== "loading") {
          if (doc.contentType === "text/html") return void reject(new ChapterLost(wanted)); // a page that says why not
          const sheets = [...doc.querySelectorAll('link[rel~="stylesheet"]')];
          if (doc.readyState === "complete" || sheets.every((link) => link.sheet)) return void resolve();
        } else if (hasLoaded && !isIt) {
          return void reject(new ChapterLost(wanted)); // the browser's own page
        }
        if (Date.now() > end) reject(new ChapterLost(wanted));
        else setTimeout(look, LOOK_MS);
      };
      look();
    });
  }

  /** Give the document our sheet, in place of the one it had from us. */
  sheet(words) {
    if (this.words === words) return;
    this.words = words;
    if (!this.adopted) {
      try {
        this.adopted = new this.win.CSSStyleSheet();
        this.doc.adoptedStyleSheets = [...this.doc.adoptedStyleSheets, this.adopted];
      } catch {
        const element = this.doc.createElementNS(this.doc.documentElement.namespaceURI, "style");
        (this.doc.head ?? this.doc.documentElement).append(element);
        this.adopted = { replaceSync: (text) => { element.textContent = text; } };
      }
    }
    this.adopted.replaceSync(words);
  }

  /** Draw ranges of the text under a name; none takes them away. Nothing where the browser has no highlights. */
  highlight(name, spans) {
    const { win } = this;
    if (!win?.CSS?.highlights) return;
    const ranges = spans.flatMap(([start, end]) => this.text.ranges(start, end));
    if (ranges.length) win.CSS.highlights.set(name, new win.Highlight(...ranges));
    else win.CSS.highlights.delete(name);
  }

  /** The box of the character at an offset, or of the next one that is shown at all; null where there is none. */
  boxOf(offset, end = offset + 1) {
    const { pieces } = this.text;
    for (let at = this.text.pieceAt(offset); at !== null && at < pieces.length; at += 1) {
      const piece = pieces[at];
      const from = Math.max(offset, piece.start);
      const [range] = this.text.ranges(from, Math.max(from + 1, Math.min(end, piece.start + piece.size)));
      const box = range && [...range.getClientRects()].find((each) => each.width > 0 && each.height > 0);
      if (box) return box;
    }
    return null;
  }

  /** The boxes of a part of the text, in the frame's window. */
  boxesOf(start, end) {
    return this.text.ranges(start, end).flatMap((range) => [...range.getClientRects()]);
  }

  /** The offset of the first character that is seen; null where the chapter has no text. */
  get firstSeen() {
    const { text, layout } = this;
    if (!text.pieces.length || layout.isFixed) return text.pieces.length ? 0 : null;
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const box = this.boxOf(middle);
      if (box && layout.isBefore(box)) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, Math.max(0, text.length - 1));
  }

  /** The element that a fragment of an address names. */
  target(fragment) {
    return fragment ? this.doc.getElementById(fragment) ?? this.doc.getElementsByName?.(fragment)[0] ?? null : null;
  }

  /** The offset in the text, for a point of the frame's window; null where no text lies there. */
  offsetAt(x, y) {
    const { doc } = this;
    const caret = doc.caretPositionFromPoint?.(x, y) ?? null;
    const range = caret ? null : doc.caretRangeFromPoint?.(x, y);
    const [node, offset] = caret ? [caret.offsetNode, caret.offset] : [range?.startContainer, range?.startOffset];
    return node?.nodeType === Node.TEXT_NODE ? this.text.offsetOf(node, offset) : null;
  }

  /** A box of the frame's window, in the window of the reading page. */
  inWindow(box) {
    const frame = this.frame.getBoundingClientRect();
    const scale = this.layout?.scale ?? 1;
    return new DOMRect(frame.left + box.left * scale, frame.top + box.top * scale, box.width * scale, box.height * scale);
  }

  remove() {
    this.isGone = true;
    this.frame.remove();
  }
}
