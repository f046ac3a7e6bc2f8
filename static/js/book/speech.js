// Reading aloud: by the voices that the book brings along (media overlays), else by the browser's (Web Speech), sentence by
// sentence, what is read being marked and turned to. Hidden where there is neither, or the browser has no voice.

import { points } from "./text.js";
import { RATES } from "./settings.js";

const LONGEST = 240; // code units that a voice is given at once: some stop in the middle of more

export function install(room) {
  const buttons = document.querySelectorAll("[data-speech]"); // in the bar, or in a panel where the bar is narrow
  const bar = document.getElementById("book-speech");
  const rate = bar.querySelector("[data-rate]");
  const { book, settings, renderer } = room;
  const voices = "SpeechSynthesisUtterance" in window ? window.speechSynthesis : null;
  let reader = null;

  const hasRecording = () => book.voices.has(renderer.seen?.position);
  const canRead = () => hasRecording() || (book.can.text && voices?.getVoices().length > 0);
  const offer = () => buttons.forEach((button) => { button.hidden = !canRead(); });
  const press = (isPressed) => buttons.forEach((button) => button.setAttribute("aria-pressed", String(isPressed)));
  renderer.onShow((seen) => {
    offer();
    if (reader && !reader.isTurning && reader.position !== seen.position) stop(); // the reader went elsewhere
  });
  voices?.addEventListener?.("voiceschanged", offer); // some browsers look for them only when they are asked
  book.known.then(() => { if (renderer.seen) offer(); }, () => {});

  function start() {
    stop();
    reader = hasRecording() ? new Recording(room, stop) : new Voice(room, stop);
    bar.hidden = false;
    press(true);
    reader.start();
    bar.querySelector("[data-pause]").focus();
  }

  function stop() {
    if (!reader) return;
    const one = reader;
    reader = null;
    one.end();
    bar.hidden = true;
    bar.querySelector("[data-pause]").setAttribute("aria-pressed", "false");
    press(false);
  }

  const toggle = () => { if (reader) stop(); else if (canRead()) start(); };
  buttons.forEach((button) => button.addEventListener("click", () => {
    button.closest("details")?.removeAttribute("open");
    toggle();
  }));
  room.on("ask-speech", toggle);
  room.on("escape", stop);
  bar.querySelector("[data-stop]").addEventListener("click", stop);
  bar.querySelector("[data-pause]").addEventListener("click", (event) => {
    const isPaused = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(isPaused));
    reader?.pause(isPaused);
  });
  const showRate = () => { rate.textContent = `${settings.rate}×`; };
  rate.addEventListener("click", () => {
    settings.set("rate", RATES[(RATES.indexOf(settings.rate) + 1) % RATES.length]);
    showRate();
    reader?.setRate();
  });
  showRate();
  window.addEventListener("pagehide", stop);
}

/** The sentences of a text: [start, end] in code points, with their words. */
export function sentences(text, lang) {
  const found = [];
  for (const line of text.lines) {
    let at = line.start;
    const parts = window.Intl?.Segmenter
      ? [...new Intl.Segmenter(lang || undefined, { granularity: "sentence" }).segment(line.text)].map(({ segment }) => segment)
      : line.text.match(/[^。！？!?.；;]+[。！？!?.；;”』」]*/g) ?? [line.text];
    for (const part of parts.flatMap((each) => (each.length > LONGEST ? each.match(new RegExp(`.{1,${LONGEST}}(?:[，,、；;：:\\s]|$)|.{1,${LONGEST}}`, "gu")) : [each]))) {
      const end = at + points(part);
      if (/[\p{L}\p{N}]/u.test(part)) found.push({ start: at, end, words: part });
      at = end;
    }
  }
  return found;
}

class Reader {
  constructor(room, onEnd) {
    Object.assign(this, { room, onEnd, isTurning: false, isOver: false });
  }

  get leaf() {
    return this.room.renderer.leaf(this.position);
  }

  /** Mark what is read, and turn to it. */
  async show(start, end) {
    const { leaf } = this;
    if (!leaf) return;
    leaf.highlight("wy-spoken", [[start, end]]);
    const box = leaf.boxOf(start);
    if (!box || leaf.layout.isSeen(box)) return;
    this.isTurning = true;
    await this.room.go({ position: this.position, start }).catch(() => {});
    this.isTurning = false;
  }

  /** On to the next chapter; false behind the last one. */
  async onward() {
    this.leaf?.highlight("wy-spoken", []);
    if (this.position >= this.room.book.count) return false;
    this.isTurning = true;
    const hasGone = await this.room.go({ position: this.position + 1 }).then(() => true, () => false);
    this.isTurning = false;
    this.position += 1;
    return hasGone;
  }
}

/** The browser's voice. */
class Voice extends Reader {
  async start(begin = null) {
    const { seen } = this.room;
    this.position = seen.position;
    const { doc, text } = this.leaf;
    this.lang = doc.body?.lang || doc.documentElement.lang || document.querySelector(".reader-title")?.lang || "";
    this.rows = sentences(text, this.lang);
    const from = begin ?? seen.start ?? 0;
    this.at = Math.max(0, this.rows.findIndex((row) => row.end > from));
    if (!this.rows.length || this.rows.at(-1).end <= from) this.at = this.rows.length;
    this.#speak();
  }

  async #speak() {
    if (this.isOver) return;
    const row = this.rows[this.at];
    if (!row) {
      if (await this.onward()) this.start(0);
      else this.onEnd();
      return;
    }
    await this.show(row.start, row.end);
    if (this.isOver) return;
    const utterance = new SpeechSynthesisUtterance(row.words);
    if (this.lang) utterance.lang = this.lang;
    utterance.rate = this.room.settings.rate;
    this.utterance = utterance;
    utterance.onend = () => {
      if (this.utterance !== utterance) return;
      this.at += 1;
      this.#speak();
    };
    utterance.onerror = (event) => { if (this.utterance === utterance && !/cancel|interrupt/.test(event.error)) this.onEnd(); };
    speechSynthesis.cancel();
    speechSynthesis.speak(utterance);
  }

  pause(isPaused) {
    if (isPaused) {
      this.utterance = null; // resume() fails in some browsers: the sentence is read again
      speechSynthesis.cancel();
    } else {
      this.#speak();
    }
  }

  setRate() {
    this.#speak();
  }

  end() {
    this.isOver = true;
    this.utterance = null;
    speechSynthesis.cancel();
    this.leaf?.highlight("wy-spoken", []);
  }
}

/** The voice that came with the book. It sounds in the frame of the chapter, whose policy lets it load sounds of the book. */
class Recording extends Reader {
  async start() {
    const { room } = this;
    this.position = room.seen.position;
    const { leaf } = this;
    const answer = await fetch(room.book.address("voice", { key: leaf.chapter.key })).catch(() => null);
    if (this.isOver) return;
    if (!answer?.ok) { this.onEnd(); return; }
    this.rows = (await answer.json()).spoken.map(([id, audio, from, to]) => ({ id, audio, from, to }));
    const starts = this.rows.map(({ id }) => { const element = leaf.target(id); return element ? leaf.text.startOf(element) : 0; });
    this.at = Math.max(0, starts.findIndex((start) => start >= (room.seen.start ?? 0)));
    const audio = leaf.doc.createElement("audio");
    this.audio = audio;
    const hear = (name, act) => audio.addEventListener(name, () => { if (this.audio === audio && !this.isOver) act(); });
    hear("timeupdate", () => this.#look());
    hear("ended", () => this.#next());
    hear("error", () => this.onEnd());
    this.#play();
  }

  async #play() {
    const row = this.rows[this.at];
    if (!row) {
      this.audio.pause();
      const hasMore = this.room.book.voices.has(this.position + 1);
      if (hasMore && await this.onward() && !this.isOver) this.start();
      else if (!this.isOver) this.onEnd();
      return;
    }
    const { leaf } = this;
    const source = this.room.book.entryAddress(leaf.chapter.key, row.audio);
    if (!this.audio.src.endsWith(source)) this.audio.src = source;
    if (Math.abs(this.audio.currentTime - row.from) > 0.35) this.audio.currentTime = row.from;
    this.audio.playbackRate = this.room.settings.rate;
    this.audio.play().catch(() => { if (!this.isOver) this.onEnd(); });
    const element = leaf.target(row.id);
    const active = this.room.book.active;
    this.spoken?.classList.remove(active || "wy-none");
    this.spoken = element;
    if (!element) return;
    if (active) element.classList.add(active);
    const range = leaf.doc.createRange();
    range.selectNodeContents(element);
    const start = leaf.text.startOf(element);
    await this.show(start, Math.max(start + 1, leaf.text.offsetOf(range.endContainer, range.endOffset)));
  }

  #look() {
    const row = this.rows[this.at];
    if (row && row.to !== null && this.audio.currentTime >= row.to - 0.03) this.#next();
  }

  #next() {
    if (this.at >= this.rows.length) return; // told twice: by the clock, and by the end of the sound
    this.at += 1;
    this.#play();
  }

  pause(isPaused) {
    if (isPaused) this.audio?.pause();
    else this.audio?.play().catch(() => {});
  }

  setRate() {
    if (this.audio) this.audio.playbackRate = this.room.settings.rate;
  }

  end() {
    this.isOver = true;
    this.audio?.pause();
    this.spoken?.classList.remove(this.room.book.active || "wy-none");
    this.leaf?.highlight("wy-spoken", []);
  }
}
