// The book as the room needs it: what the page says of it, and, as soon as it has come, the table of its chapters.

const LEAST = 300; // characters that a chapter counts for at least: pages of pictures are read, too

export class Book {
  constructor(told) {
    Object.assign(this, told);
    this.isRightToLeft = told.direction === "rtl";
    this.spread = "auto";
    this.printed = [];
    this.voices = new Set();
    this.active = "";
    this.flow = "auto";
    this.chapters = [];
    this.here = { position: told.position, key: String(told.key), entry: told.entry, characters: 0, label: told.name };
    /** The table of chapters; the first chapter is read without waiting for it. */
    this.known = this.#load();
    this.known.catch(() => {});
  }

  async #load() {
    const answer = await fetch(this.urls.book);
    if (!answer.ok) throw new Error(`${this.urls.book}: ${answer.status}`);
    const { chapters, printed, voices, active, spread, flow } = await answer.json();
    let before = 0;
    this.chapters = chapters.map(([key, entry, characters, label], index) => {
      const weight = Math.max(LEAST, characters);
      const row = Object.freeze({ position: index + 1, key: String(key), entry, characters, label, weight, before });
      before += weight;
      return row;
    });
    this.weight = before;
    this.printed = printed.map(([label, position, fragment]) => ({ label, position, fragment }));
    this.voices = new Set(voices);
    Object.assign(this, { active, spread, flow, count: this.chapters.length });
  }

  /** Wait for the table, asking again where it did not come. */
  async table() {
    await this.known.catch(() => {
      this.known = this.#load();
      return this.known;
    });
    return this.chapters;
  }

  chapter(position) {
    return this.chapters[position - 1] ?? (position === this.here.position ? this.here : null);
  }

  byKey(key) {
    return this.chapters.find((each) => each.key === String(key)) ?? (this.here.key === String(key) ? this.here : null);
  }

  byEntry(entry) {
    return this.chapters.find((each) => each.entry === entry) ?? (this.here.entry === entry ? this.here : null);
  }

  /** How far a place is, of the whole book: 0 to 1; null while the table has not come. */
  progression(position, part) {
    const row = this.chapters[position - 1];
    return row ? (row.before + row.weight * part) / this.weight : null;
  }

  /** The place that a part of the whole book means. */
  placeOf(part) {
    const wanted = Math.min(Math.max(0, part), 1) * this.weight;
    const row = this.chapters.findLast((each) => each.before <= wanted) ?? this.chapters[0];
    const within = Math.min(1, (wanted - row.before) / row.weight);
    return { position: row.position, start: Math.min(Math.max(0, row.characters - 1), Math.floor(row.characters * within)) };
  }

  label(position) {
    return this.chapter(position)?.label ?? "";
  }

  word(key, values = {}) {
    return (this.words[key] ?? key).replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
  }

  frameTitle(chapter) {
    return this.word("frame", { title: this.title, page: chapter.label });
  }

  chapterAddress({ key, entry }) {
    return this.entryAddress(key, entry);
  }

  entryAddress(key, entry) {
    return this.urls.chapter.replace("{key}", key).replace("{entry}", entry.split("/").map(encodeURIComponent).join("/"));
  }

  address(name, values) {
    return this.urls[name].replace(/\{(\w+)\}/g, (gap, key) => encodeURIComponent(values[key] ?? ""));
  }
}
