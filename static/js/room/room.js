// The room: the book, where it is open, how it is shown, and what the parts tell each other.

import { ScrollView } from "./continuous.js";
import { defaultMode, hasSpreads, openingOf, openings } from "./openings.js";
import { recall, remember } from "./remembered.js";
import { PageViewer } from "./viewer.js";

export const MODES = ["single", "spread", "scroll"];
const WIDE = matchMedia("(min-width: 60rem) and (min-aspect-ratio: 1/1)");

export class Room {
  /**
   * @param book the book.
   * @param desk the element with `.leaf`, the place of the plain picture; the stage is put into it.
   */
  constructor(book, desk) {
    this.book = book;
    this.desk = desk;
    this.stage = document.createElement("div");
    this.stage.className = "stage";
    desk.append(this.stage);
    this.leaf = desk.querySelector(".leaf") ?? this.#emptyLeaf();
    this.listeners = new Map();
    book.atHand = this.#atHand(book);
    this.query = book.query;
    this.view = desk.dataset.view;
    this.position = book.page(book.position).position;
    this.canSpread = hasSpreads(book.pages);
    this.#setMode(this.#chosenMode());
    this.opening = this.openings[openingOf(this.openings, this.position)];
    WIDE.addEventListener("change", () => this.setMode(this.#chosenMode(), { isChoice: false }));
  }

  /** Width of the picture that the plain page shows, by the page's key. */
  #atHand(book) {
    const image = this.leaf.querySelector("img");
    const width = Number(/\/full\/(\d+),/.exec(image?.currentSrc ?? "")?.[1]);
    return new Map(width ? [[book.page(book.position).key, width]] : []);
  }

  /** Where the page has text alone, the place of a picture is made when pictures are asked for. */
  #emptyLeaf() {
    const leaf = document.createElement("figure");
    leaf.className = "leaf";
    this.desk.querySelector(".turn-before").after(leaf);
    return leaf;
  }

  word(key, values) {
    return this.book.word(key, values);
  }

  /** Listen: "turn" {opening} as soon as it is asked for, "open" {opening} when it is seen, "view", "mode", "query", … */
  on(name, listener) {
    if (!this.listeners.has(name)) this.listeners.set(name, []);
    this.listeners.get(name).push(listener);
  }

  emit(name, told = {}) {
    (this.listeners.get(name) ?? []).forEach((listener) => listener(told));
  }

  #chosenMode() {
    const chosen = recall(WIDE.matches ? "mode-wide" : "mode-narrow");
    const known = MODES.includes(chosen) && (chosen !== "spread" || this.canSpread);
    return known ? chosen : defaultMode(this.book, WIDE.matches);
  }

  #setMode(mode) {
    this.mode = mode;
    this.openings = openings(this.book.pages, mode);
  }

  /** Put what shows the pages on the stage. */
  #install() {
    const told = (name, values) => this.#happened(name, values);
    this.shown?.close();
    this.desk.dataset.mode = this.mode;
    this.shown = this.mode === "scroll"
      ? new ScrollView(this.book, this.stage, this.leaf, told)
      : new PageViewer(this.book, this.stage, this.leaf, told);
  }

  /** Whether the page is larger than it need be to be seen whole: arrows give way then. */
  #showNearness() {
    const isNear = this.mode !== "scroll" && !this.shown.isHome;
    if (isNear !== ("near" in this.desk.dataset)) this.desk.toggleAttribute("data-near", isNear);
  }

  #happened(name, values) {
    if (name === "view") this.#showNearness();
    if (name === "passed") {
      this.position = values.position;
      this.opening = values.opening;
      this.emit("turn", { opening: this.opening, isScroll: true });
      this.emit("open", { opening: this.opening, isScroll: true });
    } else {
      this.emit(name, values);
    }
  }

  /** Begin: show the first opening. */
  async start({ box = null } = {}) {
    this.#install();
    this.emit("mode", { mode: this.mode });
    await this.#show(box);
  }

  async #show(box = null) {
    const { opening, position } = this;
    this.emit("turn", { opening });
    const region = box && Object.assign([...box], { position });
    const came = await this.shown.show(opening, { box: region, position });
    if (came) this.emit("open", { opening });
  }

  /**
   * Show the opening that holds a page.
   *
   * @param options.push whether the browser's back button leads back here: for jumps, not for turns.
   * @param options.box [x, y, width, height] in the page's pixels, to be brought near.
   */
  async go(position, { push = false, box = null, isReturn = false } = {}) {
    const wanted = this.book.page(position).position;
    const opening = this.openings[openingOf(this.openings, wanted)];
    if (push && wanted !== this.position) this.emit("leave", { to: wanted });
    const isSame = opening === this.opening && !box && !isReturn;
    this.position = wanted;
    this.opening = opening;
    if (isSame && this.mode !== "scroll") {
      this.emit("turn", { opening });
      return;
    }
    await this.#show(box);
  }

  /** The opening so many away from this one; null beyond either end. */
  beside(steps) {
    return this.openings[openingOf(this.openings, this.position) + steps] ?? null;
  }

  /** Turn on; false at the end. */
  next() {
    return this.#turn(1);
  }

  /** Turn back; false at the beginning. */
  previous() {
    return this.#turn(-1);
  }

  #turn(steps) {
    const opening = this.beside(steps);
    if (opening) this.go(opening[0]);
    return Boolean(opening);
  }

  /** Turn to what lies on this side, "left" or "right". */
  turnTo(side) {
    return (side === "left") === this.book.isRightToLeft ? this.next() : this.previous();
  }

  async setMode(mode, { isChoice = true } = {}) {
    if (isChoice) remember(WIDE.matches ? "mode-wide" : "mode-narrow", mode);
    if (mode === this.mode) return;
    this.#setMode(mode);
    this.opening = this.openings[openingOf(this.openings, this.position)];
    this.#install();
    this.emit("mode", { mode });
    await this.#show();
  }

  /** "picture", "both" or "text". */
  setView(view) {
    if (view === this.view) return;
    this.desk.classList.remove(`view-${this.view}`);
    this.view = view;
    this.desk.dataset.view = view;
    this.desk.classList.add(`view-${view}`);
    this.emit("layout", { view });
    this.emit("turn", { opening: this.opening });
  }

  setQuery(query) {
    this.query = query.trim();
    this.emit("query", { query: this.query });
  }

  /** Where a page lies on the stage; see `PageViewer.frame`. Null when it is not seen. */
  pageFrame(position) {
    return this.shown.frame(position);
  }

  /** 1 is one device pixel for one pixel of the picture. */
  get zoom() {
    return this.shown.zoomOf(this.position);
  }

  get fit() {
    return this.shown.fit;
  }

  zoomBy(factor, point) {
    this.shown.zoomBy(factor, point);
    this.emit("zoom");
  }

  zoomAt(factor, point) {
    this.shown.zoomAt(factor, point);
    this.emit("zoom");
  }

  fitTo(fit) {
    this.shown.fitTo(fit, { position: this.position });
    this.emit("zoom");
  }

  rotateBy(degrees) {
    this.shown.rotateBy(degrees);
    this.emit("zoom");
  }
}
