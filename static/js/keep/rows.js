// One row of the drawer: what was kept, where, and what can be done with it. Words of readers come in as text alone.

import { beginning } from "./points.js";

const QUOTED = 160; // code points

/** A row for a note. `acts` has `go`, `edit` and `remove`, each called with the note's canonical name. */
export function row(note, word, acts) {
  const element = document.getElementById("keep-row").content.firstElementChild.cloneNode(true);
  const part = (name) => element.querySelector(`[data-part="${name}"]`);
  element.dataset.canonical = note.canonical;
  element.dataset.kind = note.kind;
  if (note.kind === "highlight") element.dataset.colour = note.colour;
  const quote = beginning(note.exact.replaceAll("\n", ""), QUOTED);
  const go = part("go");
  part("quote").textContent = quote || word(note.kind === "bookmark" ? "bookmark" : "region");
  part("quote").classList.toggle("keep-row-named", !quote);
  go.setAttribute("aria-label", word("go_to", { what: quote || part("quote").textContent }));
  go.addEventListener("click", () => acts.go(note.canonical));
  part("text").textContent = note.text;
  part("text").hidden = !note.text;
  part("facts").replaceChildren(...facts(note, word));
  const [edit, remove] = [part("edit"), part("remove")];
  edit.hidden = remove.hidden = note.isOthers;
  edit.setAttribute("aria-label", word("edit_what", { what: beginning(quote, 12) }));
  remove.setAttribute("aria-label", word("remove_what", { what: beginning(quote, 12) }));
  edit.addEventListener("click", () => acts.edit(note.canonical, edit));
  remove.addEventListener("click", () => acts.remove(note.canonical));
  return element;
}

function facts(note, word) {
  const told = [];
  if (note.isOthers) told.push(word("by", { name: note.author }));
  else if (note.group) told.push(word("shared_mark"));
  if (note.anchored === "moved") told.push(word("moved"));
  if (note.refused) told.push(word("refused_mark"));
  else if (note.pending && note.url === null && !note.isOthers) told.push(word("unsent"));
  return told.map((words) => Object.assign(document.createElement("span"), { textContent: words }));
}
