// Links of the book: inside it they move the reader, notes open in a small window, and what leads outside opens beside.

const NOTE_TYPES = /\b(?:noteref|doc-noteref|footnote-ref|annoref)\b/;
const NOTES = /\b(?:footnote|endnote|rearnote|note|doc-footnote|doc-endnote|annotation)\b/;
const EPUB = "http://www.idpf.org/2007/ops";
const XHTML = "http://www.w3.org/1999/xhtml";
const MATHML = "http://www.w3.org/1998/Math/MathML";
const SHEETS = /<(?:\w+:)?style\b[^>]*>[\s\S]*?<\/(?:\w+:)?style\s*>/gi;
const LONGEST_NOTE = 4000;
const KEPT = new Set("p div span em strong i b u s sup sub small ruby rt rp rb rtc br ol ul li dl dt dd blockquote cite q code pre h1 h2 h3 h4 h5 h6 table tbody thead tr td th aside section".split(" "));

const typesOf = (element) => [element.getAttributeNS(EPUB, "type"), element.getAttribute("epub:type"), element.getAttribute("role"), element.getAttribute("data-wy-type")].filter(Boolean).join(" ");

export function install(room) {
  const { book, renderer } = room;
  const dialog = document.getElementById("book-note");
  const body = dialog.querySelector(".book-note-words");
  const onward = dialog.querySelector("[data-onward]");
  let target = null;

  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  onward.addEventListener("click", () => {
    dialog.close();
    room.go(target, { push: true }).catch(() => {});
  });

  /** Where a link of a chapter leads: {position, fragment}; null outside the book. */
  function placeOf(leaf, link) {
    const url = new URL(link.getAttribute("href") ?? link.href?.baseVal ?? "", leaf.doc.baseURI);
    const told = url.pathname.startsWith(book.urls.chapters) ? url.pathname.slice(book.urls.chapters.length) : null;
    if (told === null || url.origin !== location.origin) return null;
    const entry = decodeURIComponent(told.slice(told.indexOf("/") + 1));
    const chapter = book.byEntry(entry);
    return { position: chapter?.position ?? 0, entry, fragment: decodeURIComponent(url.hash.slice(1)) };
  }

  async function follow(event, leaf) {
    const link = event.target.closest?.("a");
    if (!link || event.defaultPrevented || event.button) return;
    const outside = link.getAttribute("data-wy-external");
    if (outside) {
      event.preventDefault();
      window.open(outside, "_blank", "noopener,noreferrer");
      return;
    }
    if (!link.hasAttribute("href") && !link.href?.baseVal) return;
    event.preventDefault(); // the frame itself never goes anywhere
    await book.table().catch(() => {});
    const where = placeOf(leaf, link);
    if (!where) return;
    if (isNoteLink(link)) {
      const found = await noteOf(leaf, where, link);
      if (found) {
        target = where.position ? where : null;
        show(found, link);
        return;
      }
    }
    if (where.position) room.go(where, { push: true }).catch(() => {});
  }

  /** The note that a link leads to, wherever in the book it is; null where it is no note. */
  async function noteOf(leaf, where, link) {
    let doc = null;
    if (where.position === leaf.position) doc = leaf.doc;
    else if (renderer.leaf(where.position)) doc = renderer.leaf(where.position).doc;
    else doc = await fetched(where);
    let element = where.fragment ? doc?.getElementById(where.fragment) : null;
    if (!element) return null;
    if (/^(a|sup|span)$/.test(element.localName)) element = element.closest("li, aside, p, dd, div, td") ?? element;
    const isNote = NOTES.test(typesOf(element)) || Boolean(element.closest("aside")) || NOTE_TYPES.test(typesOf(link));
    const length = element.textContent.trim().length;
    return isNote && length && length < LONGEST_NOTE && !element.contains(link) ? element : null;
  }

  async function fetched({ position, entry }) {
    const chapter = book.chapter(position) ?? book.chapter(book.position);
    const answer = await fetch(book.entryAddress(chapter.key, entry)).catch(() => null);
    if (!answer?.ok) return null;
    const words = (await answer.text()).replace(SHEETS, ""); // our page's policy holds for what it parses, too
    return new DOMParser().parseFromString(words, "application/xhtml+xml");
  }

  function show(element, link) {
    body.replaceChildren(...[...element.childNodes].map(plain).filter(Boolean));
    body.lang = element.closest("[lang]")?.lang ?? "";
    body.dir = element.ownerDocument.defaultView ? element.ownerDocument.defaultView.getComputedStyle(element).direction : "auto";
    onward.hidden = !target;
    dialog.querySelector("h2").textContent = `${book.word("note")} ${link.textContent.trim().slice(0, 12)}`;
    dialog.showModal();
    dialog.addEventListener("close", () => link.focus?.(), { once: true });
  }

  renderer.onLeaf((leaf) => leaf.doc.addEventListener("click", (event) => follow(event, leaf)));
}

/** Whether a link calls a note: it says so, or it is a small raised number. */
function isNoteLink(link) {
  if (NOTE_TYPES.test(typesOf(link))) return true;
  const isRaised = link.closest("sup") || link.querySelector("sup");
  return Boolean(isRaised) && link.textContent.trim().length < 8;
}

/** A copy of a node of the book for our own page: known elements alone, without any attribute but the language. */
function plain(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  const { namespaceURI: space, localName: name } = node;
  const isKept = (space === XHTML && KEPT.has(name)) || space === MATHML;
  if (!isKept && (space !== XHTML || /^(script|style|iframe|object|audio|video|img|title)$/.test(name))) return null;
  const made = isKept ? document.createElementNS(space, name) : document.createDocumentFragment();
  if (isKept && node.getAttribute("lang")) made.setAttribute("lang", node.getAttribute("lang"));
  made.append(...[...node.childNodes].map(plain).filter(Boolean));
  return made;
}
