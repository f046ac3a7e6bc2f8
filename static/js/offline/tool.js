// "留在本机": chooses what is to be kept, tells its size before, shows how far it is, stops, goes on, takes away.

import { ask, keep, kept, paused, room, Refusal } from "./keeper.js";
import { watch } from "./here.js";
import { clauses, day, extent, sentences, size, speaker } from "./wording.js";

const { remove, listen, tell } = globalThis.keptRecords;
const PAUSE_MS = 250; // after the last key
const SMALL = matchMedia("(max-width: 52rem)");

class Tool {
  constructor(element) {
    Object.assign(this, { element, item: element.dataset.item, count: Number(element.dataset.count), say: speaker(element) });
    this.isScan = element.dataset.scan === "yes";
    this.part = (name) => element.querySelector(`[data-offline-${name}]`);
    this.act = (name) => element.querySelector(`[data-offline-act="${name}"]`);
    const width = element.querySelector(`[name="offline-width"][value="${SMALL.matches ? 1024 : 1600}"]`);
    if (width) width.checked = true;
    element.addEventListener("input", (event) => this.#chosen(event));
    this.act("keep").addEventListener("click", () => this.#keep());
    this.act("stop").addEventListener("click", () => this.coming?.abort());
    this.act("remove").addEventListener("click", () => this.#remove());
    element.closest("details")?.addEventListener("toggle", (event) => { if (event.target.open) this.#open(); });
    listen(() => this.#show());
  }

  /** The pages that are chosen, as the library is asked for them. */
  get pages() {
    const value = (name) => Number(this.element.querySelector(`[name="offline-${name}"]`)?.value);
    const what = this.element.querySelector("[name=offline-what]:checked")?.value ?? "all";
    if (!this.isScan || what === "all") return "";
    if (what === "here") return String(this.#here());
    const [from, to] = [value("from"), value("to")].map((each) => Math.min(Math.max(1, each || 1), this.count));
    return `${Math.min(from, to)}-${Math.max(from, to)}`;
  }

  get width() {
    return Number(this.element.querySelector("[name=offline-width]:checked")?.value ?? 0);
  }

  /** The page at which the room is open now: its address follows it. */
  #here() {
    return Number(/^\/read\/[^/]+\/(\d+)$/.exec(location.pathname)?.[1] ?? this.element.dataset.position);
  }

  #chosen({ target }) {
    if (target.type === "number") this.element.querySelector("[name=offline-what][value=some]").checked = true;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#measure(), PAUSE_MS);
  }

  #open() {
    const from = this.element.querySelector("[name=offline-from]");
    const to = this.element.querySelector("[name=offline-to]");
    if (from && this.#here() !== this.openedAt) {
      this.openedAt = this.#here();
      from.value = this.openedAt;
      to.value = Math.min(this.count, this.openedAt + 19);
    }
    this.#show();
    this.#measure();
  }

  /** How much it will be, and how much there is room for. */
  async #measure() {
    const turn = this.measuring = {};
    const line = this.part("size");
    line.textContent = this.say("asking");
    let words;
    try {
      const said = await ask(this.item, { pages: this.pages, width: this.width });
      const left = await room();
      words = this.say("about", { size: size(said.size_bytes) });
      if (left !== null) words = clauses(words, this.say("left", { size: size(left) }));
    } catch (error) {
      words = this.#reason(error);
    }
    if (turn === this.measuring) line.textContent = words;
  }

  #reason(error) {
    if (!(error instanceof Refusal)) console.error(error);
    if (error.reason === "denied" && error.words) return error.words;
    return this.say(["away", "full", "denied"].includes(error.reason) ? error.reason : "failed");
  }

  async #keep() {
    this.coming = new AbortController();
    const { signal } = this.coming;
    this.#busy(true);
    await paused(this.item, false);
    try {
      await keep(this.item, { pages: this.pages, width: this.width, signal, onProgress: (far) => this.#progress(far) });
      this.trouble = "";
    } catch (error) {
      this.trouble = error.reason === "stopped" ? "" : this.#reason(error);
      await paused(this.item, error.reason === "stopped");
    } finally {
      this.coming = null;
      this.#busy(false);
      await this.#show();
      this.element.dispatchEvent(new CustomEvent("kept", { bubbles: true }));
    }
  }

  async #remove() {
    this.coming?.abort();
    await remove(this.item);
    tell();
    this.trouble = "";
    await this.#show();
    this.#measure();
  }

  #busy(is) {
    this.act("keep").hidden = is;
    this.act("stop").hidden = !is;
    this.part("progress").hidden = !is;
    this.element.querySelectorAll("fieldset").forEach((each) => { each.disabled = is; });
    if (is) this.#progress({ done: 0, total: 0 });
  }

  #progress({ done, total }) {
    this.far = { done, total };
    const bar = this.part("progress");
    if (total) Object.assign(bar, { max: total, value: done });
    else bar.removeAttribute("value");
    if (total) this.part("state").textContent = this.say("keeping", { done: size(done), total: size(total) });
  }

  /** What is kept, and until when. */
  async #show() {
    if (this.coming) return;
    const record = await kept(this.item);
    const state = record?.state;
    this.act("remove").hidden = !record || state === "ended" || state === "gone";
    const name = state === "keeping" ? "resume" : state === "kept" && this.isScan ? "more" : "keep";
    this.act("keep").textContent = this.say(name);
    this.act("keep").hidden = state === "kept" && (!this.isScan || record.places.length === record.count);
    this.plain ??= this.part("state").textContent;
    this.part("state").textContent = this.trouble || this.#standing(record);
    this.element.dataset.state = state ?? "";
  }

  #standing(record) {
    if (!record) return this.plain;
    if (record.state === "ended") return this.say("ended", { date: day(record.until) });
    if (record.state === "gone") return this.say("gone");
    if (record.state === "keeping") return this.far?.total ? this.say("paused", { done: size(this.far.done), total: size(this.far.total) }) : this.say("unfinished");
    const end = record.until === null ? this.say("no_end") : this.say("until", { date: day(record.until) });
    return sentences(this.say("kept", { what: extent(record, this.say), size: size(record.bytes) }), end);
  }
}

const isAble = "serviceWorker" in navigator && isSecureContext;

document.querySelectorAll("[data-offline]").forEach((element) => {
  if (!isAble) {
    element.closest("details").remove(); // without encryption browsers keep nothing for a site
    return;
  }
  const { say } = new Tool(element);
  const note = document.querySelector("[data-offline-note]");
  if (note) watch(note, say);
});
