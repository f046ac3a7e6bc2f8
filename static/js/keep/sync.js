// Sending what is kept here to the server, whenever it can be reached: reading never waits for it.
//
// Every note says itself what is still to be told of it (`pending`), so the outbox is the store, belongs to the account that
// each note was made under, and survives the page. Sent twice is taken once: the server knows a note by its `canonical`.

import { agree } from "./agree.js";
import { anchorOf, fromAnnotation, toAnnotation } from "./annotation.js";
import { NotTaken } from "./server.js";

const SOON_MS = 400;
const AGAIN_MS = [4000, 15000, 60000, 300000]; // after the first, second, … failure; then the last
const ROUNDS = 4; // of agreeing on one note that somebody else is changing at the same time
const UNDO_MS = 9000; // a deletion may be taken back so long; only then the server is told

export class Sync {
  /**
   * @param store where notes are kept (store.js).
   * @param server whom they are told (server.js).
   * @param owner the account.
   * @param site public addresses for annotations.
   * @param told.changed called with a note that is different now, or null for many.
   * @param told.state called with "kept" (nothing is left to send), "sending", "waiting" (later), "ended" (the session is
   *   over), "refused" (the server will not take something).
   */
  constructor({ store, server, owner, site }, told) {
    Object.assign(this, { store, server, owner, site, told });
    this.failures = 0;
    this.state = "kept";
    window.addEventListener("online", () => this.soon(0));
    window.addEventListener("offline", () => this.#look());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.soon(0); });
  }

  /** Send what there is to send, in a moment. */
  soon(wait = SOON_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), wait);
  }

  #say(state) {
    this.state = state;
    this.told.state(state);
  }

  async #pending() {
    return (await this.store.notes(this.owner)).filter((note) => note.pending && !note.refused);
  }

  /** Once for each page that is opened, what the server would not take is offered again: it, or the reader, may have changed. */
  async offerRefusedAgain() {
    for (const note of await this.store.notes(this.owner)) if (note.refused) await this.#alter(note, (now) => now && { ...now, refused: null });
  }

  /** Change what is kept from what it is now: the reader may be writing. */
  #alter({ owner, canonical }, alter) {
    return this.store.alterNote(owner, canonical, alter);
  }

  /** Say how things stand without asking the server. */
  async #look() {
    const left = await this.#pending();
    this.#say(left.length ? "waiting" : "kept");
  }

  /** Send all that is left, one after another; one window at a time where the browser can arrange that. */
  async flush() {
    clearTimeout(this.timer);
    if (this.running) {
      this.isAskedAgain = true;
      return this.running;
    }
    this.running = this.#alone(() => this.#sendAll()).finally(() => {
      this.running = null;
      if (this.isAskedAgain) {
        this.isAskedAgain = false;
        this.soon(0);
      }
    });
    return this.running;
  }

  #alone(act) {
    return navigator.locks ? navigator.locks.request(`wenyuan-keep/${this.owner}`, act) : act();
  }

  async #sendAll() {
    const pending = await this.#pending();
    if (!pending.length) {
      this.#say("kept");
      return;
    }
    this.#say(navigator.onLine ? "sending" : "waiting");
    let later = 0;
    for (const note of pending) {
      const left = note.pending === "delete" && !note.isFinal ? note.deleted + UNDO_MS - Date.now() : 0;
      if (left > 0) {
        later = Math.max(later, left);
        continue;
      }
      try {
        await this.#send(note);
        this.failures = 0;
      } catch (error) {
        if (!(error instanceof NotTaken)) throw error;
        if (await this.#failed(note, error)) return;
      }
    }
    const all = await this.store.notes(this.owner);
    this.#say(all.some((note) => note.pending && note.refused) ? "refused" : later ? this.state : "kept");
    if (later) this.soon(later);
    else if (all.some((note) => note.pending && !note.refused)) this.soon();
    else if (this.state === "sending") this.#say("kept");
  }

  /** True where there is no use in going on now. */
  async #failed(note, error) {
    if (error.isEnded) {
      this.#say("ended");
      return true;
    }
    if (error.isPassing) {
      this.failures += 1;
      this.#say("waiting");
      this.soon(Math.max(error.retryAfter * 1000, AGAIN_MS[Math.min(this.failures, AGAIN_MS.length) - 1]));
      return true;
    }
    await this.#alter(note, (now) => now && { ...now, refused: error.message });
    this.told.changed(note);
    return false;
  }

  async #send(note) {
    if (note.pending === "delete") await this.#remove(note);
    else if (note.pending === "create" || !note.url) await this.#create(note);
    else await this.#change(note);
  }

  async #create(note) {
    const { told, etag, url } = await this.server.create(toAnnotation({ ...note, url: null }, this.site));
    const there = told && fromAnnotation(told, { owner: this.owner, etag });
    const known = { ...note, url: url ?? told?.id, etag, ...seenIn(there) };
    const isOlder = there && (there.text !== note.text || there.colour !== note.colour || there.group !== note.group);
    if (isOlder) await this.#change({ ...known, base: there.text, pending: "change" });
    else await this.#sent(note, known);
  }

  async #change(note) {
    let current = note;
    for (let round = 0; round < ROUNDS; round += 1) {
      if (current.pending === "create") return this.#create(current);
      if (!current.pending) return this.#sent(note, current);
      if (!current.etag) {
        current = await this.#met(current);
        continue;
      }
      try {
        const { told, etag } = await this.server.change(current.url, toAnnotation(current, this.site), current.etag);
        return this.#sent(note, { ...current, etag, ...seenIn(told && fromAnnotation(told, { owner: this.owner, etag })) });
      } catch (error) {
        if (!isOvertaken(error)) throw error;
        current = agree(current, error.status === 412 ? await this.#there(current) : null);
      }
    }
    throw new NotTaken(0, "others are changing it, too");
  }

  async #remove(note) {
    let current = note;
    for (let round = 0; round < ROUNDS && current?.url; round += 1) {
      if (current.pending !== "delete") {
        await this.store.putNote(current);
        this.told.changed(current);
        return;
      }
      if (!current.etag) {
        current = await this.#met(current);
        continue;
      }
      try {
        await this.server.remove(current.url, current.etag);
        break;
      } catch (error) {
        if (!isOvertaken(error)) throw error;
        current = agree(current, error.status === 412 ? await this.#there(current) : null);
      }
    }
    await this.#alter(note, (now) => (!now || now.pending === "delete" ? null : { ...now, url: null, etag: null, pending: "create" }));
  }

  /** A note of a list, which tells no entity tags, met again on the server: the same as we saw it, or brought into agreement. */
  async #met(note) {
    const there = await this.#there(note);
    return there && there.modified === note.seen ? { ...note, etag: there.etag } : agree(note, there);
  }

  /** The note as the server has it now; null where it was deleted. */
  async #there(note) {
    try {
      const { told, etag } = await this.server.get(note.url);
      return fromAnnotation(told, { owner: this.owner, etag });
    } catch (error) {
      if (error instanceof NotTaken && [404, 410].includes(error.status)) return null;
      throw error;
    }
  }

  /** It was taken as `known` says; what was changed here meanwhile is still to be told. */
  async #sent(note, known) {
    const { url, etag, seen } = known;
    const kept = await this.#alter(note, (found) => {
      const now = found ?? note;
      if (now.stamp === note.stamp) return { ...now, ...known, base: known.text, pending: null, refused: null };
      const pending = now.pending === "create" ? "change" : now.pending;
      return { ...now, ...anchorOf(known), url, etag, seen, base: known.text, pending };
    });
    this.told.changed(kept);
  }

  /** Fetch what the server has of an item, and keep what is not waiting to be sent as it is there. */
  async pull(item) {
    const before = new Map((await this.store.notes(this.owner, item)).map((note) => [note.canonical, note]));
    let list;
    try {
      list = [...await this.server.list({ item }), ...await this.server.list({ item, group: "mine" })];
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      if (error.isEnded) this.#say("ended");
      return false;
    }
    const there = list.map((told) => fromAnnotation(told, { owner: this.owner })).filter(Boolean);
    for (const note of there) await this.#take(note);
    const names = new Set(there.map((note) => note.canonical));
    for (const [canonical, note] of before) {
      if (names.has(canonical) || note.pending) continue;
      await this.#alter(note, (now) => (now?.pending ? now : null));
    }
    this.told.changed(null);
    return true;
  }

  /** Keep a note as the server has it; one that waits to be sent keeps what was changed here, and the tag of what was seen,
   * so that the server tells of what happened to it since. */
  async #take(note) {
    await this.#alter(note, (now) => (now?.pending
      ? { ...now, ...anchorOf(note), url: note.url }
      : { ...note, label: now?.label ?? "", title: now?.title ?? "" }));
  }
}

/** What the server's answer says of where a note stands; nothing where it says nothing. */
function seenIn(there) {
  return there ? { ...anchorOf(there), seen: there.seen } : {};
}

/** Whether the note has been changed or deleted by somebody else since we saw it. */
function isOvertaken(error) {
  return error instanceof NotTaken && [404, 410, 412].includes(error.status);
}
