// The keyboard. Arrows follow the paper: in a book read from right to left the left arrow turns on.

/** Whether a key is meant for something else: a field, a shortcut of the browser, an input method, an open dialog. */
function isTaken(event) {
  const field = event.target.closest?.("input:not([type=range]), textarea, select, [contenteditable], dialog");
  return event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || Boolean(field);
}

/** Keys that a focused slider, button group or list of its own uses. */
const ownKeys = (event) => event.target.closest?.("input[type=range], [data-keys=own]") && /^(Arrow|Home|End|Page)/.test(event.key);

export function install(room) {
  const scrolls = () => room.mode === "scroll";
  const step = () => 0.85 * (room.stage.clientHeight || innerHeight);

  /** Up and down move the paper where it is larger than the window. */
  const upDown = (sign) => {
    if (room.view === "text") return false;
    return room.shown.scrollBy(0, sign * 80);
  };

  const actions = {
    ArrowLeft: () => scrolls() ? room.shown.scrollBy(-120, 0) : room.turnTo("left"),
    ArrowRight: () => scrolls() ? room.shown.scrollBy(120, 0) : room.turnTo("right"),
    ArrowUp: () => upDown(-1),
    ArrowDown: () => upDown(1),
    PageDown: () => (scrolls() && !room.shown.isSideways ? room.shown.scrollBy(0, step()) : room.next() || true),
    PageUp: () => (scrolls() && !room.shown.isSideways ? room.shown.scrollBy(0, -step()) : room.previous() || true),
    " ": () => (scrolls() && !room.shown.isSideways ? room.shown.scrollBy(0, step()) : room.next() || true),
    Home: () => room.go(1, { push: true }),
    End: () => room.go(room.book.count, { push: true }),
    "+": () => room.zoomBy(1.4),
    "=": () => room.zoomBy(1.4),
    "-": () => room.zoomBy(1 / 1.4),
    0: () => room.fitTo("page"),
    1: () => room.fitTo("pixel"),
    w: () => room.fitTo("width"),
    r: () => room.rotateBy(90),
    R: () => room.rotateBy(-90),
    f: () => room.emit("fullscreen"),
    t: () => room.emit("ask-text"),
    "/": () => room.emit("ask-search"),
    g: () => room.emit("ask-jump"),
    "?": () => room.emit("ask-help"),
  };

  document.addEventListener("keydown", (event) => {
    if (isTaken(event) || ownKeys(event)) return;
    if (event.shiftKey && !["?", "+", "R", " "].includes(event.key)) return;
    if (event.key === " " && event.target.closest?.("button, a, summary, [role=button]")) return;
    if (/^(Arrow|Page|Home|End)/.test(event.key) && event.target.closest?.(".tool[open] .panel, .words")) return;
    const name = event.shiftKey && event.key === " " ? "PageUp" : event.key;
    const action = Object.hasOwn(actions, name) ? actions[name] : null;
    if (!action) return;
    if (action() !== false || /^Arrow(Left|Right)$/.test(name)) event.preventDefault();
  }, { capture: true });
}
