// 我的书房 of who has signed in: what this browser has not sent yet goes now, and what it kept before is asked for.

import { askToMerge } from "./asking.js";
import { forgetOthers } from "./merge.js";
import { sendPlaces } from "./place.js";
import { Strip, wordsOf } from "./saying.js";
import { Server } from "./server.js";
import { openStore } from "./store.js";
import { Sync } from "./sync.js";

async function begin(told) {
  const { person: owner, site } = told;
  const store = await openStore();
  await forgetOthers(store, owner);
  const server = new Server(told);
  const sync = new Sync({ store, server, owner, site }, { changed: () => null, state: () => null });
  await askToMerge({ store, owner, strip: new Strip(), word: wordsOf(told.words), server, sync, sent: () => location.reload() });
  const isUnsent = (await store.notes(owner)).some((note) => note.pending);
  await sync.flush();
  await sendPlaces({ store, owner, server, except: null });
  if (isUnsent && sync.state === "kept") location.reload();
}

begin(JSON.parse(document.querySelector("[data-my]").dataset.my));
