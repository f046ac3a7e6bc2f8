// What is said of it: aloud for who does not see, in a line that goes by itself, in a strip that waits for an answer.

const LINE_MS = 9000;

/** Words of the interface, with their gaps filled. */
export function wordsOf(words) {
  return (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
}

/** Say it to screen readers. */
export function say(words) {
  document.getElementById("keep-says").textContent = words;
}

/** A line below with something to take back; it goes after a while, but not from under the hand. */
export class Line {
  constructor() {
    this.element = document.getElementById("keep-line");
    this.words = this.element.querySelector("span");
    this.button = this.element.querySelector("button");
    this.button.addEventListener("click", () => {
      const act = this.act;
      this.hide();
      act?.();
    });
    this.element.addEventListener("pointerenter", () => clearTimeout(this.timer));
    this.element.addEventListener("pointerleave", () => this.#wait());
    this.button.addEventListener("focus", () => clearTimeout(this.timer));
    this.button.addEventListener("blur", () => this.#wait());
  }

  show(words, act = null) {
    this.words.textContent = words;
    this.act = act;
    this.button.hidden = !act;
    this.element.hidden = false;
    say(words);
    this.#wait();
  }

  hide() {
    clearTimeout(this.timer);
    this.element.hidden = true;
  }

  #wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), LINE_MS);
  }
}

/** A strip above the page that asks and waits: one at a time, the next when it was answered. */
export class Strip {
  #waiting = [];

  constructor() {
    this.element = document.getElementById("keep-strip");
    this.words = this.element.querySelector("p");
    this.buttons = this.element.querySelector(".keep-strip-acts");
    this.element.querySelector("[data-close]").addEventListener("click", () => this.#answer(this.shown?.otherwise));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#answer(this.shown?.otherwise);
    });
  }

  /** Ask. `acts` are [words, act]; `otherwise` is done when it is closed. Returns what takes the question back. */
  ask(words, acts, otherwise = null) {
    const asked = { words, acts, otherwise };
    this.#waiting.push(asked);
    if (!this.shown) this.#next();
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== asked);
      if (this.shown === asked) this.#answer(null);
    };
  }

  #next() {
    this.shown = this.#waiting.shift() ?? null;
    this.element.hidden = !this.shown;
    if (!this.shown) return;
    this.words.textContent = this.shown.words;
    this.buttons.replaceChildren(...this.shown.acts.map(([words, act]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = words;
      button.addEventListener("click", () => this.#answer(act));
      return button;
    }));
  }

  #answer(act) {
    const hadFocus = this.element.contains(document.activeElement);
    this.#next();
    if (hadFocus && !this.shown) document.getElementById("main").focus();
    act?.();
  }
}
