// Marks that a reader keeps, drawn over the scan in the boxes of the characters and in the text beside it.

import { drawn, overlaysOf, rectangle } from "./overlays.js";
import { textsOf } from "./texts.js";

const COLOURS = ["yellow", "green", "blue", "red"];
const FLASH_MS = 1800;

export class Marks {
  constructor(room) {
    this.room = room;
    this.overlays = overlaysOf(room);
    this.texts = textsOf(room);
    this.byPage = new Map();
    this.overlays.onMade((overlay) => this.#draw(overlay));
    room.on("words", () => this.#drawWords());
  }

  /** What is drawn on a page, by its key; remembered while the page comes and goes. */
  set(key, marks) {
    this.byPage.set(key, marks);
    const overlay = [...this.overlays.shown.values()].find((each) => this.#keyOf(each) === key);
    if (overlay) this.#draw(overlay);
    this.#drawWords();
  }

  of(position) {
    return this.byPage.get(this.room.book.page(position).key) ?? [];
  }

  #keyOf(overlay) {
    return this.room.book.page(overlay.position).key;
  }

  async #draw(overlay) {
    const marks = this.of(overlay.position);
    const text = marks.some((mark) => !mark.box) ? await this.#textOf(overlay.position) : null;
    if (this.overlays.at(overlay.position) !== overlay || this.of(overlay.position) !== marks) return;
    overlay.kept.replaceChildren(...marks.map((mark) => this.#mark(mark, text)));
  }

  #textOf(position) {
    return this.texts.at(position).catch(() => null);
  }

  /** One mark: its colour in the boxes, and beside the column a line (旁線) where it has a note. */
  #mark(mark, text) {
    const group = drawn("g", { class: `wy-mark wy-mark-${mark.colour}`, "data-mark": mark.id });
    if (mark.hasNote) group.classList.add("wy-mark-noted");
    if (mark.isOthers) group.classList.add("wy-mark-others");
    if (mark.box) {
      group.classList.add("wy-mark-box");
      group.append(rectangle(mark.box));
      return group;
    }
    for (const { line, from, to } of text?.parts(mark.start, mark.end) ?? []) {
      if (!line.box) continue;
      const [x, y, width, height] = line.boxOf(from, to);
      group.append(rectangle([x, y, width, height]));
      if (!mark.hasNote) continue;
      const [x1, y1] = line.isVertical ? [x + width, y] : [x, y + height];
      const ends = { x1, y1, x2: x + width, y2: y + height };
      group.append(drawn("line", ends));
    }
    return group;
  }

  /** In the text beside the image, without touching its elements (CSS Custom Highlight API). */
  async #drawWords() {
    if (!window.Highlight || !CSS.highlights) return;
    const ranges = new Map(COLOURS.map((colour) => [colour, []]));
    for (const section of document.querySelectorAll(".words section[data-position]")) {
      const position = Number(section.dataset.position);
      const text = await this.#textOf(position);
      const lines = [...section.querySelectorAll(".words-lines p[data-line]")];
      for (const mark of this.of(position)) {
        for (const { line, from, to } of mark.start === null ? [] : (text?.parts(mark.start, mark.end) ?? [])) {
          const element = lines[text.lines.indexOf(line)];
          if (element) ranges.get(mark.colour)?.push(rangeIn(element, line.units[from], line.units[to]));
        }
      }
    }
    for (const [colour, found] of ranges) {
      if (found.length) CSS.highlights.set(`wy-mark-${colour}`, new Highlight(...found));
      else CSS.highlights.delete(`wy-mark-${colour}`);
    }
  }

  /** The mark that holds a place of a page's text, or a point of it in its pixels; the shortest where several do. */
  at(position, { offset = null, point = null }) {
    const holds = (mark) => (mark.box
      ? point && point.x >= mark.box[0] && point.x <= mark.box[0] + mark.box[2] && point.y >= mark.box[1] && point.y <= mark.box[1] + mark.box[3]
      : offset !== null && offset >= mark.start && offset < mark.end);
    const size = (mark) => (mark.box ? Infinity : mark.end - mark.start);
    return this.of(position).filter(holds).sort((one, other) => size(one) - size(other))[0] ?? null;
  }

  /** Where a mark is seen in the window; null where it is not drawn. */
  rectOf(id) {
    const rects = [...this.overlays.layer.querySelectorAll(`[data-mark="${CSS.escape(id)}"] rect`)].map((each) => each.getBoundingClientRect());
    return rects.length ? around(rects) : null;
  }

  /** Let a place be seen for a moment. */
  flash(position, { start, end, box }) {
    const found = this.of(position).find((mark) => (box ? String(mark.box) === String(box) : mark.start === start && mark.end === end));
    const group = found && this.overlays.layer.querySelector(`[data-mark="${CSS.escape(found.id)}"]`);
    group?.classList.add("wy-mark-now");
    setTimeout(() => group?.classList.remove("wy-mark-now"), FLASH_MS);
  }
}

/** The smallest rectangle around some. */
export function around(rects) {
  const [left, top] = [Math.min(...rects.map((each) => each.left)), Math.min(...rects.map((each) => each.top))];
  const right = Math.max(...rects.map((each) => each.right));
  return new DOMRect(left, top, right - left, Math.max(...rects.map((each) => each.bottom)) - top);
}

/** A range between two places of an element's text, in UTF-16 units, whatever elements are inside. */
function rangeIn(element, from, to) {
  const range = new Range();
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let before = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const after = before + node.length;
    if (from >= before && from <= after) range.setStart(node, from - before);
    if (to >= before && to <= after) {
      range.setEnd(node, to - before);
      break;
    }
    before = after;
  }
  return range;
}
