// A box drawn on the picture with the mouse (Shift, or the tool), for pages without text and for seals, maps and pictures.

const LEAST = 12; // CSS pixels across and down: less was a press

/** Where a point of the window lies on the pages that are seen: {position, x, y} in the page's pixels; null beside them. */
export function pointOn(room, clientX, clientY) {
  const stage = room.stage.getBoundingClientRect();
  for (const position of room.opening) {
    const frame = room.pageFrame(position);
    if (!frame) continue;
    const page = room.book.page(position);
    const { x, y } = new DOMPoint(clientX - stage.left, clientY - stage.top).matrixTransform(new DOMMatrix(frame.matrix).inverse());
    if (x >= 0 && y >= 0 && x <= page.width && y <= page.height) return { position, x, y };
  }
  return null;
}

export class Region {
  /** @param drawn called with {position, box, rect} when a box was drawn, with null when it goes. */
  constructor(room, drawn) {
    Object.assign(this, { room, drawn });
    this.element = document.createElement("div");
    this.element.className = "region-band";
    this.element.hidden = true;
    room.stage.append(this.element);
    room.on("mode", () => room.stage.append(this.element));
    const { stage } = room;
    const own = { capture: true };
    stage.addEventListener("pointerdown", (event) => this.#down(event), own);
    stage.addEventListener("pointermove", (event) => this.#move(event), own);
    stage.addEventListener("pointerup", (event) => this.#up(event), own);
    stage.addEventListener("pointercancel", () => this.#end(), own);
    for (const name of ["mousedown", "touchstart", "touchmove", "click"]) {
      stage.addEventListener(name, (event) => {
        if (!this.drag && !(name === "click" && this.isFresh)) return;
        event.stopImmediatePropagation();
        if (event.cancelable) event.preventDefault();
      }, { ...own, passive: false });
    }
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.clear(); }, own);
    for (const name of ["turn", "view"]) room.on(name, () => this.#hide());
  }

  /** The next drag draws a box. */
  choose() {
    this.isChosen = true;
    this.room.stage.classList.add("stage-region");
  }

  /** Take away what was drawn, and draw nothing. */
  clear() {
    this.isChosen = false;
    this.room.stage.classList.remove("stage-region");
    this.#hide();
  }

  #hide() {
    if (this.element.hidden || this.isFresh || this.drag) return;
    this.element.hidden = true;
    this.drawn(null);
  }

  #down(event) {
    if (event.target.closest(".selection-bar")) return;
    this.#hide();
    const isShift = event.shiftKey && event.pointerType === "mouse" && !this.room.textLayer?.isSelected;
    if (event.button !== 0 || !(this.isChosen || isShift)) return;
    const from = pointOn(this.room, event.clientX, event.clientY);
    if (!from) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.room.stage.setPointerCapture(event.pointerId);
    this.drag = { from, start: [event.clientX, event.clientY], end: [event.clientX, event.clientY] };
  }

  #move(event) {
    if (!this.drag) return;
    event.stopImmediatePropagation();
    this.drag.end = [event.clientX, event.clientY];
    this.#show();
  }

  get #rect() {
    const [[ax, ay], [bx, by]] = [this.drag.start, this.drag.end];
    return new DOMRect(Math.min(ax, bx), Math.min(ay, by), Math.abs(ax - bx), Math.abs(ay - by));
  }

  #show() {
    const stage = this.room.stage.getBoundingClientRect();
    const { left, top, width, height } = this.#rect;
    const { style } = this.element;
    this.element.hidden = false;
    style.transform = `translate(${left - stage.left}px, ${top - stage.top}px)`;
    style.width = `${width}px`;
    style.height = `${height}px`;
  }

  #up(event) {
    if (!this.drag) return;
    event.stopImmediatePropagation();
    const rect = this.#rect;
    const { position } = this.drag.from;
    this.#end();
    if (rect.width < LEAST || rect.height < LEAST) {
      this.element.hidden = true;
      return;
    }
    // The press that ends here is still to come as a click.
    this.isFresh = true;
    setTimeout(() => { this.isFresh = false; });
    this.drawn({ position, box: this.#boxOn(position, rect), rect });
  }

  #end() {
    this.drag = null;
    this.isChosen = false;
    this.room.stage.classList.remove("stage-region");
  }

  /** What lies under a rectangle of the window, in the page's whole pixels, cut at its edges. */
  #boxOn(position, rect) {
    const stage = this.room.stage.getBoundingClientRect();
    const matrix = new DOMMatrix(this.room.pageFrame(position).matrix).inverse();
    const page = this.room.book.page(position);
    const corners = [[rect.left, rect.top], [rect.right, rect.top], [rect.left, rect.bottom], [rect.right, rect.bottom]]
      .map(([x, y]) => new DOMPoint(x - stage.left, y - stage.top).matrixTransform(matrix));
    const within = (values, most) => [Math.min(...values), Math.max(...values)].map((value) => Math.round(Math.min(Math.max(0, value), most)));
    const [left, right] = within(corners.map(({ x }) => x), page.width);
    const [top, bottom] = within(corners.map(({ y }) => y), page.height);
    return [left, top, Math.max(1, right - left), Math.max(1, bottom - top)];
  }
}
