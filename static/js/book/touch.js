// Fingers and the wheel. A finger that moves sideways turns the page as paper turns: pulled to the right it brings what lies
// on the left. A tap at the side of the page turns, too; the wheel turns on where it turns down.

const PULL = 42; // CSS pixels
const TAP_MS = 350;
const SIDE = 0.24; // of the page's width
const WHEEL_STEP = 60;
const WHEEL_REST_MS = 220;

export function install(room) {
  const { renderer, settings } = room;
  const isRoll = () => settings.isRoll && !renderer.current?.layout.isFixed;

  function fingers(target, within) {
    let start = null;
    target.addEventListener("touchstart", (event) => {
      const [touch] = event.touches;
      start = event.touches.length === 1 ? { x: touch.screenX, y: touch.screenY, at: touch.clientX, time: event.timeStamp } : null;
    }, { passive: true });
    target.addEventListener("touchend", (event) => {
      const begun = start;
      start = null;
      if (!begun || event.touches.length || (window.visualViewport?.scale ?? 1) > 1.05) return;
      if (event.target.closest?.(".wy-wide, audio, video, input")) return;
      const selection = (event.view ?? within() ?? window).getSelection?.();
      if (selection && !selection.isCollapsed) return;
      const [touch] = event.changedTouches;
      const [across, down] = [touch.screenX - begun.x, touch.screenY - begun.y];
      if (Math.abs(across) > PULL && Math.abs(across) > 1.6 * Math.abs(down)) {
        if (isRoll() && renderer.current.layout.isVertical) return;
        room.turnTo(across > 0 ? "left" : "right");
      } else if (Math.hypot(across, down) < 10 && event.timeStamp - begun.time < TAP_MS && !isRoll()) {
        tapped(event, touch, within());
      }
    }, { passive: true });
  }

  function tapped(event, touch, win) {
    if (event.target.closest?.("a, button, [role=button], summary, img, svg image, audio, video") || room.isMarkAt?.(event)) return;
    const width = win?.innerWidth ?? innerWidth;
    if (touch.clientX < SIDE * width) room.turnTo("left");
    else if (touch.clientX > (1 - SIDE) * width) room.turnTo("right");
  }

  let gone = 0;
  let last = 0;
  function wheel(event) {
    if (event.ctrlKey || event.metaKey) return;
    const layout = renderer.current?.layout;
    if (!layout) return;
    if (event.target.closest?.(".wy-wide")) return;
    const isAcross = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (isRoll()) {
      if (layout.isVertical && !isAcross) { // a wheel that turns down moves a vertical book on, which is to the left
        event.preventDefault();
        if (!layout.isAtEnd(Math.sign(event.deltaY))) layout.nudge(event.deltaY);
      }
      const steps = isAcross ? (event.deltaX > 0) === !room.book.isRightToLeft : event.deltaY > 0;
      if (!layout.isAtEnd(steps ? 1 : -1)) { gone = 0; return; }
    }
    event.preventDefault();
    if (event.timeStamp - last > WHEEL_REST_MS) gone = 0;
    if (event.timeStamp - last < 90 && Math.abs(gone) > 1e6) { last = event.timeStamp; return; } // the same push, rolling out
    last = event.timeStamp;
    if (Math.abs(gone) > 1e6) gone = 0;
    const way = isAcross && room.book.isRightToLeft ? -event.deltaX : isAcross ? event.deltaX : event.deltaY;
    gone += way * (event.deltaMode === 1 ? 30 : 1);
    if (Math.abs(gone) < WHEEL_STEP) return;
    if (gone > 0) room.next();
    else room.previous();
    gone = 1e7;
  }

  fingers(room.stage, () => null);
  room.stage.addEventListener("wheel", wheel, { passive: false });
  renderer.onLeaf((leaf) => {
    fingers(leaf.doc, () => leaf.win);
    leaf.doc.addEventListener("wheel", wheel, { passive: false });
  });
}
