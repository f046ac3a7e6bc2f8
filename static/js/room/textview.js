// The text of the pages beside their image or instead of it: what screen readers read, and what fits a phone.
//
// It is the plain page's text, in the plain page's elements; it follows every turn, and the address keeps the view.

import { tell } from "./copying.js";
import { recall, remember } from "./remembered.js";
import { textsOf } from "./texts.js";

const VIEWS = ["picture", "both", "text"];
const SIZES = [0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2];

export function install(room) {
  if (!room.book.can.text) return;
  new TextView(room);
}

class TextView {
  constructor(room) {
    this.room = room;
    this.texts = textsOf(room);
    this.pane = room.desk.querySelector(".words") ?? this.#make();
    this.pane.dataset.touch = "own";
    this.pane.dataset.wheel = "own";
    this.shown = "";
    this.#segments();
    this.#sizes();
    this.pane.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    room.on("turn", () => this.#show());
    room.on("found", () => this.#show({ isAgain: true }));
    room.on("hit", ({ position, index }) => this.#bring(position, index));
    room.on("ask-text", () => room.setView(room.view === "text" ? "picture" : "text"));
  }

  #make() {
    const { room } = this;
    const pane = document.createElement("article");
    pane.className = room.book.writing === "vertical" ? "words words-vertical" : "words";
    pane.dir = "ltr";
    pane.lang = document.querySelector(".reader-title")?.lang ?? "";
    pane.tabIndex = 0;
    pane.setAttribute("aria-label", room.word("page_text"));
    const after = room.desk.querySelector(".turn-after");
    room.desk.insertBefore(pane, after);
    return pane;
  }

  /** The three links become a switch; they stay links for a new window. */
  #segments() {
    const { room } = this;
    const links = [...document.querySelectorAll(".segments a")].slice(0, VIEWS.length);
    links.forEach((link, index) => link.addEventListener("click", (event) => {
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      room.setView(VIEWS[index]);
    }));
    const show = () => links.forEach((link, index) => {
      const url = new URL(room.address(room.position));
      url.searchParams.delete("view");
      if (VIEWS[index] !== "picture") url.searchParams.set("view", VIEWS[index]);
      link.href = url.href;
      if (VIEWS[index] === room.view) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    room.on("turn", show);
    room.on("layout", show);
  }

  /** Larger and smaller; kept in this browser. */
  #sizes() {
    const buttons = [...document.querySelectorAll("[data-words-size]")];
    let size = Math.max(0, SIZES.indexOf(Number(recall("words-size") ?? 1)));
    const show = () => {
      document.documentElement.style.setProperty("--words-size", String(SIZES[size]));
      buttons.forEach((button) => {
        button.disabled = button.dataset.wordsSize === "larger" ? size === SIZES.length - 1 : size === 0;
      });
    };
    buttons.forEach((button) => button.addEventListener("click", () => {
      size = Math.min(SIZES.length - 1, Math.max(0, size + (button.dataset.wordsSize === "larger" ? 1 : -1)));
      remember("words-size", SIZES[size]);
      show();
    }));
    document.querySelectorAll("[data-copy-page-text]").forEach((button) => button.addEventListener("click", () => this.room.emit("copy-page")));
    show();
  }

  /** A wheel that turns down moves columns on, which is to the left. */
  #wheel(event) {
    const { pane } = this;
    if (event.ctrlKey || pane.scrollWidth <= pane.clientWidth || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    if (getComputedStyle(pane).writingMode !== "vertical-rl") return;
    event.preventDefault();
    pane.scrollBy({ left: -event.deltaY * [1, 32, innerWidth][event.deltaMode] });
  }

  async #show({ isAgain = false } = {}) {
    const { room } = this;
    if (room.view === "picture") return;
    const name = `${room.opening}/${room.hits?.found.query ?? ""}`;
    if (name === this.shown && !isAgain) return;
    const isTurn = this.shown.split("/")[0] !== String(room.opening);
    this.shown = name;
    const pages = await Promise.all(room.opening.map((position) => this.#page(position)));
    if (this.shown !== name) return;
    this.pane.replaceChildren(...pages);
    withoutRepeatedOrigins(pages);
    room.emit("words");
    if (isTurn) this.pane.scrollTo(0, 0);
    const { current } = room.hits ?? {};
    const first = this.pane.querySelector("mark");
    if (current) this.#bring(current.position, current.index);
    else if ((isTurn || isAgain) && first) scrollTo(this.pane, first);
  }

  /** The text of one page, as the server's page has it. */
  async #page(position) {
    const { room } = this;
    const section = document.createElement("section");
    section.dataset.position = position;
    if (room.opening.length > 1) {
      const heading = section.appendChild(document.createElement("h2"));
      heading.className = "words-page";
      heading.textContent = room.book.label(position);
    }
    const text = await this.texts.at(position).catch(() => null);
    if (!text || text.isEmpty) {
      section.append(this.#note("empty", room.word(text ? "no_text" : "text_failed")));
      return section;
    }
    const hits = (await room.hits?.of(position).catch(() => null))?.ranges ?? [];
    const lines = section.appendChild(document.createElement("div"));
    lines.className = "words-lines";
    lines.append(...paragraphs(text, hits));
    if (text.origin) section.append(this.#note("words-origin", room.word(`origin_${text.origin}`)));
    return section;
  }

  #note(className, words) {
    const note = document.createElement("p");
    note.className = className;
    note.lang = document.documentElement.lang;
    note.textContent = words;
    return note;
  }

  #bring(position, index) {
    const section = this.pane.querySelector(`section[data-position="${position}"]`);
    const hits = [...(section?.querySelectorAll(`mark[data-hit="${index}"]`) ?? [])];
    this.pane.querySelectorAll("mark.current").forEach((mark) => mark.classList.remove("current"));
    hits.forEach((mark) => mark.classList.add("current"));
    if (hits.length) scrollTo(this.pane, hits[0]);
  }
}

/** Where the text comes from is said once for pages of the same origin. */
function withoutRepeatedOrigins(pages) {
  const origins = pages.map((page) => page.querySelector(".words-origin"));
  origins.forEach((origin, index) => {
    if (origin && origin.textContent === origins[index + 1]?.textContent) origin.remove();
  });
}

/** Bring an element of a pane into its middle, if it is not well inside; what holds the pane stays where it is. */
function scrollTo(pane, element) {
  const [outer, inner] = [pane.getBoundingClientRect(), element.getBoundingClientRect()];
  const shift = (low, high, from, to) => (low >= from + 48 && high <= to - 48 ? 0 : (low + high) / 2 - (from + to) / 2);
  pane.scrollBy(shift(inner.left, inner.right, outer.left, outer.right), shift(inner.top, inner.bottom, outer.top, outer.bottom));
}

/** Elements for the lines of a page: a paragraph a line, a rule between regions, hits marked. Ranges count code points. */
function paragraphs(text, ranges) {
  const elements = [];
  let start = 0;
  text.regions.forEach((lines, region) => {
    if (region) elements.push(document.createElement("hr"));
    for (const line of lines) {
      const paragraph = document.createElement("p");
      paragraph.append(...marked(line.characters, start, ranges));
      tell(paragraph, { paragraph: `${text.position}/${region}` });
      elements.push(paragraph);
      start += line.characters.length + 1;
    }
    // Lines are one character apart in the plain text, regions two.
    start += lines.length ? 1 : 2;
  });
  return elements;
}

/** The characters of a line, cut where hits begin and end. */
function marked(characters, start, ranges) {
  const pieces = [];
  let done = 0;
  ranges.forEach(([from, to], index) => {
    const [first, last] = [Math.max(from - start, done), Math.min(to - start, characters.length)];
    if (first >= last) return;
    if (first > done) pieces.push(characters.slice(done, first).join(""));
    const mark = document.createElement("mark");
    mark.dataset.hit = index;
    mark.textContent = characters.slice(first, last).join("");
    pieces.push(mark);
    done = last;
  });
  if (done < characters.length) pieces.push(characters.slice(done).join(""));
  return pieces;
}
