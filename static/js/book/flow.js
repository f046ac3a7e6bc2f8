// A chapter of flowing text as pages (CSS multi-column in its frame) or as one long roll.
//
// Pages follow each other along the inline axis: to the right, to the left where text runs from the right, downwards where
// lines are vertical. Which arrow turns on is the book's matter (room.js), not this one's.

import { flowing } from "./sheet.js";

const MARGINS = { narrow: 0.6, middle: 1, wide: 1.6 };
const LONGEST_EM = 40; // a line that is longer is hard to find one's way back from
const TWO_FROM_EM = 50; // the width at which two columns are offered by themselves

export class Flow {
  constructor(leaf) {
    this.leaf = leaf;
    this.pages = 1;
    this.page = 0;
    const { doc, win } = leaf;
    const root = doc.documentElement;
    const styles = win.getComputedStyle(doc.body ?? root);
    let mode = styles.writingMode;
    if (mode === "horizontal-tb") mode = win.getComputedStyle(root).writingMode;
    // Some books set the direction of writing on the one box that holds everything.
    const only = doc.body?.children.length === 1 ? doc.body.firstElementChild : null;
    if (mode === "horizontal-tb" && only && only.localName !== "img") mode = win.getComputedStyle(only).writingMode;
    this.book = {
      mode: mode.startsWith("vertical") ? mode : "horizontal-tb",
      direction: styles.direction === "rtl" ? "rtl" : "ltr",
      lang: doc.body?.lang || root.lang || root.getAttribute("xml:lang") || "",
      isAbsolute: isAbsolute(doc, win),
    };
  }

  get isVertical() {
    return this.book.mode !== "horizontal-tb";
  }

  get isScrolled() {
    return this.settings.isRoll;
  }

  /** Lay out anew: the page's size, the reader's choices. */
  lay(settings, paper, width, height) {
    this.settings = settings;
    Object.assign(this, { width, height });
    this.geometry = measure(settings, this.book, width, height);
    const { leaf } = this;
    const { doc } = leaf;
    leaf.sheet(flowing(settings, this.geometry, this.book, paper));
    doc.documentElement.dataset.theme = paper;
    doc.documentElement.dataset.wyTheme = paper;
    this.#narrow();
    this.#count();
    if (this.isScrolled) return;
    const end = this.pages * this.span - 1;
    this.geometry.tail = this.isVertical ? `top: ${end}px; left: 0` : `${this.book.direction === "rtl" ? "right" : "left"}: ${end}px; top: 0`;
    leaf.sheet(flowing(settings, this.geometry, this.book, paper));
  }

  /** A formula that is wider than a line is set smaller; a table that is, scrolls in itself. */
  #narrow() {
    const { doc } = this.leaf;
    const { line } = this.geometry;
    const along = (element) => { const box = element.getBoundingClientRect(); return this.isVertical ? box.height : box.width; };
    const formulas = [...doc.querySelectorAll("math")];
    formulas.forEach((formula) => { if (formula.style.fontSize) formula.style.fontSize = ""; });
    const widths = formulas.map(along);
    formulas.forEach((formula, at) => {
      if (widths[at] > line + 2) formula.style.fontSize = `${Math.max(45, Math.floor((96 * line) / widths[at]))}%`;
    });
    const tables = [...doc.querySelectorAll("table")];
    tables.forEach((table) => table.classList.remove("wy-wide"));
    const lengths = tables.map(along);
    tables.forEach((table, at) => {
      if (lengths[at] <= line + 2 || table.parentElement.closest(".wy-wide")) return;
      table.classList.add("wy-wide");
      table.tabIndex = 0;
    });
  }

  /** The length of a page along the way that pages follow each other. */
  get span() {
    const isDown = this.isScrolled ? !this.isVertical : this.isVertical;
    return isDown ? this.height : this.width;
  }

  #count() {
    const scroller = this.leaf.scroller;
    const isDown = this.isScrolled ? !this.isVertical : this.isVertical;
    const extent = isDown ? scroller.scrollHeight : scroller.scrollWidth;
    if (this.isScrolled) {
      this.pages = Math.max(1, Math.ceil((extent - 4) / this.span));
      return;
    }
    const columns = Math.ceil((extent - 0.75 * this.geometry.gap - 2) / (this.geometry.line + this.geometry.gap));
    this.pages = Math.max(1, Math.ceil(columns / this.geometry.columns));
  }

  /** How far the document is from its beginning, in pixels. */
  get #scrolled() {
    const { win } = this.leaf;
    if (this.isScrolled) return this.isVertical ? Math.abs(win.scrollX) : win.scrollY;
    return this.isVertical ? win.scrollY : Math.abs(win.scrollX);
  }

  #scrollTo(distance) {
    const { win } = this.leaf;
    const isDown = this.isScrolled ? !this.isVertical : this.isVertical;
    const fromRight = this.isScrolled ? this.book.mode === "vertical-rl" : this.book.direction === "rtl";
    win.scrollTo({ left: isDown ? 0 : fromRight ? -distance : distance, top: isDown ? distance : 0, behavior: "instant" });
  }

  /** Show a page, the first being 0; -1 is the last. */
  show(page) {
    this.page = Math.min(Math.max(0, page < 0 ? this.pages - 1 : page), this.pages - 1);
    if (this.isScrolled && page < 0) this.#scrollTo(1e7);
    else this.#scrollTo(this.page * this.span);
  }

  /** One page on or back; false at the end. */
  step(steps) {
    if (!this.isScrolled) {
      const page = this.page + steps;
      if (page < 0 || page >= this.pages) return false;
      this.show(page);
      return true;
    }
    const before = this.#scrolled;
    this.#scrollTo(Math.max(0, before + steps * this.span * 0.88));
    this.settle();
    return Math.abs(this.#scrolled - before) > 2;
  }

  /** A small step of a roll. */
  nudge(pixels) {
    this.#scrollTo(Math.max(0, this.#scrolled + pixels));
  }

  /** Whether a roll has nothing left on that side. */
  isAtEnd(steps) {
    if (!this.isScrolled) return steps > 0 ? this.page >= this.pages - 1 : this.page <= 0;
    const scroller = this.leaf.scroller;
    const room = this.isVertical ? scroller.scrollWidth - scroller.clientWidth : scroller.scrollHeight - scroller.clientHeight;
    return steps > 0 ? this.#scrolled >= room - 2 : this.#scrolled <= 2;
  }

  /** The document was scrolled by somebody else (focus, the browser's own finding): stand on a whole page again. */
  settle() {
    const page = this.isScrolled
      ? (this.isAtEnd(1) ? this.pages - 1 : Math.round(this.#scrolled / this.span))
      : Math.round(this.#scrolled / this.span);
    if (!this.isScrolled && Math.abs(this.#scrolled - page * this.span) > 1) {
      this.show(Math.floor(this.#scrolled / this.span + 0.01));
      return true;
    }
    const changed = page !== this.page;
    this.page = Math.min(page, this.pages - 1);
    return changed || this.isScrolled;
  }

  /** How far a box of the frame's window is from the beginning of the chapter, along the pages. */
  #distance(box) {
    const before = this.#scrolled;
    if (this.isScrolled) return before + (this.isVertical ? (this.book.mode === "vertical-rl" ? this.width - box.right : box.left) : box.top);
    if (this.isVertical) return before + box.top;
    return before + (this.book.direction === "rtl" ? this.width - box.right : box.left);
  }

  /** The page on which a box lies. */
  pageOf(box) {
    return Math.min(Math.max(0, Math.floor((this.#distance(box) + 1) / this.span)), this.pages - 1);
  }

  /** Whether a box lies on the page that is shown. */
  isSeen(box) {
    return box.right > 1 && box.bottom > 1 && box.left < this.width - 1 && box.top < this.height - 1;
  }

  /** Bring a box into view. */
  reveal(box) {
    if (this.isScrolled) {
      this.#scrollTo(Math.max(0, this.#distance(box) - this.span * 0.2));
      this.settle();
    } else {
      this.show(this.pageOf(box));
    }
  }

  /** Bring a box to the beginning of what is seen. */
  begin(box) {
    if (!this.isScrolled) return this.reveal(box);
    this.#scrollTo(Math.max(0, this.#distance(box) - 1)); // more would let the line before count as the first
    return this.settle();
  }

  /** Whether a box lies before what is seen now. */
  isBefore(box) {
    if (!this.isScrolled) return this.pageOf(box) < this.page;
    const ends = this.isVertical ? (this.book.mode === "vertical-rl" ? this.width - box.left : box.right) : box.bottom;
    return ends < 2;
  }
}

/** The page: its columns, the gaps between them, its edges. All in pixels. */
function measure(settings, book, width, height) {
  const isVertical = book.mode !== "horizontal-tb";
  const em = (19 * settings.size) / 100;
  const [along, across] = isVertical ? [height, width] : [width, height];
  const margin = MARGINS[settings.margin];
  const isSmall = Math.min(width, height) < 520;
  const edge = Math.round((isVertical ? (isSmall ? 20 : 56) : isSmall ? 20 : 40) * margin);
  let gap = Math.round((isVertical ? (isSmall ? 36 : 72) : isSmall ? 40 : 84) * margin);
  const isScrolled = settings.isRoll;
  let columns = 1;
  if (!isScrolled) {
    if (settings.columns === "auto") columns = !isVertical && along >= TWO_FROM_EM * em && along > across * 0.9 ? 2 : 1;
    else columns = Number(settings.columns);
    if (along / columns < 9 * em + gap) columns = 1;
  }
  const longest = LONGEST_EM * em * (settings.margin === "wide" ? 0.85 : settings.margin === "narrow" ? 1.25 : 1);
  if (!isVertical) gap = Math.max(gap, Math.round(along / columns - longest));
  const line = Math.max(40, Math.floor((along - columns * gap) / columns));
  gap = along / columns - line;
  return { width, height, edge, gap, line, columns, block: Math.max(40, across - 2 * edge - 2) };
}

/** Whether a book's letters do not follow the root's size: it gave them in pixels or points. */
function isAbsolute(doc, win) {
  const told = [...doc.querySelectorAll("p")].slice(0, 40).find((each) => each.textContent.trim()) ?? doc.body;
  if (!told || !doc.body) return false;
  const root = doc.documentElement;
  const before = root.style.fontSize;
  const at = (size) => {
    root.style.fontSize = size;
    return parseFloat(win.getComputedStyle(told).fontSize);
  };
  const [small, large] = [at("10px"), at("20px")];
  root.style.fontSize = before;
  if (!root.getAttribute("style")) root.removeAttribute("style");
  return Math.abs(small - large) < 0.5;
}
