// What is selected in a chapter, told in code points of its text, and the bar beside it.

import { copyOrShow } from "../room/copying.js";

const AROUND = 32;

export function install(room) {
  const { book, renderer } = room;
  const bar = document.getElementById("book-selection");
  const lookUp = bar.querySelector("[data-look-up]");
  const find = bar.querySelector("[data-find]");
  const copy = bar.querySelector("[data-copy-selected]");
  const heard = [];
  let current = null;
  let settling = 0;
  let isPressed = false;

  /** The selection of a leaf, as the desk tells it; null where nothing is selected. */
  function read(leaf) {
    const selection = leaf.win?.getSelection();
    if (!selection?.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const start = leaf.text.offsetOf(range.startContainer, range.startOffset);
    const end = Math.max(start, endOf(leaf, range));
    if (end <= start) return null;
    const boxes = leaf.boxesOf(start, end).filter((box) => leaf.layout.isSeen(box) && box.width && box.height);
    const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
    const [right, bottom] = [Math.max(...boxes.map((box) => box.right)), Math.max(...boxes.map((box) => box.bottom))];
    const rect = boxes.length ? leaf.inWindow(new DOMRect(left, top, right - left, bottom - top)) : leaf.frame.getBoundingClientRect();
    return {
      page: leaf.chapter.key, start, end,
      exact: leaf.text.slice(start, end),
      prefix: leaf.text.slice(start - AROUND, start),
      suffix: leaf.text.slice(end, end + AROUND),
      box: null, rect,
    };
  }

  /** The end of a range: behind the last character in it. */
  function endOf(leaf, range) {
    const { text } = leaf;
    const at = text.offsetOf(range.endContainer, range.endOffset);
    const line = text.lines.findLast((each) => each.start < at);
    // A range that ends where a block begins ends with the block before it.
    return line && at > line.end ? line.end : at;
  }

  function take() {
    clearTimeout(settling);
    if (isPressed) return;
    const leaf = renderer.seen?.leaves.find((each) => { const made = each.win?.getSelection(); return made && !made.isCollapsed; });
    const next = leaf ? read(leaf) : null;
    if (!next && !current) return;
    current = next;
    show();
    heard.forEach((fn) => fn(current));
  }
  const later = (wait) => { clearTimeout(settling); settling = setTimeout(take, wait); };

  function show() {
    bar.hidden = !current;
    if (!current) return;
    const words = Array.from(current.exact.replace(/\s+/g, " ").trim()).slice(0, 60).join("");
    lookUp.href = `${book.urls.library}?q=${encodeURIComponent(words)}`;
    const stage = room.desk.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = bar;
    const { rect } = current;
    const below = rect.bottom - stage.top + 10;
    const above = rect.top - stage.top - height - 10;
    const isTouch = matchMedia("(pointer: coarse)").matches; // the browser's own menu stands above
    const fits = [isTouch ? below : above, isTouch ? above : below].find((y) => y > 4 && y + height < stage.height - 4);
    const x = Math.min(Math.max(8, rect.left + rect.width / 2 - stage.left - width / 2), stage.width - width - 8);
    bar.style.transform = `translate(${Math.round(x)}px, ${Math.round(fits ?? stage.height - height - 12)}px)`;
  }

  function clear() {
    for (const leaf of renderer.seen?.leaves ?? []) leaf.win?.getSelection()?.removeAllRanges();
    current = null;
    bar.hidden = true;
    heard.forEach((fn) => fn(null));
  }

  copy.hidden = !book.can.text;
  find.hidden = !book.can.search;
  copy.addEventListener("click", async () => {
    if (!current) return;
    const { exact } = current;
    if (await copyOrShow(exact)) room.say(book.word("copied_text", { count: Array.from(exact.replace(/\s/g, "")).length }));
    clear();
  });
  find.addEventListener("click", () => {
    const query = Array.from((current?.exact ?? "").replace(/\s+/g, " ").trim()).slice(0, 60).join("");
    clear();
    if (query) room.emit("ask-find", query);
  });
  bar.addEventListener("mousedown", (event) => { if (!event.target.closest("input, textarea")) event.preventDefault(); }); // a press must not take the selection away
  room.on("escape", () => { if (current) clear(); });
  renderer.onShow((seen, { isSame }) => { if (current && !isSame) later(0); });

  renderer.onLeaf((leaf) => {
    const { doc } = leaf;
    doc.addEventListener("pointerdown", () => { isPressed = true; });
    for (const name of ["pointerup", "pointercancel", "touchend"]) doc.addEventListener(name, () => { isPressed = false; later(10); });
    doc.addEventListener("selectionchange", () => later(180));
    doc.addEventListener("copy", (event) => {
      if (!book.can.text) { event.preventDefault(); return; }
      const made = read(leaf);
      if (!made) return;
      event.clipboardData.setData("text/plain", made.exact); // without readings, as it can be found again
      event.preventDefault();
    });
    doc.documentElement.addEventListener("pointerleave", () => { isPressed = false; });
  });
  document.addEventListener("pointerup", () => { isPressed = false; });

  room.selection = { read: () => current, onChange: (fn) => heard.push(fn), clear };
}
