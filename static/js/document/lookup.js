// What the selection bar of the scan room has not: looking a selection up in the whole library. And the text over the pages
// is told to screen readers: a canvas says nothing.

import { joined, selectedText } from "../room/copying.js";
import { overlaysOf } from "../room/overlays.js";

const MOST = 60; // characters that are looked for, as in the book

export function install(room) {
  tellText(room);
  const bar = room.stage.querySelector(".selection-bar");
  if (!bar) return;
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.word = "look_up";
  button.textContent = room.word("look_up");
  button.addEventListener("click", () => {
    const text = selectedText([overlaysOf(room).layer]).split("\n").reduce(joined, "");
    const address = new URL(room.book.urls.library, location.origin);
    address.searchParams.set("q", Array.from(text).slice(0, MOST).join(""));
    window.open(address.href, "_blank", "noopener");
  });
  bar.querySelector('[data-word="find_selected"]')?.after(button);
  if (!button.isConnected) bar.append(button);
}

/** In the order of the book, a region for each page; what only marks or places is left out. */
function tellText(room) {
  const overlays = overlaysOf(room);
  overlays.layer.removeAttribute("aria-hidden");
  overlays.onMade((overlay) => {
    overlay.element.setAttribute("role", "region");
    overlay.element.setAttribute("aria-label", room.book.label(overlay.position));
    overlay.element.querySelector(".overlay-marks").setAttribute("aria-hidden", "true");
  });
}
