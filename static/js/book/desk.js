// The desk of an e-book: what keeping (static/js/keep) sees of this room. See static/js/keep/seam.js for its shape.

import { MARKS } from "./sheet.js";

export function install(room) {
  const { book, renderer, selection } = room;
  const drawn = new Map(); // marks by the key of their chapter
  const heard = { place: [], mark: [], pages: [] };

  function draw(leaf) {
    const marks = drawn.get(leaf.chapter.key) ?? [];
    const spans = (wanted) => marks.filter((mark) => typeof mark.start === "number" && wanted(mark)).map(({ start, end }) => [start, end]);
    for (const colour of MARKS) leaf.highlight(`wy-mark-${colour}`, spans((mark) => mark.colour === colour));
    leaf.highlight("wy-noted", spans((mark) => mark.hasNote));
  }

  /** The mark drawn at a point of a chapter's window; of several the shortest. */
  function markAt(leaf, event) {
    const marks = drawn.get(leaf.chapter.key);
    if (!marks?.length) return null;
    const over = marks.filter(({ start, end }) => typeof start === "number" && leaf.boxesOf(start, end).some((box) => (
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom)));
    return over.sort((one, two) => (one.end - one.start) - (two.end - two.start))[0] ?? null;
  }

  function press(leaf, mark) {
    const box = leaf.boxesOf(mark.start, mark.end).find((each) => leaf.layout.isSeen(each)) ?? leaf.boxOf(mark.start);
    if (box) heard.mark.forEach((fn) => fn({ id: mark.id, rect: leaf.inWindow(box) }));
  }

  renderer.onLeaf((leaf) => {
    draw(leaf);
    leaf.doc.addEventListener("click", (event) => {
      if (event.defaultPrevented || event.target.closest?.("a") || !leaf.win.getSelection().isCollapsed) return;
      const mark = markAt(leaf, event);
      if (mark) press(leaf, mark);
    });
  });
  room.isMarkAt = (event) => renderer.seen.leaves.some((leaf) => {
    const touch = event.changedTouches?.[0];
    return event.target.ownerDocument === leaf.doc && touch && markAt(leaf, touch);
  });

  let pages = "";
  renderer.onShow((seen) => {
    heard.place.forEach((fn) => fn(room.place));
    const keys = seen.leaves.map((leaf) => leaf.chapter.key);
    if (String(keys) === pages) return;
    pages = String(keys);
    heard.pages.forEach((fn) => fn(keys));
  });
  // The part of the whole book is known when the table of chapters has come.
  book.known.then(() => { if (renderer.seen) heard.place.forEach((fn) => fn(room.place)); }, () => {});

  const desk = {
    item: book.item,
    kind: "chapter",
    title: book.title,
    place: () => room.place,
    onPlace: (fn) => heard.place.push(fn),
    async go({ page, start, end }) {
      await book.table();
      const chapter = book.byKey(page);
      if (!chapter) throw new Error(`no chapter ${page}`);
      const where = { position: chapter.position, ...(typeof start === "number" ? { start } : {}), ...(typeof end === "number" ? { end } : {}) };
      await room.go(where, { push: true });
      room.emit("shown", typeof end === "number" ? where : null);
    },
    selection: () => selection.read(),
    onSelection: (fn) => selection.onChange(fn),
    clearSelection: () => selection.clear(),
    draw(page, marks) {
      drawn.set(String(page), marks);
      for (const leaf of renderer.leaves.values()) if (leaf.isReady && leaf.chapter.key === String(page)) draw(leaf);
    },
    onMark: (fn) => heard.mark.push(fn),
    onPages: (fn) => {
      heard.pages.push(fn);
      if (renderer.seen) fn(renderer.seen.leaves.map((leaf) => leaf.chapter.key));
    },
    /** Marks that are seen now, for who presses them by keyboard. */
    press: (id) => {
      for (const leaf of renderer.seen.leaves) {
        const mark = drawn.get(leaf.chapter.key)?.find((each) => each.id === id);
        if (mark) press(leaf, mark);
      }
    },
    actions: document.querySelector("#book-selection .book-keep"),
  };
  room.keeping = desk;
  room.on("open", async () => {
    const seam = await import("../keep/seam.js").catch(() => null);
    seam?.offerDesk(desk);
  });
}
