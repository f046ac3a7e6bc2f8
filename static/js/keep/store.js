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

  async #ask(table, mode, act) {
    const transaction = this.#database.transaction(table, mode);
    const result = await answered(act(transaction.objectStore(table)));
    if (mode === "readwrite") {
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    }
    return result;
  }
}
