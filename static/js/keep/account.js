// On every page: what an account kept leaves the browser when its reader signs out, or somebody else signs in.

import { forgetOthers } from "./merge.js";
import { openStore } from "./store.js";

const MOST_MS = 4000; // that a sign-out waits for notes to be sent
const LAST = "wenyuan.keep.person";

/** Who reads here, as the page says. */
const { person = "", site = "{}" } = document.querySelector("script[data-person]")?.dataset ?? {};

/** The store is looked into only where somebody has signed in or out since. */
async function look() {
  if (last() === person) return;
  const store = await openStore();
  await forgetOthers(store, person);
  try {
    localStorage.setItem(LAST, person);
  } catch {
    // Then it is looked into on every page.
  }
}

function last() {
  try {
    return localStorage.getItem(LAST);
  } catch {
    return null;
  }
}

/** Send what is unsent before the session ends; the form goes on its way whatever comes of it. */
function sendBeforeLeaving(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return;
    event.preventDefault();
    form.dataset.sent = "yes";
    const most = new Promise((resolve) => { setTimeout(resolve, MOST_MS); });
    Promise.race([sendAll(form.elements.form_token.value), most]).catch(() => null).finally(() => form.requestSubmit(event.submitter));
  });
}

async function sendAll(token) {
  const store = await openStore();
  const notes = (await store.notes(person)).filter((note) => note.pending);
  const places = (await store.places(person)).filter((place) => place.isUnsent);
  if (!notes.length && !places.length) return;
  const [{ Sync }, { Server }, { sendPlaces }] = await Promise.all([import("./sync.js"), import("./server.js"), import("./place.js")]);
  const { urls, ...addresses } = JSON.parse(site);
  const server = new Server({ person, token, urls });
  for (const note of notes) if (note.pending === "delete") await store.putNote({ ...note, isFinal: true });
  const sync = new Sync({ store, server, owner: person, site: addresses }, { changed: () => null, state: () => null });
  await sync.flush();
  await sendPlaces({ store, owner: person, server, except: null });
}

look();
document.querySelectorAll("form.signed-in").forEach(sendBeforeLeaving);
