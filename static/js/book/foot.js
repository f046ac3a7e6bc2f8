// Where in the book one is: the line and the slider at the foot, the arrows beside the page, what a screen reader is told,
// and the note where a chapter cannot be had.

export function install(room) {
  arrows(room);
  line(room);
  lost(room);
}

function arrows(room) {
  const made = { "-1": document.querySelector(".turn-before"), 1: document.querySelector(".turn-after") };
  const act = { "-1": () => room.previous(), 1: () => room.next() };
  for (const [steps, holder] of Object.entries(made)) {
    let anchor = holder.querySelector("a");
    if (!anchor) { // the plain page has none at the ends of the book, but a chapter has pages
      const other = document.querySelector(".turn a");
      const icon = document.querySelector(`#book-words [data-icon="${steps}"]`);
      if (!other && !icon) continue;
      anchor = document.createElement("a");
      anchor.href = "#";
      anchor.append(icon.content.cloneNode(true));
      holder.append(anchor);
    }
    anchor.setAttribute("aria-label", room.book.word(steps === "1" ? "next_page" : "previous_page"));
    anchor.setAttribute("role", "button");
    anchor.addEventListener("click", (event) => {
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      act[steps]();
    });
    made[steps] = anchor;
  }
  room.renderer.onShow(({ position, leaves }) => {
    const [first, last] = [leaves[0], leaves.at(-1)];
    made["-1"].toggleAttribute?.("data-end", position === 1 && first.layout.isAtEnd(-1));
    made[1].toggleAttribute?.("data-end", last.position === room.book.count && last.layout.isAtEnd(1));
    for (const steps of ["-1", "1"]) made[steps].setAttribute?.("aria-disabled", String(made[steps].hasAttribute("data-end")));
  });
  room.on("end", (steps) => {
    room.say(room.book.word(steps > 0 ? "last_page" : "first_page"));
    document.querySelector(".book-line").textContent = room.book.word(steps > 0 ? "last_page" : "first_page");
  });
}

function line(room) {
  const { book, renderer } = room;
  const told = document.querySelector(".book-line");
  const slider = document.querySelector(".book-slider");
  const place = document.querySelector(".reader-place");
  const thread = document.querySelector(".thread");
  let saying = 0;
  let isHeld = false;

  function show(seen) {
    const { position, page, pages, leaves } = seen;
    const last = leaves.at(-1).position;
    const through = book.progression(last, (leaves.at(-1).layout.page + 1) / leaves.at(-1).layout.pages);
    place.textContent = room.heading;
    const words = { page: page + 1, pages, percent: through === null ? "" : Math.min(100, Math.max(0, Math.floor(through * 100 + 0.01))) };
    if (leaves[0].layout.isFixed) Object.assign(words, { page: leaves.length > 1 ? `${position}–${last}` : position, pages: book.count });
    room.line = book.word(through === null ? "page" : "line", words);
    if (!isHeld) told.textContent = room.line;
    thread.max = 1000;
    thread.value = Math.round(1000 * (through ?? 0));
    if (!isHeld) slider.value = Math.round(1000 * (room.place.progression ?? 0));
    slider.setAttribute("aria-valuetext", room.line);
    clearTimeout(saying);
    saying = setTimeout(() => room.say([room.heading, room.line].filter(Boolean).join("，")), 500);
  }
  renderer.onShow(show);
  room.on("contents", () => { if (renderer.seen) show(renderer.seen); });
  book.known.then(() => { if (renderer.seen) show(renderer.seen); }, () => {});

  const aim = () => book.placeOf(Number(slider.value) / 1000);
  slider.addEventListener("input", () => {
    if (!book.chapters.length) return;
    isHeld = true;
    const percent = Math.round(Number(slider.value) / 10);
    told.textContent = `${book.label(aim().position)} · ${book.word("whole", { percent })}`;
  });
  slider.addEventListener("change", async () => {
    await book.table().catch(() => {});
    isHeld = false;
    if (book.chapters.length) room.go(Number(slider.value) >= 1000 ? { position: book.count, atEnd: true } : aim(), { push: true }).catch(() => {});
  });
  slider.addEventListener("blur", () => { isHeld = false; });
}

function lost(room) {
  const note = document.getElementById("book-lost");
  let wanted = null;
  room.renderer.onWait((isWaiting) => room.stage.toggleAttribute("data-waiting", isWaiting));
  room.renderer.onLost((where) => {
    wanted = where;
    room.isOfferingAgain = true;
    note.hidden = false;
    room.say(note.querySelector("p").textContent);
    document.documentElement.dataset.room = "open";
    room.desk.dataset.room = "open";
  });
  room.renderer.onShow(() => { note.hidden = true; });
  const again = () => { if (!note.hidden && wanted) room.go(wanted).catch(() => {}); };
  note.querySelector("[data-again]").addEventListener("click", () => {
    again();
    room.stage.querySelector("iframe[data-shown]")?.focus();
  });
  note.querySelector("[data-stay]").addEventListener("click", () => { note.hidden = true; });
  window.addEventListener("online", again);
}
