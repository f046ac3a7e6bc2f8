// What nobody's browser kept becomes an account's when its reader signs in and says so; what an account kept goes when it leaves.

const ANSWERED = "wenyuan.keep.merge.";

/** How much is kept here by who has not signed in: {notes, places}. */
export async function unclaimed(store) {
  const [notes, places] = await Promise.all([store.notes(""), store.places("")]);
  return { notes: notes.length, places: places.length };
}

/** Whether the reader is to be asked: not again in this window where the answer was "later", nor at all after "no". */
export function mayAsk(owner, found) {
  try {
    if (sessionStorage.getItem(ANSWERED + owner)) return false;
    return Number(localStorage.getItem(ANSWERED + owner) ?? 0) < found.notes + found.places;
  } catch {
    return true;
  }
}

/** Keep the answer: "later" for this window, "no" until more has been kept. */
export function answered(owner, answer, found) {
  try {
    if (answer === "later") sessionStorage.setItem(ANSWERED + owner, answer);
    else localStorage.setItem(ANSWERED + owner, String(found.notes + found.places));
  } catch {
    // Where nothing may be kept, the question comes again.
  }
}

/**
 * Give an account what nobody's browser kept. Each note keeps its `canonical`, by which the server knows it again: done twice,
 * or broken off and begun again, it is there once.
 *
 * @returns the places that the server is to be told, too.
 */
export async function claim(store, owner) {
  for (const note of await store.notes("")) {
    const known = await store.note(owner, note.canonical);
    if (!known) await store.putNote({ ...note, owner, pending: "create", url: null, etag: null });
    await store.removeNote("", note.canonical);
  }
  const moved = [];
  for (const place of await store.places("")) {
    const known = await store.place(owner, place.item);
    if (!known || known.time < place.time) {
      moved.push({ ...place, owner, isUnsent: true });
      await store.putPlace({ ...place, owner, isUnsent: true });
    }
    await store.removePlace("", place.item);
  }
  return moved;
}

/**
 * Take from this browser what other accounts kept in it. While nobody is signed in, what was not sent yet waits for its own
 * account, whose session may only have ended; when somebody else signs in it goes, too: whoever sits at a shared computer can
 * look into what its browser keeps.
 */
export async function forgetOthers(store, owner) {
  for (const other of await store.owners()) {
    if (other === "" || other === owner) continue;
    if (owner) await store.forget(other);
    else await forgetSent(store, other);
  }
}

async function forgetSent(store, owner) {
  for (const note of await store.notes(owner)) if (!note.pending) await store.removeNote(owner, note.canonical);
  for (const place of await store.places(owner)) if (!place.isUnsent) await store.removePlace(owner, place.item);
}
