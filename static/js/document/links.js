// The links of a PDF over its pages: into the book they turn its pages, out of it they open another window.

import { overlaysOf } from "../room/overlays.js";

const OUTWARD = new Set(["http:", "https:", "mailto:"]);
const STEPS = {
  NextPage: (room) => room.next(),
  PrevPage: (room) => room.previous(),
  FirstPage: (room) => room.go(1, { push: true }),
  LastPage: (room) => room.go(room.book.count, { push: true }),
};

export function install(room) {
  const overlays = overlaysOf(room);
  overlays.onMade(async (overlay) => {
    const found = await linksOf(room, overlay.position).catch(() => []);
    if (!found.length || overlays.at(overlay.position) !== overlay) return;
    const layer = document.createElement("div");
    layer.className = "overlay-links";
    layer.append(...found);
    overlay.element.append(layer);
  });
}

async function linksOf(room, position) {
  const page = await room.pdf.page(position);
  const annotations = await page.getAnnotations({ intent: "display" });
  const { width, height } = room.book.page(position);
  const viewport = page.getViewport({ scale: width / page.getViewport({ scale: 1 }).width });
  return annotations
    .filter(({ subtype }) => subtype === "Link")
    .map((annotation) => {
      const link = outward(room, annotation) ?? inward(room, annotation);
      if (!link) return null;
      const [x1, y1, x2, y2] = viewport.convertToViewportRectangle(annotation.rect);
      const [left, top] = [Math.max(0, Math.min(x1, x2)), Math.max(0, Math.min(y1, y2))];
      Object.assign(link.style, {
        left: `${left}px`, top: `${top}px`,
        width: `${Math.min(width - left, Math.abs(x2 - x1))}px`, height: `${Math.min(height - top, Math.abs(y2 - y1))}px`,
      });
      for (const name of ["pointerdown", "mousedown", "touchstart"]) link.addEventListener(name, (event) => event.stopPropagation());
      return link;
    })
    .filter(Boolean);
}

/** A link to a site: only by protocols that lead somewhere; the site learns neither who nor where from. */
function outward(room, { url }) {
  if (!url) return null;
  let address;
  try {
    address = new URL(url);
  } catch {
    return null;
  }
  if (!OUTWARD.has(address.protocol)) return null;
  const link = anchor(address.href, room.word("link_out", { address: address.href.slice(0, 200) }));
  link.target = "_blank";
  link.rel = "noopener noreferrer external";
  return link;
}

/** A link inside the book; its target is looked up when it is followed. */
function inward(room, { dest, action }) {
  if (!dest && !STEPS[action]) return null;
  const link = anchor("#", room.word("link_inside"));
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    if (!dest) {
      STEPS[action](room);
      return;
    }
    const position = await placeOf(room, dest).catch(() => 0);
    if (position) room.go(position, { push: true });
  });
  return link;
}

async function placeOf(room, dest) {
  const { document } = room.pdf;
  const explicit = typeof dest === "string" ? await document.getDestination(dest) : dest;
  const target = Array.isArray(explicit) ? explicit[0] : null;
  const index = Number.isInteger(target) ? target : target ? await document.getPageIndex(target) : -1;
  return index + 1;
}

function anchor(address, words) {
  const link = document.createElement("a");
  link.href = address;
  link.title = words;
  link.setAttribute("aria-label", words);
  return link;
}
