// What this browser keeps: notes and places, of whoever reads here, each under the account it was made under ("" is nobody's).
//
// IndexedDB where it may be used; where it may not (some private windows), memory, for as long as the page lives.

const NAME = "wenyuan-keep";
const VERSION = 1;

/** Open the store of this browser. Never rejects. */
export async function openStore() {
  try {
    return new Store(await openDatabase());
  } catch {
    return new Store(null);
  }
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, VERSION);
    opening.onupgradeneeded = () => {
      const notes = opening.result.createObjectStore("notes", { keyPath: ["owner", "canonical"] });
      notes.createIndex("item", ["owner", "item"]);
      opening.result.createObjectStore("places", { keyPath: ["owner", "item"] });
    };
    opening.onsuccess = () => {
      const database = opening.result;
      database.onversionchange = () => database.close();
      resolve(database);
    };
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error("another page holds an older store open"));
  });
}

const answered = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const finished = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = resolve;
  transaction.onerror = transaction.onabort = () => reject(transaction.error);
});

class Store {
  #database;
  #memory = { notes: new Map(), places: new Map() };

  constructor(database) {
    this.#database = database;
  }

  /** Whether what is kept outlives the page. */
  get isLasting() {
    return Boolean(this.#database);
  }

  /** All that an account keeps, or of one item of it; what was deleted and is still to be told the server, too. */
  async notes(owner, item = null) {
    const found = await this.#all("notes", owner);
    return item === null ? found : found.filter((note) => note.item === item);
  }

  note(owner, canonical) {
    return this.#get("notes", [owner, canonical]);
  }

  putNote(note) {
    return this.#put("notes", [note.owner, note.canonical], note);
  }

  /**
   * Change a note from what it is at that moment; nothing comes between.
   *
   * @param alter is given the note, or null, and returns what it shall be; null where it shall be gone.
   * @returns what it is now.
   */
  async alterNote(owner, canonical, alter) {
    const key = [owner, canonical];
    if (this.#database && !this.#memory.notes.has(String(key))) {
      try {
        return await this.#alter("notes", key, alter);
      } catch {
        // As where it is put: the disk may be full.
      }
    }
    const now = alter(await this.note(owner, canonical));
    await (now ? this.putNote(now) : this.removeNote(owner, canonical));
    return now;
  }

  removeNote(owner, canonical) {
    return this.#delete("notes", [owner, canonical]);
  }

  /** Where an account has read to in an item, in this browser. */
  place(owner, item) {
    return this.#get("places", [owner, item]);
  }

  places(owner) {
    return this.#all("places", owner);
  }

  putPlace(place) {
    return this.#put("places", [place.owner, place.item], place);
  }

  removePlace(owner, item) {
    return this.#delete("places", [owner, item]);
  }

  /** Erase all that an account keeps here, sent or not. */
  async forget(owner) {
    for (const table of Object.values(this.#memory)) {
      for (const [key, each] of table) if (each.owner === owner) table.delete(key);
    }
    if (!this.#database) return;
    const range = IDBKeyRange.bound([owner], [owner, []]);
    await Promise.all(["notes", "places"].map((table) => this.#ask(table, "readwrite", (store) => store.delete(range))));
  }

  /** The accounts of which anything is here. */
  async owners() {
    const [notes, places] = await Promise.all([this.#all("notes"), this.#all("places")]);
    return [...new Set([...notes, ...places].map(({ owner }) => owner))];
  }

  async #get(table, key) {
    const inMemory = this.#memory[table].get(String(key));
    if (inMemory || !this.#database) return inMemory ?? null;
    return (await this.#ask(table, "readonly", (store) => store.get(key)).catch(() => null)) ?? null;
  }

  async #all(table, owner = null) {
    const inMemory = [...this.#memory[table].values()].filter((each) => owner === null || each.owner === owner);
    if (!this.#database) return inMemory;
    const range = owner === null ? null : IDBKeyRange.bound([owner], [owner, []]);
    const kept = await this.#ask(table, "readonly", (store) => store.getAll(range)).catch(() => []);
    return [...kept, ...inMemory];
  }

  /** Where the disk is full, memory will do until the page is left: reading goes on. */
  async #put(table, key, value) {
    try {
      if (!this.#database) throw new Error("no store");
      await this.#ask(table, "readwrite", (store) => store.put(value));
      this.#memory[table].delete(String(key));
    } catch {
      this.#memory[table].set(String(key), value);
    }
  }

  async #delete(table, key) {
    this.#memory[table].delete(String(key));
    if (this.#database) await this.#ask(table, "readwrite", (store) => store.delete(key)).catch(() => null);
  }

  async #alter(table, key, alter) {
    const transaction = this.#database.transaction(table, "readwrite");
    const store = transaction.objectStore(table);
    const done = finished(transaction);
    let now = null;
    const asked = store.get(key);
    asked.onsuccess = () => {
      now = alter(asked.result ?? null);
      if (now) store.put(now);
      else store.delete(key);
      transaction.commit?.();
    };
    await done;
    return now;
  }

  /** A change is committed at once: the browser throws away what waits for an answer of a page that is being left. */
  async #ask(table, mode, act) {
    const transaction = this.#database.transaction(table, mode);
    const done = mode === "readwrite" ? finished(transaction) : null;
    const asked = answered(act(transaction.objectStore(table)));
    if (done) transaction.commit?.();
    const [result] = await Promise.all([asked, done]);
    return result;
  }
}
