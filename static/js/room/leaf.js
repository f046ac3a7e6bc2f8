// One opening in the viewer: its pages, where they lie, and their pictures once the viewer has taken them up.

import { arrangement } from "./openings.js";
import { askAgain, isMissing } from "./osd.js";

const { Rect } = window.OpenSeadragon ?? {};

export class Leaf {
  constructor(opening, book) {
    this.opening = opening;
    this.pages = opening.map((position) => book.page(position));
    const { bounds, places } = arrangement(this.pages, book.isRightToLeft);
    this.bounds = new Rect(bounds.x, bounds.y, bounds.width, bounds.height);
    this.places = places;
    this.items = [];
    this.isGone = false;
  }

  /** How wide a page is when the opening fills a box of this size without being cut. */
  widthIn({ width, height }, index) {
    return this.places[index].width * Math.min(width / this.bounds.width, height / this.bounds.height);
  }

  /** Whether its pictures are there as sharp as the view asks. */
  get isSharp() {
    return this.items.length === this.pages.length && !this.isMissing && this.items.every((item) => !item || item.getFullyLoaded());
  }

  /** Whether something of it could not be fetched. */
  get isMissing() {
    return this.items.some((item) => item && isMissing(item));
  }

  /** Ask again for what could not be fetched. */
  askAgain() {
    this.items.forEach((item) => item && askAgain(item));
  }

  /** Whether something of every page is there. */
  get isHazy() {
    return this.items.length === this.pages.length && this.items.every((item) => !item || item.isHazy);
  }
}
