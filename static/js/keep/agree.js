// Two devices changed the same note: which change stands, and how nothing that was written is lost. Pure.

import { anchorOf } from "./annotation.js";

/** The rule between two texts that stand in one note. */
export const BETWEEN = "\n\n— — —\n";

/**
 * Bring what is here and what is on the server into agreement: the later change wins, and no words of a note are lost.
 *
 * @param here the note as changed here; `pending` says how, `base` is the text that both once had.
 * @param there the note as the server has it now; null where it was deleted there.
 * @returns the note as it shall be, with `pending` set to what is left to tell the server, or null.
 */
export function agree(here, there) {
  if (!there) return here.pending === "delete" ? null : { ...here, url: null, etag: null, pending: "create" };
  const known = { ...anchorOf(there), url: there.url, etag: there.etag, seen: there.seen, base: there.text };
  const isNews = there.text !== (here.base ?? "");
  if (here.pending === "delete") {
    // What somebody wrote since is not thrown away by one who has never seen it.
    const stands = isNews && there.text.trim() !== "";
    return stands ? { ...there } : { ...here, ...known, pending: "delete" };
  }
  const isLater = Date.parse(here.modified) >= Date.parse(there.modified);
  const [winner, loser] = isLater ? [here, there] : [there, here];
  const text = !isNews ? here.text : here.text === (here.base ?? "") ? there.text : both(winner.text, loser.text);
  const made = { ...here, ...known, colour: winner.colour, group: winner.group, text, modified: winner.modified };
  const isTold = made.text === there.text && made.colour === there.colour && made.group === there.group;
  return { ...made, pending: isTold ? null : "change" };
}

/** Two texts of one note in one; the first stands first. */
export function both(first, second) {
  if (first.includes(second)) return first;
  if (second.includes(first)) return second;
  return `${first}${BETWEEN}${second}`;
}
