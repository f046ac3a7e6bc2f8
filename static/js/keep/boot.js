// Begins when the room offers its desk: what is kept of this item is shown in it, and what is kept now goes where it belongs.

import { askToMerge } from "./asking.js";
import { Card } from "./card.js";
import { Kept } from "./kept.js";
import { forgetOthers } from "./merge.js";
import { Pages } from "./pages.js";
import { Palette } from "./palette.js";
import { Panel } from "./panel.js";
import { PlaceKeeper, sendPlaces } from "./place.js";
import { Line, Strip, wordsOf } from "./saying.js";
import { onDesk } from "./seam.js";
import { Server } from "./server.js";
import { openStore } from "./store.js";
import { Sync } from "./sync.js";

const element = document.getElementById("keep");
if (element) {
  const told = JSON.parse(element.dataset.keep);
  const store = openStore();
  onDesk((desk) => begin(desk, told, store).catch((error) => console.error(error)));
}

async function begin(desk, told, opening) {
  const store = await opening;
  const owner = told.person;
  await forgetOthers(store, owner);
  const word = wordsOf(told.words);
  const server = owner ? new Server(told) : null;
  const book = { item: told.item, title: told.title, cover: told.urls.cover };
  let kept = null;
  const sync = server && new Sync({ store, server, owner, site: told.site }, {
    changed: () => kept?.load(),
    state: (state) => showState(state, word),
  });
  kept = new Kept({ store, owner, book, sync });
  const [line, strip] = [new Line(), new Strip()];
  let groups = null;
  const card = new Card({
    kept, word,
    groups: async () => (groups ??= await groupsOf(server, told.site)),
    onDelete: (canonical) => palette.remove(canonical),
  });
  const palette = new Palette({ desk, kept, card, line, word });
  const pages = new Pages(told.urls.pages, word, desk.kind);
  new Panel({ desk, kept, pages, card, palette, word, refresh: () => sync?.pull(told.item) });
  await kept.load();
  document.documentElement.dataset.keep = "open";
  element.kept = kept; // for who looks into it from outside: the browser's own tools, the tests
  if (owner) await askToMerge({ store, owner, strip, word, server, sync, claimed: () => kept.load() });
  const keeper = new PlaceKeeper({
    desk, store, owner, book, server,
    offer: (place, go) => strip.ask(placeWords(place, word), [[word("go_there"), go]]),
  });
  const isShown = await showNamed(desk, kept);
  await Promise.all([keeper.begin(), catchUp({ store, owner, server, sync, item: told.item })]);
  element.dataset.pulled = "";
  if (!isShown) await showNamed(desk, kept);
}

/** The groups that a note can be shared with, by the names that annotations call them; null where they cannot be had now. */
async function groupsOf(server, site) {
  if (!server) return [];
  const found = await server.groups().catch(() => null);
  return found && found.map(({ id, name }) => ({ id: /^https?:/.test(id) ? id : site.group.replace("{group}", id), name }));
}

/** Go to the note that the address names (`#note=…`); false where it names none that is here. */
async function showNamed(desk, kept) {
  const canonical = /^#note=(.+)$/.exec(location.hash)?.[1];
  const note = canonical && kept.get(decodeURIComponent(canonical));
  if (!note) return false;
  const { page, start, end, box, anchored } = note;
  const isPlaced = anchored !== "orphaned";
  await desk.go({ page, ...(isPlaced && start !== null ? { start, end } : {}), ...(isPlaced && box ? { box } : {}) });
  return true;
}

/** Send what was left unsent, then fetch what other devices have kept. */
async function catchUp({ store, owner, server, sync, item }) {
  if (!sync) return;
  await sync.offerRefusedAgain();
  await sync.flush();
  await sync.pull(item);
  await sendPlaces({ store, owner, server, except: item });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sync.pull(item); });
  window.addEventListener("online", () => sync.pull(item));
}

function placeWords(place, word) {
  const label = place.label || word("page", { position: place.position });
  if (!place.isElsewhere) return word("read_here", { place: label });
  return word("read_elsewhere", { place: label, device: place.device_name || word("other_device") });
}

function showState(state, word) {
  const place = document.querySelector("[data-keep-state]");
  place.dataset.state = state;
  place.textContent = { waiting: word("state_waiting"), ended: word("state_ended"), refused: word("state_refused") }[state] ?? "";
  document.querySelector("[data-keep-open]").classList.toggle("keep-waits", Boolean(place.textContent));
}

