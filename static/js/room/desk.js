// The desk of this room, for what a reader keeps (static/js/keep/seam.js): places, selections and marks of a scan.

import { quote } from "../keep/points.js";
import { offerDesk } from "../keep/seam.js";
import { partOf } from "./copying.js";
import { around, Marks } from "./marks.js";
import { pointOn, Region } from "./region.js";
import { textsOf } from "./texts.js";

const SETTLE_MS = 180; // of a selection in the text beside the image, which has no pen that says when it is done

export function install(room) {
  const desk = new ScanDesk(room);
  let isOffered = false;
  room.on("open", () => {
    if (!isOffered) offerDesk(desk);
    isOffered = true;
    desk.opened();
  });
}

class ScanDesk {
  #told = { place: [], selection: [], mark: [], pages: [] };

  constructor(room) {
    this.room = room;
    this.item = room.book.item;
    this.kind = "scan";
    this.title = room.book.title;
    this.texts = textsOf(room);
    this.marks = new Marks(room);
    this.region = new Region(room, (drawn) => {
      this.drawn = drawn;
      this.#tell("selection", this.selection());
    });
    // The bar goes before the selection does.
    room.on("selected", () => this.#tell("selection", room.selectionBar.element.hidden ? null : this.selection()));
    document.addEventListener("selectionchange", () => this.#selectedInWords());
    room.stage.addEventListener("click", (event) => this.#pressed(event));
    room.desk.addEventListener("click", (event) => this.#pressedInWords(event));
  }

  get actions() {
    return this.room.selectionBar?.actions ?? null;
  }

  #tell(name, told) {
    this.#told[name].forEach((listener) => listener(told));
  }

  onPlace(listener) {
    this.#told.place.push(listener);
  }

  onSelection(listener) {
    this.#told.selection.push(listener);
  }

  onMark(listener) {
    this.#told.mark.push(listener);
  }

  onPages(listener) {
    this.#told.pages.push(listener);
    listener(this.#keys());
  }

  #keys() {
    return this.room.opening.map((position) => this.room.book.page(position).key);
  }

  /** Another opening is seen. */
  opened() {
    this.#tell("pages", this.#keys());
    this.#tell("place", this.place());
  }

  place() {
    const { book, opening, position } = this.room;
    const progression = Math.max(...opening) / book.count;
    return { page: book.page(position).key, position, start: null, progression, label: book.label(position) };
  }

  /** Show a place; the paper is moved only where it is enlarged or rolls, else the page is seen whole anyway. */
  async go({ page, start = null, end = null, box = null }) {
    const { room } = this;
    const found = room.book.pages.find(({ key }) => key === Number(page));
    if (!found) return;
    const { position } = found;
    const isMoving = room.mode === "scroll" || !room.shown.isHome;
    const region = isMoving ? (box ?? (await this.#boxOf(position, start, end))) : null;
    await room.go(position, { push: true, box: region });
    this.marks.flash(position, { start, end, box });
  }

  async #boxOf(position, start, end) {
    if (start === null) return null;
    const text = await this.texts.at(position).catch(() => null);
    const part = text?.parts(start, Math.max(end ?? 0, start + 1)).find(({ line }) => line.box);
    return part ? part.line.boxOf(part.from, part.to) : null;
  }

  selection() {
    if (this.drawn) {
      const { position, box, rect } = this.drawn;
      return { page: this.room.book.page(position).key, start: null, end: null, exact: "", prefix: "", suffix: "", box, rect };
    }
    return this.#selectionOnPicture() ?? this.#selectionInWords();
  }

  #selectionOnPicture() {
    const selected = this.room.textLayer?.selected ?? [];
    if (!selected.length) return null;
    const { position } = selected[0].overlay;
    const parts = selected.filter(({ overlay }) => overlay.position === position);
    const text = this.room.textLayer.pages.get(position)?.text;
    if (!text) return null;
    const [first, last] = [parts[0], parts.at(-1)];
    const rects = [...selected[0].overlay.selected.querySelectorAll("rect")].map((mark) => mark.getBoundingClientRect());
    const rect = rects.length ? around(rects) : this.room.stage.getBoundingClientRect();
    return this.#quoted(position, text, first.line.start + first.from, last.line.start + last.to, rect);
  }

  #quoted(position, text, start, end, rect) {
    return { page: this.room.book.page(position).key, start, end, ...quote(text.plain, start, end), box: null, rect };
  }

  /** A selection in the text beside the image, on the first page that it touches. */
  #selectionInWords() {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    for (const section of document.querySelectorAll(".words section[data-position]")) {
      const text = this.known?.get(Number(section.dataset.position));
      const parts = [...section.querySelectorAll(".words-lines p[data-line]")]
        .map((element, index) => ({ line: text?.lines[index], part: partOf(element, range) }))
        .filter(({ line, part }) => line && part);
      if (!parts.length) continue;
      const gap = (line, unit) => line.units.findIndex((each) => each >= unit);
      const [first, last] = [parts[0], parts.at(-1)];
      const start = first.line.start + gap(first.line, first.part[0]);
      const end = last.line.start + gap(last.line, last.part[1]);
      return this.#quoted(text.position, text, start, end, range.getBoundingClientRect());
    }
    return null;
  }

  /** Its lines are known when it is asked for what is selected. */
  async #selectedInWords() {
    clearTimeout(this.settling);
    const selection = document.getSelection();
    const isInWords = Boolean(selection.anchorNode?.parentElement?.closest(".words"));
    if (!isInWords && !this.wasInWords) return;
    this.wasInWords = isInWords && !selection.isCollapsed;
    this.settling = setTimeout(async () => {
      const texts = await Promise.all(this.room.opening.map((position) => this.texts.at(position).catch(() => null)));
      this.known = new Map(texts.filter(Boolean).map((text) => [text.position, text]));
      this.#tell("selection", this.selection());
    }, SETTLE_MS);
  }

  clearSelection() {
    document.getSelection().removeAllRanges();
    this.region.clear();
    this.room.selectionBar?.hide();
  }

  /** The next drag over the picture draws a box. */
  chooseRegion() {
    this.region.choose();
  }

  draw(page, marks) {
    this.marks.set(Number(page), marks);
  }

  /** A press on a mark; one that ended a selection or moved the paper was none. */
  #pressed(event) {
    if (event.detail > 1 || event.target.closest(".selection-bar") || this.room.textLayer?.isSelected) return;
    const point = pointOn(this.room, event.clientX, event.clientY);
    if (!point) return;
    const text = this.room.textLayer?.pages.get(point.position)?.text;
    const { line, away } = text?.nearest(point.x, point.y) ?? {};
    const isOn = line && away <= 0.2 * Math.min(line.box[2], line.box[3]);
    const offset = isOn ? line.start + line.characterAt(point.x, point.y) : null;
    const mark = this.marks.at(point.position, { offset, point });
    if (!mark) return;
    this.#tell("mark", { id: mark.id, rect: this.marks.rectOf(mark.id) ?? new DOMRect(event.clientX, event.clientY, 1, 1) });
  }

  async #pressedInWords(event) {
    const section = event.target.closest?.(".words section[data-position]");
    const line = event.target.closest?.("p[data-line]");
    if (!section || !line || !document.getSelection().isCollapsed) return;
    const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    if (!caret || !line.contains(caret.offsetNode)) return;
    const position = Number(section.dataset.position);
    const text = await this.texts.at(position).catch(() => null);
    const told = text?.lines[[...section.querySelectorAll(".words-lines p[data-line]")].indexOf(line)];
    if (!told) return;
    const before = new Range();
    before.setStart(line, 0);
    before.setEnd(caret.offsetNode, caret.offset);
    const mark = this.marks.at(position, { offset: told.start + Array.from(before.toString()).length });
    if (mark) this.#tell("mark", { id: mark.id, rect: new DOMRect(event.clientX, event.clientY, 1, 1) });
  }
}
