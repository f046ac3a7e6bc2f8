// What was not saved yet, kept in this browser: a lost connection, an expired session or a closed window loses nothing.

const PREFIX = "wenyuan-correct";
const KEPT_DAYS = 30;

export class Drafts {
  constructor(user, item, page) {
    this.key = `${PREFIX}/${user}/${item}/${page}`;
    this.#forgetOld();
  }

  /** The draft: `{base, lines: {number: {before, mine}}, when}`, or null. */
  read() {
    try {
      const draft = JSON.parse(localStorage.getItem(this.key));
      return draft && typeof draft.base === "string" && typeof draft.lines === "object" ? draft : null;
    } catch {
      return null;
    }
  }

  /** Keep the changed lines of a sheet; none where nothing is changed. */
  keep(sheet) {
    const lines = Object.fromEntries(
      sheet.lines.filter((line) => line.isChanged).map(({ number, text, mine }) => [number, { before: text, mine }]),
    );
    this.#put(Object.keys(lines).length ? { base: sheet.etag, lines, when: Date.now() } : null);
  }

  forget() {
    this.#put(null);
  }

  #put(draft) {
    try {
      if (draft) localStorage.setItem(this.key, JSON.stringify(draft));
      else localStorage.removeItem(this.key);
    } catch {
      // A full or closed store: the words are in the page still.
    }
  }

  #forgetOld() {
    try {
      for (const key of Object.keys(localStorage).filter((each) => each.startsWith(`${PREFIX}/`))) {
        const { when } = JSON.parse(localStorage.getItem(key)) ?? {};
        if (!(Date.now() - when < KEPT_DAYS * 86_400_000)) localStorage.removeItem(key);
      }
    } catch {
      // Nothing to be done about it, and nothing lost.
    }
  }
}
