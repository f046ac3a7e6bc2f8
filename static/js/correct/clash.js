// Two people have changed the same page: what can be put together is, and of lines that both have changed both texts are shown.

/**
 * Put changes upon another text.
 *
 * @param changes by number of the line: `{before, mine}`.
 * @param sheet the library's text now.
 * @returns numbers of lines that only the person changed, and of those that both did; null where lines came or went.
 */
export function merge(changes, sheet, countBefore) {
  if (countBefore !== null && sheet.lines.length !== countBefore) return null;
  const [free, both] = [[], []];
  for (const [number, { before, mine }] of Object.entries(changes)) {
    const line = sheet.lines[number];
    if (!line) return null;
    if (line.text === mine) continue;
    (line.text === before ? free : both).push(Number(number));
  }
  return { free, both };
}

/** A panel with both texts of some lines; the person chooses. */
export class Clash {
  constructor(panel, rows) {
    Object.assign(this, { panel, rows });
  }

  clear() {
    this.panel.replaceChildren();
    this.panel.hidden = true;
  }

  /** Show lines that both have changed. `changes` as for `merge`. */
  ask(changes, both) {
    const { rows } = this;
    this.#say(rows.word("changed"));
    both.forEach((number) => {
      const { mine } = changes[number];
      const line = rows.sheet.lines[number];
      const choice = document.createElement("div");
      choice.className = "clash-line";
      const name = document.createElement("p");
      name.textContent = rows.word("line", { number: number + 1 });
      choice.append(
        name,
        this.#text("their_text", line.text, "theirs", () => { rows.sheet.write(number, line.text); choice.remove(); this.#done(); }),
        this.#text("my_text", mine, "mine", () => { rows.sheet.write(number, mine); choice.remove(); this.#done(); }),
      );
      this.panel.append(choice);
    });
    this.panel.hidden = false;
    this.panel.scrollIntoView({ block: "nearest" });
    this.panel.querySelector("button")?.focus();
  }

  /** Lines have come or gone: the person's words are shown to be copied. */
  list(changes) {
    this.#say(this.rows.word("lines_changed"));
    Object.entries(changes).forEach(([number, { mine }]) => {
      const choice = document.createElement("div");
      choice.className = "clash-line";
      const name = document.createElement("p");
      name.textContent = this.rows.word("line", { number: Number(number) + 1 });
      const words = document.createElement("p");
      words.className = "clash-words";
      words.textContent = mine;
      choice.append(name, words);
      this.panel.append(choice);
    });
    this.panel.hidden = false;
  }

  #say(words) {
    const said = document.createElement("p");
    said.setAttribute("role", "alert");
    said.textContent = words;
    this.panel.replaceChildren(said);
  }

  #text(label, words, verb, chosen) {
    const row = document.createElement("div");
    row.className = "clash-text";
    const name = document.createElement("span");
    name.className = "clash-name";
    name.textContent = this.rows.word(label);
    const text = document.createElement("span");
    text.className = "clash-words";
    text.lang = this.rows.list.lang;
    text.textContent = words || this.rows.word("empty");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = this.rows.word(verb);
    button.addEventListener("click", chosen);
    row.append(name, text, button);
    return row;
  }

  #done() {
    if (this.panel.querySelector(".clash-line")) this.panel.querySelector("button")?.focus();
    else this.clear();
  }
}
