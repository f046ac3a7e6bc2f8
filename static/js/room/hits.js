// Where the words that were looked for stand: boxes on the pages that are seen, marks along the thread of the whole book.

import { drawn, overlaysOf, rectangle } from "./overlays.js";

const KEPT = 60; // pages
const EDGE = 12; // CSS pixels: what is nearer to the edge of the stage is not well in view
const NOWHERE = Object.freeze({ boxes: [], hits: [], ranges: [] });

export class Hits {
  constructor(room) {
    this.room = room;
    this.overlays = overlaysOf(room);
    this.found = { query: "", total: 0, positions: [], hits: [] };
    this.current = null;
    this.kept = new Map();
    this.overlays.onMade((overlay) => this.#draw(overlay));
    this.strip = new Strip(room, (position) => this.goTo(position));
    room.on("turn", ({ opening }) => {
      if (this.current && !opening.includes(this.current.position)) this.current = null;
    });
  }

  /** Take over what was found: draw it on the pages that are seen. */
  show(found) {
    this.found = found;
    this.holding = new Set(found.positions);
    this.current = null;
    this.kept.clear();
    this.strip.draw(found.positions);
    this.overlays.shown.forEach((overlay) => this.#draw(overlay));
  }

  /** The hits on a page: {boxes, hits, ranges} as `hits.json` tells them; none where the page holds none. */
  of(position) {
    const { query } = this.found;
    if (!query || !this.holding?.has(position)) return Promise.resolve(NOWHERE);
    const known = this.kept.get(position);
    if (known) return known;
    const coming = this.#fetch(position, query);
    coming.catch(() => this.kept.delete(position));
    this.kept.set(position, coming);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    return coming;
  }

  async #fetch(position, query) {
    const { book } = this.room;
    const address = `${book.address("hits", { key: book.page(position).key })}?q=${encodeURIComponent(query)}`;
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.json();
  }

  /** The boxes of each hit on a page, [[box, …], …]. */
  async #placed(position) {
    const { boxes, hits } = await this.of(position).catch(() => NOWHERE);
    let start = 0;
    return hits.map((count) => boxes.slice(start, (start += count)));
  }

  async #draw(overlay) {
    const { query } = this.found;
    const hits = await this.#placed(overlay.position);
    if (query !== this.found.query) return;
    overlay.hits.replaceChildren(...hits.map((boxes, index) => {
      const group = drawn("g", { class: "overlay-hit" });
      group.dataset.index = index;
      const thickness = Math.min(...boxes.map((box) => Math.min(box[2], box[3])));
      // Edges stay thinner than strokes of the writing, however small the page is shown.
      group.style.setProperty("--thickness", String(thickness));
      group.append(...boxes.map((box) => rectangle(box, 0.1 * thickness)));
      return group;
    }));
    this.#mark();
  }

  /** Tell the current hit from the others. */
  #mark() {
    this.overlays.shown.forEach((overlay) => {
      for (const group of overlay.hits.children) {
        const isCurrent = this.current?.position === overlay.position && this.current.index === Number(group.dataset.index);
        group.classList.toggle("overlay-hit-current", isCurrent);
      }
    });
  }

  /** Go to the next hit (1) or the one before (-1), round the ends of the book; one step after the other. */
  step(direction) {
    this.stepping = (this.stepping ?? Promise.resolve()).then(() => this.#step(direction)).catch(() => {});
    return this.stepping;
  }

  async #step(direction) {
    const { positions } = this.found;
    if (!positions.length) return;
    const { opening } = this.room;
    const seen = [];
    for (const position of opening) {
      (await this.#placed(position)).forEach((_, index) => seen.push({ position, index }));
    }
    const here = this.current ? seen.findIndex(({ position, index }) => position === this.current.position && index === this.current.index) : -1;
    const wanted = here >= 0 ? seen[here + direction] : seen.at(direction > 0 ? 0 : -1);
    if (wanted) await this.goTo(wanted.position, { index: wanted.index });
    else await this.goTo(this.#beyond(opening, direction), { index: direction > 0 ? 0 : -1 });
  }

  #beyond(opening, direction) {
    const { positions } = this.found;
    return direction > 0
      ? positions.find((position) => position > opening.at(-1)) ?? positions[0]
      : positions.findLast((position) => position < opening[0]) ?? positions.at(-1);
  }

  /** Open the page, and bring the hit into view if it is not; -1 is the last of the page. */
  async goTo(position, { index = 0 } = {}) {
    const { room } = this;
    if (!room.opening.includes(position)) await room.go(position, { push: true });
    const hits = await this.#placed(position);
    if (!hits.length || !room.opening.includes(position)) return;
    this.current = { position, index: index < 0 ? hits.length - 1 : Math.min(index, hits.length - 1) };
    const box = around(hits[this.current.index]);
    if (!this.#isSeen(position, box)) await room.go(position, { box });
    this.#mark();
    room.emit("hit", { ...this.current, box: this.boxOnScreen(position, box) });
  }

  /** Where a box of a page lies in the window; null when the page is not seen. */
  boxOnScreen(position, [x, y, width, height]) {
    const frame = this.room.pageFrame(position);
    if (!frame) return null;
    const matrix = new DOMMatrix(frame.matrix);
    const stage = this.room.stage.getBoundingClientRect();
    const corners = [new DOMPoint(x, y), new DOMPoint(x + width, y + height)].map((point) => point.matrixTransform(matrix));
    const [left, right] = corners.map((point) => point.x + stage.left).sort((a, b) => a - b);
    const [top, bottom] = corners.map((point) => point.y + stage.top).sort((a, b) => a - b);
    return { left, top, right, bottom };
  }

  #isSeen(position, box) {
    if (this.room.view === "text") return true;
    const at = this.boxOnScreen(position, box);
    const stage = this.room.stage.getBoundingClientRect();
    const across = at && at.left >= stage.left + EDGE && at.right <= stage.right - EDGE;
    return Boolean(across) && at.top >= stage.top + EDGE && at.bottom <= stage.bottom - EDGE;
  }
}

/** One box around several. */
function around(boxes) {
  const [left, top] = [Math.min(...boxes.map((box) => box[0])), Math.min(...boxes.map((box) => box[1]))];
  const right = Math.max(...boxes.map((box) => box[0] + box[2]));
  const bottom = Math.max(...boxes.map((box) => box[1] + box[3]));
  return [left, top, right - left, bottom - top];
}

/** Marks above the thread, one for each page that holds the query, in the direction of reading; 5,000 are two paths. */
class Strip {
  constructor(room, goTo) {
    Object.assign(this, { room, goTo, positions: [] });
    this.element = document.createElement("div");
    this.element.className = "hit-strip";
    this.element.hidden = true;
    // The list of results and the keys say the same, in words.
    this.element.setAttribute("aria-hidden", "true");
    const marks = drawn("svg", { viewBox: `0 0 ${room.book.count} 1`, preserveAspectRatio: "none", focusable: "false" });
    this.paths = ["hit-strip-edge", "hit-strip-mark"].map((name) => drawn("path", { class: name, "vector-effect": "non-scaling-stroke" }));
    marks.append(...this.paths);
    this.label = document.createElement("span");
    this.label.className = "hit-strip-label";
    this.label.hidden = true;
    this.element.append(marks, this.label);
    document.querySelector(".reader-foot").append(this.element);
    this.element.addEventListener("pointermove", (event) => this.#tell(event));
    this.element.addEventListener("pointerleave", () => { this.label.hidden = true; });
    this.element.addEventListener("click", (event) => {
      this.label.hidden = true;
      this.goTo(this.#nearest(event));
    });
  }

  /** Where a page's mark stands along the strip, from 0 on the left to the number of pages. */
  placeOf(position) {
    const { count, isRightToLeft } = this.room.book;
    return isRightToLeft ? count - position + 0.5 : position - 0.5;
  }

  draw(positions) {
    this.positions = positions;
    this.element.hidden = !positions.length;
    const path = positions.map((position) => `M${this.placeOf(position)} 0V1`).join("");
    this.paths.forEach((each) => each.setAttribute("d", path));
  }

  #nearest({ clientX }) {
    const { left, width } = this.element.getBoundingClientRect();
    const place = ((clientX - left) / width) * this.room.book.count;
    const away = (position) => Math.abs(this.placeOf(position) - place);
    return this.positions.reduce((best, position) => (away(position) < away(best) ? position : best));
  }

  #tell(event) {
    const position = this.#nearest(event);
    const { width } = this.element.getBoundingClientRect();
    this.label.textContent = this.room.book.label(position);
    this.label.hidden = false;
    const half = this.label.offsetWidth / 2;
    const place = (this.placeOf(position) / this.room.book.count) * width;
    this.label.style.transform = `translateX(${Math.round(Math.min(Math.max(4, place - half), width - 2 * half - 4))}px)`;
  }
}
