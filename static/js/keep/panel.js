// The drawer: all that is kept of this item, in the order of the book, by page; what has lost its place in a group of its own.

import { asMarkdown, save } from "./export.js";
import { inBookOrder, lets } from "./order.js";
import { row } from "./rows.js";
import { say } from "./saying.js";

export class Panel {
  /** @param parts the desk, kept, pages, card, palette, word; `refresh()` asks the server anew. */
  constructor({ desk, kept, pages, card, palette, word, refresh }) {
    Object.assign(this, { desk, kept, pages, card, palette, word, refresh });
    this.element = document.getElementById("keep-panel");
    this.list = this.element.querySelector("[data-keep-list]");
    this.opener = document.querySelector("[data-keep-open]");
    this.filters = [...this.element.querySelectorAll("[data-filter]")];
    this.filter = "all";
    this.opener.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.element.querySelector("[data-close]").addEventListener("click", () => this.close());
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.stopPropagation();
      this.close();
    });
    this.filters.forEach((button) => button.addEventListener("click", () => this.#choose(button.dataset.filter)));
    this.element.querySelector("[data-save-markdown]")?.addEventListener("click", () => this.#save());
    this.#offerRegion();
    kept.onChange(() => this.#show());
    this.#show();
  }

  get isOpen() {
    return !this.element.hidden;
  }

  async open() {
    document.querySelectorAll("details.tool[open]").forEach((each) => { each.open = false; });
    this.element.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.element.querySelector("h2").focus({ preventScroll: true });
    this.refresh();
    await this.pages.load();
    this.#show();
  }

  close() {
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    if (hadFocus) this.opener.focus();
  }

  #choose(filter) {
    this.filter = filter;
    this.#show();
    say(this.word("shown_count", { count: this.list.querySelectorAll(".keep-row").length }));
  }

  /** A box drawn on the picture, for rooms that have pictures. */
  #offerRegion() {
    const button = this.element.querySelector("[data-region]");
    button.hidden = !this.desk.chooseRegion;
    button.addEventListener("click", () => {
      this.close();
      this.desk.chooseRegion();
      say(this.word("draw_region"));
    });
  }

  #show() {
    const all = this.kept.all;
    this.opener.classList.toggle("keep-has", all.length > 0);
    this.filters.forEach((button) => {
      const isChosen = button.dataset.filter === this.filter;
      button.setAttribute("aria-pressed", String(isChosen));
      button.hidden = !isChosen && button.dataset.filter !== "all" && !all.some((note) => lets(button.dataset.filter, note));
    });
    this.element.querySelector("[data-keep-count]").textContent = all.length ? this.word("count", { count: all.length }) : "";
    this.element.querySelector("[data-keep-none]").hidden = all.length > 0;
    this.element.querySelectorAll("[data-needs-notes]").forEach((each) => { each.hidden = !all.length; });
    if (this.isOpen) this.#fill(all);
  }

  #fill(all) {
    const focused = this.#focused();
    const order = inBookOrder((key) => this.pages.position(key));
    const shown = all.filter((note) => lets(this.filter, note)).sort(order);
    const placed = shown.filter((note) => note.anchored !== "orphaned");
    const orphaned = shown.filter((note) => note.anchored === "orphaned");
    const sections = [];
    let page = null;
    for (const note of placed) {
      if (note.page !== page) {
        sections.push(this.#section(this.pages.label(note.page, note.label)));
        page = note.page;
      }
      sections.at(-1).append(this.#row(note));
    }
    if (orphaned.length) {
      const section = this.#section(this.word("orphaned"));
      section.classList.add("keep-orphaned");
      section.append(Object.assign(document.createElement("p"), { className: "note", textContent: this.word("orphaned_why") }));
      section.append(...orphaned.map((note) => this.#row(note)));
      sections.push(section);
    }
    this.list.replaceChildren(...sections);
    this.#focusAgain(focused);
  }

  #section(heading) {
    const section = document.createElement("section");
    section.append(Object.assign(document.createElement("h3"), { textContent: heading }));
    return section;
  }

  #row(note) {
    return row(note, this.word, {
      go: (canonical) => this.#go(canonical),
      edit: (canonical, button) => this.card.open(canonical, button.getBoundingClientRect(), { isWriting: true }),
      remove: (canonical) => this.#remove(canonical),
    });
  }

  async #go(canonical) {
    const note = this.kept.get(canonical);
    if (!note) return;
    if (matchMedia("(max-width: 52rem)").matches) this.close();
    const { page, start, end, box } = note;
    const isPlaced = note.anchored !== "orphaned";
    await this.desk.go({ page, ...(isPlaced && start !== null ? { start, end } : {}), ...(isPlaced && box ? { box } : {}) });
  }

  /** The focus goes to the next row, so that a list can be gone through by keyboard. */
  async #remove(canonical) {
    const rows = [...this.list.querySelectorAll(".keep-row")];
    const at = rows.findIndex((each) => each.dataset.canonical === canonical);
    const next = (rows[at + 1] ?? rows[at - 1])?.dataset.canonical;
    await this.palette.remove(canonical);
    const target = next ? this.list.querySelector(`[data-canonical="${CSS.escape(next)}"] [data-part="remove"]`) : this.element.querySelector("h2");
    target?.focus();
  }

  #focused() {
    const element = this.list.contains(document.activeElement) ? document.activeElement : null;
    return element && { canonical: element.closest(".keep-row")?.dataset.canonical, part: element.dataset.part };
  }

  #focusAgain(focused) {
    if (!focused?.canonical) return;
    this.list.querySelector(`[data-canonical="${CSS.escape(focused.canonical)}"] [data-part="${focused.part}"]`)?.focus({ preventScroll: true });
  }

  async #save() {
    await this.pages.load();
    const order = inBookOrder((key) => this.pages.position(key));
    const notes = this.kept.all.sort(order).map((note) => ({ ...note, label: this.pages.label(note.page, note.label) }));
    save(`${this.kept.book.title}.md`, asMarkdown(this.kept.book.title, notes, this.word), "text/markdown");
  }
}
