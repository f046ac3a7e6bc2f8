// Layers over the pages that are seen, each as large as its page in the picture's own pixels: what is put on a page stays
// where it is while the view moves, and moving it costs one transform.

const SVG = "http://www.w3.org/2000/svg";

/** An element of SVG. */
export function drawn(name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  return element;
}

/** A rectangle of SVG around a box. */
export const rectangle = ([x, y, width, height], margin = 0) => drawn("rect", {
  x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin,
});

/** What lies over one page: `lines` for text; `kept`, `hits` and `selected` for marks. */
class Overlay {
  constructor(page) {
    this.position = page.position;
    this.element = document.createElement("div");
    this.element.className = "overlay";
    this.element.dataset.position = page.position;
    this.element.style.width = `${page.width}px`;
    this.element.style.height = `${page.height}px`;
    this.lines = document.createElement("div");
    this.lines.className = "overlay-lines";
    this.hits = drawn("g", { class: "overlay-hits" });
    this.selected = drawn("g", { class: "overlay-selected" });
    this.kept = drawn("g", { class: "overlay-kept" });
    const marks = drawn("svg", { class: "overlay-marks", viewBox: `0 0 ${page.width} ${page.height}`, focusable: "false" });
    marks.append(this.kept, this.selected, this.hits);
    this.element.append(marks, this.lines);
  }

  place(frame) {
    this.element.hidden = !frame;
    if (!frame) return;
    this.element.style.transform = frame.matrix;
    // One CSS pixel in those of the picture, for strokes that are as thin on every enlargement.
    if (this.scale !== frame.scale) this.element.style.setProperty("--hair", String(1 / frame.scale));
    this.scale = frame.scale;
  }
}

class Overlays {
  constructor(room) {
    this.room = room;
    this.shown = new Map();
    this.listeners = [];
    this.layer = document.createElement("div");
    this.layer.className = "overlays";
    // The text view is what screen readers read: here every line would be told a second time, without its order.
    this.layer.setAttribute("aria-hidden", "true");
    room.stage.append(this.layer);
    room.on("turn", ({ opening }) => this.#show(opening));
    room.on("open", ({ opening }) => { this.#show(opening); this.#place(); });
    room.on("view", () => this.#place());
    room.on("mode", () => room.stage.append(this.layer));
  }

  /** Be told of each overlay when it is made. */
  onMade(listener) {
    this.listeners.push(listener);
    this.shown.forEach((overlay) => listener(overlay));
  }

  /** The overlay of a page, while that page is in the opening. */
  at(position) {
    return this.shown.get(position) ?? null;
  }

  /** Reading order is the order in the document, so that a selection runs on from page to page. */
  #show(opening) {
    for (const [position, overlay] of this.shown) {
      if (!opening.includes(position)) {
        overlay.element.remove();
        this.shown.delete(position);
      }
    }
    opening.forEach((position) => {
      if (this.shown.has(position)) return;
      const overlay = new Overlay(this.room.book.page(position));
      overlay.place(null);
      this.shown.set(position, overlay);
      const next = [...this.layer.children].find((other) => Number(other.dataset.position) > position);
      this.layer.insertBefore(overlay.element, next ?? null);
      this.listeners.forEach((listener) => listener(overlay));
    });
  }

  #place() {
    this.shown.forEach((overlay) => overlay.place(this.room.pageFrame(overlay.position)));
  }
}

/** One set of overlays for a room, whichever part asks first. */
export function overlaysOf(room) {
  room.overlays ??= new Overlays(room);
  return room.overlays;
}
