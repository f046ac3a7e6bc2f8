// Names offered while one types: a combobox with a list (WAI-ARIA 1.2, list autocomplete with manual selection).
// Without this script the field is a plain search field.

const WAIT_MS = 120;

class Suggestions {
  constructor(input) {
    this.input = input;
    this.form = input.form;
    this.list = document.createElement("ul");
    this.list.id = `${input.id}-options`;
    this.list.className = "options";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
    this.list.hidden = true;
    this.form.classList.add("with-options");
    this.form.append(this.list);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
    })) input.setAttribute(name, value);
    this.chosen = -1;
    this.told = [];
    this.known = new Map();
    // While an input method composes, the letters are not yet what is meant, but pinyin letters are useful already.
    input.addEventListener("input", () => this.soon());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    const typed = this.input.value.trim();
    if (!typed) return this.close();
    if (!this.known.has(typed)) {
      this.asking?.abort();
      this.asking = new AbortController();
      try {
        const answer = await fetch(`${this.input.dataset.suggest}?q=${encodeURIComponent(typed)}`, {
          signal: this.asking.signal, headers: { Accept: "application/json" },
        });
        if (!answer.ok) return this.close();
        this.known.set(typed, (await answer.json()).suggestions);
      } catch {
        return undefined; // typed on meanwhile, or the network is away: the field searches as ever
      }
    }
    if (this.input.value.trim() === typed && document.activeElement === this.input) this.show(this.known.get(typed));
    return undefined;
  }

  show(told) {
    this.told = told;
    this.choose(-1);
    this.list.replaceChildren(...told.map((one, place) => {
      const row = document.createElement("li");
      row.id = `${this.list.id}-${place}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      for (const text of [one.text, one.kind, String(one.count)]) {
        row.append(Object.assign(document.createElement("span"), { textContent: text }));
      }
      return row;
    }));
    this.list.hidden = told.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.choose(-1);
  }

  choose(place) {
    this.list.children[this.chosen]?.setAttribute("aria-selected", "false");
    this.chosen = place;
    const row = this.list.children[place];
    row?.setAttribute("aria-selected", "true");
    if (row) this.input.setAttribute("aria-activedescendant", row.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  take(row) {
    const one = this.told[[...this.list.children].indexOf(row)];
    if (one) window.location.assign(one.address);
  }

  key(event) {
    if (event.isComposing) return;
    const count = this.told.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.list.hidden) {
        this.ask();
      } else {
        // From the last back to what was typed, and round again.
        const step = event.key === "ArrowDown" ? 1 : -1;
        this.choose(((this.chosen + 1 + step + count + 1) % (count + 1)) - 1);
      }
      event.preventDefault();
    } else if (event.key === "Escape" && !this.list.hidden) {
      this.close();
      event.preventDefault();
    } else if (event.key === "Enter" && !this.list.hidden && this.chosen >= 0) {
      this.take(this.list.children[this.chosen]);
      event.preventDefault();
    }
  }
}

for (const input of document.querySelectorAll("input[data-suggest]")) new Suggestions(input);
