// On every page: sets the worker to work, keeps copies up to date while there is a network, and lets go of what is not open
// to all when somebody signs out.

import { renew } from "./keeper.js";

const { NOBODY, leaveOnly, meta, setMeta, tell } = globalThis.keptRecords;
const AGAIN_MS = 5 * 60_000; // a lease is asked for no more often, unless the network has just come back
const FORGET_MS = 1500; // signing out waits no longer

/** Say something to the worker, and wait for its word. */
function say(worker, message) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve();
    worker.postMessage(message, [port2]);
  });
}

async function begin() {
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  const { lang, dataset } = document.documentElement;
  const held = await meta("page");
  if (held?.lang !== lang || held?.theme !== dataset.theme) await say(active, { ask: "page", lang, theme: dataset.theme });
  return registration;
}

/** How pages of this session call the reader: kept pages of what is open to all are nobody's until they are shown to him. */
async function introduce() {
  if (document.documentElement.hasAttribute("data-kept")) return;
  const { person = "", site = "{}" } = document.querySelector("script[data-person]")?.dataset ?? {};
  const token = document.querySelector("[name=form_token]")?.value ?? JSON.parse(document.getElementById("keep")?.dataset.keep ?? "{}").token;
  if (!person) await setMeta("reader", null);
  else if (token) await setMeta("reader", { person, token, site });
}

/** Leases and copies, by one window at a time: what another does already need not be done again, unless it `must`. */
async function upkeep(isDue, { must = false } = {}) {
  const act = (lock) => (lock === null ? null : renew({ isDue, isPaused: ({ isPaused }) => isPaused }));
  await (navigator.locks ? navigator.locks.request("wenyuan-upkeep", { ifAvailable: !must }, act) : act());
}

/** What belongs to the reader goes before he does: the form waits for it, but not for long. */
function signingOut(event) {
  const form = event.target.closest?.('form[action$="/sign-out"]');
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  const forgotten = leaveOnly(NOBODY).then(tell).catch(() => {});
  const late = new Promise((resolve) => { setTimeout(resolve, FORGET_MS); });
  Promise.race([forgotten, late]).then(() => HTMLFormElement.prototype.submit.call(form));
}

if ("serviceWorker" in navigator && isSecureContext) {
  document.addEventListener("submit", signingOut);
  addEventListener("online", () => upkeep(() => true));
  // A new worker means a new product: copies are made with its scripts.
  if (navigator.serviceWorker.controller) navigator.serviceWorker.addEventListener("controllerchange", () => upkeep(() => false, { must: true }));
  const isDue = ({ askedAt = 0, state }) => state === "keeping" || Date.now() - askedAt > AGAIN_MS;
  const start = () => introduce().then(begin).then(() => upkeep(isDue)).catch((error) => console.warn(error));
  if (document.readyState === "complete") start();
  else addEventListener("load", start); // what the page itself needs comes first
}
