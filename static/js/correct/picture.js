// The page's picture: the current line boxed, and so large in the middle that its characters can be read.

import { openViewer, renewBounds, holdTo } from "../room/osd.js";
import { drawn, rectangle } from "../room/overlays.js";
import { pageSource } from "../room/pagesource.js";

const CHARACTER_PX = 44; // how large a character of the current line is shown, where the picture is as fine as that
const CLOSEST = 3; // device pixels for one of the picture
const ROOM = 1.08; // of the line and what is around it

/** What the room's maker of tile sources asks of a book, for this one page. */
export function bookOf(told) {
  return { item: told.text.item, image: told.image, address: () => told.image.base };
}

export class Picture {
  constructor(told, element) {
    this.page = told.page;
    this.element = element;
    this.book = bookOf(told);
    this.image = element.querySelector("img");
    this.marks = drawn("svg", { class: "picture-marks", focusable: "false", "aria-hidden": "true" });
    this.box = null;
  }

  /** Put a viewer in the place of the plain picture; where that fails the plain picture stays. */
  async open() {
    if (!window.OpenSeadragon) return;
    const canvas = document.createElement("div");
    canvas.className = "picture-canvas";
    this.element.prepend(canvas);
    this.viewer = openViewer(canvas);
    const { Rect } = window.OpenSeadragon;
    const height = this.page.height / this.page.width;
    holdTo(this.viewer, () => ({ bounds: new Rect(0, 0, 1, height), pages: [{ height }] }));
    const pixels = Math.max(600, canvas.clientWidth * devicePixelRatio);
    await new Promise((resolve, reject) => {
      this.viewer.addTiledImage({
        tileSource: pageSource(this.book, this.page, pixels), x: 0, y: 0, width: 1, success: resolve, error: reject,
      });
    });
    this.image.hidden = true;
    this.element.append(this.marks);
    this.viewer.addHandler("canvas-scroll", (event) => {
      event.preventDefault = true;
      this.viewer.viewport.zoomBy(event.scroll > 0 ? 1.2 : 1 / 1.2, this.viewer.viewport.pointFromPixel(event.position));
      this.viewer.viewport.applyConstraints();
    });
    this.viewer.addHandler("update-viewport", () => this.#place());
    new ResizeObserver(() => this.#resize()).observe(this.element);
    this.#resize();
    this.element.dataset.open = "yes";
  }

  /** Box a line, and bring it to the middle. */
  show(line, character = -1) {
    this.line = line;
    this.marks.replaceChildren();
    if (!line?.box) return;
    this.marks.append(Object.assign(rectangle(line.box, 4)));
    this.marks.lastChild.classList.add("line-box");
    const box = character >= 0 ? line.boxes[character] : null;
    if (box) {
      this.marks.append(rectangle(box, 2));
      this.marks.lastChild.classList.add("character-box");
    }
    this.#look(line, box);
  }

  #look(line, character) {
    if (!this.viewer) return;
    const { viewport } = this.viewer;
    const [x, y, width, height] = line.box;
    const across = line.isVertical ? width : height;
    const seen = viewport.getContainerSize();
    // So many pixels of the window for one of the picture.
    const fits = Math.min(seen.x / (width * ROOM), seen.y / (height * ROOM));
    const readable = Math.min(CHARACTER_PX / Math.max(1, across), CLOSEST / devicePixelRatio);
    const scale = Math.max(Math.min(fits, readable * 1.6), readable);
    const [left, top, wide, tall] = character && scale > fits ? character : [x, y, width, height];
    // A line that is longer than the window is begun at its beginning.
    const centre = {
      x: wide * scale > seen.x ? x + (seen.x / scale) * 0.48 : left + wide / 2,
      y: tall * scale > seen.y ? y + (seen.y / scale) * 0.48 : top + tall / 2,
    };
    const { Rect } = window.OpenSeadragon;
    const one = 1 / this.page.width;
    const [spanX, spanY] = [(seen.x / scale) * one, (seen.y / scale) * one];
    viewport.fitBounds(new Rect(centre.x * one - spanX / 2, centre.y * one - spanY / 2, spanX, spanY));
    viewport.applyConstraints();
  }

  #resize() {
    const { width, height } = this.element.getBoundingClientRect();
    if (!width || !height) return;
    this.viewer.viewport.resize(new OpenSeadragon.Point(width, height), true);
    renewBounds(this.viewer, (CLOSEST * this.page.width) / width / devicePixelRatio);
    if (this.line?.box) this.#look(this.line);
    else this.viewer.viewport.goHome(true);
    this.viewer.forceRedraw();
    this.#place();
  }

  /** The page's pixels at a place of the window. */
  pointAt(clientX, clientY) {
    const frame = this.element.getBoundingClientRect();
    if (!this.viewer) {
      const shown = this.image.getBoundingClientRect();
      const scale = this.page.width / shown.width;
      return [(clientX - shown.left) * scale, (clientY - shown.top) * scale];
    }
    const at = this.viewer.viewport.pointFromPixel(new OpenSeadragon.Point(clientX - frame.left, clientY - frame.top));
    return [at.x * this.page.width, at.y * this.page.width];
  }

  /** The marks lie over the picture in its own pixels. */
  #place() {
    const { viewport } = this.viewer;
    const corner = viewport.pixelFromPoint(new OpenSeadragon.Point(0, 0), true);
    const scale = viewport.deltaPixelsFromPoints(new OpenSeadragon.Point(1, 0), true).x / this.page.width;
    const { width, height } = this.element.getBoundingClientRect();
    this.marks.setAttribute("viewBox", `${-corner.x / scale} ${-corner.y / scale} ${width / scale} ${height / scale}`);
    this.marks.style.setProperty("--hair", String(1 / scale));
  }
}
