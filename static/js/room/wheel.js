// The wheel. In a book it turns pages when nothing is enlarged and moves the paper when something is; with Ctrl, and
// with two fingers drawn apart on a touchpad (which browsers tell the same way), it zooms at the pointer. On maps and
// photographs, which are looked at and not paged through, it zooms.

const TURN_AT = 60; // CSS pixels of one movement that turn a page
const PAUSE_MS = 180; // of stillness that end a movement: what a touchpad sends on after a turn turns no further page
const LINE = 32;

export function install(room) {
  const zoomsAlways = ["map", "photograph"].includes(room.book.kind);
  let turned = false;
  let sum = 0;
  let ending = 0;

  /** A movement ends when nothing comes for a while. */
  function follow() {
    clearTimeout(ending);
    ending = setTimeout(() => { sum = 0; turned = false; }, PAUSE_MS);
  }

  function turnBy(along) {
    sum += along;
    if (turned || Math.abs(sum) < TURN_AT) return;
    turned = true;
    if (sum > 0) room.next();
    else room.previous();
  }

  room.stage.addEventListener("wheel", (event) => {
    if (event.target.closest?.("[data-wheel=own]")) return;
    const unit = [1, LINE, innerHeight][event.deltaMode];
    const [across, down] = [event.deltaX * unit, event.deltaY * unit];
    const zooms = event.ctrlKey || event.metaKey || (zoomsAlways && room.mode !== "scroll");
    const isPlain = room.mode === "scroll" && !zooms && !(room.shown.isSideways && Math.abs(down) > Math.abs(across));
    if (isPlain) return;
    event.preventDefault();
    event.stopPropagation();
    follow();
    if (zooms) {
      const box = room.stage.getBoundingClientRect();
      const factor = Math.exp(-Math.max(-120, Math.min(120, down)) * (event.ctrlKey && Math.abs(down) < 30 ? 0.01 : 0.0025));
      room.zoomAt(factor, { x: event.clientX - box.left, y: event.clientY - box.top });
    } else if (room.mode === "scroll") {
      room.shown.scrollBy(room.book.isRightToLeft ? -down : down, 0);
    } else if (room.shown.isHome) {
      // Sideways, too, the paper goes with the fingers: pulled to the right it brings what lies on the left.
      const sideways = room.book.isRightToLeft ? -across : across;
      turnBy(Math.abs(across) > Math.abs(down) ? sideways : down);
    } else {
      const moved = room.shown.scrollBy(event.shiftKey ? down : across, event.shiftKey ? 0 : down);
      if (moved) turned = true;
      else if (room.fit === "width") turnBy(down);
    }
  }, { passive: false, capture: true });
}
