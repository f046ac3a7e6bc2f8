// How the reader wants flowing text to look; kept in this browser, for all books.

import { recall, remember } from "../room/remembered.js";

/** What can be chosen, the first being what holds where nothing was. */
export const CHOICES = Object.freeze({
  flow: ["book", "pages", "scroll"],
  columns: ["auto", "1", "2"],
  font: ["book", "song", "kai", "hei"],
  leading: ["book", "tight", "even", "loose"],
  margin: ["middle", "narrow", "wide"],
  justify: ["book", "on", "off"],
});
export const SIZES = Object.freeze([70, 80, 90, 100, 110, 120, 135, 150, 175, 200, 230, 260]); // per cent
export const RATES = Object.freeze([0.7, 0.85, 1, 1.2, 1.5, 2]);

export class Settings {
  constructor() {
    this.heard = [];
    this.isRollOfBook = false;
    for (const [name, values] of Object.entries(CHOICES)) {
      const kept = recall(`book.${name}`);
      this[name] = values.includes(kept) ? kept : values[0];
    }
    const kept = (name, values, usual) => (values.includes(Number(recall(`book.${name}`))) ? Number(recall(`book.${name}`)) : usual);
    this.size = kept("size", SIZES, 100);
    this.rate = kept("rate", RATES, 1);
  }

  set(name, value) {
    if (this[name] === value) return;
    this[name] = value;
    remember(`book.${name}`, value);
    this.heard.forEach((fn) => fn(name));
  }

  /** Whether flowing text is one long roll: the reader wants it so, or has left it to the book, which does. */
  get isRoll() {
    return this.flow === "scroll" || (this.flow === "book" && this.isRollOfBook);
  }

  /** What the makers of the book would like best (EPUB 3.3, rendition:flow). */
  follow(flow) {
    const was = this.isRoll;
    this.isRollOfBook = /^scrolled/.test(flow);
    if (was !== this.isRoll) this.heard.forEach((fn) => fn("flow"));
  }

  /** One step larger or smaller. */
  resize(steps) {
    const at = SIZES.indexOf(this.size) + steps;
    if (SIZES[at]) this.set("size", SIZES[at]);
  }

  /** Everything as the book has it. */
  restore() {
    Object.entries(CHOICES).forEach(([name, [usual]]) => this.set(name, usual));
    this.set("size", 100);
  }

  get isPlain() {
    return this.size === 100 && Object.entries(CHOICES).every(([name, [usual]]) => this[name] === usual);
  }

  onChange(fn) {
    this.heard.push(fn);
  }
}

/** The paper that is shown: light, sepia or dark. */
export function paper() {
  const { theme } = document.documentElement.dataset;
  if (theme !== "auto") return theme ?? "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
