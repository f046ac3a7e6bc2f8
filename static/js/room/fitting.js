// Photographs and maps are looked at, not paged through: the whole picture on a calm ground, a small map of a large one,
// and, where there are several, a row of them.

import { drawn } from "./overlays.js";
import { madeAddress } from "./pagesource.js";

const THUMBNAIL = 300; // pixels: the picture that was made for lists
const ROW_HEIGHT = 64; // CSS pixels of a picture in the row
const ROW_ENDS_AT = 200; // pictures; more are found in the panel of all pages
const NAVIGATOR = 180; // CSS pixels of its longer side, at most

export function install(room) {
  if (!document.body.classList.contains("fitting")) return;
  if (room.book.kind === "map") new Navigator(room);
  if (room.book.count > 1 && room.book.count <= ROW_ENDS_AT) row(room);
}

/** The whole picture small, in a corner, with what is seen of it; a press or a pull there moves the large one. */
class Navigator {
  constructor(room) {
    this.room = room;
    this.element = document.createElement("div");
    this.element.className = "navigator";
    this.element.hidden = true;
    this.element.dataset.touch = "own";
    // It doubles what the keys and the pointer do on the picture itself, so it says nothing to who cannot see it.
    this.element.setAttribute("aria-hidden", "true");
    this.picture = this.element.appendChild(document.createElement("img"));
    this.picture.alt = "";
    this.picture.draggable = false;
    this.seen = drawn("path", { class: "navigator-shade", "fill-rule": "evenodd" });
    this.frame = drawn("rect", { class: "navigator-frame" });
    this.drawing = drawn("svg", { focusable: "false" });
    this.drawing.append(this.seen, this.frame);
    this.element.append(this.drawing);
    room.stage.append(this.element);
    this.element.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      event.preventDefault();
      this.element.setPointerCapture(event.pointerId);
      this.#move(event);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) this.#move(event);
    });
    room.on("view", () => this.#draw());
  }

  #page() {
    return this.room.book.page(this.room.position);
  }

  #draw() {
    const { room, element } = this;
    const region = room.mode === "single" ? room.shown.regionOf(room.position) : null;
    const isTurned = (room.pageFrame(room.position)?.rotation ?? 0) !== 0;
    element.hidden = !region || isTurned;
    if (element.hidden) return;
    const page = this.#page();
    const scale = Math.min(NAVIGATOR / page.width, NAVIGATOR / page.height, (0.3 * room.stage.clientWidth) / page.width);
    const address = madeAddress(room.book, page, THUMBNAIL);
    if (this.picture.getAttribute("src") !== address) this.picture.src = address;
    element.style.width = `${page.width * scale}px`;
    element.style.height = `${page.height * scale}px`;
    const [x, y, width, height] = region;
    // Drawn, not laid out: a frame that follows the view is no part of the page that moves.
    this.drawing.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
    Object.entries({ x, y, width, height }).forEach(([name, value]) => this.frame.setAttribute(name, value));
    this.seen.setAttribute("d", `M0 0H${page.width}V${page.height}H0zM${x} ${y}h${width}v${height}h${-width}z`);
  }

  /** Bring what was pressed to the middle of the stage. */
  #move(event) {
    const { room } = this;
    const at = this.picture.getBoundingClientRect();
    const frame = room.pageFrame(room.position);
    if (!frame) return;
    const page = this.#page();
    const [x, y] = [(event.clientX - at.left) / at.width, (event.clientY - at.top) / at.height];
    const scale = frame.width / page.width;
    const across = frame.left + x * page.width * scale - room.stage.clientWidth / 2;
    const down = frame.top + y * page.height * scale - room.stage.clientHeight / 2;
    room.shown.scrollBy(across, down);
  }
}

/** The other pictures, in a row below. */
function row(room) {
  const { book } = room;
  const list = document.createElement("ol");
  list.className = "picture-row";
  list.setAttribute("aria-label", room.word("pages"));
  list.dir = book.direction;
  const buttons = book.pages.map((page) => {
    const [item, button, picture] = ["li", "button", "img"].map((name) => document.createElement(name));
    button.type = "button";
    button.setAttribute("aria-label", book.label(page.position));
    button.title = book.label(page.position);
    picture.alt = "";
    picture.loading = "lazy";
    picture.decoding = "async";
    picture.height = ROW_HEIGHT;
    picture.width = Math.round(Math.min(3, page.width / page.height) * ROW_HEIGHT);
    picture.src = madeAddress(book, page, THUMBNAIL);
    button.append(picture);
    button.addEventListener("click", () => room.go(page.position));
    item.append(button);
    list.append(item);
    return button;
  });
  document.querySelector(".reader-foot").prepend(list);
  document.body.classList.add("has-row");
  room.on("turn", ({ opening }) => {
    buttons.forEach((button, index) => {
      if (opening.includes(index + 1)) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
    });
    const [seen, box] = [list.getBoundingClientRect(), buttons[opening[0] - 1].getBoundingClientRect()];
    if (box.left < seen.left || box.right > seen.right) list.scrollLeft += box.left - seen.left - seen.width / 2;
  });
}
