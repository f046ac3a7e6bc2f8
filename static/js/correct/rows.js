// The lines as rows (or, written downwards, as columns from the right): number, picture, words, doubts and choices.

import { characters } from "./sheet.js";

const THICKNESS = 40; // CSS pixels of a row's picture
const NEAR = "600px 600px"; // so far from the window pictures are made already

/** Whether a row is written downwards: columns are, where the person has chosen so. */
const writtenDown = (rows, line) => rows.way === "down" && line.isVertical;

export class Rows {
  /**
   * @param list the element with the rows that the server made.
   * @param told what the page says.
   * @param shown called with (line, character) when another line or character is the current one.
   */
  constructor(list, { sheet, strips, told, tools, shown }) {
    Object.assign(this, { list, sheet, strips, told, tools, shown });
    this.current = -1;
    this.way = "across";
    this.seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
      if (entry.isIntersecting) this.#picture(entry.target);
    }), { rootMargin: NEAR });
    sheet.addEventListener("lines", () => this.draw());
    sheet.addEventListener("line", ({ detail }) => this.#mark(detail));
    list.addEventListener("focusin", (event) => this.#entered(event.target));
    list.addEventListener("input", (event) => this.#written(event.target));
    list.addEventListener("beforeinput", (event) => this.#oneLine(event));
    list.addEventListener("paste", (event) => this.#pasted(event));
    document.addEventListener("selectionchange", () => this.#moved());
  }

  get count() {
    return this.sheet.lines.length;
  }

  row(number) {
    return this.list.children[number] ?? null;
  }

  field(number) {
    return this.row(number)?.querySelector("textarea") ?? null;
  }

  /** Make all rows anew. */
  draw() {
    this.seen.disconnect();
    this.current = -1;
    this.list.replaceChildren(...this.sheet.lines.map((line) => this.#row(line)));
    this.list.dataset.way = this.sheet.lines.some((line) => line.isVertical) ? this.way : "across";
    [...this.list.children].forEach((row) => this.seen.observe(row));
  }

  /** Write columns downwards ("down") or across ("across"). */
  turn(way) {
    const number = this.current;
    this.way = way;
    this.draw();
    if (number >= 0) this.go(number);
  }

  #row(line) {
    const row = document.createElement("li");
    row.className = `row row-${line.kind}`;
    row.dataset.line = line.number;
    row.classList.toggle("row-down", writtenDown(this, line));
    const name = document.createElement("label");
    name.className = "row-number";
    name.htmlFor = `line-${line.number}`;
    name.textContent = line.number + 1;
    name.title = this.word("line", { number: line.number + 1 });
    const strip = document.createElement("div");
    strip.className = "strip";
    const field = document.createElement("div");
    field.className = "field";
    const marks = document.createElement("div");
    marks.className = "marks";
    marks.setAttribute("aria-hidden", "true");
    const input = document.createElement("textarea");
    Object.assign(input, { id: `line-${line.number}`, name: `line-${line.number}`, rows: 1, maxLength: 2000, spellcheck: false });
    input.setAttribute("autocomplete", "off");
    input.setAttribute("autocapitalize", "off");
    input.setAttribute("enterkeyhint", "next");
    input.setAttribute("aria-label", this.word("line", { number: line.number + 1 }));
    input.value = line.mine;
    input.setSelectionRange(0, 0); // browsers put the caret behind what a script has written
    field.append(marks, input);
    const more = document.createElement("div");
    more.className = "row-more";
    row.append(name, strip, field, more);
    this.#markRow(row, line);
    return row;
  }

  word(key, values = {}) {
    return (this.told.words[key] ?? key).replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
  }

  /** Bring a line to the front, with the caret before a character (by default where it was). */
  go(number, character = null) {
    const at = Math.min(Math.max(0, number), this.count - 1);
    const field = this.field(at);
    if (!field) return;
    field.focus({ preventScroll: true });
    if (character !== null) {
      const before = characters(field.value).slice(0, character).join("").length;
      const after = characters(field.value).slice(0, character + 1).join("").length;
      field.setSelectionRange(before, after);
    }
    this.row(at).scrollIntoView({ block: "nearest", inline: "nearest", behavior: "auto" });
    this.#moved();
  }

  /** The current line; null before the first was entered. */
  get line() {
    return this.sheet.lines[this.current] ?? null;
  }

  /** Where the caret is in the current line, in characters. */
  get caret() {
    const field = this.field(this.current);
    return field ? characters(field.value.slice(0, field.selectionStart)).length : 0;
  }

  /** Put a character in the place of one of the current line, so that it can be undone with the browser's own key. */
  replace(position, text) {
    const field = this.field(this.current);
    const all = characters(field.value);
    const start = all.slice(0, position).join("").length;
    field.focus();
    field.setSelectionRange(start, start + (all[position]?.length ?? 0));
    // The only way that a script's change can be undone; where a browser has given it up, the change is made all the same.
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, start, start + (all[position]?.length ?? 0), "end");
      this.#written(field);
    }
    this.go(this.current, position);
  }

  /** The next character that the engine was not sure of, from the caret on through the following lines. */
  nextUnsure() {
    const from = Math.max(0, this.current);
    for (let step = 0; step <= this.count; step += 1) {
      const line = this.sheet.lines[(from + step) % this.count];
      const start = step === 0 ? this.#afterSelection() : 0;
      const place = characters(line.mine).findIndex((_, at) => at >= start && this.isUnsure(line, at));
      if (place >= 0) {
        this.go(line.number, place);
        return true;
      }
    }
    return false;
  }

  #afterSelection() {
    const field = this.field(this.current);
    return field && document.activeElement === field ? characters(field.value.slice(0, field.selectionEnd)).length : 0;
  }

  isUnsure(line, position) {
    return line.sureness(position) < this.told.unsure;
  }

  #entered(target) {
    const row = target.closest?.(".row");
    if (!row || !target.matches("textarea")) return;
    const number = Number(row.dataset.line);
    if (number === this.current) return;
    this.list.querySelector(".row-current")?.classList.remove("row-current");
    this.row(this.current)?.querySelector(".row-more")?.replaceChildren();
    this.current = number;
    row.classList.add("row-current");
    this.#picture(row);
    this.#moved(true);
  }

  /** The caret has moved: the character at it is shown on the picture, with what else it may be. */
  #moved(isNew = false) {
    const { line } = this;
    if (!line || (!isNew && document.activeElement !== this.field(this.current))) return;
    const position = this.caret;
    const place = position < characters(line.mine).length ? line.placeOf(position) : -1;
    const name = `${this.current}/${place}/${line.mine}`;
    if (!isNew && name === this.told_at) return;
    this.told_at = name;
    this.row(this.current).querySelectorAll(".cell").forEach((cell, at) => cell.classList.toggle("cell-here", at === place));
    this.#choices(line, position);
    this.shown(line, place);
  }

  #choices(line, position) {
    const more = this.row(line.number).querySelector(".row-more");
    const found = line.choices(position).slice(0, 9);
    const parts = [];
    if (this.isUnsure(line, position) && position < characters(line.mine).length) {
      const doubt = document.createElement("span");
      doubt.className = "doubt";
      doubt.textContent = this.word("unsure", { sure: line.sureness(position) });
      parts.push(doubt);
    }
    if (found.length) {
      const choices = document.createElement("span");
      choices.className = "choices-of-character";
      choices.append(...found.map((text, index) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "quiet";
        button.title = this.word("instead", { text });
        button.setAttribute("aria-keyshortcuts", `Alt+${index + 1}`);
        const key = document.createElement("kbd");
        key.textContent = index + 1;
        button.append(key, text);
        button.addEventListener("click", () => this.replace(position, text));
        return button;
      }));
      parts.push(choices);
    }
    if (this.tools) parts.push(this.tools.content.cloneNode(true));
    more.replaceChildren(...parts);
  }

  /** Take the n-th choice for the character at the caret. */
  choose(index) {
    const { line } = this;
    const text = line?.choices(this.caret)[index];
    if (text) this.replace(this.caret, text);
  }

  #written(field) {
    if (!field.matches?.("textarea")) return;
    const number = Number(field.closest(".row").dataset.line);
    if (/[\r\n]/.test(field.value)) field.value = field.value.replace(/[\r\n]+/g, "");
    this.sheet.write(number, field.value);
    this.#moved();
  }

  #oneLine(event) {
    if (event.inputType === "insertLineBreak" || event.inputType === "insertParagraph") event.preventDefault();
  }

  #pasted(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    document.execCommand("insertText", false, text.replace(/[\r\n]+/g, ""));
  }

  #mark(number) {
    const row = this.row(number);
    if (row) this.#markRow(row, this.sheet.lines[number]);
  }

  #markRow(row, line) {
    row.classList.toggle("row-changed", line.isChanged);
    row.classList.toggle("row-confirmed", line.isConfirmed);
    const field = row.querySelector("textarea");
    if (field.value !== line.mine) field.value = line.mine;
    const marks = row.querySelector(".marks");
    marks.replaceChildren(...this.#marked(line));
    row.querySelectorAll(".cell").forEach((cell, at) => {
      cell.classList.toggle("unsure", !line.isConfirmed && (line.confidences?.[at] ?? 100) < this.told.unsure);
    });
  }

  /** The words again, under the field, with a line under those that are in doubt. */
  #marked(line) {
    const parts = [];
    let plain = "";
    characters(line.mine).forEach((character, position) => {
      if (!this.isUnsure(line, position)) {
        plain += character;
        return;
      }
      const mark = document.createElement("mark");
      mark.textContent = character;
      parts.push(plain, mark);
      plain = "";
    });
    // A field is never empty and its last line never without height.
    return [...parts, `${plain}\u200b`];
  }

  #picture(row) {
    const strip = row.querySelector(".strip");
    const line = this.sheet.lines[Number(row.dataset.line)];
    if (!line?.box || strip.dataset.made) return;
    strip.dataset.made = "yes";
    const em = parseFloat(getComputedStyle(row).getPropertyValue("--pitch-px")) || 28;
    if (writtenDown(this, line)) {
      strip.append(this.strips.column(line, em));
    } else if (line.isVertical && line.boxes.length) {
      const cells = this.strips.cells(line, em);
      cells.forEach((cell, at) => cell.addEventListener("click", () => this.go(line.number, at)));
      strip.append(...cells);
    } else {
      strip.append(this.strips.whole(line, { thickness: THICKNESS, longest: strip.clientWidth || 400 }));
    }
    this.#markRow(row, line);
  }
}
