// What the first words of a page do not need comes after them: over a slow network each request before them costs half a
// second, and browsers send six at a time. `<link data-later href>` is fetched then, one with `data-begin` begins then.

const LOOK_MS = 20;
const PATIENCE_MS = 4000; // a chapter that does not come keeps nobody from the rest of the page

/** Whether the chapter of the page and its sheets are there, so that its words are seen; true where there is none. */
function areWordsSeen() {
  const frame = document.querySelector("iframe.chapter");
  if (!frame) return document.readyState === "complete";
  const book = frame.contentDocument;
  if (!book || book.URL === "about:blank" || book.readyState === "loading") return false;
  return [...book.querySelectorAll('link[rel~="stylesheet"]')].every((link) => link.sheet);
}

function fetchTheRest() {
  const links = document.querySelectorAll("link[data-later]");
  links.forEach((link) => { link.rel = "modulepreload"; });
  links.forEach((link) => { if ("begin" in link.dataset) import(link.href); });
}

function look() {
  if (areWordsSeen() || performance.now() > PATIENCE_MS) fetchTheRest();
  else setTimeout(look, LOOK_MS);
}

look();
