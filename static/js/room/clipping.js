// What can be done with a selection, in a small bar beside it; and what the browser's own copying takes.

import { cleanPages, copyOrShow, flash, joined, selectedText } from "./copying.js";
import { textsOf } from "./texts.js";

/** A small bar beside a selection: copy it, or look for it in the book. */
export class Bar {
  constructor(room, layer) {
    Object.assign(this, { room, layer });
    this.element = document.createElement("div");
    this.element.className = "selection-bar";
    this.element.setAttribute("role", "toolbar");
    this.element.setAttribute("aria-label", room.word("selected_text"));
    this.element.hidden = true;
    /** What else can be done with a selection: a place for the parts that keep it. */
    this.actions = this.element.appendChild(document.createElement("span"));
    this.actions.className = "selection-actions";
    this.#button("copy", () => this.#copy(selectedText([layer.element])));
    if (room.book.can.search) this.#button("find_selected", () => this.#find());
    this.#button("copy_page", () => this.copyPages());
    room.stage.append(this.element);
    for (const name of ["pointerdown", "mousedown", "touchstart"]) {
      this.element.addEventListener(name, (event) => event.stopPropagation());
    }
    // A press on a button must not take the selection away.
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
    room.on("view", () => { if (!this.element.hidden) this.#place(); });
    room.on("turn", () => this.hide());
    room.on("copy-page", () => this.copyPages());
    document.addEventListener("selectionchange", () => { if (!layer.isSelected) this.hide(); });
    document.addEventListener("copy", (event) => this.#onCopy(event));
  }

  #button(word, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.word = word;
    button.textContent = this.room.word(word);
    button.addEventListener("click", act);
    this.element.append(button);
  }

  show() {
    if (!this.layer.isSelected) return;
    this.element.hidden = false;
    this.room.emit("selected");
    this.#place();
  }

  hide() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.room.emit("selected");
  }

  /** Beside the end of the selection, inside the stage, off the selected text where there is room. */
  #place() {
    const marks = [...this.layer.element.querySelectorAll(".overlay-selected rect")].map((mark) => mark.getBoundingClientRect());
    if (!marks.length) return;
    const stage = this.room.stage.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const [top, bottom] = [Math.min(...marks.map((mark) => mark.top)), Math.max(...marks.map((mark) => mark.bottom))];
    const last = marks.at(-1);
    const middle = (last.left + last.right) / 2 - stage.left;
    const below = bottom - stage.top + 8;
    const above = top - stage.top - height - 8;
    const y = below + height < stage.height - 4 ? below : above > 4 ? above : stage.height - height - 12;
    const x = Math.min(Math.max(8, middle - width / 2), stage.width - width - 8);
    this.element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  #onCopy(event) {
    if (event.target.closest?.("input, textarea")) return; // some browsers leave the selection of the page as it was
    const text = selectedText([this.layer.element, ...document.querySelectorAll(".words")]);
    if (!text) return;
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    this.#told(text);
  }

  async #copy(text) {
    if (text && (await copyOrShow(text))) this.#told(text);
  }

  /** All text of the pages that are seen. */
  async copyPages() {
    const texts = await Promise.all(this.room.opening.map((position) => textsOf(this.room).at(position))).catch(() => null);
    const text = cleanPages(texts ?? []);
    if (text) await this.#copy(text);
    else this.#say(this.room.word(texts ? "no_text" : "text_failed"));
  }

  #say(words) {
    document.getElementById("room-says").textContent = words;
    document.querySelectorAll("[data-copy-page-text] > span").forEach((element) => flash(element, words));
  }

  #told(text) {
    this.#say(this.room.word("copied_text", { count: Array.from(text.replace(/\s/g, "")).length }));
    this.element.classList.add("selection-bar-done");
    setTimeout(() => this.element.classList.remove("selection-bar-done"), 1200);
  }

  #find() {
    const text = selectedText([this.layer.element]).split("\n").reduce(joined, "");
    this.room.emit("ask-find", { query: Array.from(text).slice(0, 60).join("") });
  }
}
