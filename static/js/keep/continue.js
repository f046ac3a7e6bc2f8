// 继续阅读 on the page of an item, where this browser knows a place that the server does not.

import { say } from "../page/tongue.js";
import { openStore } from "./store.js";

const begin = document.querySelector("a[data-begin]");
const person = document.querySelector("script[data-person]")?.dataset.person ?? "";

async function look() {
  const known = document.querySelector("a[data-continue]");
  const place = await (await openStore()).place(person, begin.dataset.begin);
  // The server has the places of all devices: what it says stands, but for what it has not been told yet.
  if (!place || (known && !place.isUnsent)) return;
  const link = known ?? begin.cloneNode();
  const address = new URL(begin.href);
  address.pathname = address.pathname.replace(/\d+$/, String(place.position));
  address.hash = "here";
  link.href = address.href;
  const [before, after] = begin.dataset.words.split("{place}");
  const where = document.createElement("span");
  say(where, place.label);
  link.replaceChildren(before, where, after);
  link.toggleAttribute("data-begin", false);
  link.toggleAttribute("data-continue", true);
  begin.classList.add("quiet");
  if (!known) begin.before(link);
}

if (begin) look();
