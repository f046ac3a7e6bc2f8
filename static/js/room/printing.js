// The open pages on paper. What the stage shows is drawn for the window: the part of a page that is seen, beneath other
// things. So as long as a page is printed, whole pictures of the open pages lie on the desk in its place. None of them may
// have to be fetched then, for browsers do not wait: they are what the room has drawn, or has in the browser's store.

import { madeAddress } from "./pagesource.js";

const READING = 1600;

/** A picture of a page made at ingest. */
function made(address) {
  const image = new Image();
  image.fetchPriority = "low";
  image.src = address;
  return image;
}

/** What lies on the stage of a page, copied; null where that is not the whole page, or nothing yet. */
function onStage(stage, position) {
  const drawn = stage.querySelector(`:is(.sheet, .scroll-page)[data-position="${position}"] > canvas`);
  if (drawn?.width) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: drawn.width, height: drawn.height });
    canvas.getContext("2d").drawImage(drawn, 0, 0);
    return canvas;
  }
  const images = stage.querySelectorAll(`:is(.sheet, .scroll-page)[data-position="${position}"] > img`);
  const image = [...images].findLast((each) => each.complete && each.naturalWidth);
  return image ? made(image.currentSrc || image.src) : null;
}

export function install(room) {
  const { book, desk, stage } = room;
  let held = new Map();
  let sheets = null;

  /** Have at hand the pictures in which the opening is seen first: the viewer has fetched the very same. */
  function hold() {
    const leaf = room.shown.shown;
    if (!leaf?.items) return;
    const before = held;
    held = new Map();
    leaf.items.forEach((item, index) => {
      const levels = item?.source.pageLevels ?? [];
      const level = levels[1] && !levels[1].factor ? 1 : 0;
      if (!levels.length) return;
      const { position } = leaf.pages[index];
      held.set(position, before.get(position) ?? made(item.source.getTileUrl(level, 0, 0)));
    });
  }

  function take() {
    sheets?.remove();
    sheets = null;
  }

  function lay() {
    take();
    if (room.view === "text") return;
    sheets = document.createElement("div");
    sheets.className = "pages-on-paper";
    sheets.hidden = true; // but in print.css: the window behind the dialogue stays as it was
    for (const position of room.opening) {
      const picture = onStage(stage, position) ?? held.get(position) ?? made(madeAddress(book, book.page(position), READING));
      if (picture instanceof HTMLImageElement) picture.alt = book.label(position);
      sheets.append(picture);
    }
    desk.append(sheets);
  }

  room.on("sharp", hold);
  addEventListener("beforeprint", lay);
  addEventListener("afterprint", take);
}
