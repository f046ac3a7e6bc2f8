// The table of contents, live: it leads without leaving the page, shows where the reader is, and folds where it is long.

const FOLDS_FROM = 30; // entries; a shorter table is seen at a glance
const OFFERED = 12; // labels offered while one is typed
const NARROW = matchMedia("(max-width: 52rem)");

export function install(room) {
  offerLabels(room);
  followCompare(room);
  const list = document.querySelector(".drawer .contents");
  if (list) new Contents(room, list);
}

/** The entry that a list item of the table stands for. */
class Entry {
  constructor(item, positions) {
    this.item = item;
    this.anchor = item.querySelector(":scope > a");
    this.children = item.querySelector(":scope > ol");
    this.position = positions.get(Number(/\/place\/(\d+)/.exec(this.anchor.pathname)?.[1])) ?? 0;
    this.toggle = null;
  }

  get isOpen() {
    return !this.children?.hidden;
  }

  fold(isOpen) {
    if (!this.toggle) return;
    this.children.hidden = !isOpen;
    this.toggle.setAttribute("aria-expanded", String(isOpen));
  }
}

class Contents {
  constructor(room, list) {
    this.room = room;
    this.list = list;
    const positions = new Map(room.book.pages.map((page) => [page.key, page.position]));
    this.entries = [...list.querySelectorAll("li")].map((item) => new Entry(item, positions));
    this.byItem = new Map(this.entries.map((entry) => [entry.item, entry]));
    this.current = null;
    if (this.entries.length >= FOLDS_FROM) this.#makeFold();
    list.addEventListener("click", (event) => this.#follow(event));
    const drawer = list.closest("details");
    // What is closed keeps no focus: else the keys that turn pages would go to a list that is not seen.
    drawer.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && event.target.closest(".panel")) drawer.querySelector("summary").focus();
    });
    drawer.addEventListener("toggle", () => { if (drawer.open) this.#show(true); });
    room.on("turn", () => this.#show(drawer.open));
    room.on("query", ({ query }) => { if (query) list.closest(".panel").scrollTop = 0; });
  }

  #makeFold() {
    for (const entry of this.entries.filter((each) => each.children)) {
      const toggle = document.createElement("button");
      toggle.type = "button";
      toggle.className = "fold";
      toggle.setAttribute("aria-label", this.room.word("fold", { title: entry.anchor.textContent.trim() }));
      toggle.addEventListener("click", () => entry.fold(!entry.isOpen));
      entry.toggle = toggle;
      entry.item.classList.add("folds");
      entry.anchor.before(toggle);
      entry.fold(false);
    }
    this.list.classList.add("can-fold");
  }

  #follow(event) {
    const entry = this.byItem.get(event.target.closest("a")?.closest("li"));
    if (!entry?.position || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (NARROW.matches) this.list.closest("details").open = false;
    this.room.go(entry.position, { push: true });
  }

  /** The last entry that begins here or before: of several on one page the innermost. */
  #here() {
    let found = null;
    for (const entry of this.entries) {
      if (entry.position && entry.position <= this.room.position && entry.position >= (found?.position ?? 0)) found = entry;
    }
    return found;
  }

  #show(isSeen) {
    const here = this.#here();
    if (here !== this.current) {
      this.current?.anchor.removeAttribute("aria-current");
      this.list.querySelectorAll(".is-within").forEach((item) => item.classList.remove("is-within"));
      this.current = here;
      here?.anchor.setAttribute("aria-current", "true");
      for (let item = here?.item.parentElement.closest("li"); item; item = item.parentElement.closest("li")) {
        item.classList.add("is-within");
        this.byItem.get(item)?.fold(true);
      }
    }
    // While something is looked for, the drawer belongs to what is found.
    if (isSeen && here && !this.room.query) this.#bringIntoView(here.anchor);
  }

  /** Within the drawer alone: `scrollIntoView` would move the page behind it, too. The field stays at its top. */
  #bringIntoView(anchor) {
    const panel = this.list.closest(".panel");
    const [box, seen] = [anchor.getBoundingClientRect(), panel.getBoundingClientRect()];
    const top = seen.top + (panel.querySelector(".inside")?.offsetHeight ?? 0);
    if (box.top < top || box.bottom > seen.bottom) panel.scrollTop += box.top - seen.top - seen.height / 3;
  }
}

/** While a page's label is typed, those that begin or go on like it are offered. */
function offerLabels(room) {
  const input = document.querySelector(".jump #to");
  if (!input || !room.book.pages.some((page) => page.label)) return;
  const offer = document.createElement("datalist");
  offer.id = "labels";
  input.after(offer);
  input.setAttribute("list", offer.id);
  const plain = (text) => text.replace(/[\s　]+/g, "");
  const labels = room.book.pages.map((page) => [plain(page.label), page.label]).filter(([label]) => label);
  input.addEventListener("input", () => {
    const asked = plain(input.value);
    const found = !asked || /^\d+$/.test(asked) ? [] : labels.filter(([label]) => label.includes(asked));
    found.sort((a, b) => Number(b[0].startsWith(asked)) - Number(a[0].startsWith(asked)));
    offer.replaceChildren(...found.slice(0, OFFERED).map(([, label]) => new Option(label)));
  });
}

/** The way to reading beside another edition begins at the page that is open. */
function followCompare(room) {
  const anchors = document.querySelectorAll("[data-compare-link]");
  room.on("turn", () => anchors.forEach((anchor) => {
    const address = new URL(anchor.href);
    address.searchParams.set("ap", room.position);
    anchor.href = address.pathname + address.search;
  }));
}
