// In a reading room without a network: says so where the page that is shown is not kept, instead of leaving it bare.

import { onDesk } from "../keep/seam.js";
import { kept } from "./keeper.js";
import { spans } from "./wording.js";

const isAway = () => document.documentElement.hasAttribute("data-kept") || !navigator.onLine;

export function watch(note, say) {
  let latest;

  async function show(desk, place) {
    latest = place;
    const record = isAway() ? await kept(desk.item) : null;
    if (place !== latest) return; // another page has come meanwhile
    const isMissing = record?.state === "kept" && !record.places.some(([position]) => position === place.position);
    note.hidden = !isMissing;
    document.documentElement.toggleAttribute("data-not-here", isMissing);
    note.textContent = isMissing
      ? say("not_here", { page: place.label || place.position, pages: spans(record.places.map(([position]) => position)) })
      : "";
  }

  onDesk((desk) => {
    desk.onPlace((place) => show(desk, place));
    show(desk, desk.place());
    addEventListener("online", () => {
      note.hidden = true;
      document.documentElement.removeAttribute("data-not-here");
    });
  });
}
