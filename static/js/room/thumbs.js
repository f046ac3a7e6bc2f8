// All pages of a book small, to find one by its looks. A book may have 5,000: only the rows that are seen are there, in a
// place whose size is known from the first moment, and a picture is asked for when scrolling rests on it.

import { madeAddress } from "./pagesource.js";

const THUMBNAIL = 300; // pixels: the picture that was made for lists
const CELL = 132; // CSS pixels that a cell has at least
const NARROW_CELL = 96;
const SHAPE = 1.36; // height of a picture's box for its width: a little taller than most pages
const LABEL = 34; // CSS pixels for the label below
const GAP = 12;
const BEYOND = 2; // rows kept ready above and below
const REST_MS = 90; // of stillness after which pictures are asked for

export function install(room) {
  const panel = document.getElementById("thumbs");
  const button = document.querySelector("[data-thumbs]");
  if (panel && button) new Thumbs(room, panel, button);
}

class Thumbs {
  constructor(room, panel, button) {
    Object.assign(this, { room, panel, button });
    this.cells = new Map(); // by place: the button of a page
    this.hits = new Set();
    this.focused = room.position;
    this.room.stage.parentElement.append(panel);
    this.list = panel.querySelector("[data-thumbs-list]");
    button.addEventListener("click", () => this.toggle());
    panel.querySelector("[data-close]").addEventListener("click", () => this.close());
    panel.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => {
      const cell = event.target.closest("[data-position]");
      if (cell) this.#choose(Number(cell.dataset.position));
    });
    this.scroller = panel.querySelector("[data-thumbs-scroller]");
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => { if (this.isOpen && this.scroller.clientWidth !== this.width) this.#layOut(); }).observe(this.scroller);
    document.addEventListener("keydown", (event) => this.#shortcut(event));
    room.on("turn", () => this.#mark());
    room.on("found", ({ positions }) => {
      this.hits = new Set(positions);
      this.#mark();
    });
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  open() {
    document.querySelectorAll("details.tool[open]").forEach((tool) => { tool.open = false; });
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.focused = this.room.position;
    this.#layOut();
    this.cells.get(this.focused)?.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    const hadFocus = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.#clear();
    if (hadFocus) this.button.focus({ preventScroll: true });
  }

  #choose(position) {
    this.close();
    this.room.go(position, { push: true });
  }

  /** How many columns there is room for, and how high that makes everything. */
  #layOut() {
    const hadFocus = this.list.contains(document.activeElement);
    this.width = this.scroller.clientWidth;
    const width = this.width - GAP;
    const least = width < 480 ? NARROW_CELL : CELL;
    this.columns = Math.max(2, Math.floor(width / (least + GAP)));
    this.cellWidth = Math.floor(width / this.columns);
    this.rowHeight = Math.round((this.cellWidth - GAP) * SHAPE) + LABEL + GAP;
    this.rows = Math.ceil(this.room.book.count / this.columns);
    this.list.style.height = `${this.rows * this.rowHeight + GAP}px`;
    this.#clear();
    this.#bringToMiddle(this.focused);
    this.#draw();
    this.#fetch();
    if (hadFocus) this.cells.get(this.focused)?.focus({ preventScroll: true });
  }

  #clear() {
    this.cells.forEach((cell) => this.#take(cell));
    this.cells.clear();
  }

  /** Without an address a picture that is under way is given up, too. */
  #take(cell) {
    cell.querySelector("img").removeAttribute("src");
    cell.remove();
  }

  #row(position) {
    return Math.floor((position - 1) / this.columns);
  }

  #bringToMiddle(position) {
    const top = this.#row(position) * this.rowHeight;
    this.scroller.scrollTop = top - (this.scroller.clientHeight - this.rowHeight) / 2;
  }

  #bringIntoView(position) {
    const top = this.#row(position) * this.rowHeight;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.rowHeight + GAP > scrollTop + clientHeight) this.scroller.scrollTop = top + this.rowHeight + GAP - clientHeight;
  }

  #scrolled() {
    if (!this.isOpen) return;
    this.#draw();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.#fetch(), REST_MS);
  }

  /** Put in the rows that are seen and take out the others; the one with the focus stays. */
  #draw() {
    const { scrollTop, clientHeight } = this.scroller;
    const first = Math.max(0, Math.floor(scrollTop / this.rowHeight) - BEYOND);
    const last = Math.min(this.rows - 1, Math.floor((scrollTop + clientHeight) / this.rowHeight) + BEYOND);
    const [from, to] = [first * this.columns + 1, Math.min(this.room.book.count, (last + 1) * this.columns)];
    for (const [position, cell] of this.cells) {
      if ((position < from || position > to) && cell !== document.activeElement) {
        this.cells.delete(position);
        this.#take(cell);
      }
    }
    let after = null;
    for (let position = from; position <= to; position += 1) {
      const cell = this.cells.get(position) ?? this.#cell(position);
      // In the order of the book, for who goes through them by Tab or listens to them.
      if (after && after.nextElementSibling !== cell) after.after(cell);
      else if (!after && this.list.firstElementChild !== cell) this.list.prepend(cell);
      after = cell;
    }
    this.#mark();
  }

  #cell(position) {
    const { book } = this.room;
    const cell = document.createElement("button");
    const [box, picture, label] = ["span", "img", "span"].map((name) => document.createElement(name));
    cell.type = "button";
    cell.className = "thumb";
    cell.dataset.position = position;
    picture.alt = "";
    picture.decoding = "async";
    picture.draggable = false;
    picture.addEventListener("error", () => picture.removeAttribute("src")); // so that it is asked for again
    box.className = "thumb-box";
    box.append(picture);
    label.className = "thumb-label";
    label.textContent = book.label(position);
    cell.append(box, label);
    cell.style.width = `${this.cellWidth - GAP}px`;
    box.style.height = `${this.rowHeight - LABEL - GAP}px`;
    const column = (position - 1) % this.columns;
    const across = book.isRightToLeft ? this.columns - 1 - column : column;
    cell.style.transform = `translate(${GAP + across * this.cellWidth}px, ${GAP + this.#row(position) * this.rowHeight}px)`;
    this.cells.set(position, cell);
    return cell;
  }

  /** Ask for the pictures of the rows that are seen now. */
  #fetch() {
    if (!this.isOpen) return;
    const { book } = this.room;
    for (const [position, cell] of this.cells) {
      const picture = cell.querySelector("img");
      if (!picture.hasAttribute("src")) picture.src = madeAddress(book, book.page(position), THUMBNAIL);
    }
  }

  #mark() {
    if (!this.isOpen) return;
    const { opening, book } = this.room;
    for (const [position, cell] of this.cells) {
      const [isOpen, isHit] = [opening.includes(position), this.hits.has(position)];
      if (isOpen) cell.setAttribute("aria-current", "page");
      else cell.removeAttribute("aria-current");
      cell.classList.toggle("is-hit", isHit);
      cell.tabIndex = position === this.focused ? 0 : -1;
      const words = isHit ? this.room.word("thumb_hit", { page: book.label(position) }) : book.label(position);
      cell.setAttribute("aria-label", words);
    }
  }

  #focus(position) {
    this.focused = Math.min(Math.max(1, position), this.room.book.count);
    this.#bringIntoView(this.focused);
    this.#draw();
    this.cells.get(this.focused)?.focus({ preventScroll: true });
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.#fetch(), REST_MS);
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      return;
    }
    const on = this.room.book.isRightToLeft ? -1 : 1;
    const screen = Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight)) * this.columns;
    const steps = {
      ArrowLeft: -on, ArrowRight: on, ArrowUp: -this.columns, ArrowDown: this.columns,
      PageUp: -screen, PageDown: screen, Home: -this.room.book.count, End: this.room.book.count,
    }[event.key];
    if (!steps || !event.target.closest("[data-position]")) return;
    event.preventDefault();
    this.#focus(this.focused + steps);
  }

  #shortcut(event) {
    const isTaken = event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey
      || event.shiftKey || event.target.closest?.("input:not([type=range]), textarea, select, dialog");
    if (isTaken || event.key !== "m") return;
    event.preventDefault();
    this.toggle();
  }
}
