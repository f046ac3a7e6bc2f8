// Two fingers enlarge and move the page, in every mode.

export function install(room) {
  const { stage } = room;
  let last = null;

  const grasp = ({ touches: [one, other] }) => {
    const box = stage.getBoundingClientRect();
    return {
      apart: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
      x: (one.clientX + other.clientX) / 2 - box.left,
      y: (one.clientY + other.clientY) / 2 - box.top,
    };
  };

  stage.addEventListener("touchstart", (event) => { last = event.touches.length === 2 ? grasp(event) : null; }, { passive: true });
  stage.addEventListener("touchmove", (event) => {
    if (!last || event.touches.length !== 2) return;
    event.preventDefault();
    const now = grasp(event);
    if (last.apart > 0) room.zoomAt(now.apart / last.apart, now);
    room.shown.scrollBy(last.x - now.x, last.y - now.y);
    last = now;
  }, { passive: false });
  for (const name of ["touchend", "touchcancel"]) stage.addEventListener(name, () => { last = null; }, { passive: true });
}
