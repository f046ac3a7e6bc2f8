// The pages of a PDF one under the other, to be scrolled. Only what is near is there; places come from the table of pages.

import { cssOf, frameOf } from "./frame.js";
import { Sheet } from "./sheet.js";

const GAP = 12; // CSS pixels between two pages
const WIDEST = 960; // CSS pixels of a page that is not enlarged
const AHEAD = 0.6; // windows on either side that are kept
const REST_MS = 90; // what is passed over faster than this is not drawn
const STEP_LIMITS = [0.4, 4];

export class RollView {
  constructor(book, pdf, stage, told) {
    Object.assign(this, { book, pdf, stage, told });
    this.fit = "page";
    this.scale = 1;
    this.rotation = 0;
    this.isSideways = false;
    this.sheets = new Map();
    this.element = document.createElement("div");
    this.element.className = "scroll scroll-down roll";
    this.element.dir = "ltr";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", book.word("pages"));
    this.plane = this.element.appendChild(document.createElement("div"));
    this.plane.className = "scroll-plane";
    stage.prepend(this.element);
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.resized = new ResizeObserver(() => this.#resize());
    this.resized.observe(stage);
    this.#measure();
  }

  #measure() {
    const { clientWidth, clientHeight } = this.element;
    this.window = clientHeight || 1;
    this.across = Math.max(120, Math.min(clientWidth - 2 * GAP, this.fit === "width" ? Infinity : WIDEST) * this.scale);
    const { pages } = this.book;
    this.starts = new Float64Array(pages.length + 1);
    this.starts[0] = GAP;
    pages.forEach((page, index) => { this.starts[index + 1] = this.starts[index] + Math.round((this.across * page.height) / page.width) + GAP; });
    this.plane.style.width = `${this.across + 2 * GAP}px`;
    this.plane.style.height = `${this.starts.at(-1)}px`;
  }

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
    const target = box ? start + ((end - start - GAP) * (box[1] + box[3] / 2)) / page.height - this.window / 2 : start - GAP;
    this.element.scrollTop = Math.max(0, target);
    this.placedAt = this.element.scrollTop;
    this.current = wanted;
    this.#fill();
    this.told("passed", { position: wanted, opening: this.#visible() });
    this.told("view");
    return true;
  }

  #scrolled() {
    cancelAnimationFrame(this.frameRequest);
    this.frameRequest = requestAnimationFrame(() => {
      this.#fill();
      this.told("view");
      if (Math.abs(this.element.scrollTop - this.placedAt) < 2) return;
      this.placedAt = NaN;
      const middle = 1 + this.#at(this.element.scrollTop + this.window * 0.4);
      const seen = String(this.#visible());
      if (middle === this.current && seen === this.seen) return;
      this.current = middle;
      this.seen = seen;
      this.told("passed", { position: middle, opening: this.#visible() });
    });
  }

  #visible() {
    const top = this.element.scrollTop;
    const [first, last] = [this.#at(top + GAP), this.#at(top + this.window - GAP)];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index + 1);
  }

  #fill() {
    const top = this.element.scrollTop;
    const [from, to] = [this.#at(top - AHEAD * this.window) + 1, this.#at(top + (1 + AHEAD) * this.window) + 1];
    for (const [position, sheet] of this.sheets) {
      if (position >= from && position <= to) continue;
      sheet.drop();
      this.sheets.delete(position);
    }
    for (let position = from; position <= to; position += 1) {
      if (this.sheets.has(position)) continue;
      const sheet = new Sheet(this.book, this.pdf, position, () => this.#sharp());
      this.sheets.set(position, sheet);
      sheet.element.classList.add("sheet-rolled");
      this.#place(sheet);
      this.plane.append(sheet.element);
    }
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.#draw(), REST_MS);
  }

  #place(sheet) {
    // The plane is in the middle by itself where it is narrower than the window.
    const matrix = new DOMMatrix().translate(GAP, this.starts[sheet.position - 1]).scale(this.across / sheet.page.width);
    sheet.place(cssOf(matrix));
  }

  /** What is seen comes first, then what lies ahead. */
  #draw() {
    if (this.isClosed) return;
    const seen = this.#visible();
    const order = [...this.sheets.values()].sort((a, b) => seen.includes(b.position) - seen.includes(a.position) || a.position - b.position);
    order.forEach((sheet) => sheet.draw(this.across * devicePixelRatio));
    this.#sharp();
  }

  get isSharp() {
    return this.#visible().every((position) => this.sheets.get(position)?.isSharp);
  }

  #sharp() {
    if (!this.isClosed && this.isSharp) this.told("sharp");
  }

  #resize() {
    if (this.isClosed || !this.stage.clientWidth) return;
    const point = this.element.scrollTop + this.window / 2;
    const index = this.#at(point);
    const part = (point - this.starts[index]) / (this.starts[index + 1] - this.starts[index]);
    this.#measure();
    this.sheets.forEach((sheet) => this.#place(sheet));
    this.element.scrollTop = Math.max(0, this.starts[index] + part * (this.starts[index + 1] - this.starts[index]) - this.window / 2);
    this.placedAt = this.element.scrollTop;
    this.#fill();
    this.told("view");
  }

  keep() {}

  frame(position) {
    const sheet = this.sheets.get(position);
    if (!sheet) return null;
    const [stage, box] = [this.stage.getBoundingClientRect(), sheet.element.getBoundingClientRect()];
    if (box.bottom < stage.top || box.top > stage.bottom || box.right < stage.left || box.left > stage.right) return null;
    const matrix = new DOMMatrix().translate(box.left - stage.left, box.top - stage.top).scale(this.across / sheet.page.width);
    return frameOf(matrix, sheet.page, 0);
  }

  zoomOf(position) {
    return (this.across / this.book.page(position).width) * devicePixelRatio;
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

  fitTo(fit, { position = this.current } = {}) {
    this.scale = fit === "pixel" ? Math.min(STEP_LIMITS[1], Math.max(STEP_LIMITS[0], this.scale / this.zoomOf(position))) : 1;
    this.fit = fit;
    this.#resize();
  }

  regionOf() {
    return null;
  }

  scrollBy(across, down) {
    const { scrollLeft, scrollTop } = this.element;
    this.element.scrollBy(across, down);
    return this.element.scrollLeft !== scrollLeft || this.element.scrollTop !== scrollTop;
  }

  rotateBy() {}

  close() {
    this.isClosed = true;
    clearTimeout(this.resting);
    cancelAnimationFrame(this.frameRequest);
    this.resized.disconnect();
    this.sheets.forEach((sheet) => sheet.drop());
    this.element.remove();
  }
}
