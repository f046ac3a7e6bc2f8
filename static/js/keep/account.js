// On every page: what an account kept leaves the browser when its reader signs out, or somebody else signs in.

import { forgetDevice } from "./identity.js";
import { forgetOthers } from "./merge.js";
import { openStore } from "./store.js";

const SEND_MS = 3000; // that a sign-out waits for notes to be sent
const ERASE_MS = 2000; // and for them to be erased; the next page does it again
const LAST = "wenyuan.keep.person";
const LEFT = "wenyuan.keep.left"; // who has signed out, until a page after it has erased what the pages before it still wrote

/** Who reads here, as the page says. */
const { person = "", site = "{}" } = document.querySelector("script[data-person]")?.dataset ?? {};

/** The store is looked into only where somebody has signed in or out since. */
async function look() {
  const left = kept(LEFT);
  if (left === null && kept(LAST) === person) return;
  const store = await openStore();
  if (left) {
    await store.forget(left);
    forgetDevice();
  }
  await forgetOthers(store, person);
  keep(LEFT, null);
  keep(LAST, person);
}

function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Where nothing may be kept, it is looked into on every page. */
function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // As said.
  }
}

const most = (wait) => new Promise((resolve) => { setTimeout(resolve, wait); });

/** Before the session ends, send what is unsent, ask where that fails, and erase all that the account kept. */
function leaveCleanly(form) {
  const leaving = new Leaving(form.elements.form_token.value);
  let isLeaving = false;
  let isBusy = false;
  form.addEventListener("submit", async (event) => {
    if (isLeaving) return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    isLeaving = await leaving.prepare().catch(() => true);
    isBusy = false;
    if (isLeaving) form.requestSubmit(event.submitter);
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    isLeaving = false; // the server could not be reached, and the reader is back
    keep(LEFT, null);
  });
}

class Leaving {
  constructor(token) {
    this.token = token;
  }

  /** Whether the reader may leave now: nothing of the account is in this browser any more. */
  async prepare() {
    this.store = await openStore();
    for (let left = await this.#send(); left; left = await this.#send()) {
      const answer = await ask(left);
      if (answer === "leave") break;
      if (answer !== "again") return false;
    }
    keep(LEFT, person);
    forgetDevice();
    await Promise.race([this.store.forget(person), most(ERASE_MS)]);
    return true;
  }

  async #unsent() {
    return (await this.store.notes(person)).filter((note) => note.pending);
  }

  /** Send what can be sent in a while; returns how many notes are left. */
  async #send() {
    await Promise.race([this.#sendAll().catch(() => null), most(SEND_MS)]);
    return (await this.#unsent()).length;
  }

  async #sendAll() {
    const { store } = this;
    const notes = await this.#unsent();
    const places = (await store.places(person)).filter((place) => place.isUnsent);
    if (!notes.length && !places.length) return;
    const [{ Sync }, { Server }, { sendPlaces }] = await Promise.all([import("./sync.js"), import("./server.js"), import("./place.js")]);
    const { urls, ...addresses } = JSON.parse(site);
    const server = new Server({ person, token: this.token, urls });
    for (const { canonical, pending } of notes) {
      if (pending === "delete") await store.alterNote(person, canonical, (now) => now && { ...now, isFinal: true });
    }
    this.sync ??= new Sync({ store, server, owner: person, site: addresses }, { changed: () => null, state: () => null });
    await this.sync.offerRefusedAgain();
    await this.sync.flush();
    await sendPlaces({ store, owner: person, server, except: null });
  }
}

/** "again", "leave", or nothing: the reader stays. */
function ask(count) {
  const dialog = document.getElementById("leaving");
  dialog.querySelector("p").textContent = dialog.dataset.words.replace("{count}", count);
  dialog.returnValue = "";
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.showModal();
  });
}

look();
document.querySelectorAll("form.signed-in").forEach(leaveCleanly);
