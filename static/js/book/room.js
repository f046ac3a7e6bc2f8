// The reading room of an e-book: the renderer, and what stands around it. Parts are installed by boot.js and hear of each
// other through here.

import { Renderer } from "./renderer.js";
import { Settings, paper } from "./settings.js";

export class Room {
  constructor(book, desk, stage) {
    Object.assign(this, { book, desk, stage, query: book.query });
    this.settings = new Settings();
    this.renderer = new Renderer(stage, book, this.settings);
    this.heard = new Map();
    this.says = document.getElementById("room-says");
    book.known.then(() => this.settings.follow(book.flow), () => {});
    this.renderer.onShow(({ leaves }) => this.#ground(leaves[0]));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.renderer.lay());
  }

  /** The desk has the colour of the book's paper, so that the page has no edge where the book has none. */
  #ground({ layout, doc, win }) {
    const told = layout.isFixed ? [] : [doc.body, doc.documentElement].map((element) => win.getComputedStyle(element).backgroundColor);
    const own = told.find((colour) => !/^(transparent|rgba\(0, 0, 0, 0\))$/.test(colour));
    this.desk.style.backgroundColor = own ?? "";
  }

  on(name, fn) {
    if (!this.heard.has(name)) this.heard.set(name, []);
    this.heard.get(name).push(fn);
  }

  emit(name, told) {
    this.heard.get(name)?.forEach((fn) => fn(told));
  }

  get seen() {
    return this.renderer.seen;
  }

  get paper() {
    return paper();
  }

  /** What the place that is seen is called: by the contents, which may lead into a chapter, else as its chapter is. */
  get heading() {
    const { leaves, position } = this.seen;
    if (leaves.length > 1) return `${this.book.label(position)}、${this.book.label(leaves.at(-1).position)}`;
    return this.titleHere?.() || this.book.label(position);
  }

  /** Say something to who cannot see the page. */
  say(words) {
    this.says.textContent = words;
  }

  /** Where the reader is, as the desk and the address tell it. */
  get place() {
    const { seen, book } = this;
    if (!seen) return null;
    const { position, page, pages, start } = seen;
    const chapter = book.chapter(position);
    const part = start && chapter.characters ? start / chapter.characters : page / pages;
    return {
      page: chapter.key,
      position,
      start,
      progression: book.progression(position, Math.min(1, part)) ?? 0,
      label: this.heading,
    };
  }

  /** Go to a place of the book; `push` keeps the way back. Rejects where the chapter cannot be had. */
  async go(where, { push = false } = {}) {
    if (push && this.seen) this.emit("leave", where);
    await this.book.table().catch(() => {});
    await this.renderer.open(where);
  }

  next() {
    if (this.renderer.next()) return true;
    this.emit("end", 1);
    return false;
  }

  previous() {
    if (this.renderer.previous()) return true;
    this.emit("end", -1);
    return false;
  }

  /** Turn to a side of the paper. */
  turnTo(side) {
    return (side === "left") === this.book.isRightToLeft ? this.next() : this.previous();
  }
}
