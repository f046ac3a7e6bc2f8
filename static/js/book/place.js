// The address bar follows the reader: turns replace the entry, jumps add one, the back button leads back.

const SETTLE_MS = 150; // browsers refuse more than a hundred changes of address in half a minute

/** The place in the chapter that the address names: #at=start[-end] in code points, or ?at=fragment. */
export function asked(url = new URL(location.href)) {
  const found = /[#&]at=(\d+)(?:-(\d+))?/.exec(url.hash);
  if (found) return { start: Number(found[1]), ...(found[2] ? { end: Number(found[2]) } : {}) };
  const fragment = url.searchParams.get("at");
  return fragment ? { fragment } : {};
}

export function install(room) {
  const { book, renderer } = room;
  const shownAt = asked();
  let shown = typeof shownAt.end === "number" ? { position: book.position, ...shownAt } : null;
  let settling = 0;

  /** The address of a place. */
  function address({ position, start }) {
    const url = new URL(book.address("page", { position }), location.origin);
    if (room.query) url.searchParams.set("q", room.query);
    if (start) url.hash = `at=${start}`;
    return url.href;
  }
  room.address = address;

  const here = () => {
    const { position, start } = room.place;
    return address({ position, start });
  };

  function follow() {
    clearTimeout(settling);
    settling = setTimeout(() => {
      const wanted = here();
      if (wanted !== location.href) history.replaceState(history.state, "", wanted);
    }, SETTLE_MS);
  }

  /** What an address points out is marked until the reader goes on. */
  function mark() {
    for (const leaf of renderer.seen.leaves) {
      leaf.highlight("wy-shown", shown?.position === leaf.position && typeof shown.end === "number" ? [[shown.start, shown.end]] : []);
    }
  }

  room.on("shown", (where) => { shown = where; if (renderer.seen) mark(); });
  renderer.onShow((seen, { isSame }) => {
    if (shown && !isSame && room.hasOpened && seen.start !== null && (shown.position !== seen.position || Math.abs(shown.start - seen.start) > 3000)) shown = null;
    mark();
    document.title = [room.heading, book.title, book.word("site")].join("　");
    if (!room.isReturning && (room.hasOpened || !location.hash)) follow();
    room.hasOpened = true;
  });
  room.on("leave", () => {
    clearTimeout(settling);
    history.replaceState(history.state, "", here());
    history.pushState({ wenyuan: true }, "", here());
  });
  room.on("query", follow);

  async function comeBack() {
    const found = new RegExp(`${book.item}/(\\d+)$`).exec(location.pathname);
    if (!found) return;
    clearTimeout(settling);
    room.isReturning = true;
    const where = { position: Number(found[1]), ...asked() };
    if (typeof where.end === "number") shown = where;
    await room.go(where).catch(() => {});
    room.isReturning = false;
  }
  window.addEventListener("popstate", comeBack);
}
