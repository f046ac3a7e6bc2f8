// Selecting the text of a scan where it stands: column by column in reading order, over both pages of a spread.
//
// The text lies transparent over the page (overlays.js), one element a line, and never takes the pointer: only what begins
// on a character is a selection (pen.js), everything else stays the viewer's. Which character lies under the pointer is told
// by the boxes of the text layer; they also place the marks, so that these cover the ink and not what a font makes of it.

import { say } from "../page/tongue.js";
import { Bar } from "./clipping.js";
import { partOf, tell } from "./copying.js";
import { overlaysOf, rectangle } from "./overlays.js";
import { Pen } from "./pen.js";
import { textsOf } from "./texts.js";

const NEAR = 0.12; // of a line's thickness around it that still belongs to it

export function install(room) {
  if (!room.book.can.text) return;
  const layer = new TextLayer(room);
  new Marker(room, layer);
  const bar = new Bar(room, layer);
  const pen = new Pen(room, layer, bar);
  Object.assign(room, { textLayer: layer, selectionBar: bar, pen });
}

/** The lines of the pages that are seen, as elements that a selection can hold. */
class TextLayer {
  constructor(room) {
    this.room = room;
    this.overlays = overlaysOf(room);
    this.texts = textsOf(room);
    this.pages = new Map();
    this.overlays.onMade((overlay) => this.#fill(overlay));
    room.on("turn", ({ opening }) => {
      for (const position of this.pages.keys()) if (!opening.includes(position)) this.pages.delete(position);
    });
  }

  get element() {
    return this.overlays.layer;
  }

  async #fill(overlay) {
    const text = await this.texts.at(overlay.position).catch(() => null);
    // The page may have been left, and come back to, while its text was under way.
    if (!text || this.overlays.at(overlay.position) !== overlay || overlay.lines.firstChild) return;
    const lines = text.placed.map((line) => {
      const element = lineElement(line);
      tell(element, { paragraph: `${text.position}/${line.region}` });
      return { line, element };
    });
    overlay.lines.append(...lines.map(({ element }) => element));
    this.pages.set(overlay.position, { text, lines, overlay });
    this.room.emit("text", { position: overlay.position });
  }

  /** All lines that are seen, in reading order. */
  get lines() {
    return [...this.pages].sort(([a], [b]) => a - b).flatMap(([, page]) => page.lines);
  }

  /** The point of a page that lies under a point of the window. */
  #onPage(position, x, y) {
    const frame = this.room.pageFrame(position);
    if (!frame) return null;
    const stage = this.room.stage.getBoundingClientRect();
    const point = new DOMPoint(x - stage.left, y - stage.top);
    const there = point.matrixTransform(new DOMMatrix(frame.matrix).inverse());
    const away = Math.hypot(
      Math.max(frame.left - point.x, point.x - frame.left - frame.width, 0),
      Math.max(frame.top - point.y, point.y - frame.top - frame.height, 0),
    );
    return { x: there.x, y: there.y, away };
  }

  /** The line and gap nearest to a point of the window: {line, element, gap, character, isOn}; null without any text. */
  spot(x, y) {
    let best = null;
    for (const [position, page] of this.pages) {
      const point = this.#onPage(position, x, y);
      if (!point || !page.text.placed.length || (best && point.away >= best.point.away)) continue;
      best = { point, page };
    }
    if (!best) return null;
    const { point, page } = best;
    const { line, away } = page.text.nearest(point.x, point.y);
    const thickness = Math.min(line.box[2], line.box[3]);
    return {
      line,
      element: page.lines.find((each) => each.line === line).element,
      gap: line.gapAt(point.x, point.y),
      character: line.characterAt(point.x, point.y),
      isOn: point.away === 0 && away <= NEAR * thickness,
    };
  }

  /** Select from one gap of a line to one of another. */
  select(from, to) {
    document.getSelection().setBaseAndExtent(
      from.element.firstChild, from.line.units[from.gap],
      to.element.firstChild, to.line.units[to.gap],
    );
  }

  /** Select all text that is seen. */
  selectAll() {
    const { lines } = this;
    if (!lines.length) return;
    const [first, last] = [lines[0], lines.at(-1)];
    this.select({ ...first, gap: 0 }, { ...last, gap: last.line.characters.length });
  }

  /** Whether the document's selection lies in this layer. */
  get isSelected() {
    const selection = document.getSelection();
    return selection.rangeCount > 0 && !selection.isCollapsed && this.element.contains(selection.anchorNode);
  }

  /** The selected gaps of each line: [{line, overlay, from, to}] in reading order. */
  get selected() {
    if (!this.isSelected) return [];
    const range = document.getSelection().getRangeAt(0);
    const found = [];
    for (const [, page] of [...this.pages].sort(([a], [b]) => a - b)) {
      for (const { line, element } of page.lines) {
        const part = partOf(element, range);
        if (!part) continue;
        const [from, to] = part.map((unit) => line.units.findIndex((each) => each >= unit));
        if (from < to) found.push({ line, overlay: page.overlay, from, to });
      }
    }
    return found;
  }
}

/** One line as an element over its place: as thick as the line, stretched to its length, so that finding on the page and
    reading aids of the browser point at the right spot. */
function lineElement(line) {
  const [x, y, width, height] = line.box;
  const element = document.createElement("span");
  element.className = line.isVertical ? "overlay-line overlay-line-vertical" : "overlay-line";
  say(element, line.text, document.querySelector(".reader-title")?.lang);
  const { style } = element;
  const [thickness, length] = line.isVertical ? [width, height] : [height, width];
  style.left = `${x}px`;
  style.top = `${y}px`;
  style.width = `${width}px`;
  style.height = `${height}px`;
  style.lineHeight = `${thickness}px`;
  const size = Math.min(thickness, (2 * length) / line.characters.length);
  style.fontSize = `${size}px`;
  const natural = line.isVertical ? size * line.characters.length : naturalWidth(line.text, size);
  style.letterSpacing = `${(length - natural) / line.characters.length}px`;
  if (line.direction === "rtl") style.direction = "rtl";
  return element;
}

let ruler = null;

function naturalWidth(text, size) {
  ruler ??= document.createElement("canvas").getContext("2d");
  ruler.font = `${size}px serif`;
  return ruler.measureText(text).width;
}

/** Draws what is selected, in the boxes of the characters. */
class Marker {
  constructor(room, layer) {
    this.layer = layer;
    this.marked = new Set();
    document.addEventListener("selectionchange", () => this.#draw());
    room.on("text", () => this.#draw());
  }

  #draw() {
    const boxes = new Map();
    for (const { line, overlay, from, to } of this.layer.selected) {
      if (!boxes.has(overlay)) boxes.set(overlay, []);
      boxes.get(overlay).push(rectangle(line.boxOf(from, to)));
    }
    for (const overlay of this.marked) if (!boxes.has(overlay)) overlay.selected.replaceChildren();
    boxes.forEach((drawn, overlay) => overlay.selected.replaceChildren(...drawn));
    this.marked = new Set(boxes.keys());
  }
}
