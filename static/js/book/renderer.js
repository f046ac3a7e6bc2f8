// The seam between the reading room and what renders a book. The room, its panels and the desk know only this; another
// engine would stand behind the same words.
//
// @typedef {object} Where - a place in the book
//   position: number   the chapter, from 1
//   start?: number     code points into its text; or
//   fragment?: string  an id in it; or
//   atEnd?: boolean    its last page; otherwise its beginning
//   end?: number       of what is to be shown
//
// @typedef {object} Renderer
//   open(where) → Promise<void>; rejects with ChapterLost where the chapter cannot be had; what was shown stays
//   next(), previous() → boolean: false at the end of the book
//   seen → {position, page, pages, start, leaves}: what is shown now
//   leaf(position) → Leaf | null: an open chapter, to be read, marked and listened to
//   lay() → after the window or a choice has changed: the place is kept by its character
//   onLeaf(fn), onShow(fn), onWait(fn), onLost(fn)
//
// Our engine lays chapters out with the browser's own columns in sandboxed frames (decision 015): the next chapter waits in
// a hidden frame, so a turn over the seam is a turn like any other.

import { ChapterLost, Leaf } from "./leaf.js";
import { paper } from "./settings.js";

const KEPT_AROUND = 1; // chapters kept open on either side

export class Renderer {
  /**
   * @param {HTMLElement} stage - holds the frames
   * @param {import("./book.js").Book} book
   * @param {import("./settings.js").Settings} settings
   */
  constructor(stage, book, settings) {
    Object.assign(this, { stage, book, settings });
    this.leaves = new Map();
    this.shown = []; // positions, in reading order
    this.anchor = null; // the character that keeps its place when the layout changes
    this.heard = { leaf: [], show: [], wait: [], lost: [] };
    this.turn = 0;
    new ResizeObserver(() => this.lay()).observe(stage);
    settings.onChange((name) => { if (name !== "rate") this.lay(); });
  }

  onLeaf(fn) { this.heard.leaf.push(fn); }

  onShow(fn) { this.heard.show.push(fn); }

  onWait(fn) { this.heard.wait.push(fn); }

  onLost(fn) { this.heard.lost.push(fn); }

  #tell(name, ...told) {
    this.heard[name].forEach((fn) => fn(...told));
  }

  /** Parts that came later: chapters that are open already are told to them, too, and where the reader is. */
  again() {
    const late = { leaf: this.heard.leaf.slice(this.told?.leaf ?? 0), show: this.heard.show.slice(this.told?.show ?? 0) };
    for (const leaf of this.leaves.values()) if (leaf.isReady) late.leaf.forEach((fn) => fn(leaf));
    if (this.seen) late.show.forEach((fn) => fn(this.seen, { isSame: true }));
  }

  /** An open chapter. */
  leaf(position) {
    const leaf = this.leaves.get(position);
    return leaf?.isReady ? leaf : null;
  }

  /** The chapter that is read; of a spread the first. */
  get current() {
    return this.leaf(this.shown[0]);
  }

  /** What is shown now. */
  get seen() {
    const leaf = this.current;
    if (!leaf) return null;
    const { page, pages } = leaf.layout;
    return { position: leaf.position, page, pages, start: this.anchor?.start ?? null, leaves: this.shown.map((each) => this.leaf(each)).filter(Boolean) };
  }

  /** Take over the frame that the page came with. */
  adopt(position, frame) {
    this.told = { leaf: this.heard.leaf.length, show: this.heard.show.length };
    this.#keep(position, frame);
  }

  #keep(position, given) {
    const known = this.leaves.get(position);
    if (known && !given) return known;
    const chapter = this.book.chapter(position);
    const frame = given ?? this.#frame(chapter);
    const leaf = new Leaf(chapter, frame);
    this.leaves.set(position, leaf);
    leaf.ready.then(() => { if (!leaf.isGone) this.#arrived(leaf); }, () => {
      if (this.leaves.get(position) === leaf && !this.shown.includes(position)) this.#drop(position);
    });
    return leaf;
  }

  #frame(chapter) {
    const frame = document.createElement("iframe");
    frame.className = "chapter";
    frame.setAttribute("sandbox", "allow-same-origin");
    frame.title = this.book.frameTitle(chapter);
    frame.src = this.book.chapterAddress(chapter);
    frame.tabIndex = -1;
    this.stage.append(frame);
    return frame;
  }

  #arrived(leaf) {
    this.#layLeaf(leaf);
    this.#tell("leaf", leaf);
    // Pictures and fonts that come later change the pages; the place stays.
    const again = () => { if (!leaf.isGone && leaf.doc) this.#relay(leaf); };
    if (leaf.doc.readyState !== "complete") leaf.frame.addEventListener("load", again, { once: true });
    leaf.doc.fonts?.ready.then(again);
    leaf.doc.addEventListener("scroll", () => {
      if (this.isMoving || !this.shown.includes(leaf.position)) return;
      if (leaf.layout.settle()) this.#placed();
    }, { passive: true });
  }

  #relay(leaf) {
    const { pages } = leaf.layout;
    leaf.words = null;
    this.#layLeaf(leaf);
    if (!this.shown.includes(leaf.position)) return;
    this.#restore();
    if (pages !== leaf.layout.pages) this.#tell("show", this.seen, { isSame: true });
  }

  #layLeaf(leaf) {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height || !leaf.isReady) return;
    this.isMoving = true;
    if (!leaf.layout.isFixed) {
      leaf.layout.lay(this.settings, paper(), width, height);
    } else {
      const pair = this.#spread(leaf);
      const place = pair.indexOf(leaf.position);
      if (pair.length === 1) {
        leaf.layout.lay(this.settings, paper(), width, height);
      } else {
        const isLeft = (place === 0) !== this.book.isRightToLeft;
        leaf.layout.lay(this.settings, paper(), width / 2, height, isLeft ? "right" : "left", isLeft ? 0 : width / 2);
      }
    }
    this.isMoving = false;
  }

  /** The positions that lie side by side with a page of fixed layout, in reading order. */
  #spread(leaf) {
    const { clientWidth: width, clientHeight: height } = this.stage;
    const alone = [leaf.position];
    if (!leaf.layout.isPaired || this.book.spread === "none" || this.settings.columns === "1") return alone;
    const isTwo = this.settings.columns === "2" || width > height * 1.1;
    const isWidePage = leaf.layout.size.width > leaf.layout.size.height * 1.2;
    if (!isTwo || isWidePage || leaf.layout.spread === "center" || this.book.count < 2) return alone;
    const first = this.book.isRightToLeft ? "right" : "left";
    const side = (position) => {
      const told = this.leaf(position)?.layout;
      if (told && !told.isFixed) return "";
      if (told?.spread) return told.spread;
      if (leaf.layout.spread && position !== leaf.position) return leaf.layout.spread === "left" ? "right" : "left";
      return (position % 2 === 0) === (first === "left") ? "left" : "right"; // the first page lies alone, as a cover does
    };
    const partner = leaf.position + (side(leaf.position) === first ? 1 : -1);
    if (partner < 1 || partner > this.book.count || !side(partner) || side(partner) === "center") return alone;
    if (side(partner) === side(leaf.position)) return alone;
    const other = this.leaf(partner)?.layout;
    if (other && (!other.isFixed || other.size.width > other.size.height * 1.2)) return alone;
    return [leaf.position, partner].sort((one, two) => one - two);
  }

  /** Show a place of the book. */
  async open(where) {
    const turn = (this.turn += 1);
    const position = Math.min(Math.max(1, where.position), this.book.count);
    let leaf = this.#keep(position);
    if (!leaf.isReady || this.#spread(leaf).some((each) => !this.leaf(each))) {
      const waiting = setTimeout(() => this.#tell("wait", true), 150);
      try {
        await leaf.ready;
        if (turn !== this.turn) return;
        await this.#beside(leaf);
      } catch (error) {
        if (this.leaves.get(position) === leaf) this.#drop(position);
        if (turn === this.turn) this.#tell("lost", where, error);
        throw error;
      } finally {
        clearTimeout(waiting);
        if (turn === this.turn) this.#tell("wait", false);
      }
      if (turn !== this.turn) return;
      leaf = this.leaf(position);
      if (!leaf) throw new ChapterLost(String(position));
    }
    this.#show(leaf, where);
  }

  /** Have the page beside one of fixed layout, too; without it the one is shown alone. */
  async #beside(leaf) {
    if (this.#spread(leaf).length === 1) return;
    await this.book.table().catch(() => {});
    await Promise.all(this.#spread(leaf).map((each) => (this.book.chapter(each) ? this.#keep(each).ready.catch(() => {}) : null)));
  }

  #show(leaf, where) {
    const pair = this.#spread(leaf).filter((each) => this.leaf(each));
    const hadFocus = document.activeElement?.matches?.("iframe.chapter");
    this.shown = pair;
    for (const each of pair) {
      const one = this.leaf(each);
      if (one.layout.isFixed) this.#layLeaf(one);
      else if (one.layout.width !== this.stage.clientWidth || one.layout.height !== this.stage.clientHeight) this.#layLeaf(one);
    }
    for (const [position, each] of this.leaves) {
      const isShown = pair.includes(position);
      each.frame.toggleAttribute("data-shown", isShown);
      each.frame.tabIndex = isShown ? 0 : -1;
      each.frame.toggleAttribute("inert", !isShown);
    }
    this.isMoving = true;
    this.#goTo(leaf, where);
    this.isMoving = false;
    if (hadFocus && document.activeElement !== leaf.frame && !pair.some((each) => this.leaf(each).frame === document.activeElement)) leaf.win.focus();
    this.#tell("show", this.seen, { isSame: false });
    this.#around(pair);
  }

  #goTo(leaf, { start, end, fragment, atEnd }) {
    const target = leaf.target(fragment);
    const { layout } = leaf;
    this.anchor = null;
    if (typeof start === "number") {
      const box = leaf.boxOf(start, end);
      // A place that somebody marked is shown with what leads to it; one where a reader stopped begins where it did.
      if (!box) layout.show(0);
      else if (end > start) layout.reveal(box);
      else layout.begin(box);
      this.anchor = { position: leaf.position, start };
    } else if (target) {
      layout.begin(boxOf(leaf, target));
    } else {
      layout.show(atEnd ? -1 : 0);
    }
    this.anchor ??= { position: leaf.position, start: leaf.firstSeen };
  }

  /** After a change of layout: the same character is seen again. */
  #restore() {
    const leaf = this.current;
    if (!leaf || !this.anchor) return;
    this.isMoving = true;
    const box = this.anchor.start ? leaf.boxOf(this.anchor.start) : null;
    if (box) leaf.layout.begin(box);
    else leaf.layout.show(this.anchor.start === 0 ? 0 : leaf.layout.page);
    this.isMoving = false;
  }

  /** The room's window or a choice has changed. */
  lay() {
    if (!this.shown.length) return;
    const [position] = this.shown;
    for (const leaf of this.leaves.values()) if (leaf.isReady) this.#layLeaf(leaf);
    const leaf = this.leaf(position);
    const pair = leaf ? this.#spread(leaf) : [];
    if (leaf?.layout.isFixed && String(pair) !== String(this.shown)) {
      this.open({ position, start: this.anchor?.start }).catch(() => {});
      return;
    }
    this.#restore();
    this.#tell("show", this.seen, { isSame: true });
  }

  /** The page was moved within the chapter. */
  #placed() {
    const leaf = this.current;
    this.anchor = { position: leaf.position, start: leaf.firstSeen };
    this.#tell("show", this.seen, { isSame: false });
  }

  next() {
    return this.#step(1);
  }

  previous() {
    return this.#step(-1);
  }

  #step(steps) {
    const leaf = this.current;
    if (!leaf) return false;
    this.isMoving = true;
    const moved = leaf.layout.step(steps);
    this.isMoving = false;
    if (moved) {
      this.turn += 1;
      this.#placed();
      return true;
    }
    const position = steps > 0 ? this.shown.at(-1) + 1 : this.shown[0] - 1;
    if (position < 1 || position > this.book.count) return false;
    this.open({ position, atEnd: steps < 0 }).catch(() => {});
    return true;
  }

  /** Keep the chapters beside what is shown, let go of the others. */
  #around(pair) {
    const [from, to] = [pair[0] - KEPT_AROUND - (pair.length > 1), pair.at(-1) + KEPT_AROUND + (pair.length > 1)];
    for (const position of [...this.leaves.keys()]) if (position < from || position > to) this.#drop(position);
    const wanted = [];
    for (let position = pair.at(-1) + 1; position <= Math.min(to, this.book.count); position += 1) wanted.push(position);
    for (let position = pair[0] - 1; position >= Math.max(1, from); position -= 1) wanted.push(position);
    clearTimeout(this.later);
    const keep = () => this.book.known.then(() => {
      if (String(pair) === String(this.shown)) wanted.forEach((position) => this.#keep(position));
    }, () => {});
    this.later = setTimeout(() => (window.requestIdleCallback ? requestIdleCallback(keep, { timeout: 1500 }) : keep()), 60);
  }

  #drop(position) {
    this.leaves.get(position)?.remove();
    this.leaves.delete(position);
  }
}

/** Where an element begins: its own box, or that of the text behind it, since anchors and page breaks are often empty. */
function boxOf(leaf, element) {
  const sized = [...element.getClientRects()].find((box) => box.width > 0 && box.height > 0);
  return sized ?? leaf.boxOf(leaf.text.startOf(element)) ?? element.getBoundingClientRect();
}
