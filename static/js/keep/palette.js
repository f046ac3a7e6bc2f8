// The pen in the reader's hand: a bar at what is selected, four colours, a note, a bookmark; and the keys that do the same.

import { COLOURS } from "./annotation.js";
import { layBeside } from "./beside.js";
import { listenToKeys } from "./listening.js";
import { say } from "./saying.js";

const LAST = "wenyuan.keep.colour";
const SAME_PLACE = 200; // code points: a bookmark so near to where the screen begins is of this screen

export class Palette {
  /** @param parts the desk, kept, card, line, word. */
  constructor({ desk, kept, card, line, word }) {
    Object.assign(this, { desk, kept, card, line, word });
    this.shown = [];
    this.bar = document.getElementById("keep-bar");
    this.home = this.bar.parentElement;
    this.button = document.querySelector("[data-keep-bookmark]");
    this.#listenToBar();
    this.#offer(null);
    this.button.addEventListener("click", () => this.bookmark());
    desk.onSelection((selection) => this.#offer(selection));
    desk.onMark(({ id, rect }) => card.open(id, rect));
    desk.onPlace(() => this.#showBookmark());
    desk.onPages((keys) => {
      this.shown = keys.map(Number);
      this.#drawAll();
      this.#showBookmark();
    });
    kept.onChange(() => {
      this.#drawAll();
      this.#showBookmark();
    });
    const actions = {
      h: () => this.highlight(),
      e: () => this.note(),
      b: () => this.bookmark(),
    };
    listenToKeys(desk, actions);
  }

  #listenToBar() {
    for (const name of ["pointerdown", "touchstart"]) this.bar.addEventListener(name, (event) => event.stopPropagation());
    // A press on a button must not take the selection away.
    this.bar.addEventListener("mousedown", (event) => event.preventDefault());
    this.bar.querySelectorAll("[data-colour]").forEach((button) => button.addEventListener("click", () => this.highlight(button.dataset.colour)));
    this.bar.querySelector("[data-note]").addEventListener("click", () => this.note());
    this.bar.querySelector("[data-bookmark]").addEventListener("click", () => this.bookmark());
  }

  get colour() {
    try {
      const known = localStorage.getItem(LAST);
      return COLOURS.includes(known) ? known : COLOURS[0];
    } catch {
      return this.chosen ?? COLOURS[0];
    }
  }

  set colour(colour) {
    this.chosen = colour;
    try {
      localStorage.setItem(LAST, colour);
    } catch {
      // It lasts as long as the page.
    }
  }

  /** Show the bar beside what is selected: in the room's own bar where it has one that is seen. While nothing is selected it
   * rests in there, so that the room knows how wide its bar is before it lays it. */
  #offer(selection) {
    const { actions } = this.desk;
    const isInside = Boolean(actions && (!selection || actions.checkVisibility()));
    this.bar.hidden = !selection && !isInside;
    this.bar.classList.toggle("keep-bar-inside", isInside);
    (isInside ? actions : this.home).append(this.bar);
    if (isInside) this.bar.style.left = this.bar.style.top = "";
    else if (selection) layBeside(this.bar, selection.rect);
  }

  /** Mark what is selected; the same once more in another colour changes its colour. Null where nothing is. */
  async highlight(colour = this.colour) {
    const selection = this.desk.selection();
    if (!selection) {
      this.line.show(this.word("select_first"));
      return null;
    }
    this.colour = colour;
    const same = this.kept.onPage(Number(selection.page)).find((note) => isSame(note, selection));
    const { page, start, end, exact, prefix, suffix, box } = selection;
    const told = { kind: "highlight", page: Number(page), start, end, exact, prefix, suffix, box, colour, label: this.desk.place().label };
    const note = same ? await this.kept.change(same.canonical, { colour }) : await this.kept.add(told);
    this.desk.clearSelection();
    this.#offer(null);
    say(this.word(`coloured_${colour}`));
    return note;
  }

  /** Write a note on what is selected; on the page where nothing is. */
  async note() {
    const selection = this.desk.selection();
    const rect = selection?.rect ?? this.button.getBoundingClientRect();
    const note = selection ? await this.highlight() : (this.#bookmarkHere() ?? (await this.#addBookmark()));
    if (note) this.card.open(note.canonical, rect, { isWriting: true });
  }

  /** Put a bookmark into the page, or take it out. */
  async bookmark() {
    const here = this.#bookmarkHere();
    if (here) {
      this.remove(here.canonical);
      return;
    }
    await this.#addBookmark();
    say(this.word("bookmarked"));
  }

  #addBookmark() {
    const { page, start, label } = this.desk.place();
    return this.kept.add({ kind: "bookmark", page: Number(page), start: start ?? null, end: start ?? null, label });
  }

  /** Delete, and offer to take that back. */
  async remove(canonical) {
    const note = await this.kept.remove(canonical);
    if (note) this.line.show(this.word(note.kind === "bookmark" ? "bookmark_removed" : "removed"), () => this.kept.restore(note));
  }

  #bookmarkHere() {
    const place = this.desk.place();
    return this.kept.all.find((note) => note.kind === "bookmark" && !note.isOthers && this.#isHere(note, place)) ?? null;
  }

  #isHere(note, place) {
    if (note.page !== Number(place.page) && (this.desk.kind !== "scan" || !this.shown.includes(note.page))) return false;
    const isWhole = [place.start, note.start].some((start) => start === null || start === undefined);
    if (isWhole || note.page !== Number(place.page)) return true;
    return place.end === undefined || place.end === null
      ? Math.abs(note.start - place.start) < SAME_PLACE
      : note.start >= place.start && note.start < place.end;
  }

  #showBookmark() {
    const isMarked = Boolean(this.#bookmarkHere());
    this.button.setAttribute("aria-pressed", String(isMarked));
  }

  #drawAll() {
    this.shown.forEach((page) => this.desk.draw(page, this.#marksOf(page)));
  }

  #marksOf(page) {
    return this.kept.onPage(page)
      .filter((note) => note.kind === "highlight" && note.anchored !== "orphaned" && (note.box || note.start !== null))
      .map((note) => {
        const { canonical: id, start, end, box, colour, text, isOthers } = note;
        return { id, start, end, box, colour, hasNote: Boolean(text), isOthers };
      });
  }
}

function isSame(note, { start, end, box }) {
  return note.kind === "highlight" && !note.isOthers && note.start === start && note.end === end && String(note.box ?? "") === String(box ?? "");
}
