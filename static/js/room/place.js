// The address bar follows the reader: turns replace the entry, jumps add one, the back button leads back.

const SETTLE_MS = 120; // browsers refuse more than a hundred changes of address in half a minute

/** The region that `#xywh=x,y,w,h` names (Media Fragments), in the page's pixels; null where it names none. */
export function boxOf(hash) {
  const found = /[#&]xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)/.exec(hash);
  const box = found?.slice(1).map(Number);
  return box && box[2] > 0 && box[3] > 0 ? box : null;
}

export function install(room) {
  const { book } = room;

  /** The address of a page as the room is now; of a region of it where one is given. */
  function address(position, box = null) {
    const url = new URL(book.address("page", { position }), location.origin);
    if (room.query) url.searchParams.set("q", room.query);
    if (room.view !== "picture") url.searchParams.set("view", room.view);
    if (box) url.hash = `xywh=${box.join(",")}`;
    return url.href;
  }
  room.address = address;

  let settling = 0;
  let leaving = false;

  /** The address of where the room is; the region that it was entered with belongs to it until another page is shown. */
  const here = () => address(room.position, room.position === begun.position ? begun.box : null);

  function follow() {
    clearTimeout(settling);
    settling = setTimeout(() => {
      const wanted = here();
      if (wanted !== location.href) history.replaceState(history.state, "", wanted);
    }, SETTLE_MS);
  }

  let begun = { position: room.position, box: boxOf(location.hash) };

  room.on("leave", ({ to }) => {
    clearTimeout(settling);
    history.replaceState(history.state, "", here());
    history.pushState({ wenyuan: true }, "", address(to));
  });
  room.on("turn", () => {
    if (room.position !== begun.position) begun = { position: 0, box: null };
    if (!leaving) follow();
    document.title = [book.label(room.position), book.title, book.word("site")].join("　");
  });
  room.on("query", follow);
  room.on("layout", follow);

  window.addEventListener("popstate", () => {
    const found = new RegExp(`${book.item}/(\\d+)$`).exec(location.pathname);
    if (!found) return;
    clearTimeout(settling);
    const box = boxOf(location.hash);
    const query = new URLSearchParams(location.search).get("q") ?? "";
    begun = { position: Number(found[1]), box };
    leaving = true;
    if (query !== room.query) room.setQuery(query);
    room.go(Number(found[1]), { box, isReturn: true });
    leaving = false;
  });
}
