// Finding in the book without leaving the page: all hits, drawn in the chapters, gone to one by one over their ends.

const PAUSE_MS = 300; // after the last key
const NARROW = matchMedia("(max-width: 52rem)");

export function install(room) {
  const form = document.querySelector("form.inside");
  if (form && room.book.can.search) new Search(room, form);
}

class Search {
  constructor(room, form) {
    Object.assign(this, { room, form, hits: [], total: 0, at: -1, going: null });
    this.drawer = form.closest("details");
    this.field = form.querySelector("input[type=search]");
    this.#list();
    this.strip = document.getElementById("book-hits");
    this.strip.querySelector("[data-before]").addEventListener("click", () => this.step(-1));
    this.strip.querySelector("[data-after]").addEventListener("click", () => this.step(1));
    this.strip.querySelector("[data-end]").addEventListener("click", () => this.set(""));
    this.field.addEventListener("input", (event) => { if (!event.isComposing) this.#later(); });
    this.field.addEventListener("compositionend", () => this.#later());
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      this.drawer.open = false;
      this.drawer.querySelector("summary").focus();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await this.set(this.field.value);
      if (!this.hits.length) return;
      this.drawer.open = false;
      room.stage.querySelector("iframe[data-shown]")?.focus();
      this.step(1, { fromHere: true });
    });
    room.renderer.onLeaf((leaf) => this.#draw(leaf));
    room.on("ask-search", () => {
      this.drawer.open = true;
      this.field.focus();
      this.field.select();
    });
    room.on("ask-hit", (steps) => { if (this.hits.length) this.step(steps); });
    room.on("ask-find", (query) => {
      this.field.value = query;
      this.drawer.open = true;
      this.set(query);
    });
    document.querySelector(".reader-foot .strip:not(#book-hits)")?.remove(); // the plain page's, with its links
    if (room.query) room.on("open", () => this.#begin());
  }

  async #begin() {
    await this.set(this.room.query, { isFirst: true });
    const asked = /[#&]at=\d/.test(location.hash);
    const first = this.hits.findIndex((hit) => hit.position >= this.room.seen.position);
    if (!asked && first >= 0 && this.hits[first].position === this.room.seen.position) this.go(first);
  }

  #list() {
    this.section = this.form.parentElement.querySelector("section:has(.hits), section:has(> .note)") ?? document.createElement("section");
    if (!this.section.isConnected) this.form.after(this.section);
    this.section.replaceChildren();
    this.note = this.section.appendChild(Object.assign(document.createElement("p"), { className: "note" }));
    this.note.setAttribute("role", "status");
    this.rows = this.section.appendChild(Object.assign(document.createElement("ul"), { className: "hits" }));
    this.section.hidden = true;
  }

  #later() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.set(this.field.value), PAUSE_MS);
  }

  /** Look for something; nothing ends it. Of several questions under way only the last one counts. */
  set(query, { isFirst = false } = {}) {
    clearTimeout(this.waiting);
    const wanted = query.trim();
    if (!isFirst && wanted === this.room.query && this.asked) return this.asked;
    this.room.query = wanted;
    if (document.activeElement !== this.field) this.field.value = wanted;
    this.room.emit("query", { query: wanted });
    this.asked = this.#ask(wanted);
    return this.asked;
  }

  async #ask(query) {
    this.coming?.abort();
    this.coming = new AbortController();
    const { signal } = this.coming;
    const { book } = this.room;
    this.section.hidden = !query;
    let found = { total: 0, hits: [] };
    let words = "";
    if (query) {
      this.note.textContent = book.word("searching");
      try {
        const answer = await fetch(`${book.urls.hits}?q=${encodeURIComponent(query)}`, { signal, headers: { Accept: "application/json" } });
        if (answer.ok) found = await answer.json();
        else words = (await answer.json().catch(() => ({}))).detail ?? book.word("search_failed");
      } catch {
        if (signal.aborted) return;
        words = book.word("search_failed");
      }
    }
    if (signal.aborted) return;
    this.total = found.total;
    this.at = -1;
    this.hits = found.hits.map(([position, start, end, before, match, after]) => ({ position, start, end, before, match, after }));
    await book.table().catch(() => {});
    const told = this.total > 1 ? "found_many" : this.total ? "found_one" : "found_none";
    this.note.textContent = words || (book.word(told, { count: this.total, query }) + (this.total > this.hits.length ? book.word("found_first", { count: this.hits.length }) : ""));
    this.#fill();
    this.#strip();
    for (const leaf of this.room.renderer.leaves.values()) if (leaf.isReady) this.#draw(leaf);
  }

  /** All hits, chapter by chapter. */
  #fill() {
    const { book } = this.room;
    let last = 0;
    const rows = this.hits.map((hit, index) => {
      const row = document.createElement("li");
      const link = document.createElement("a");
      link.href = this.room.address({ position: hit.position, start: hit.start });
      link.dataset.hit = index;
      if (hit.position !== last) {
        const place = Object.assign(document.createElement("span"), { className: "hit-place", textContent: book.label(hit.position) });
        link.append(place);
        last = hit.position;
      }
      const words = Object.assign(document.createElement("span"), { className: "hit-words" });
      words.lang = document.querySelector(".reader-title")?.lang ?? "";
      words.append(hit.before, Object.assign(document.createElement("mark"), { textContent: hit.match }), hit.after);
      link.append(words);
      row.append(link);
      return row;
    });
    this.rows.replaceChildren(...rows);
    this.rows.onclick = (event) => {
      const link = event.target.closest("a[data-hit]");
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (NARROW.matches) this.drawer.open = false;
      this.go(Number(link.dataset.hit), { push: true });
    };
  }

  #strip() {
    this.strip.hidden = !this.room.query || !this.total;
    const now = this.at < 0 ? "" : this.room.book.word("hit", { number: this.at + 1, count: this.total });
    this.strip.querySelector("span").textContent = now || `“${this.room.query}”`;
  }

  #draw(leaf) {
    const here = this.hits.filter((hit) => hit.position === leaf.position);
    leaf.highlight("wy-hits", here.map(({ start, end }) => [start, end]));
    const now = this.hits[this.at];
    leaf.highlight("wy-hit-now", now?.position === leaf.position ? [[now.start, now.end]] : []);
  }

  /** The next hit or the one before; from what is seen where none has been gone to, or the reader has gone on. */
  step(steps, { fromHere = false } = {}) {
    const { place } = this.room;
    const now = this.hits[this.at];
    const isSeen = now && (this.going || (now.position === place.position && this.#isSeen(now))); // or is about to be
    let next;
    if (isSeen && !fromHere) {
      next = this.at + steps;
    } else {
      const isOn = (hit) => hit.position > place.position || (hit.position === place.position && hit.start >= (place.start ?? 0));
      const after = this.hits.findIndex(isOn);
      next = steps > 0 ? after : (after < 0 ? this.hits.length : after) - 1;
    }
    this.go(next < 0 || next >= this.hits.length ? (steps > 0 ? 0 : this.hits.length - 1) : next);
  }

  #isSeen({ position, start }) {
    const leaf = this.room.renderer.leaf(position);
    const box = leaf?.boxOf(start);
    return Boolean(box) && leaf.layout.isSeen(box);
  }

  async go(index, { push = false } = {}) {
    this.at = index;
    const hit = this.hits[index];
    this.#strip();
    if (this.going || !this.#isSeen(hit) || this.room.seen.position !== hit.position) {
      const going = this.room.go({ position: hit.position, start: hit.start, end: hit.end }, { push }).catch(() => {});
      this.going = going;
      await going;
      if (this.going !== going) return; // another hit was gone to meanwhile
      this.going = null;
    }
    for (const leaf of this.room.renderer.leaves.values()) if (leaf.isReady) this.#draw(leaf);
    this.rows.querySelectorAll("[aria-current]").forEach((link) => link.removeAttribute("aria-current"));
    this.rows.querySelector(`[data-hit="${index}"]`)?.setAttribute("aria-current", "location");
    this.room.say([this.room.book.word("hit", { number: index + 1, count: this.total }), hit.before + hit.match + hit.after].join("："));
  }
}
