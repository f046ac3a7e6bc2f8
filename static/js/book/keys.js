// The keyboard, heard in the page and in every chapter. Arrows follow the paper: where pages turn from right to left, the
// left arrow turns on.

/** Whether a key is meant for something else: a field, a shortcut of the browser, an input method, an open dialog. */
function isTaken(event) {
  const field = event.target.closest?.("input:not([type=range]), textarea, select, [contenteditable], dialog, audio, video");
  return event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || Boolean(field);
}

/** Keys that a focused slider, button group or wide table uses itself. */
const ownKeys = (event) => event.target.closest?.("input[type=range], [data-keys=own], .wy-wide") && /^(Arrow|Home|End|Page)/.test(event.key);

/** Keys that write a character may be turned off (static/js/page/single-keys.js, which does not hear of those in a chapter). */
function isTurnedOff(event) {
  const isWriting = [...event.key].length === 1 && event.key !== " " && !event.ctrlKey && !event.altKey && !event.metaKey;
  return isWriting && document.querySelector("input[data-single-keys]")?.checked === false;
}

export function install(room) {
  const { renderer, settings } = room;
  const roll = () => settings.isRoll && !renderer.current?.layout.isFixed;
  const isSideways = () => renderer.current?.layout.isVertical;

  /** Along a roll by a little; over its end to the next chapter. */
  const nudge = (steps) => {
    const leaf = renderer.current;
    if (!leaf) return false;
    if (leaf.layout.isAtEnd(steps)) return steps > 0 ? room.next() : room.previous();
    leaf.layout.nudge(steps * 90);
    return true;
  };
  const side = (name) => (roll() && isSideways() ? nudge((name === "left") === room.book.isRightToLeft ? 1 : -1) : room.turnTo(name));

  const actions = {
    ArrowLeft: () => side("left"),
    ArrowRight: () => side("right"),
    ArrowUp: () => (roll() ? nudge(-1) : false),
    ArrowDown: () => (roll() ? nudge(1) : false),
    PageDown: () => room.next(),
    PageUp: () => room.previous(),
    " ": () => room.next(),
    Home: () => room.go({ position: 1 }, { push: true }),
    End: () => room.go({ position: room.book.count, atEnd: true }, { push: true }),
    "+": () => settings.resize(1),
    "=": () => settings.resize(1),
    "-": () => settings.resize(-1),
    "/": () => room.emit("ask-search"),
    n: () => room.emit("ask-hit", 1),
    N: () => room.emit("ask-hit", -1),
    g: () => room.emit("ask-jump"),
    f: () => room.emit("fullscreen"),
    s: () => room.emit("ask-speech"),
    "?": () => room.emit("ask-help"),
    Escape: () => room.emit("escape"),
  };

  function hear(event) {
    if (isTaken(event) || ownKeys(event)) return;
    if (event.shiftKey && !["?", "+", "N", " "].includes(event.key)) return;
    if (event.key === " " && event.target.closest?.("button, a, summary, [role=button]")) return;
    if (/^(Arrow|Page|Home|End)/.test(event.key) && event.target.closest?.(".tool[open] .panel")) return;
    const name = event.shiftKey && event.key === " " ? "PageUp" : event.key;
    const action = Object.hasOwn(actions, name) ? actions[name] : null;
    if (!action) return;
    if (action() !== false || /^(Arrow|Page| $)/.test(name)) event.preventDefault();
  }
  document.addEventListener("keydown", hear, { capture: true });
  renderer.onLeaf((leaf) => {
    leaf.win.addEventListener("keydown", (event) => { if (isTurnedOff(event)) event.stopImmediatePropagation(); }, { capture: true });
    leaf.doc.addEventListener("keydown", hear, { capture: true });
  });
}
