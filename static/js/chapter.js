// The frame that holds a chapter of an e-book: links between chapters, keys, sideways scrolling, the paper's colour.
// The book's own document runs no script: it is sandboxed; we look into it from outside, which the same origin allows.

const frame = document.querySelector("iframe.chapter");

/** What scrolls in the chapter. */
const scroller = (book) => book.scrollingElement ?? book.documentElement;
const isSideways = (book) => {
  const page = scroller(book);
  return page.scrollWidth > page.clientWidth + 2;
};

/** Whether the chapter has nothing left to scroll on this side. */
function isAtEdge(book, side) {
  const page = scroller(book);
  const room = page.scrollWidth - page.clientWidth;
  if (room <= 2) return true;
  const vertical = book.defaultView.getComputedStyle(book.documentElement).writingMode === "vertical-rl"
    || book.defaultView.getComputedStyle(book.body).writingMode === "vertical-rl"
    || book.documentElement.dir === "rtl";
  const fromLeft = vertical ? room + page.scrollLeft : page.scrollLeft;
  return side === "left" ? fromLeft <= 2 : fromLeft >= room - 2;
}

/** Where a link of the chapter leads in the reader; null for a place on the same chapter or something else. */
function placeOf(link) {
  const target = new URL(link.href, link.baseURI);
  if (target.origin !== location.origin || !target.pathname.startsWith(frame.dataset.chapters)) return null;
  const entry = decodeURI(target.pathname.slice(frame.dataset.chapters.length));
  if (entry === frame.dataset.here) return null;
  const place = new URL(frame.dataset.entries + encodeURI(entry), location.origin);
  if (target.hash) place.searchParams.set("at", decodeURIComponent(target.hash.slice(1)));
  return place;
}

function follow(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = new URL(link.href, link.baseURI);
  if (target.origin !== location.origin) {
    event.preventDefault();
    window.open(target, "_blank", "noopener");
    return;
  }
  const place = placeOf(link);
  if (place) {
    event.preventDefault();
    location.assign(place);
  }
}

/** A wheel that turns down moves a vertical book on, which is to the left. */
function scrollSideways(event) {
  const book = frame.contentDocument;
  if (!isSideways(book) || Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.ctrlKey) return;
  scroller(book).scrollBy({ left: -event.deltaY });
}

/** A page of fixed layout says its size; it is shown whole, as a page picture is. */
function fitFixedLayout(book) {
  const said = book.querySelector('meta[name="viewport"]')?.content ?? "";
  const width = Number(/width\s*=\s*(\d+)/.exec(said)?.[1]);
  const height = Number(/height\s*=\s*(\d+)/.exec(said)?.[1]);
  if (!width || !height) return;
  const scale = Math.min(frame.clientWidth / width, frame.clientHeight / height);
  Object.assign(book.documentElement.style, { zoom: String(scale), width: `${width}px`, marginInline: "auto" });
}

async function adopt() {
  const book = frame.contentDocument;
  if (!book?.documentElement || book.documentElement.dataset.adopted) return;
  book.documentElement.dataset.adopted = "yes";
  book.documentElement.dataset.theme = frame.dataset.theme;
  fitFixedLayout(book);
  window.addEventListener("resize", () => fitFixedLayout(book));
  book.addEventListener("click", follow);
  book.addEventListener("wheel", scrollSideways, { passive: true });
  const { listen } = await turning;
  listen(book, (side) => isAtEdge(book, side));
  book.querySelector(".wy-hit")?.scrollIntoView({ block: "center", inline: "center" });
}

const turning = import(document.querySelector('script[src*="/turn.js"]').src);
frame.addEventListener("load", adopt);
if (frame.contentDocument?.readyState === "complete") adopt();
