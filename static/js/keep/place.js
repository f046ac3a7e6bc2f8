// Where one has read to: kept while reading, sent on leaving, and offered where another device is somewhere else.

import { device, deviceName } from "./identity.js";
import { NotTaken } from "./server.js";

const SETTLE_MS = 500; // until a place counts as one: who leafs through is nowhere
const SEND_MS = 2500;
const AGAIN_MS = 30000;
const MOVED_ON = 4; // turns: who goes on reading here does not want to go elsewhere
/** In an address: open where I stopped. */
export const HERE = "#here";

/** Whether an address names a place of its own: a fragment, hits, a place in a chapter. */
export function namesPlace(url) {
  return (url.hash !== "" && url.hash !== HERE) || url.searchParams.has("q") || url.searchParams.has("at");
}

export class PlaceKeeper {
  /**
   * @param keep the desk, store, owner, book, server (null for who has not signed in); `offer(place, go)` shows a strip and
   *   returns what takes it back.
   */
  constructor({ desk, store, owner, book, server, offer }) {
    Object.assign(this, { desk, store, owner, book, server, offer });
    this.device = device();
    this.url = new URL(location.href);
  }

  /** Go to or offer what was kept; then keep what is read. */
  async begin() {
    const began = this.#now();
    let current = began;
    let isMoved = false;
    this.desk.onPlace(() => {
      const place = this.#now();
      isMoved ||= place.page !== began.page || place.start !== began.start;
      if (place.page !== current.page || place.start !== current.start) this.#turned();
      current = place;
      if (isMoved && !this.isGoing) this.#keepSoon(place);
    });
    window.addEventListener("pagehide", () => this.#leave());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.#leave(); });
    window.addEventListener("online", () => this.#send());
    if (this.url.hash === HERE) history.replaceState(history.state, "", this.url.pathname + this.url.search);
    const [mine, told] = await Promise.all([this.store.place(this.owner, this.book.item), this.#ask()]);
    if (mine?.isUnsent) {
      this.last = mine;
      this.#sendSoon(0);
    }
    if (isMoved) return;
    await this.#begin(began, mine, told);
    if (!mine && !told.here) this.#keepSoon(current);
  }

  /** An offer that is not taken goes by itself. */
  #turned() {
    this.turns = (this.turns ?? 0) + 1;
    if (this.turns >= MOVED_ON) this.withdraw?.();
  }

  /** Where the room is; the keys of pages are numbers to the server. */
  #now() {
    const place = this.desk.place();
    return { ...place, page: Number(place.page) };
  }

  async #ask() {
    const none = { here: null, offered: null };
    if (!this.server) return none;
    return this.server.places(this.book.item, this.device).catch((error) => {
      if (error instanceof NotTaken) return none;
      throw error;
    });
  }

  /** The later of what the devices tell; what this browser has not been able to send is later than what the server knows. */
  async #begin(began, mine, told) {
    const own = mine && { ...mine, device: this.device };
    const isUntold = own && (own.isUnsent || !told.here || Date.parse(told.here.time) < own.time - 5000);
    const here = isUntold ? own : (told.here ?? own);
    if (!here) return;
    const offered = told.offered ?? null;
    if (this.url.hash === HERE) {
      await this.#go(here);
      if (offered) this.#offer(offered);
      return;
    }
    if (namesPlace(this.url)) return;
    if (here.page === began.page && this.#isInside(here) && !began.start) await this.#go(here);
    const place = this.#now();
    const other = [offered, here].find((each) => each && !this.#isAt(each, place));
    if (other) this.#offer(other);
  }

  #isInside({ start }) {
    return this.desk.kind !== "scan" && start !== null && start !== undefined && start > 0;
  }

  #isAt(kept, place) {
    return kept.page === place.page || Math.abs(kept.progression - place.progression) < 0.002;
  }

  #offer(place) {
    this.withdraw = this.offer({ ...place, isElsewhere: Boolean(place.device) && place.device !== this.device }, () => this.#go(place));
  }

  async #go({ page, start }) {
    this.isGoing = true;
    try {
      await this.desk.go({ page, ...(start === null || start === undefined ? {} : { start }) });
    } finally {
      this.isGoing = false;
    }
    this.#keepSoon(this.#now());
  }

  #keepSoon(place) {
    clearTimeout(this.settling);
    this.waiting = { place, time: Date.now() };
    this.settling = setTimeout(() => this.#keep(), SETTLE_MS);
  }

  /** Put it into the store; the server is told a little later, or on leaving. */
  #keep() {
    clearTimeout(this.settling);
    if (!this.waiting) return;
    const { place, time } = this.waiting;
    this.waiting = null;
    const { item, title, cover } = this.book;
    this.last = { owner: this.owner, item, title, cover, ...place, time, isUnsent: Boolean(this.server) };
    this.store.putPlace(this.last);
    if (this.server) this.#sendSoon(SEND_MS);
  }

  #sendSoon(wait) {
    clearTimeout(this.sending);
    this.sending = setTimeout(() => this.#send(), wait);
  }

  #told({ page, start, progression, time }) {
    const age = Math.max(0, Math.round((Date.now() - time) / 1000));
    return { device: this.device, device_name: deviceName(), page, start: start ?? null, progression, age_s: age };
  }

  async #send() {
    clearTimeout(this.sending);
    const place = this.last;
    if (!this.server || !place?.isUnsent) return;
    try {
      await this.server.putPlace(this.book.item, this.#told(place));
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      if (error.isPassing) this.#sendSoon(AGAIN_MS);
      return;
    }
    if (this.last !== place) return;
    this.last = { ...place, isUnsent: false };
    await this.store.putPlace(this.last);
  }

  /** The page goes: what it knows is sent by a request that outlives it. Should that be lost, the store still says so. */
  #leave() {
    this.#keep();
    if (!this.server || !this.last?.isUnsent) return;
    clearTimeout(this.sending);
    const place = this.last;
    this.server.putPlace(this.book.item, this.#told(place), { keepalive: true }).then(() => {
      if (this.last !== place) return null;
      this.last = { ...place, isUnsent: false };
      return this.store.putPlace(this.last);
    }).catch(() => null);
  }
}

/** Send the places of items that are not open: what was read offline, or merged. */
export async function sendPlaces({ store, owner, server, except }) {
  for (const place of await store.places(owner)) {
    if (!place.isUnsent || place.item === except) continue;
    const age = Math.max(0, Math.round((Date.now() - place.time) / 1000));
    const { page, start = null, progression } = place;
    try {
      await server.putPlace(place.item, { device: device(), device_name: deviceName(), page, start, progression, age_s: age });
      await told(store, place);
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      if (error.isPassing || error.isEnded) return;
      await told(store, place); // the item or its page is gone
    }
  }
}

/** The server was told of a place; of one that was kept since it was not. */
async function told(store, place) {
  const now = await store.place(place.owner, place.item);
  if (now?.time === place.time) await store.putPlace({ ...now, isUnsent: false });
}
