// The card of one note: its colour, its words, with whom it is shared. What is written is kept while it is written.

import { both } from "./agree.js";
import { layBeside } from "./beside.js";
import { beginning } from "./points.js";
import { say } from "./saying.js";

const WRITING_MS = 700;

export class Card {
  /** @param kept what is kept; `word` for the interface; `groups()` resolves to the reader's groups; `onDelete(canonical)`. */
  constructor({ kept, word, groups, onDelete }) {
    Object.assign(this, { kept, word, groups, onDelete });
    this.element = document.getElementById("keep-card");
    this.field = this.element.querySelector("textarea");
    this.quote = this.element.querySelector("blockquote");
    this.colours = [...this.element.querySelectorAll("[data-colour]")];
    this.share = this.element.querySelector("[data-share]");
    this.element.querySelector("[data-close]").addEventListener("click", () => this.close());
    this.element.querySelector("[data-delete]").addEventListener("click", () => this.#delete());
    this.colours.forEach((button) => button.addEventListener("click", () => this.#colour(button.dataset.colour)));
    this.field.addEventListener("input", () => {
      clearTimeout(this.writing);
      this.writing = setTimeout(() => this.#write(), WRITING_MS);
    });
    this.field.addEventListener("blur", () => this.#write());
    window.addEventListener("pagehide", () => this.#write());
    this.share.querySelector("select").addEventListener("change", ({ target }) => this.#share(target.value));
    this.element.addEventListener("keydown", (event) => this.#key(event));
    // A keyboard on the glass covers what lies at the foot of the window.
    window.visualViewport?.addEventListener("resize", () => {
      const covered = Math.max(0, window.innerHeight - window.visualViewport.height - window.visualViewport.offsetTop);
      this.element.style.setProperty("--covered", `${Math.round(covered)}px`);
    });
    document.addEventListener("pointerdown", (event) => {
      if (!this.element.hidden && !this.element.contains(event.target)) this.close({ isBack: false });
    }, { capture: true });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Open it beside a rectangle; the focus is where it is written, and goes back to where it came from. */
  open(canonical, rect, { isWriting = false } = {}) {
    const note = this.kept.get(canonical);
    if (!note) return;
    if (this.isOpen) this.close({ isBack: false });
    this.from = document.activeElement;
    this.canonical = canonical;
    this.element.dataset.kind = note.kind;
    this.quote.textContent = beginning(note.exact.replaceAll("\n", ""), 60);
    this.quote.hidden = !note.exact;
    this.field.value = this.seen = note.text;
    this.field.readOnly = note.isOthers;
    this.element.toggleAttribute("data-others", note.isOthers);
    this.element.querySelector(".keep-author").textContent = note.isOthers ? this.word("by", { name: note.author }) : "";
    this.#showColour(note.colour);
    this.element.hidden = false;
    this.#offerGroups(note);
    layBeside(this.element, rect);
    const isForWords = isWriting || note.text || note.isOthers || note.kind === "bookmark";
    const chosen = this.colours.find((each) => each.dataset.colour === note.colour);
    (isForWords ? this.field : chosen).focus({ preventScroll: true });
  }

  close({ isBack = true } = {}) {
    if (!this.isOpen) return;
    this.#write();
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidden = true;
    this.canonical = null;
    if (!hadFocus) return;
    document.activeElement.blur();
    const back = this.from?.isConnected && this.from !== document.body ? this.from : document.getElementById("main");
    if (isBack) back.focus({ preventScroll: true });
  }

  #key(event) {
    if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }

  #write() {
    clearTimeout(this.writing);
    const note = this.kept.get(this.canonical);
    const written = this.field.value.trim();
    if (!note || note.isOthers || written === this.seen.trim()) return;
    // Another device may have written on it while the card was open.
    const text = note.text === this.seen ? written : both(written, note.text);
    this.seen = text;
    if (note.text === text) return;
    this.kept.change(this.canonical, { text });
    if (text !== written) this.field.value = text;
    say(this.word("noted"));
  }

  #colour(colour) {
    this.#showColour(colour);
    this.kept.change(this.canonical, { colour });
    say(this.word(`coloured_${colour}`));
  }

  #showColour(colour) {
    this.colours.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.colour === colour)));
  }

  async #offerGroups(note) {
    this.share.hidden = true;
    const groups = note.isOthers ? [] : await this.groups();
    if (this.canonical !== note.canonical || !groups?.length) return;
    const select = this.share.querySelector("select");
    const option = (value, words) => Object.assign(document.createElement("option"), { value, textContent: words });
    select.replaceChildren(option("", this.word("private")), ...groups.map(({ id, name }) => option(id, this.word("with_group", { name }))));
    select.value = note.group ?? "";
    this.share.hidden = false;
  }

  #share(group) {
    this.kept.change(this.canonical, { group: group || null });
    say(this.word(group ? "shared" : "unshared"));
  }

  #delete() {
    const { canonical } = this;
    this.field.value = this.seen;
    this.close();
    this.onDelete(canonical);
  }
}
