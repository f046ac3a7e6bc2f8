// One page on the stage: its thumbnail until it is drawn, then what pdf.js draws, as sharp as the view asks.
//
// A sheet is as large as the page's pixels and put in its place by one transform, like the overlays that lie over it.

import { madeAddress } from "../room/pagesource.js";

const MOST_PIXELS = 16_000_000; // of a canvas: what phones give
const ENOUGH = 0.98; // of the wanted width: a touch of enlarging is unseen
const THUMBNAIL = 300;
const READING = 1600;

export class Sheet {
  /** @param changed called when something better is to be seen. */
  constructor(book, pdf, position, changed = () => {}) {
    Object.assign(this, { book, pdf, position, changed });
    this.page = book.page(position);
    this.element = document.createElement("div");
    this.element.className = "sheet";
    this.element.dataset.position = position;
    this.element.style.width = `${this.page.width}px`;
    this.element.style.height = `${this.page.height}px`;
    this.thumbnail = document.createElement("img");
    this.thumbnail.alt = "";
    this.thumbnail.decoding = "async";
    this.thumbnail.src = madeAddress(book, this.page, THUMBNAIL);
    this.thumbnail.addEventListener("error", () => this.thumbnail.remove(), { once: true });
    this.element.append(this.thumbnail);
    this.wide = 0; // device pixels of the canvas that is seen
    this.wanted = 0;
    this.ready = new Promise((resolve) => { this.isReady = resolve; });
  }

  get isSharp() {
    return this.isPicture || (this.wide > 0 && this.wide >= ENOUGH * Math.min(this.wanted, this.#most()));
  }

  #most() {
    const { width, height } = this.page;
    return Math.floor(Math.sqrt((MOST_PIXELS * width) / height));
  }

  /** Have the page drawn so many device pixels wide; what is under way for another width is given up. */
  draw(wide) {
    this.wanted = Math.max(1, Math.round(wide));
    const target = Math.min(this.wanted, this.#most());
    const isEnough = this.wide >= ENOUGH * target && this.wide <= 1.6 * target;
    if (this.isPicture || this.isGone || isEnough || this.under?.wide === target) return;
    this.under?.cancel();
    const under = { ...this.pdf.draw(this.position, target), wide: target };
    this.under = under;
    under.done.then(() => this.#drawn(under), (error) => this.#failed(under, error));
  }

  #drawn(under) {
    if (this.under !== under) return;
    this.under = null;
    this.#put("canvas", under.canvas);
    this.wide = under.wide;
    this.detail(null);
    this.thumbnail.remove();
    this.isReady();
    this.changed();
  }

  #put(name, canvas) {
    const old = this[name];
    this[name] = canvas;
    if (canvas) this.element.append(canvas);
    if (!old) return;
    old.remove();
    old.width = 0; // browsers keep the memory of a canvas for long otherwise
  }

  /** A page that pdf.js cannot draw is shown as the picture made at ingest. */
  #failed(under, error) {
    if (this.under !== under) return;
    this.under = null;
    if (error?.isCancelled || this.isGone) return;
    this.isPicture = true;
    const picture = document.createElement("img");
    picture.alt = "";
    picture.src = madeAddress(this.book, this.page, READING);
    this.element.append(picture);
    this.isReady();
    this.changed();
  }

  /**
   * Where the page is enlarged beyond what one canvas may hold, have the region that is seen drawn over it.
   *
   * @param region [x, y, width, height] in parts of the page; null to take it away.
   */
  detail(region) {
    const name = String(region);
    if (name === this.region) return;
    this.region = name;
    this.detailing?.cancel();
    this.detailing = null;
    if (!region || this.wanted <= this.#most() || this.isPicture) {
      this.#put("over", null);
      return;
    }
    const detailing = this.pdf.draw(this.position, this.wanted, region);
    this.detailing = detailing;
    detailing.done.then(() => {
      if (this.detailing !== detailing) return;
      const [x, y, width, height] = region;
      const { style } = detailing.canvas;
      Object.assign(style, { left: `${100 * x}%`, top: `${100 * y}%`, width: `${100 * width}%`, height: `${100 * height}%` });
      this.#put("over", detailing.canvas);
    }, () => {});
  }

  place(matrix) {
    this.element.style.transform = matrix;
  }

  drop() {
    this.isGone = true;
    this.under?.cancel();
    this.detailing?.cancel();
    this.under = null;
    this.detailing = null;
    this.#put("canvas", null);
    this.#put("over", null);
    this.thumbnail.removeAttribute("src");
    this.element.remove();
    this.isReady();
  }
}
