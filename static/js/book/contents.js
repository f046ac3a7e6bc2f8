// The table of contents, live: it leads without leaving the page and shows where the reader is; and going to a place by
// the number of a chapter, a percentage or a page of the printed edition.

const NARROW = matchMedia("(max-width: 52rem)");

export function install(room) {
  const drawer = document.querySelector(".drawer");
  const list = drawer.querySelector(".contents");
  if (list) follow(room, drawer, list);
  jump(room, drawer);
  printed(room, drawer);
  drawer.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest(".panel")) drawer.querySelector("summary").focus();
  });
}

const isPlain = (event) => !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

function follow(room, drawer, list) {
  const { book, renderer } = room;
  const rows = [...list.querySelectorAll("a")].map((anchor) => {
    const url = new URL(anchor.href);
    return { anchor, key: /\/place\/(\d+)/.exec(url.pathname)?.[1], fragment: url.searchParams.get("at") };
  });
  list.addEventListener("click", (event) => {
    const row = rows.find(({ anchor }) => anchor === event.target.closest("a"));
    const chapter = row && book.byKey(row.key);
    if (!chapter || !isPlain(event)) return;
    event.preventDefault();
    if (NARROW.matches) drawer.open = false;
    room.go({ position: chapter.position, ...(row.fragment ? { fragment: row.fragment } : {}) }, { push: true }).catch(() => {});
  });

  /** The last entry that begins at or before what is seen. */
  function rowHere() {
    const { seen } = renderer;
    if (!seen) return null;
    const leaf = renderer.leaf(seen.position);
    let current = null;
    for (const row of rows) {
      const position = book.byKey(row.key)?.position;
      if (!position || position > seen.leaves.at(-1).position) continue;
      if (position === seen.position && row.fragment && leaf && !leaf.layout.isFixed) {
        const target = leaf.target(row.fragment);
        const box = target && [...target.getClientRects()].at(0);
        if (box && leaf.layout.pageOf(box) > seen.page) continue;
      }
      current = row;
    }
    return current;
  }

  function mark() {
    const current = rowHere();
    for (const { anchor } of rows) anchor.removeAttribute("aria-current");
    current?.anchor.setAttribute("aria-current", "location");
  }
  room.titleHere = () => {
    const row = rowHere();
    return row && book.byKey(row.key)?.position === renderer.seen.position ? row.anchor.textContent.trim() : "";
  };
  room.on("open", () => room.emit("contents"));
  let marking = 0;
  const later = () => { clearTimeout(marking); marking = setTimeout(mark, 120); };
  renderer.onShow(later);
  book.known.then(later, () => {});
  drawer.addEventListener("toggle", () => {
    if (!drawer.open) return;
    mark();
    list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  });
}

/** "27%", a chapter's number, the label of a printed page or of a chapter. */
function jump(room, drawer) {
  const form = document.getElementById("book-goto");
  const field = form.querySelector("input");
  const note = form.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await room.book.table().catch(() => {});
    const where = placeOf(room.book, field.value);
    note.textContent = where ? "" : room.book.word("no_place", { place: field.value });
    field.toggleAttribute("aria-invalid", !where);
    if (!where) return;
    drawer.open = false;
    room.stage.querySelector("iframe[data-shown]")?.focus();
    room.go(where, { push: true }).catch(() => {});
  });
  room.on("ask-jump", () => {
    drawer.open = true;
    field.focus();
    field.select();
  });
}

function placeOf(book, said) {
  const wanted = said.normalize("NFKC").trim();
  if (!wanted || !book.chapters.length) return null;
  const percent = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(wanted);
  if (percent && Number(percent[1]) <= 100) return book.placeOf(Number(percent[1]) / 100);
  const page = book.printed.find(({ label }) => label === wanted || `p${label}` === wanted || `p.${label}` === wanted);
  if (page) return { position: page.position, fragment: page.fragment };
  if (/^\d{1,6}$/.test(wanted) && Number(wanted) >= 1 && Number(wanted) <= book.count) return { position: Number(wanted) };
  const chapter = book.chapters.find(({ label }) => label === wanted) ?? book.chapters.find(({ label }) => label.includes(wanted));
  if (chapter) return { position: chapter.position };
  const number = Number(/^\D{0,12}(\d{1,6})\D{0,6}$/.exec(wanted)?.[1] ?? 0); // 第 5 章, chapter 5
  return number >= 1 && number <= book.count ? { position: number } : null;
}

/** The pages of the printed edition, where the book tells them. */
function printed(room, drawer) {
  const section = document.getElementById("book-printed");
  const list = section.querySelector("ol");
  room.book.known.then(() => { section.hidden = !room.book.printed.length; }, () => {});
  const fill = () => {
    if (list.firstChild || !room.book.printed.length) return;
    list.append(...room.book.printed.map(({ label, position, fragment }) => {
      const row = document.createElement("li");
      const anchor = document.createElement("a");
      anchor.href = room.address({ position });
      anchor.textContent = label;
      anchor.setAttribute("aria-label", room.book.word("printed", { label }));
      anchor.addEventListener("click", (event) => {
        if (!isPlain(event)) return;
        event.preventDefault();
        if (NARROW.matches) drawer.open = false;
        room.go({ position, fragment }, { push: true }).catch(() => {});
      });
      row.append(anchor);
      return row;
    }));
  };
  section.querySelector("details").addEventListener("toggle", fill);
}
