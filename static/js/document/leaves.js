// Single pages and spreads of a PDF: one opening at a time, moved and enlarged by hand; the next one is drawn beforehand.
//
// It answers to the same calls as `PageViewer` of the scan room, so that the parts of that room serve here, too.

import { arrangement } from "../room/openings.js";
import { Paper } from "../room/paper.js";
import { cssOf, frameOf, seenOf } from "./frame.js";
import { Sheet } from "./sheet.js";

const CLOSEST = 4; // four device pixels for one of the page's frame of 1,600
const PATIENCE_MS = 300; // for a page that is being drawn, before its thumbnail is shown
const REST_MS = 140; // of stillness after which an enlarged page is drawn anew

/** One opening: its sheets and where they lie in a plane in which every page is 1 high. */
class Leaf {
  constructor(opening, book, pdf, changed) {
    this.opening = opening;
    this.pages = opening.map((position) => book.page(position));
    Object.assign(this, arrangement(this.pages, book.isRightToLeft));
    this.sheets = opening.map((position) => new Sheet(book, pdf, position, () => changed(this)));
  }

  get isSharp() {
    return this.sheets.every((sheet) => sheet.isSharp);
  }

  get ready() {
    return Promise.all(this.sheets.map((sheet) => sheet.ready));
  }

  drop() {
    this.sheets.forEach((sheet) => sheet.drop());
  }
}

export class LeavesView {
  constructor(book, pdf, stage, home, told) {
    Object.assign(this, { book, pdf, stage, home, told });
    this.leaves = new Map();
    this.shown = null;
    this.wanted = null;
    this.fit = "page";
    this.rotation = 0;
    this.scale = 1; // CSS pixels for the height of a page
    this.middle = { x: 0, y: 0 }; // of the opening, on the stage
    this.element = document.createElement("div");
    this.element.className = "leaves";
    this.paper = new Paper();
    stage.prepend(this.paper.element, this.element);
    this.#drag();
    this.resized = new ResizeObserver(() => this.#resize());
    this.resized.observe(stage);
    this.resized.observe(home);
  }

  /** A hand that pulls an enlarged page. What begins on a character is a selection, which comes first (pen.js). */
  #drag() {
    let held = null;
    const { element } = this;
    element.addEventListener("pointerdown", (event) => {
      if (event.button || !event.isPrimary || this.isHome) return;
      held = { id: event.pointerId, x: event.clientX, y: event.clientY };
      element.setPointerCapture(event.pointerId);
    });
    element.addEventListener("pointermove", (event) => {
      if (held?.id !== event.pointerId) return;
      this.scrollBy(held.x - event.clientX, held.y - event.clientY);
      Object.assign(held, { x: event.clientX, y: event.clientY });
    });
    for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, () => { held = null; });
    element.addEventListener("dblclick", (event) => {
      const box = this.stage.getBoundingClientRect();
      if (this.isHome) this.zoomBy(2.5, { x: event.clientX - box.left, y: event.clientY - box.top });
      else this.fitTo("page");
    });
  }

  /** Show an opening; where its pages take their time, their thumbnails stand in for them. True if it came to that. */
  async show(opening, { box = null } = {}) {
    const leaf = this.#leaf(opening);
    this.wanted = leaf;
    if (!this.shown) this.#flip(leaf);
    else if (leaf !== this.shown) {
      this.#drawLeaf(leaf, this.#scaleFor(leaf, this.fit === "free" ? "page" : this.fit));
      await Promise.race([leaf.ready, new Promise((resolve) => { setTimeout(resolve, PATIENCE_MS); })]);
      if (this.wanted !== leaf || this.isClosed) return false;
      this.#flip(leaf);
    }
    if (box) this.#zoomToBox(box.position, box);
    else this.fitAgain();
    this.#tell(leaf);
    return true;
  }

  /** Have these openings ready, and forget all others. */
  keep(openings) {
    const names = new Set(openings.map(String));
    for (const [name, leaf] of this.leaves) {
      if (names.has(name) || leaf === this.shown || leaf === this.wanted) continue;
      leaf.drop();
      this.leaves.delete(name);
    }
    for (const opening of openings) {
      const leaf = this.#leaf(opening);
      if (leaf !== this.shown) this.#drawLeaf(leaf, this.#scaleFor(leaf, "page"));
    }
  }

  #leaf(opening) {
    const name = String(opening);
    if (!this.leaves.has(name)) this.leaves.set(name, new Leaf(opening, this.book, this.pdf, (leaf) => this.#tell(leaf)));
    return this.leaves.get(name);
  }

  #flip(leaf) {
    this.shown?.sheets.forEach(({ element }) => element.remove());
    this.shown = leaf;
    if (this.fit === "free") this.fit = "page";
    this.element.append(...leaf.sheets.map(({ element }) => element));
    for (const [name, other] of this.leaves) {
      if (other === leaf || other.isSharp) continue;
      other.drop();
      this.leaves.delete(name);
    }
  }

  #tell(leaf) {
    if (leaf !== this.shown || this.isClosed) return;
    if (leaf.isSharp) this.told("sharp");
  }

  #margins() {
    const [stage, home] = [this.stage.getBoundingClientRect(), this.home.getBoundingClientRect()];
    if (!home.width || !home.height) return { left: 0, top: 0, width: stage.width, height: stage.height };
    return { left: home.left - stage.left, top: home.top - stage.top, width: home.width, height: home.height };
  }

  /** Width and height of an opening as it lies, for a height of 1. */
  #extent(leaf) {
    const { width, height } = leaf.bounds;
    return this.rotation % 180 ? { width: height, height: width } : { width, height };
  }

  #scaleFor(leaf, fit) {
    const [inner, extent] = [this.#margins(), this.#extent(leaf)];
    if (fit === "width") return inner.width / extent.width;
    if (fit === "pixel") return leaf.pages[0].height / devicePixelRatio;
    return Math.min(inner.width / extent.width, inner.height / extent.height);
  }

  /** From the pixels of a page of the shown opening to those of the stage. */
  #matrix(index) {
    const { places, bounds, pages } = this.shown;
    return new DOMMatrix()
      .translate(this.middle.x, this.middle.y)
      .rotate(this.rotation)
      .scale(this.scale)
      .translate(places[index].x - bounds.x - bounds.width / 2, -0.5)
      .scale(1 / pages[index].height);
  }

  /** Keep the opening in the middle where it is smaller than its place, and over all of it where it is larger. */
  #hold() {
    const [inner, extent] = [this.#margins(), this.#extent(this.shown)];
    const { clientWidth, clientHeight } = this.stage;
    const along = (value, length, start, room, most) => {
      if (length <= room + 1) return start + room / 2;
      const [low, high] = [Math.min(start + room, most) - length / 2, Math.max(start, 0) + length / 2];
      return Math.min(Math.max(value, low), high);
    };
    this.middle.x = along(this.middle.x, this.scale * extent.width, inner.left, inner.width, clientWidth);
    this.middle.y = along(this.middle.y, this.scale * extent.height, inner.top, inner.height, clientHeight);
  }

  #place() {
    if (!this.shown || this.isClosed) return;
    this.#hold();
    const grain = (value) => Math.round(value * devicePixelRatio) / devicePixelRatio;
    let box = null;
    this.shown.sheets.forEach((sheet, index) => {
      const matrix = this.#matrix(index);
      const { left, top, width, height } = frameOf(matrix, sheet.page, 0);
      matrix.e += grain(left) - left;
      matrix.f += grain(top) - top;
      sheet.matrix = matrix;
      sheet.place(cssOf(matrix));
      const [right, bottom] = [left + width, top + height];
      box = box ? [Math.min(box[0], left), Math.min(box[1], top), Math.max(box[2], right), Math.max(box[3], bottom)] : [left, top, right, bottom];
    });
    this.paper.lay({ left: box[0], top: box[1], width: box[2] - box[0], height: box[3] - box[1] });
    this.told("view");
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.#sharpen(), this.shown.isSharp ? REST_MS : 0);
  }

  #sharpen() {
    if (this.isClosed || !this.shown) return;
    const { shown, stage } = this;
    this.#drawLeaf(shown, this.scale);
    shown.sheets.forEach((sheet) => sheet.detail(seenOf(sheet.matrix, sheet.page, stage.clientWidth, stage.clientHeight)));
    if (shown.isSharp) this.told("sharp");
  }

  #drawLeaf(leaf, scale) {
    leaf.sheets.forEach((sheet, index) => sheet.draw(scale * leaf.places[index].width * devicePixelRatio));
  }

  #resize() {
    if (this.isClosed || !this.shown || !this.stage.clientWidth) return;
    if (this.fit === "free") this.#place();
    else this.fitAgain();
  }

  frame(position) {
    const index = this.shown ? this.shown.opening.indexOf(position) : -1;
    const { matrix, page } = this.shown?.sheets[index] ?? {};
    return matrix ? frameOf(matrix, page, this.rotation) : null;
  }

  zoomOf(position) {
    const index = this.shown ? Math.max(0, this.shown.opening.indexOf(position)) : -1;
    const page = this.shown?.pages[index];
    return page ? (this.scale * devicePixelRatio) / page.height : 0;
  }

  get isSharp() {
    return Boolean(this.shown?.isSharp);
  }

  get isHome() {
    return !this.shown || this.scale <= 1.02 * this.#scaleFor(this.shown, "page");
  }

  get isAsWideAsSeen() {
    return !this.shown || this.scale * this.#extent(this.shown).width <= this.#margins().width + 2;
  }

  zoomBy(factor, point = null) {
    this.anchor = null;
    this.zoomAt(factor, point ?? { x: this.stage.clientWidth / 2, y: this.stage.clientHeight / 2 });
  }

  /**
   * Zoom step by step around a pointer that rests: what was under it at the first step is under it at the last, too, even
   * where the page had to be kept in the middle on the way. Whatever else moves the page ends that (`anchor`).
   */
  zoomAt(factor, point) {
    if (!this.shown) return;
    const { anchor } = this;
    const isSame = anchor && Math.hypot(anchor.x - point.x, anchor.y - point.y) < 4;
    const held = isSame ? anchor.held : { x: (point.x - this.middle.x) / this.scale, y: (point.y - this.middle.y) / this.scale };
    const home = this.#scaleFor(this.shown, "page");
    const most = Math.max(home, (CLOSEST * this.shown.pages[0].height) / devicePixelRatio);
    this.scale = Math.min(most, Math.max(0.5 * home, this.scale * factor));
    this.middle = { x: point.x - held.x * this.scale, y: point.y - held.y * this.scale };
    this.fit = Math.abs(this.scale / home - 1) < 0.02 ? "page" : "free";
    this.#place();
    this.anchor = { x: point.x, y: point.y, held };
  }

  fitTo(fit) {
    this.fit = fit;
    this.fitAgain();
  }

  fitAgain() {
    if (!this.shown) return;
    if (this.fit === "free") this.fit = "page";
    this.anchor = null;
    const inner = this.#margins();
    this.scale = this.#scaleFor(this.shown, this.fit);
    const down = this.scale * this.#extent(this.shown).height;
    this.middle = { x: inner.left + inner.width / 2, y: inner.top + Math.max(inner.height, down) / 2 };
    this.#place();
  }

  #zoomToBox(position, [x, y, width, height]) {
    const index = this.shown.opening.indexOf(position);
    const page = this.shown.pages[index];
    if (!page) return;
    const around = Math.max(0.25 * Math.max(width, height), 0.04 * page.height);
    const { clientWidth, clientHeight } = this.stage;
    const wanted = Math.min(clientWidth / (width + 2 * around), clientHeight / (height + 2 * around)) * page.height;
    const home = this.#scaleFor(this.shown, "page");
    this.scale = Math.max(home, Math.min(wanted, (1.5 * page.height) / devicePixelRatio));
    this.fit = this.scale <= 1.02 * home ? "page" : "free";
    const at = new DOMPoint(x + width / 2, y + height / 2).matrixTransform(this.#matrix(index));
    this.middle = { x: this.middle.x + clientWidth / 2 - at.x, y: this.middle.y + clientHeight / 2 - at.y };
    this.#place();
  }

  regionOf(position) {
    const index = this.shown ? this.shown.opening.indexOf(position) : -1;
    const sheet = this.shown?.sheets[index];
    if (!sheet?.matrix || this.isHome) return null;
    const seen = seenOf(sheet.matrix, sheet.page, this.stage.clientWidth, this.stage.clientHeight);
    if (!seen || (seen[2] === 1 && seen[3] === 1)) return null;
    const { width, height } = sheet.page;
    return [seen[0] * width, seen[1] * height, seen[2] * width, seen[3] * height].map(Math.round);
  }

  scrollBy(across, down) {
    if (!this.shown) return false;
    const { x, y } = this.middle;
    this.anchor = null;
    this.middle = { x: x - across, y: y - down };
    this.#place();
    return Math.hypot(this.middle.x - x, this.middle.y - y) > 0.5;
  }

  rotateBy(degrees) {
    this.rotation = (this.rotation + degrees + 360) % 360;
    this.fitAgain();
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.resting);
    this.resized.disconnect();
    this.leaves.forEach((leaf) => leaf.drop());
    this.element.remove();
    this.paper.element.remove();
  }
}
