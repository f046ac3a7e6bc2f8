// Takes over the plain form for correcting a page. Where anything of this fails, the form stays as it is and works.

import { Clash, merge } from "./clash.js";
import { Drafts } from "./drafts.js";
import { install as keys } from "./keys.js";
import { Picture } from "./picture.js";
import { Rows } from "./rows.js";
import { Outcome, Saving } from "./saving.js";
import { Sheet } from "./sheet.js";
import { drawBox, placeFor, stepFor, stepped } from "./steps.js";
import { Strips } from "./strips.js";

const WAY = "wenyuan-correct-way";

class Desk {
  constructor(element) {
    this.told = JSON.parse(element.dataset.correct);
    this.maySave = element.dataset.maySave === "yes";
    this.form = document.querySelector("[data-form]");
    this.status = document.querySelector("[data-status]");
    const list = document.querySelector("[data-rows]");
    const typed = this.#typed(list); // what the server has put into fields: the words of an attempt that failed
    this.sheet = new Sheet(this.told.text);
    this.saving = new Saving(this.told, this.form.elements.form_token.value);
    this.drafts = new Drafts(this.told.user, this.told.text.item, this.told.text.page);
    const frame = document.querySelector(".correct-picture");
    this.picture = new Picture(this.told, frame);
    this.strips = new Strips(this.told, frame.querySelector("img").src);
    this.rows = new Rows(list, {
      sheet: this.sheet, strips: this.strips, told: this.told, tools: document.getElementById("row-tools"),
      shown: (line, character) => this.picture.show(line, character),
    });
    this.clash = new Clash(document.querySelector("[data-clash]"), this.rows);
    this.#listen();
    this.rows.draw();
    this.#writing();
    this.#takeUp(typed);
  }

  async open() {
    document.documentElement.dataset.correct = "open";
    document.querySelectorAll(".scripted").forEach((each) => { if (!each.matches("[data-writing], [data-discard]")) each.hidden = false; });
    await this.picture.open().catch((error) => console.error(error));
    if (this.rows.count) this.rows.go(Number(/^#line-(\d+)$/.exec(location.hash)?.[1] ?? 0));
  }

  say(key, values) {
    this.status.textContent = key ? this.rows.word(key, values) : "";
    this.status.dataset.said = key ?? "";
  }

  #typed(list) {
    const found = {};
    list.querySelectorAll("textarea").forEach((field) => { found[Number(field.name.slice(5))] = field.value; });
    return found;
  }

  #listen() {
    this.sheet.addEventListener("line", () => this.#changed());
    this.sheet.addEventListener("lines", () => this.#progress());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.save(); });
    document.querySelector("[data-discard]").addEventListener("click", () => this.discard());
    document.querySelector("[data-add]")?.addEventListener("click", () => this.add());
    this.rows.list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-step]");
      if (button) this.step(button.dataset.step);
    });
    // What was typed a moment before is kept already; this is for what is typed in the very moment.
    addEventListener("pagehide", () => this.drafts.keep(this.sheet));
    addEventListener("online", () => { if (this.status.dataset.said === "offline") this.#tellUnsaved(); });
    keys(this);
  }

  #changed() {
    this.drafts.keep(this.sheet);
    this.#tellUnsaved();
    this.#progress();
  }

  #tellUnsaved() {
    const count = Object.keys(this.sheet.changed).length;
    document.querySelector("[data-discard]").hidden = !count;
    if (count) this.say("unsaved", { count });
    else if (this.status.dataset.said === "unsaved") this.say("");
  }

  #progress() {
    const done = this.sheet.lines.filter((line) => line.isConfirmed).length;
    document.querySelector("[data-progress]").textContent = done ? this.rows.word("done", { done, count: this.rows.count }) : "";
  }

  /** Which version of the text is shown, and where it comes from. */
  #tellVersion({ version, origin }) {
    if (!version) return;
    document.querySelector("[data-version]").textContent = this.rows.word("version", { version });
    document.querySelector("[data-origin]").textContent = this.told.origins[origin] ?? "";
  }

  /** The choice of how columns are written, where there are any. */
  #writing() {
    const group = document.querySelector("[data-writing]");
    group.hidden = !this.sheet.lines.some((line) => line.isVertical);
    const choose = (way) => {
      group.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.way === way)));
      if (this.rows.way !== way) this.rows.turn(way);
    };
    group.addEventListener("click", (event) => {
      const way = event.target.closest("button")?.dataset.way;
      if (!way) return;
      try { localStorage.setItem(WAY, way); } catch { /* chosen for this page alone */ }
      choose(way);
    });
    try { choose(localStorage.getItem(WAY) === "down" ? "down" : "across"); } catch { /* as it is */ }
  }

  /** Go on with what was not saved: the words of a form that came back, else the draft of this browser. */
  #takeUp(typed) {
    const fromForm = this.sheet.lines.filter((line) => line.number in typed && typed[line.number] !== line.text);
    if (fromForm.length) {
      fromForm.forEach((line) => this.sheet.write(line.number, typed[line.number]));
      return;
    }
    const draft = this.drafts.read();
    if (!draft) return;
    const merged = merge(draft.lines, this.sheet, null);
    if (draft.base === this.sheet.etag || (merged && !merged.both.length)) {
      Object.entries(draft.lines).forEach(([number, { mine }]) => { if (this.sheet.lines[number]) this.sheet.write(Number(number), mine); });
      const count = Object.keys(this.sheet.changed).length;
      if (count) this.say("restored", { count });
      else this.drafts.forget();
    } else this.#clashing(draft.lines, merged);
  }

  /** Somebody else was faster. */
  #clashing(changes, merged) {
    if (!merged) {
      this.clash.list(changes);
      this.say("");
      return;
    }
    merged.free.forEach((number) => this.sheet.write(number, changes[number].mine));
    this.#tellUnsaved();
    if (merged.both.length) {
      this.clash.ask(changes, merged.both);
      this.say("");
    } else this.say("merged");
  }

  /** Save, or propose; whether it was taken. With a step, lines are changed after that. */
  async save(step = null) {
    if (this.isBusy) return false;
    const lines = this.maySave ? this.sheet.toSave : this.sheet.changed;
    if (!Object.keys(lines).length && !step) {
      this.say("unchanged");
      return true;
    }
    this.isBusy = true;
    this.say("saving");
    // What is typed from here on is not in the answer: the words as they are sent tell it from what is saved.
    const sent = this.sheet.lines.map((line) => line.mine);
    const note = this.form.elements.note?.value ?? "";
    const { outcome, text, why } = this.maySave
      ? await this.saving.save(this.sheet.etag, lines, step?.step)
      : await this.saving.propose(this.sheet.etag, lines, note);
    this.isBusy = false;
    switch (outcome) {
      case Outcome.SAVED: this.#saved(text, step, sent); return true;
      case Outcome.PROPOSED: this.#proposed(sent, note); return true;
      case Outcome.CHANGED: await this.#meet(); return false;
      case Outcome.REFUSED: this.say("refused", { why }); return false;
      default: this.say(outcome); this.#offerSignIn(outcome); return false;
    }
  }

  #saved(text, step, sent) {
    const number = step?.then ?? this.rows.current; // of where to go on, as the lines are then
    const before = stepped(sent, step?.step);
    const now = stepped(this.sheet.lines.map((line) => line.mine), step?.step);
    const confirmed = new Set(this.sheet.lines.filter((line) => line.isConfirmed).map((line) => line.number));
    const isSame = text.lines.length === this.sheet.lines.length;
    this.clash.clear();
    const stay = this.#staying();
    this.sheet.take(text);
    this.#tellVersion(text);
    now.forEach((words, at) => { if (words !== before[at] && this.sheet.lines[at]) this.sheet.write(at, words); });
    if (isSame) confirmed.forEach((each) => this.sheet.confirm(each));
    document.querySelector("[data-blank]")?.remove();
    if (step || !isSame) this.rows.go(number);
    else stay();
    this.drafts.keep(this.sheet);
    this.say("saved", { version: text.version });
    this.#tellUnsaved();
  }

  #proposed(sent, note) {
    this.sheet.lines.forEach((line) => { if (line.mine === sent[line.number]) line.mine = line.text; });
    this.drafts.keep(this.sheet);
    const stay = this.#staying();
    this.rows.draw();
    stay();
    if (this.form.elements.note?.value === note) this.form.elements.note.value = "";
    this.say("proposed");
    this.#tellUnsaved();
  }

  /** What puts the caret back when the rows are made anew: the next character typed must come where the last one did. */
  #staying() {
    const number = Math.max(0, this.rows.current);
    const { selectionStart, selectionEnd } = this.rows.field(number) ?? {};
    const isElsewhere = document.activeElement?.matches("#note");
    return () => {
      if (isElsewhere) return;
      this.rows.go(number);
      this.rows.field(number)?.setSelectionRange(selectionStart ?? 0, selectionEnd ?? 0);
    };
  }

  /** Fetch what the other has written, and put ours upon it. */
  async #meet() {
    let text;
    try {
      text = await this.saving.fetch();
    } catch {
      this.say("offline");
      return;
    }
    // Only now: the person may have typed on meanwhile.
    const changes = Object.fromEntries(
      this.sheet.lines.filter((line) => line.isChanged).map(({ number, text: before, mine }) => [number, { before, mine }]),
    );
    const count = this.sheet.lines.length;
    this.sheet.take(text);
    this.#tellVersion(text);
    this.#clashing(changes, merge(changes, this.sheet, count));
    this.rows.go(0);
  }

  #offerSignIn(outcome) {
    if (outcome !== Outcome.EXPIRED) return;
    const link = document.createElement("a");
    link.href = this.told.urls.sign_in;
    link.textContent = "→";
    this.status.append(" ", link);
  }

  discard() {
    this.sheet.lines.filter((line) => line.isChanged).forEach((line) => this.sheet.write(line.number, line.text));
    this.drafts.forget();
    this.clash.clear();
    this.rows.go(Math.max(0, this.rows.current));
  }

  /** A change of the lines, with what was written saved before it. */
  async step(name) {
    if (!this.maySave) return;
    const wanted = stepFor(name, this.rows);
    // Without a browser's own question nothing would be between a slip and a line that is gone.
    if (!wanted || (name === "delete" && !confirm(this.rows.word("sure_delete")))) return;
    await this.save(wanted);
  }

  async add() {
    this.say("draw");
    const box = await drawBox(this.picture);
    this.say("");
    if (!box) return;
    const { after, direction } = placeFor(box, this.sheet.lines);
    await this.save({ step: { do: "add", after, box, direction, text: "" }, then: after + 1 });
  }

  /** Leave for another page; a draft stays behind. */
  leave(address) {
    this.drafts.keep(this.sheet);
    location.assign(address);
  }
}

const element = document.getElementById("correct");
if (element) {
  const desk = new Desk(element);
  element.desk = desk; // for who looks into it from outside: the browser's own tools, the tests
  desk.open();
}
