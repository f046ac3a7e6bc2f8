// The hand that selects: mouse, pen and, where the reader has said so or holds still, the finger.

const HOLD_MS = 450;
const STILL = 9; // CSS pixels a finger may move while it holds
const EDGE = 28; // CSS pixels from the edge of the stage where a selection pulls the paper along
const TWICE_MS = 400; // between two presses that are one double press
const STOP = /[\s，。；：、！？「」『』（）《》〈〉—…,.;:!?()]/u;

/** Mouse, pen and, where the reader has said so or holds still, the finger. */
export class Pen {
  constructor(room, layer, bar) {
    Object.assign(this, { room, layer, bar });
    const { stage } = room;
    const own = { capture: true };
    stage.addEventListener("pointerdown", (event) => this.#down(event), own);
    stage.addEventListener("pointermove", (event) => this.#move(event), own);
    stage.addEventListener("pointerup", (event) => this.#up(event), own);
    stage.addEventListener("pointercancel", (event) => this.#up(event), own);
    stage.addEventListener("mousedown", (event) => { if (this.drag || this.pan) event.preventDefault(); }, own);
    for (const name of ["touchstart", "touchmove", "touchend"]) {
      stage.addEventListener(name, (event) => {
        if (!this.drag) return;
        event.stopImmediatePropagation();
        if (event.cancelable) event.preventDefault();
      }, { ...own, passive: false });
    }
    stage.addEventListener("contextmenu", (event) => {
      if (event.pointerType === "touch" && (this.drag || this.layer.isSelected)) event.preventDefault();
    });
    stage.addEventListener("dragstart", (event) => event.preventDefault());
    document.addEventListener("keydown", (event) => this.#key(event), own);
    this.#offerToggle();
  }

  /** A button for fingers: with it pressed they select, without it they turn pages. */
  #offerToggle() {
    this.toggle = document.querySelector("[data-select-text]");
    if (!this.toggle) return;
    this.toggle.hidden = false;
    this.toggle.addEventListener("click", () => this.setSelecting(!this.isSelecting));
  }

  setSelecting(isSelecting) {
    this.isSelecting = isSelecting;
    this.toggle?.setAttribute("aria-pressed", String(isSelecting));
    this.room.stage.classList.toggle("stage-selecting", isSelecting);
    if (!isSelecting) document.getSelection().removeAllRanges();
  }

  #down(event) {
    if (event.target.closest(".selection-bar")) return;
    clearTimeout(this.holding);
    if (this.drag) {
      if (event.pointerId !== this.drag.pointer) this.#stop(event);
      return;
    }
    if (event.pointerType === "mouse" && event.button === 1) this.#beginPan(event);
    else if (event.pointerType === "mouse" && event.button === 2) this.#offerMenu();
    else if (event.button === 0) this.#beginAt(event);
  }

  #beginAt(event) {
    const spot = event.altKey ? null : this.layer.spot(event.clientX, event.clientY);
    if (!spot?.isOn) {
      if (this.layer.isSelected && !event.shiftKey) document.getSelection().removeAllRanges();
      return;
    }
    if (event.pointerType === "touch" && !this.isSelecting) {
      this.#hold(event, spot);
      return;
    }
    this.#take(event);
    if (event.shiftKey && this.layer.isSelected) {
      this.#extend(event);
    } else if (this.#isSecond(event)) {
      this.#selectPhrase(spot);
      this.drag = null;
      this.bar.show();
    } else {
      this.drag.from = spot;
      this.layer.select(spot, spot);
    }
  }

  /** From here on the pointer is ours. */
  #take(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    document.querySelectorAll("details.tool[open]").forEach((each) => { each.open = false; });
    this.room.stage.setPointerCapture(event.pointerId);
    this.drag = { pointer: event.pointerId, from: null };
    this.bar.hide();
  }

  #isSecond(event) {
    const before = this.before;
    this.before = { time: event.timeStamp, x: event.clientX, y: event.clientY };
    return before && event.timeStamp - before.time < TWICE_MS && Math.hypot(event.clientX - before.x, event.clientY - before.y) < 6;
  }

  /** What stands between two stops: a phrase, or a word where there are blanks. */
  #selectPhrase({ line, element, character }) {
    const { characters } = line;
    let [from, to] = [character, character + 1];
    if (!STOP.test(characters[character])) {
      while (from > 0 && !STOP.test(characters[from - 1])) from -= 1;
      while (to < characters.length && !STOP.test(characters[to])) to += 1;
    }
    this.layer.select({ line, element, gap: from }, { line, element, gap: to });
  }

  /** A finger that holds still on a character begins to select, and may go on from there. */
  #hold(event, spot) {
    if (!event.isPrimary) return;
    const { pointerId, clientX, clientY } = event;
    const began = { x: clientX, y: clientY };
    this.held = { pointerId, began };
    this.holding = setTimeout(() => {
      this.held = null;
      // The viewer lets go of the finger, too.
      event.target.dispatchEvent(new PointerEvent("pointercancel", { pointerId, pointerType: "touch", isPrimary: true, bubbles: true }));
      this.room.stage.dispatchEvent(new TouchEvent("touchcancel", { bubbles: true }));
      this.drag = { pointer: pointerId, from: spot };
      this.setSelecting(true);
      this.#selectPhrase(spot);
    }, HOLD_MS);
  }

  #move(event) {
    if (this.held && Math.hypot(event.clientX - this.held.began.x, event.clientY - this.held.began.y) > STILL) {
      clearTimeout(this.holding);
      this.held = null;
    }
    if (this.pan) this.#pan(event);
    else if (this.drag?.pointer === event.pointerId) this.#extend(event);
    else if (event.pointerType === "mouse" && !event.buttons) this.#hover(event);
  }

  #extend(event) {
    event.stopImmediatePropagation();
    this.drag.at = { clientX: event.clientX, clientY: event.clientY };
    this.#reach();
    this.#pullAlong();
  }

  #reach() {
    const spot = this.layer.spot(this.drag.at.clientX, this.drag.at.clientY);
    if (!spot) return;
    if (this.drag.from) {
      this.layer.select(this.drag.from, spot);
    } else {
      const selection = document.getSelection();
      selection.extend(spot.element.firstChild, spot.line.units[spot.gap]);
    }
  }

  /** Near the edge of the stage the paper comes along. */
  #pullAlong() {
    if (this.pulling || !this.drag) return;
    const { left, top, right, bottom } = this.room.stage.getBoundingClientRect();
    const towards = (value, low, high) => (value < low + EDGE ? -10 : value > high - EDGE ? 10 : 0);
    const step = () => {
      this.pulling = 0;
      if (!this.drag?.at) return;
      const [x, y] = [towards(this.drag.at.clientX, left, right), towards(this.drag.at.clientY, top, bottom)];
      if ((x || y) && !this.room.shown.isHome && this.room.shown.scrollBy(x, y)) {
        this.#reach();
        this.pulling = requestAnimationFrame(step);
      }
    };
    this.pulling = requestAnimationFrame(step);
  }

  #hover(event) {
    if (event.target.closest(".selection-bar")) return;
    const spot = this.layer.spot(event.clientX, event.clientY);
    const { stage } = this.room;
    stage.classList.toggle("stage-on-column", Boolean(spot?.isOn && spot.line.isVertical));
    stage.classList.toggle("stage-on-line", Boolean(spot?.isOn && !spot.line.isVertical));
  }

  #up(event) {
    clearTimeout(this.holding);
    this.held = null;
    if (this.pan) this.pan = null;
    else if (this.drag?.pointer === event.pointerId) this.#stop(event);
  }

  #stop(event) {
    event.stopImmediatePropagation();
    this.drag = null;
    this.bar.show();
  }

  /** The wheel, pressed, pulls the paper even where there is text under it. */
  #beginPan(event) {
    event.preventDefault();
    this.pan = { x: event.clientX, y: event.clientY };
    this.room.stage.setPointerCapture(event.pointerId);
  }

  #pan(event) {
    this.room.shown.scrollBy(this.pan.x - event.clientX, this.pan.y - event.clientY);
    this.pan = { x: event.clientX, y: event.clientY };
  }

  /** While the right button is down the lines take the pointer, so that the browser's menu offers to copy. */
  #offerMenu() {
    if (!this.layer.isSelected) return;
    this.layer.element.classList.add("overlays-menu");
    setTimeout(() => this.layer.element.classList.remove("overlays-menu"), 700);
  }

  #key(event) {
    if (event.key === "Escape" && this.layer.isSelected) {
      this.bar.hide();
      document.getSelection().removeAllRanges();
    }
    const isAll = event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (!isAll || event.target.closest?.("input, textarea, select, dialog") || this.room.view === "text") return;
    if (!this.layer.lines.length) return;
    event.preventDefault();
    this.layer.selectAll();
    this.bar.show();
  }
}
