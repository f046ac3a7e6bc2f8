// Pages one after another, to be scrolled: downwards, or to the left where a book is written in columns from the right.
//
// Only what is near is in the document: 5,000 pages cost as much as five. Places come from the table of pages, so nothing
// moves when a picture comes. The pictures are the made ones; who wants to look closely goes to a single page.

import { Again } from "./again.js";
import { madeSet, madeAddress } from "./pagesource.js";

const GAP = 12; // CSS pixels between two pages
const AHEAD = 1.5; // windows on either side that are kept filled
const REST_MS = 90; // what is passed over faster than this is not fetched
const WIDEST = 960; // CSS pixels of a page in a list from top to bottom
const STEP_LIMITS = [0.4, 4];

export class ScrollView {
  /** As of `PageViewer`, except that `home` is not needed. */
  constructor(book, stage, home, told) {
    Object.assign(this, { book, stage, told });
    this.fit = "page";
    this.scale = 1;
    this.rotation = 0;
    this.isSideways = book.writing === "vertical" && book.isRightToLeft;
    this.element = document.createElement("div");
    this.element.className = `scroll ${this.isSideways ? "scroll-sideways" : "scroll-down"}`;
    this.element.dir = this.isSideways ? "rtl" : "ltr";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", book.word("pages"));
    this.plane = document.createElement("div");
    this.plane.className = "scroll-plane";
    this.element.append(this.plane);
    stage.prepend(this.element);
    this.drawn = new Map();
    this.missing = new Set(); // indices of what is drawn whose pictures could not be fetched
    this.seen = new Set();
    this.again = new Again(() => this.#fetch(true));
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.resized = new ResizeObserver(() => this.#resize());
    this.resized.observe(stage);
    this.#measure();
  }

  /** Where every page begins along the way, and how long the way is. */
  #measure() {
    const { clientWidth, clientHeight } = this.element;
    this.window = (this.isSideways ? clientWidth : clientHeight) || 1;
    this.across = this.isSideways
      ? Math.max(120, (clientHeight - 2 * GAP) * this.scale)
      : Math.max(120, Math.min(clientWidth - 2 * GAP, WIDEST) * this.scale);
    const { pages } = this.book;
    this.starts = new Float64Array(pages.length + 1);
    this.starts[0] = GAP;
    pages.forEach((page, index) => {
      const length = this.isSideways ? (this.across * page.width) / page.height : (this.across * page.height) / page.width;
      this.starts[index + 1] = this.starts[index] + Math.round(length) + GAP;
    });
    const along = `${this.starts.at(-1)}px`;
    const wide = `${this.across + 2 * GAP}px`;
    this.plane.style.width = this.isSideways ? along : wide;
    this.plane.style.height = this.isSideways ? wide : along;
  }

  get #offset() {
    return this.isSideways ? Math.abs(this.element.scrollLeft) : this.element.scrollTop;
  }

  set #offset(value) {
    if (this.isSideways) this.element.scrollLeft = -value;
    else this.element.scrollTop = value;
  }

  /** Index of the page that lies at a point of the way. */
  #at(point) {
    let [low, high] = [0, this.book.count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= point) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  async show([position], { box = null, position: wanted = position } = {}) {
    const page = this.book.page(wanted);
    const [start, end] = [this.starts[wanted - 1], this.starts[wanted]];
    const length = end - start - GAP;
    let target = start - GAP;
    if (box) {
      const [at, size, whole] = this.isSideways ? [page.width - box[0] - box[2], box[2], page.width] : [box[1], box[3], page.height];
      target = start + (length * (at + size / 2)) / whole - this.window / 2;
    } else if (this.isSideways && length < this.window) {
      target = start - (this.window - length) / 2;
    }
    this.#offset = Math.max(0, target);
    this.placedAt = this.#offset;
    this.current = wanted;
    this.#fill();
    this.#settle(wanted);
    this.told("view");
    return true;
  }

  #scrolled() {
    cancelAnimationFrame(this.frameRequest);
    this.frameRequest = requestAnimationFrame(() => {
      this.#fill();
      this.told("view");
      if (Math.abs(this.#offset - this.placedAt) < 2) return;
      this.placedAt = NaN;
      const middle = 1 + this.#at(this.#offset + this.window * 0.4);
      if (middle !== this.current) {
        this.current = middle;
        this.#settle(middle);
      }
    });
  }

  #settle(position) {
    this.told("passed", { position, opening: this.#visible() });
  }

  #visible() {
    const [first, last] = [this.#at(this.#offset + GAP), this.#at(this.#offset + this.window - GAP)];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index + 1);
  }

  /** Have elements for what is near, and none for the rest. */
  #fill() {
    const [from, to] = [this.#at(this.#offset - AHEAD * this.window), this.#at(this.#offset + (1 + AHEAD) * this.window)];
    for (const [index, element] of this.drawn) {
      if (index < from || index > to) {
        element.remove();
        this.drawn.delete(index);
        this.missing.delete(index);
      }
    }
    for (let index = from; index <= to; index += 1) if (!this.drawn.has(index)) this.#draw(index);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.#fetch(), REST_MS);
    this.#tellWhole();
  }

  #draw(index) {
    const element = document.createElement("div");
    element.className = "scroll-page";
    element.dataset.position = index + 1;
    this.drawn.set(index, element);
    this.#place(index, element);
    this.plane.append(element);
  }

  #place(index, element) {
    const length = this.starts[index + 1] - this.starts[index] - GAP;
    const { style } = element;
    style.width = `${this.isSideways ? length : this.across}px`;
    style.height = `${this.isSideways ? this.across : length}px`;
    style.insetInlineStart = this.isSideways ? `${this.starts[index]}px` : `${GAP}px`;
    style.top = this.isSideways ? `${GAP}px` : `${this.starts[index]}px`;
  }

  /**
   * Fetch the pictures of what has stayed; those that are seen first. What could not be fetched is asked for again when it
   * comes into view once more, or `isAgain`.
   */
  #fetch(isAgain = false) {
    if (this.isClosed) return;
    const before = this.seen;
    const seen = new Set(this.#visible());
    this.seen = seen;
    const isDue = (index) => isAgain || !this.missing.has(index) || (seen.has(index + 1) && !before.has(index + 1));
    const waiting = [...this.drawn].filter(([index, element]) => !element.firstChild && isDue(index));
    waiting.sort(([a], [b]) => seen.has(b + 1) - seen.has(a + 1) || a - b);
    for (const [index, element] of waiting) {
      const page = this.book.pages[index];
      const image = document.createElement("img");
      image.decoding = "async";
      image.alt = this.book.word("picture", { page: this.book.label(index + 1) });
      image.width = page.width;
      image.height = page.height;
      image.sizes = element.style.width;
      image.srcset = madeSet(this.book, page);
      image.src = madeAddress(this.book, page, 1024);
      image.addEventListener("load", () => this.#came(index, element), { once: true });
      image.addEventListener("error", () => this.#missed(index, image), { once: true });
      element.append(image);
    }
  }

  #came(index, element) {
    element.classList.add("is-there");
    if (this.missing.delete(index)) this.#tellWhole();
  }

  /** A picture that failed would never be asked for again: its place is made free. */
  #missed(index, image) {
    if (this.isClosed || !image.isConnected) return;
    image.remove();
    this.missing.add(index);
    this.#tellWhole();
  }

  /** Tell whether something of what is seen could not be fetched; as long as it is so, ask again. */
  #tellWhole() {
    const isLacking = this.#visible().some((position) => this.missing.has(position - 1));
    if (isLacking) this.again.later();
    else this.again.rest();
    if (isLacking === this.isLacking) return;
    this.isLacking = isLacking;
    this.told(isLacking ? "failed" : "whole");
  }

  #resize() {
    if (this.isClosed || !this.stage.clientWidth) return;
    const point = this.#offset;
    const index = this.#at(point + this.window / 2);
    const part = (point + this.window / 2 - this.starts[index]) / (this.starts[index + 1] - this.starts[index]);
    this.#measure();
    this.drawn.forEach((element, each) => this.#place(each, element));
    this.#offset = Math.max(0, this.starts[index] + part * (this.starts[index + 1] - this.starts[index]) - this.window / 2);
    this.placedAt = this.#offset;
    this.#fill();
    this.told("view");
  }

  keep() {}

  /** As `PageViewer.frame`. */
  frame(position) {
    const element = this.drawn.get(position - 1);
    if (!element) return null;
    const [stage, box] = [this.stage.getBoundingClientRect(), element.getBoundingClientRect()];
    const [left, top, scale] = [box.left - stage.left, box.top - stage.top, box.width / this.book.page(position).width];
    if (box.right < stage.left || box.left > stage.right || box.bottom < stage.top || box.top > stage.bottom) return null;
    return { left, top, width: box.width, height: box.height, scale, rotation: 0, matrix: `matrix(${scale},0,0,${scale},${left},${top})` };
  }

  zoomOf(position) {
    const page = this.book.page(position);
    return ((this.isSideways ? this.across / page.height : this.across / page.width)) * devicePixelRatio;
  }

  get isHome() {
    return this.scale === 1;
  }

  get isAsWideAsSeen() {
    return false; // sideways movements scroll
  }

  zoomBy(factor) {
    this.scale = Math.min(STEP_LIMITS[1], Math.max(STEP_LIMITS[0], this.scale * factor));
    this.fit = "free";
    this.#resize();
  }

  zoomAt(factor) {
    this.zoomBy(factor);
  }

  zoomIn() {
    this.fitTo("page");
  }

  fitTo(fit, { position = this.current } = {}) {
    if (fit === "pixel") this.scale = Math.min(STEP_LIMITS[1], Math.max(STEP_LIMITS[0], this.scale / this.zoomOf(position)));
    else this.scale = 1;
    this.fit = fit;
    this.#resize();
  }

  regionOf() {
    return null;
  }

  scrollBy(across, down) {
    this.element.scrollBy(across, down);
    return true;
  }

  rotateBy() {}

  close() {
    this.isClosed = true;
    this.again.close();
    clearTimeout(this.resting);
    cancelAnimationFrame(this.frameRequest);
    this.resized.disconnect();
    this.element.remove();
  }
}
