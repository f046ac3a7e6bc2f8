// The room of the scan's, with sheets of a PDF on its stage in place of pictures. Its parts notice no difference.

import { openings, openingOf } from "../room/openings.js";
import { remember } from "../room/remembered.js";
import { Room } from "../room/room.js";
import { LeavesView } from "./leaves.js";
import { RollView } from "./roll.js";

const WIDE = matchMedia("(min-width: 60rem) and (min-aspect-ratio: 1/1)"); // as in the scan room

export class DocumentRoom extends Room {
  constructor(book, desk, pdf) {
    super(book, desk);
    this.pdf = pdf;
  }

  async start({ box = null } = {}) {
    this.#lay();
    this.emit("mode", { mode: this.mode });
    await this.go(this.position, { box, isReturn: true });
  }

  #lay() {
    const told = (name, values) => this.#happened(name, values);
    this.shown?.close();
    this.desk.dataset.mode = this.mode;
    this.shown = this.mode === "scroll"
      ? new RollView(this.book, this.pdf, this.stage, told)
      : new LeavesView(this.book, this.pdf, this.stage, this.leaf, told);
  }

  #happened(name, values) {
    if (name === "view") {
      const isNear = this.mode !== "scroll" && !this.shown.isHome;
      if (isNear !== ("near" in this.desk.dataset)) this.desk.toggleAttribute("data-near", isNear);
    }
    if (name !== "passed") {
      this.emit(name, values);
      return;
    }
    Object.assign(this, { position: values.position, opening: values.opening });
    this.emit("turn", { opening: this.opening, isScroll: true });
    this.emit("open", { opening: this.opening, isScroll: true });
  }

  async setMode(mode, { isChoice = true } = {}) {
    if (isChoice) remember(WIDE.matches ? "mode-wide" : "mode-narrow", mode);
    if (mode === this.mode) return;
    this.mode = mode;
    this.openings = openings(this.book.pages, mode);
    this.opening = this.openings[openingOf(this.openings, this.position)];
    this.#lay();
    this.emit("mode", { mode });
    await this.go(this.position, { isReturn: true });
  }
}
