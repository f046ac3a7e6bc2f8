// In the order of the book. Pure.

/** Where a note stands on its page: by its text, else by its box, else at the head. */
const along = (note) => note.start ?? -1;
const down = (note) => (note.box ? note.box[1] : 0);

/** Compare two notes; `placeOf` tells the place of a page in the book by its key. */
export function inBookOrder(placeOf) {
  return (one, other) => placeOf(one.page) - placeOf(other.page)
    || along(one) - along(other)
    || down(one) - down(other)
    || String(one.created).localeCompare(String(other.created));
}

/** What a filter of the drawer lets through: "all", "notes", "bookmarks", or a colour. */
export function lets(filter, note) {
  if (filter === "all") return true;
  if (filter === "notes") return Boolean(note.text);
  if (filter === "bookmarks") return note.kind === "bookmark";
  return note.kind === "highlight" && note.colour === filter;
}
