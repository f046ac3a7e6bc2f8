// Two books side by side: each is turned, moved and zoomed by itself, or, when they are tied, both go together.
// Every step has its address; without this script the same links load the page anew.

import { loadBook } from "./room/book.js";
import { recall, remember } from "./room/remembered.js";
import { install as touch } from "./room/touch.js";
import { PageViewer } from "./room/viewer.js";
import { install as wheel } from "./room/wheel.js";

const [NEAR, FAR] = [1.4, 1 / 1.4];
const SETTLE_MS = 120; // browsers refuse more than a hundred changes of address in half a minute

const isPlainClick = (event) => !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

/** Set an attribute, or take it away where there is no value. */
const put = (element, name, value) => (value ? element.setAttribute(name, value) : element.removeAttribute(name));

/** One book with its viewer: as much of a room as the parts that turn and zoom need. */
class Side {
  constructor(section, book, told) {
    this.section = section;
    this.book = book;
    this.told = told;
    this.mode = "single";
    this.view = "picture";
    this.listeners = [];
    this.position = book.page(book.position).position;
    this.desk = section.querySelector(".side-desk");
    this.stage = document.createElement("div");
    this.stage.className = "stage";
    this.desk.append(this.stage);
    this.shown = new PageViewer(book, this.stage, this.desk.querySelector(".leaf"), (name) => {
      if (name === "sharp") this.#prepare();
      if (name === "failed" || name === "whole") this.#note(name === "failed");
      told(name, this);
    });
    touch(this);
    wheel(this);
    this.#listen();
  }

  on(name, listener) {
    this.listeners.push([name, listener]);
  }

  get fit() {
    return this.shown.fit;
  }

  /** The page so many away, as an opening; null beyond either end. */
  beside(steps) {
    const position = this.position + steps;
    return position >= 1 && position <= this.book.count ? [position] : null;
  }

  next() {
    return this.turn(1);
  }

  previous() {
    return this.turn(-1);
  }

  turnTo(side) {
    return this.turn((side === "left") === this.book.isRightToLeft ? 1 : -1);
  }

  /** Turn by so many pages; with the other book where they are tied. False at the end. */
  turn(steps) {
    if (!this.beside(steps)) return false;
    this.told("turn", this, steps);
    this.go(this.position + steps);
    return true;
  }

  /** Open at a place, as near as before where the reader had come near. */
  async go(position) {
    const region = this.shown.fit === "free" ? this.#seen() : null;
    this.position = this.book.page(position).position;
    this.listeners.forEach(([name, listener]) => { if (name === "turn") listener({ opening: [this.position] }); });
    this.#tell();
    const came = await this.shown.show([this.position]);
    if (came && region) this.look(region);
    if (came) document.documentElement.dataset.compare = "open";
  }

  zoomBy(factor, point) {
    this.told("moved", this);
    this.shown.zoomBy(factor, point);
  }

  zoomAt(factor, point) {
    this.told("moved", this);
    this.shown.zoomAt(factor, point);
  }

  fitTo(fit) {
    this.told("moved", this);
    this.shown.fitTo(fit);
  }

  /** What is seen, in heights of the page: its middle, and how large one height is in heights of the window. */
  #seen() {
    const { viewport } = this.shown.viewer;
    const { x, y } = viewport.getCenter(true);
    return { x, y, size: 1 / viewport.getBoundsNoRotate(true).height, fit: this.shown.fit };
  }

  get seen() {
    return this.#seen();
  }

  /** See the same as another has said by `seen`. */
  look({ x, y, size, fit }) {
    const { shown } = this;
    if (fit === "page") {
      shown.fitTo("page", { immediately: true });
      return;
    }
    const { viewport } = shown.viewer;
    shown.fit = "free";
    viewport.zoomTo(viewport.getZoom() * size * viewport.getBoundsNoRotate().height, null, true);
    viewport.panTo(new window.OpenSeadragon.Point(x, y), true);
    viewport.applyConstraints(true);
  }

  /** As long as something of what is seen could not be fetched, that is said. */
  #note(isLacking) {
    this.section.querySelector(".stage-note > span").hidden = !isLacking;
  }

  /** The pages before and after are fetched while this one is read. */
  #prepare() {
    const steps = navigator.connection?.saveData ? [0] : [0, 1, -1];
    this.shown.keep(steps.map((step) => this.beside(step)).filter(Boolean));
  }

  #tell() {
    const { book, position, section } = this;
    const page = book.label(position);
    section.querySelector(".side-place").textContent = page;
    section.querySelector(".side-read").href = book.address("page", { position });
    this.desk.setAttribute("aria-label", book.word("picture", { title: book.title, page }));
    const input = section.querySelector(".jump input:not([type=hidden])");
    if (document.activeElement !== input) input.value = position;
  }

  #listen() {
    const { section } = this;
    for (const [rel, steps] of [["prev", -1], ["next", 1]]) {
      section.querySelector(`.side-turn[rel=${rel}]`).addEventListener("click", (event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        this.turn(steps);
      });
    }
    section.querySelector(".jump").addEventListener("submit", (event) => {
      const input = event.target.querySelector("input:not([type=hidden])");
      const position = this.book.find(input.value);
      if (!position) return;
      event.preventDefault();
      input.blur();
      this.turn(position - this.position);
      input.value = this.position;
    });
    const acts = { in: () => this.zoomBy(NEAR), out: () => this.zoomBy(FAR), page: () => this.fitTo("page") };
    section.querySelectorAll("[data-act]").forEach((button) => button.addEventListener("click", acts[button.dataset.act]));
    section.querySelector(".side-zoom").hidden = false;
    for (const kind of ["pointerdown", "wheel", "focusin", "touchstart"]) {
      section.addEventListener(kind, () => this.told("moved", this), { capture: true, passive: true });
    }
  }
}

/** Both sides, whether they are tied, and the address that says it all. */
class Pair {
  constructor() {
    this.sides = [];
    this.active = null;
    this.switch = document.querySelector(".compare-sync");
    this.isTied = new URLSearchParams(location.search).get("sync") === "1" || recall("compare-sync") === "1";
  }

  async begin(sections) {
    const books = await Promise.all(sections.map((section) => loadBook(JSON.parse(section.dataset.side))));
    books.forEach((book, index) => {
      this.sides.push(new Side(sections[index], book, (name, side, steps) => this.#happened(name, side, steps)));
    });
    this.active = this.sides[0];
    this.switch.addEventListener("click", () => this.tie(!this.isTied));
    document.querySelectorAll(".compare-both").forEach((anchor) => anchor.addEventListener("click", (event) => {
      if (!isPlainClick(event)) return;
      event.preventDefault();
      this.turnBoth(Number(anchor.dataset.steps));
    }));
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#showTie();
    await Promise.all(this.sides.map((side) => side.go(side.position)));
    this.#tell();
  }

  tie(isTied) {
    this.isTied = isTied;
    remember("compare-sync", isTied ? "1" : "0");
    this.#showTie();
    if (isTied) this.#follow(this.active);
    this.#tell();
  }

  turnBoth(steps) {
    this.sides.forEach((side) => { if (side.beside(steps)) side.go(side.position + steps); });
    this.#tell();
  }

  #other(side) {
    return this.sides.find((each) => each !== side);
  }

  #showTie() {
    this.switch.setAttribute("aria-checked", String(this.isTied));
  }

  /** What a side has to tell: that it was touched, that it turns by so many pages, that its view moved. */
  #happened(name, side, steps) {
    if (name === "moved") this.active = side;
    if (name === "turn") {
      this.active = side;
      const other = this.#other(side);
      if (this.isTied && other.beside(steps)) other.go(other.position + steps);
      queueMicrotask(() => this.#tell());
    }
    if (name === "view" && this.isTied && side === this.active) this.#follow(side);
  }

  #follow(side) {
    const other = this.#other(side);
    if (!other || !side.shown.shown || !other.shown.shown) return;
    const seen = side.seen;
    const told = `${seen.fit} ${seen.x.toFixed(5)} ${seen.y.toFixed(5)} ${seen.size.toFixed(5)}`;
    if (told === this.followed) return;
    this.followed = told;
    other.look(seen);
  }

  #key(event) {
    const isTaken = event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey
      || event.shiftKey && event.key !== "+" || event.target.closest?.("input, textarea, select");
    if (isTaken) return;
    const side = this.active;
    const acts = {
      ArrowLeft: () => side.turnTo("left"),
      ArrowRight: () => side.turnTo("right"),
      ArrowUp: () => side.shown.scrollBy(0, -80),
      ArrowDown: () => side.shown.scrollBy(0, 80),
      PageDown: () => side.next(),
      PageUp: () => side.previous(),
      "+": () => side.zoomBy(NEAR),
      "=": () => side.zoomBy(NEAR),
      "-": () => side.zoomBy(FAR),
      0: () => side.fitTo("page"),
      s: () => this.tie(!this.isTied),
    };
    if (!Object.hasOwn(acts, event.key)) return;
    event.preventDefault();
    acts[event.key]();
  }

  /** The address and all links say where both books are open. */
  #tell() {
    const [a, b] = this.sides;
    const address = (left, right, moves = {}) => {
      const asked = new URLSearchParams({
        a: left.book.item, ap: left.position + (moves[left.book.name] ?? 0),
        b: right.book.item, bp: right.position + (moves[right.book.name] ?? 0),
      });
      if (this.isTied) asked.set("sync", "1");
      return `${location.pathname}?${asked}`;
    };
    clearTimeout(this.settling);
    this.settling = setTimeout(() => history.replaceState(history.state, "", address(a, b)), SETTLE_MS);
    const lead = (anchor, target) => {
      put(anchor, "href", target);
      put(anchor, "role", target ? null : "link"); // without an address it is no link by itself, and may have no name
      put(anchor, "aria-disabled", target ? null : "true");
    };
    for (const side of this.sides) {
      for (const [rel, steps] of [["prev", -1], ["next", 1]]) {
        const target = side.beside(steps) && address(a, b, { [side.book.name]: steps });
        lead(side.section.querySelector(`.side-turn[rel=${rel}]`), target);
      }
      const kept = this.#other(side);
      const alone = new URLSearchParams({ a: kept.book.item, ap: kept.position });
      side.section.querySelector(".side-other").href = `${location.pathname}?${alone}`;
      side.section.querySelectorAll(".jump input[type=hidden]").forEach((input) => {
        if (input.name === `${kept.book.name}p`) input.value = kept.position;
      });
    }
    document.querySelectorAll(".compare-both").forEach((anchor) => {
      const steps = Number(anchor.dataset.steps);
      const moves = Object.fromEntries(this.sides.map((side) => [side.book.name, side.beside(steps) ? steps : 0]));
      lead(anchor, Object.values(moves).some(Boolean) && address(a, b, moves));
    });
    document.querySelector(".compare-swap").href = address(b, a);
    document.querySelector(".compare-bar .back").href = a.book.address("page", { position: a.position });
  }
}

new Pair().begin([...document.querySelectorAll("[data-side]")]).catch((error) => {
  document.documentElement.dataset.compare = "plain";
  console.error(error);
});
