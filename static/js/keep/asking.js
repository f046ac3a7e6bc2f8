// Phones and the library's own desks are shared: nothing that others kept in this browser is taken without asking.

import { answered, claim, mayAsk, unclaimed } from "./merge.js";
import { sendPlaces } from "./place.js";
import { say } from "./saying.js";

/**
 * Ask whether what nobody's browser kept is the reader's who has just signed in.
 *
 * @param asked.claimed called when it has become the account's, before it is sent; `sent` afterwards.
 */
export async function askToMerge({ store, owner, strip, word, server, sync, claimed = () => null, sent = () => null }) {
  const found = await unclaimed(store);
  if (!found.notes || !mayAsk(owner, found)) return;
  const take = async () => {
    await claim(store, owner);
    await claimed();
    say(word("merged", { count: found.notes }));
    await sync.flush();
    await sendPlaces({ store, owner, server, except: null });
    sent();
  };
  const acts = [[word("merge_yes"), take], [word("merge_no"), () => answered(owner, "no", found)]];
  strip.ask(word("merge", { count: found.notes }), acts, () => answered(owner, "later", found));
}
