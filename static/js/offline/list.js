// The list of what is kept on this device: read on, go on with what was broken off, take away.

import { keep, paused, room } from "./keeper.js";
import { clauses, day, extent, size, speaker } from "./wording.js";

const { NOBODY, all, meta, listen, remove, tell } = globalThis.keptRecords;

class List {
  constructor(element) {
    Object.assign(this, { element, say: speaker(element), busy: new Map() });
    this.list = element.querySelector(".kept-list");
    listen(() => this.show());
    this.show();
  }

  async show() {
    const [everything, who] = [await all(), await meta("who")];
    const records = everything.filter(({ person }) => person === NOBODY || person === who);
    records.sort((a, b) => (b.keptAt ?? b.askedAt ?? 0) - (a.keptAt ?? a.askedAt ?? 0));
    // What has not changed is left alone: somebody may just be pressing it.
    const told = JSON.stringify(records.map(({ item, state, until, bytes, pages }) => [item, state, until, bytes, pages, this.busy.get(item)]));
    if (told === this.told) return;
    this.told = told;
    this.list.replaceChildren(...records.map((record) => this.#row(record)));
    this.list.hidden = !records.length;
    this.element.querySelector(".kept-none").hidden = records.length > 0;
    await this.#room(records);
  }

  async #room(records) {
    const line = this.element.querySelector(".kept-room");
    const [used, left] = [records.reduce((sum, { bytes = 0 }) => sum + bytes, 0), await room()];
    line.hidden = !used;
    line.textContent = clauses(this.say("used", { size: size(used) }), left === null ? "" : this.say("left", { size: size(left) }));
  }

  #row(record) {
    const { item, title, state } = record;
    const row = document.createElement("li");
    row.className = "kept-row";
    row.dataset.item = item;
    row.dataset.state = state;
    const isHere = state === "kept" || state === "keeping";
    const name = document.createElement("a");
    name.className = "kept-title";
    name.href = isHere ? `/read/${item}/${this.#opensAt(record)}` : `/items/${item}`;
    name.textContent = title;
    const facts = document.createElement("p");
    facts.className = "note";
    facts.textContent = this.#facts(record);
    const acts = document.createElement("p");
    acts.className = "kept-acts";
    if (state === "keeping") acts.append(this.#button("resume", title, () => this.#resume(record)));
    acts.append(this.#button(isHere ? "remove" : "dismiss", title, () => this.#remove(item)));
    row.append(name, facts, acts);
    return row;
  }

  /** Where reading was, if that place is kept; else where the copy begins. */
  #opensAt({ places }) {
    return places[0][0];
  }

  #facts(record) {
    const { state, until } = record;
    if (state === "ended") return this.say("ended", { date: day(until) });
    if (state === "gone") return this.say("gone");
    if (state === "keeping") return this.busy.get(record.item) ?? this.say("unfinished");
    const parts = [extent(record, this.say), size(record.bytes)];
    return `${parts.join(" · ")} · ${until === null ? this.say("no_end") : this.say("until", { date: day(until) })}`;
  }

  #button(name, title, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = this.say(name);
    button.setAttribute("aria-label", `${this.say(name)} · ${title}`);
    button.addEventListener("click", act);
    return button;
  }

  async #resume(record) {
    const note = this.list.querySelector(`[data-item="${record.item}"] .note`);
    const onProgress = ({ done, total }) => {
      this.busy.set(record.item, this.say("keeping", { done: size(done), total: size(total) }));
      if (note) note.textContent = this.busy.get(record.item);
    };
    await paused(record.item, false);
    try {
      await keep(record.item, { pages: record.pages, width: record.width, onProgress });
      this.busy.delete(record.item);
    } catch (error) {
      this.busy.set(record.item, error.words || this.say(error.reason in { away: 1, full: 1, denied: 1 } ? error.reason : "failed"));
    }
    await this.show();
  }

  async #remove(item) {
    await remove(item);
    tell();
    await this.show();
  }
}

document.querySelectorAll("[data-kept-list]").forEach((element) => new List(element));
