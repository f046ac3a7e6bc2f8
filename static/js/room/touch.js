// The finger. A page that is seen whole is pulled aside to turn it, like paper; one that is enlarged is moved instead
// (the viewer does that), so nobody loses the place while reading closely. Two fingers zoom, two taps do, too.

const FAR = 56; // CSS pixels that turn a page
const FAST = 0.45; // CSS pixels a millisecond that do, too

export function install(room) {
  const { stage } = room;
  let pull = null;

  const pulls = () => room.mode !== "scroll" && room.view !== "text" && room.shown.isAsWideAsSeen;
  const lay = (across) => { stage.style.transform = across ? `translateX(${across}px)` : ""; };

  function forget() {
    pull = null;
    lay(0);
  }

  function begin(event) {
    if (event.touches.length !== 1 || event.target.closest?.("[data-touch=own]")) {
      forget();
      return;
    }
    const { clientX: x, clientY: y } = event.touches[0];
    pull = pulls() ? { x, y, began: event.timeStamp, isAside: false } : null;
  }

  function move(event) {
    if (!pull) return;
    const { clientX, clientY } = event.touches[0];
    const [across, down] = [clientX - pull.x, clientY - pull.y];
    if (!pull.isAside) {
      if (Math.hypot(across, down) < 8) return;
      if (Math.abs(across) < 1.4 * Math.abs(down) || !window.getSelection()?.isCollapsed) {
        pull = null;
        return;
      }
      pull.isAside = true;
    }
    const leads = room.beside((across > 0) === room.book.isRightToLeft ? 1 : -1);
    lay(leads ? across : across / 4);
  }

  function end(event) {
    const made = pull;
    forget();
    if (!made?.isAside || event.changedTouches.length !== 1) return;
    const across = event.changedTouches[0].clientX - made.x;
    const speed = Math.abs(across) / Math.max(1, event.timeStamp - made.began);
    if (Math.abs(across) > FAR || (Math.abs(across) > 20 && speed > FAST)) room.turnTo(across > 0 ? "left" : "right");
  }

  stage.addEventListener("touchstart", begin, { passive: true });
  stage.addEventListener("touchmove", move, { passive: true });
  stage.addEventListener("touchend", end, { passive: true });
  stage.addEventListener("touchcancel", forget, { passive: true });
  room.on("turn", forget);
}
