// 我的书房 of who has not signed in: filled from this browser's own store.

import { say } from "../page/tongue.js";
import { asMarkdown, save } from "./export.js";
import { inBookOrder, lets } from "./order.js";
import { beginning } from "./points.js";
import { wordsOf } from "./saying.js";
import { openStore } from "./store.js";

const QUOTED = 160; // code points
const BOOKS = 12;

const room = document.querySelector("[data-my]");

/** A copy of a piece of the page. */
const piece = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true);
const part = (element, name) => element.querySelector(`[data-part="${name}"]`);

async function fill() {
  const told = JSON.parse(room.dataset.my);
  const word = wordsOf(told.words);
  const store = await openStore();
  const places = (await store.places("")).sort((one, other) => other.time - one.time).slice(0, BOOKS);
  const notes = await store.notes("");
  document.querySelector("[data-my-reading]").replaceChildren(...places.map(reading));
  room.querySelector("[data-my-places]").hidden = !places.length;
  room.querySelector("[data-my-kept]").hidden = !notes.length;
  room.querySelector("[data-my-none]").hidden = places.length + notes.length > 0;
  const filters = [...room.querySelectorAll("[data-filter]")];
  const choose = (filter) => {
    filters.forEach((each) => (each.dataset.filter === filter ? each.setAttribute("aria-current", "true") : each.removeAttribute("aria-current")));
    room.querySelector("[data-my-notes]").replaceChildren(...byItem(notes.filter((note) => lets(filter, note))).map((group) => item(group, word)));
  };
  filters.forEach((each) => {
    each.hidden = each.dataset.filter !== "all" && !notes.some((note) => lets(each.dataset.filter, note));
    each.addEventListener("click", (event) => {
      event.preventDefault();
      choose(each.dataset.filter);
    });
  });
  room.querySelector("[data-my-save]").addEventListener("click", () => {
    const files = byItem(notes).map((group) => asMarkdown(group[0].title, group, word));
    save(`${document.title.split("　")[0]}.md`, files.join("\n"), "text/markdown");
  });
  choose("all");
  room.dataset.open = "";
}

/** Notes of one item together, the item with the latest of them first. */
function byItem(notes) {
  const groups = Map.groupBy ? Map.groupBy(notes, (note) => note.item) : grouped(notes);
  const latest = (group) => group.reduce((most, note) => (note.modified > most ? note.modified : most), "");
  return [...groups.values()]
    .map((group) => group.sort(inBookOrder((key) => key)))
    .sort((one, other) => latest(other).localeCompare(latest(one)));
}

function grouped(notes) {
  const groups = new Map();
  notes.forEach((note) => groups.set(note.item, [...(groups.get(note.item) ?? []), note]));
  return groups;
}

function reading(place) {
  const element = piece("my-reading");
  element.querySelector("a").href = `/read/${encodeURIComponent(place.item)}/${place.position}#here`;
  if (place.cover) element.querySelector("img").src = place.cover;
  say(element.querySelector(".card-title"), place.title);
  element.querySelector("progress").value = place.progression;
  say(part(element, "label"), place.label);
  part(element, "percent").textContent = `${Math.round(100 * place.progression)}%`;
  return element;
}

function item(notes, word) {
  const element = piece("my-item");
  const title = part(element, "title");
  title.href = `/items/${encodeURIComponent(notes[0].item)}`;
  say(title, notes[0].title);
  part(element, "count").textContent = word("count", { count: notes.length });
  part(element, "notes").append(...notes.map((note) => kept(note, word)));
  return element;
}

function kept(note, word) {
  const element = piece("my-kept");
  element.dataset.kind = note.kind;
  if (note.kind === "highlight") element.dataset.colour = note.colour;
  else delete element.dataset.colour;
  part(element, "go").href = `/read/${encodeURIComponent(note.item)}/place/${note.page}#note=${encodeURIComponent(note.canonical)}`;
  const quote = part(element, "quote");
  say(quote, beginning(note.exact.replaceAll("\n", ""), QUOTED) || word(note.kind === "bookmark" ? "bookmark" : "region"));
  quote.classList.toggle("keep-row-named", !note.exact);
  part(element, "text").textContent = note.text;
  part(element, "text").hidden = !note.text;
  const where = document.createElement("span");
  say(where, note.label ?? "");
  part(element, "facts").replaceChildren(where);
  return element;
}

if (room) fill();
