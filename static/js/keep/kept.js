// All that is kept of one item: the list that the room's marks, the drawer and the palette share.

import { uuid } from "./identity.js";

export class Kept {
  /**
   * @param store where it is kept.
   * @param owner the account; "" for who has not signed in.
   * @param book what is read: `item`, `title`, `cover`.
   * @param sync who tells the server; null for who has not signed in.
   */
  constructor({ store, owner, book, sync }) {
    Object.assign(this, { store, owner, book, sync });
    this.notes = new Map();
    this.listeners = [];
    this.changes = 0;
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel("wenyuan-keep") : null;
    this.channel?.addEventListener("message", ({ data }) => { if (data === book.item) this.load(); });
  }

  /** Be told whenever anything has changed. */
  onChange(listener) {
    this.listeners.push(listener);
  }

  #changed() {
    this.listeners.forEach((listener) => listener());
  }

  /** Other windows read it anew. */
  #tellWindows() {
    this.channel?.postMessage(this.book.item);
  }

  /** Read all of it anew from the store; what is changed here meanwhile is not in what was read, and would be forgotten. */
  async load() {
    let [notes, seen] = [[], null];
    while (seen !== this.changes) {
      seen = this.changes;
      notes = await this.store.notes(this.owner, this.book.item);
    }
    this.notes = new Map(notes.filter((note) => note.pending !== "delete").map((note) => [note.canonical, note]));
    this.#changed();
  }

  get all() {
    return [...this.notes.values()];
  }

  get(canonical) {
    return this.notes.get(canonical) ?? null;
  }

  onPage(page) {
    return this.all.filter((note) => note.page === page);
  }

  /** Keep something new. `told` has what a note has (annotation.js). */
  async add(told) {
    const now = new Date().toISOString();
    const { item, title, cover } = this.book;
    const note = {
      owner: this.owner, canonical: `urn:uuid:${uuid()}`, item, title, cover,
      start: null, end: null, exact: "", prefix: "", suffix: "", box: null, colour: "yellow", text: "", group: null,
      created: now, anchored: "here", isOthers: false, author: "", url: null, etag: null, seen: null, base: "",
      ...told,
    };
    await this.#put(note, "create");
    return note;
  }

  async change(canonical, changes) {
    const note = this.get(canonical);
    if (!note || note.isOthers) return null;
    const changed = { ...note, ...changes };
    await this.#put(changed, note.pending === "create" || !note.url ? "create" : "change");
    return changed;
  }

  async #put(note, pending) {
    const kept = this.#stamped(note, pending);
    this.changes += 1;
    this.notes.set(kept.canonical, kept);
    this.#changed();
    await this.store.putNote(kept);
    this.sync?.soon();
    this.#tellWindows();
  }

  /** Whose change is it, when, and is the server to be told? Nobody's is told nobody. */
  #stamped(note, pending) {
    return { ...note, modified: new Date().toISOString(), stamp: uuid(), pending: this.sync ? pending : null, refused: null };
  }

  /** Delete; returns what `restore` takes to undo it. */
  async remove(canonical) {
    const note = this.get(canonical);
    if (!note || note.isOthers) return null;
    this.changes += 1;
    this.notes.delete(canonical);
    this.#changed();
    // Also where the server has not answered yet: the note may be on its way there.
    if (this.sync) {
      await this.store.putNote({ ...this.#stamped(note, "delete"), deleted: Date.now() });
      this.sync.soon();
    } else {
      await this.store.removeNote(this.owner, canonical);
    }
    this.#tellWindows();
    return note;
  }

  async restore(note) {
    await this.#put(note, note.url ? "change" : "create");
  }
}
