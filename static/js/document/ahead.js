// The opening that comes next is drawn while the reader reads, so that turning shows it at once: where data is not dear, and
// where pages are light. A book of pictures would bring twice as much as is ever looked at.

const LIGHT = 256 * 1024; // bytes that a page has cost on the average

export function install(room) {
  const saves = navigator.connection?.saveData === true;
  const drawn = new Set();
  let direction = 1;
  let last = room.position;
  let begun = null;

  room.on("turn", () => {
    begun ??= room.pdf.transport.fetched; // what opened the PDF is no page's
    if (room.position !== last) direction = room.position > last ? 1 : -1;
    last = room.position;
  });

  const isLight = () => (room.pdf.transport.fetched - begun) / Math.max(1, drawn.size) <= LIGHT;

  room.on("sharp", () => {
    if (room.mode === "scroll") return;
    room.opening.forEach((position) => drawn.add(position));
    const next = saves || document.hidden || !isLight() ? null : room.beside(direction);
    next?.forEach((position) => drawn.add(position));
    room.shown.keep([room.opening, next].filter(Boolean));
  });
}
