// Turning pages by keyboard and by swipe. Everything it does is a link on the page already.

const desk = document.querySelector(".desk");
const toNext = document.querySelector('.turn a[rel="next"]');
const toPrevious = document.querySelector('.turn a[rel="prev"]');
const nextIsLeft = desk?.dataset.way === "rtl";

/** Follow the link that lies on this side of the page; false where there is none. */
export function turn(side) {
  const link = (side === "left") === nextIsLeft ? toNext : toPrevious;
  const leads = Boolean(link?.href) && desk.dataset.room !== "open"; // an open reading room turns its pages itself
  if (leads) location.assign(link.href);
  return leads;
}

/** Whether the key was meant for something else: a field, a shortcut of the browser, an input method. */
function isTaken(event) {
  const field = event.target.closest?.("input, textarea, select, [contenteditable]");
  return event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || Boolean(field);
}

/** Listen for arrow keys in a document; `mayTurn(side)` says whether the document itself has nothing left to scroll there. */
export function listen(target, mayTurn = () => true) {
  target.addEventListener("keydown", (event) => {
    const side = { ArrowLeft: "left", ArrowRight: "right" }[event.key];
    if (!side || isTaken(event) || !mayTurn(side)) return;
    if (turn(side)) event.preventDefault();
  });
}

/** A finger that moves mostly sideways turns the page, like paper: pulled to the right it brings what lies on the left. */
function listenToSwipes(target) {
  let start = null;
  target.addEventListener("touchstart", (event) => {
    start = event.touches.length === 1 ? { x: event.touches[0].clientX, y: event.touches[0].clientY } : null;
  }, { passive: true });
  target.addEventListener("touchend", (event) => {
    const zoomed = (window.visualViewport?.scale ?? 1) > 1.05;
    if (!start || zoomed || event.changedTouches.length !== 1) return;
    const across = event.changedTouches[0].clientX - start.x;
    const down = event.changedTouches[0].clientY - start.y;
    if (Math.abs(across) > 60 && Math.abs(across) > 2 * Math.abs(down)) turn(across > 0 ? "left" : "right");
  }, { passive: true });
}

listen(document);
const leaf = document.querySelector(".fit-page .leaf");
if (leaf) listenToSwipes(leaf);
