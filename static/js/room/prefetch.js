// What comes next is fetched while the reader reads, so that turning paints at once; less where data is dear.

const FURTHER = 2; // openings beyond the next whose pictures are put into the browser's store

export function install(room) {
  const saves = navigator.connection?.saveData === true;
  const asked = new Set();
  let direction = 1;
  let last = room.position;

  room.on("turn", () => {
    if (room.position !== last) direction = room.position > last ? 1 : -1;
    last = room.position;
  });

  function fetchFurther() {
    const opening = room.beside(direction * FURTHER);
    (opening ? room.shown.addressesOf(opening) : []).forEach((address) => {
      if (asked.has(address)) return;
      asked.add(address);
      const image = new Image();
      image.fetchPriority = "low";
      image.addEventListener("error", () => asked.delete(address), { once: true });
      image.src = address;
    });
  }

  room.on("sharp", () => {
    if (saves || room.mode === "scroll" || document.hidden) return;
    const near = [room.opening, room.beside(direction), room.beside(-direction)].filter(Boolean);
    room.shown.keep(near);
    fetchFurther();
  });

  // What lies far behind is forgotten even where nothing is fetched ahead.
  room.on("open", () => { if (saves && room.mode !== "scroll") room.shown.keep([room.opening]); });
}
