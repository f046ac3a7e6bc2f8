// Keys for what is kept, and who may have them.

/** Whether a key is meant for something else: a field, a shortcut of the browser, an input method, an open dialog. */
export function isTaken(event) {
  const field = event.target.closest?.("input:not([type=range]), textarea, select, [contenteditable], dialog");
  return event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || Boolean(field);
}

/** Listen for keys here and in the frames of the room, which have documents of our own origin and keys of their own. */
export function listenToKeys(desk, actions) {
  const onKey = (event) => {
    const action = !isTaken(event) && Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  };
  document.addEventListener("keydown", onKey);
  const heard = new WeakSet();
  const hear = (frame) => {
    const inner = frame.contentDocument;
    if (!inner || heard.has(inner)) return;
    heard.add(inner);
    inner.addEventListener("keydown", onKey);
  };
  const room = document.getElementById("main");
  const look = () => room.querySelectorAll("iframe").forEach(hear);
  room.addEventListener("load", ({ target }) => { if (target.tagName === "IFRAME") hear(target); }, { capture: true });
  desk.onPages(look);
  look();
}
