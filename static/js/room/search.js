// Finding in the book without leaving the page. The form and the list are those of the plain page; here they answer while
// one types, the address keeps the query, and n and N go from hit to hit.

import { Hits } from "./hits.js";
import { drawn } from "./overlays.js";

const PAUSE_MS = 280; // after the last key
const NARROW = matchMedia("(max-width: 52rem)");

export function install(room) {
  const form = document.querySelector("form.inside");
  if (!form || !room.book.can.search) return;
  const hits = new Hits(room);
  room.hits = hits;
  const list = new List(room, form);
  const strip = new Steps(room, hits);
  new Search(room, form, { hits, list, strip });
}

/** Asks, and gives what is found to the others; of several questions under way only the last one counts. */
class Search {
  constructor(room, form, { hits, list, strip }) {
    Object.assign(this, { room, form, hits, list, strip });
    this.field = form.querySelector("input[type=search]");
    this.field.addEventListener("input", (event) => { if (!event.isComposing) this.#later(); });
    this.field.addEventListener("compositionend", () => this.#later());
    // Browsers empty the field on Escape; here that would take the hits away with which one has just begun to read.
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      this.field.blur();
      this.#close();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    list.element.addEventListener("click", (event) => this.#follow(event));
    room.on("query", ({ query }) => this.#ask(query));
    room.on("ask-find", ({ query }) => this.#find(query));
    room.on("hit", (hit) => this.#uncover(hit));
    document.addEventListener("keydown", (event) => this.#key(event));
    if (room.query) this.#ask(room.query, { isFirst: true });
  }

  #later() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#set(this.field.value), PAUSE_MS);
  }

  #set(query) {
    clearTimeout(this.waiting);
    if (query.trim() !== this.room.query) this.room.setQuery(query);
  }

  /** The enter key goes to the first hit from here on. */
  async #submit() {
    this.#set(this.field.value);
    await this.asked;
    if (!this.hits.found.total) return;
    this.field.blur();
    if (NARROW.matches) this.#close();
    await this.hits.step(1);
  }

  /** Look for something that was not typed. */
  #find(query) {
    this.field.value = query;
    this.field.closest("details").open = true;
    this.#set(query);
  }

  #ask(query, { isFirst = false } = {}) {
    if (document.activeElement !== this.field) this.field.value = query;
    this.coming?.abort();
    this.coming = new AbortController();
    this.asked = this.#answer(query, this.coming.signal, isFirst);
    return this.asked;
  }

  async #answer(query, signal, isFirst) {
    let found = { query, total: 0, positions: [], hits: [] };
    try {
      if (query) {
        if (!isFirst) this.list.say(this.room.word("searching"));
        found = await this.#fetch(query, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#show(found);
      this.list.say(error.words ?? this.room.word("search_failed"));
      return;
    }
    if (signal.aborted) return;
    this.#show(found);
    this.list.show(found);
  }

  #show(found) {
    this.hits.show(found);
    this.strip.show(found);
    this.room.emit("found", found);
  }

  async #fetch(query, signal) {
    const address = `${this.room.book.urls.search}?q=${encodeURIComponent(query)}`;
    const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
    if (answer.ok) return answer.json();
    const problem = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(`${address}: ${answer.status}`), { words: [problem.title, problem.detail].filter(Boolean).join("") || undefined });
  }

  #follow(event) {
    const link = event.target.closest("a[data-position]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (NARROW.matches) this.#close();
    this.hits.goTo(Number(link.dataset.position));
  }

  #close() {
    this.field.closest("details").open = false;
  }

  /** A hit that would lie under the open drawer is shown, and the drawer closed. */
  #uncover({ box }) {
    const drawer = this.field.closest("details");
    if (!drawer.open || !box) return;
    const panel = drawer.querySelector(".panel").getBoundingClientRect();
    const isCovered = box.left < panel.right && box.right > panel.left && box.top < panel.bottom && box.bottom > panel.top;
    if (isCovered) drawer.open = false;
  }

  #key(event) {
    if (event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest?.("input, textarea, select, dialog")) return;
    if (event.key !== "n" && event.key !== "N") return;
    if (!this.hits.found.total) return;
    event.preventDefault();
    this.hits.step(event.key === "n" ? 1 : -1);
  }
}

/** The list of pages that hold the query, in the drawer. */
class List {
  constructor(room, form) {
    this.room = room;
    this.element = form.parentElement.querySelector("[data-found], section:has(.hits), section:has(> .note)");
    if (!this.element) {
      this.element = document.createElement("section");
      this.element.setAttribute("aria-label", room.word("found"));
      form.after(this.element);
    }
    this.element.dataset.found = "";
    this.note = this.element.querySelector(".note") ?? this.element.appendChild(element("p", "note"));
    this.note.setAttribute("role", "status");
    this.rows = this.element.querySelector(".hits") ?? this.element.appendChild(element("ul", "hits"));
    this.element.hidden = !room.query;
    room.on("turn", () => this.#markHere());
  }

  /** Say something instead of results. */
  say(words) {
    this.element.hidden = false;
    this.note.textContent = words;
  }

  show({ query, total, hits }) {
    const { room } = this;
    this.element.hidden = !query;
    const many = total === 1 ? "found_one" : "found_many";
    const rest = total > hits.length ? room.word("found_first", { count: hits.length }) : "";
    this.note.textContent = query ? room.word(total ? many : "found_none", { count: total, query }) + rest : "";
    this.rows.replaceChildren(...hits.map((hit) => this.#row(hit)));
    this.#markHere();
  }

  #row({ position, snippet }) {
    const row = element("li");
    const link = element("a");
    link.href = this.room.address ? this.room.address(position) : this.room.book.address("page", { position });
    link.dataset.position = position;
    const place = element("span", "hit-place");
    place.textContent = this.room.book.label(position);
    const words = element("span", "hit-words");
    words.lang = document.querySelector(".reader-title")?.lang ?? "";
    place.lang = words.lang;
    words.append(...snippet.map(([text, isHit]) => (isHit ? Object.assign(element("mark"), { textContent: text }) : text)));
    link.append(place, words);
    row.append(link);
    return row;
  }

  #markHere() {
    this.rows.querySelectorAll("a[data-position]").forEach((link) => {
      const isHere = this.room.opening.includes(Number(link.dataset.position));
      if (isHere) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
  }
}

/** At the foot: what is looked for, from hit to hit, and an end to it. */
class Steps {
  constructor(room, hits) {
    this.room = room;
    this.element = element("nav", "strip");
    this.element.setAttribute("aria-label", room.word("found"));
    this.query = this.element.appendChild(element("span", "strip-query"));
    this.count = this.element.appendChild(element("span", "strip-count"));
    this.count.setAttribute("aria-live", "polite");
    this.#button("hit_before", "N", () => hits.step(-1));
    this.#button("hit_after", "n", () => hits.step(1));
    this.#endButton();
    this.positions = [];
    // Where the plain page has its strip ours takes the place at once, so that nothing moves when the answer comes.
    const plain = document.querySelector(".reader-foot .strip");
    this.element.hidden = !plain;
    this.query.textContent = room.query ? room.word("query", { query: room.query }) : "";
    if (plain) plain.replaceWith(this.element);
    else document.querySelector(".reader-foot").prepend(this.element);
    room.on("turn", () => this.#count());
  }

  #endButton() {
    const button = this.#button("end_search", "", () => this.room.setQuery(""));
    button.classList.add("strip-end");
    button.title = button.textContent;
    button.setAttribute("aria-label", button.textContent);
    const cross = drawn("svg", { class: "icon icon-close", viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true", focusable: "false" });
    cross.append(drawn("path", { d: "m5 5 14 14M19 5 5 19" }));
    button.replaceChildren(cross);
  }

  #button(word, key, act) {
    const button = element("button", "quiet");
    button.type = "button";
    button.dataset.word = word;
    button.textContent = this.room.word(word);
    if (key) button.setAttribute("aria-keyshortcuts", key === "N" ? "Shift+N" : "N");
    button.addEventListener("click", act);
    this.element.append(button);
    return button;
  }

  show({ query, total, positions }) {
    this.element.hidden = !total;
    this.query.textContent = this.room.word("query", { query });
    this.positions = positions;
    this.#count();
  }

  #count() {
    const here = this.positions.findIndex((position) => this.room.opening.includes(position));
    const words = here < 0 ? `${this.positions.length}` : `${here + 1} / ${this.positions.length}`;
    if (words !== this.count.textContent) this.count.textContent = words;
  }
}

function element(name, className = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  return made;
}
