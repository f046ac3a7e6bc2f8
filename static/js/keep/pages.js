// The pages of the item as they lie in it: fetched when something has to be put in order or named.

export class Pages {
  #coming = null;

  /** @param address of the table of pages (`pages.json`); `word` for pages without a label; `kind` of the room. */
  constructor(address, word, kind) {
    Object.assign(this, { address, word, kind });
    this.byKey = new Map();
  }

  /** Have the table; without it pages lie as their keys do. Never rejects. */
  load() {
    this.#coming ??= this.#fetch().catch(() => { this.#coming = null; });
    return this.#coming;
  }

  async #fetch() {
    const answer = await fetch(this.address);
    if (!answer.ok) throw new Error(`${this.address}: ${answer.status}`);
    (await answer.json()).pages.forEach(([key, , , label], index) => this.byKey.set(key, { position: index + 1, label }));
  }

  /** 1-based; pages that the book no longer has come last. */
  position(key) {
    return this.byKey.get(key)?.position ?? (this.byKey.size ? this.byKey.size + key : key);
  }

  label(key, known = "") {
    const page = this.byKey.get(key);
    return page?.label || known || this.word(this.kind === "chapter" ? "chapter" : "page", { position: this.position(key) });
  }
}
