// Makes copies: asks the library what belongs to one, fetches what is not there yet, tells how far it is. What was fetched
// stays when it is broken off, so that it goes on from there.

import "./records.js";
import "./lease.js";
import "./addresses.js";

const { NOBODY, STATIC, all, get, put, meta, setMeta, cacheName, empty, end, tell } = globalThis.keptRecords;
const { isLasting } = globalThis.keptAddresses;
const { told: clockTold } = globalThis.keptLease;
const AT_ONCE = 3;
const PART_BYTES = 4 * 1024 ** 2; // of a large file, which is fetched in parts so that it can go on after a break
const HEADERS = { "X-Keep-Offline": "1" };
const DENIED = new Set([401, 403, 404, 410]);
const LOCK = "wenyuan-keeping";

export class Refusal extends Error {
  /** @param reason `away` (no network), `denied` (may not be kept), `full` (no room on the device), `failed`, `stopped`. */
  constructor(reason, words = "") {
    super(words || reason);
    Object.assign(this, { reason, words });
  }
}

/** Ask what belongs to a copy: {pages: "3-20" or "", width, brief}. */
export async function ask(item, { pages = "", width = 0, brief = false } = {}) {
  const query = new URLSearchParams();
  if (pages) query.set("pages", pages);
  if (width) query.set("width", width);
  if (brief) query.set("brief", "1");
  const answer = await fetch(`/read/${item}/offline.json?${query}`, { headers: { ...HEADERS, Accept: "application/json" }, cache: "no-store" })
    .catch(() => { throw new Refusal("away"); });
  if (answer.status >= 500) throw new Refusal("away");
  const said = await answer.json().catch(() => ({}));
  const words = [said.title, said.detail].filter(Boolean).join("");
  if (!answer.ok) throw new Refusal(DENIED.has(answer.status) ? "denied" : "failed", words);
  await setMeta("clock", clockTold(Date.parse(said.now), Date.now()));
  if (said.person !== NOBODY) await setMeta("who", said.person);
  return said;
}

/** How many bytes this device has left for us; null where the browser does not say. */
export async function room() {
  const { quota, usage } = await navigator.storage?.estimate?.() ?? {};
  return quota === undefined ? null : Math.max(0, quota - usage);
}

/** Whether another window is making copies. */
async function alone(act) {
  if (!navigator.locks) return act();
  return navigator.locks.request(LOCK, act);
}

/**
 * Make a copy, or go on with one, or make it anew where the library has changed.
 *
 * @param options.pages which pages of a scan; those that are kept already stay.
 * @param options.onProgress told {done, total} in bytes.
 */
export function keep(item, { pages = "", width = 0, signal, onProgress = () => {} } = {}) {
  return alone(async () => {
    const before = await get(item);
    const isHeld = before?.state === "kept" || before?.state === "keeping";
    const wanted = united(isHeld ? before.pages : "", pages, isHeld);
    const said = await ask(item, { pages: wanted, width: width || before?.width });
    return make(said, { pages: wanted, width: width || before?.width || 0, before: isHeld ? before : null, signal, onProgress });
  });
}

/** Both lists of pages; everything where one of them is everything. */
function united(held, more, isHeld) {
  if (!isHeld || held === more) return more;
  return held && more ? [...new Set(`${held},${more}`.split(","))].join(",") : "";
}

async function make(said, { pages, width, before, signal, onProgress }) {
  const left = await room();
  if (left !== null && said.size_bytes > left) throw new Refusal("full");
  await navigator.storage?.persist?.().catch(() => false);
  const isNew = before?.state !== "kept" || before.version === said.version;
  const record = {
    item: said.item, title: said.title, kind: said.kind, person: said.person, until: said.until && Date.parse(said.until),
    places: said.places, stands_for: said.stands_for, shell: said.shell, words: said.words, count: said.count, pages, width,
    lang: document.documentElement.lang, urls: said.urls, askedAt: Date.now(), state: "keeping",
    product: await productNow(),
    version: isNew ? said.version : before.version, next: said.version,
  };
  // While a copy is made anew the one before serves: it is described by its own record until the new one is whole.
  await put(isNew ? record : { ...before, next: said.version, until: record.until, person: record.person, askedAt: Date.now() });
  tell();
  const urls = await fetchAll(record, { before, signal, onProgress });
  const bytes = urls.reduce((sum, { size_bytes: size = 0 }) => sum + size, 0);
  const whole = { ...record, urls, bytes, state: "kept", version: said.version, next: said.version, keptAt: Date.now() };
  await put(whole);
  await empty(said.item, cacheName(said.item, said.version));
  await prune(whole);
  tell();
  return whole;
}

/** The version of the product whose worker stands before the network; it writes it down when it is installed. */
const productNow = async () => (await meta("page"))?.version;

/** Take away what an earlier choice of pages or sizes has left. */
async function prune({ item, version, urls }) {
  const cache = await caches.open(cacheName(item, version));
  const wanted = new Set(urls.map(({ url }) => new URL(url, location.origin).href));
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
}

/** Fetch what is not there yet; the addresses that it came to, with the bytes of each. */
async function fetchAll(record, { before, signal, onProgress }) {
  const into = await caches.open(cacheName(record.item, record.next));
  const earlier = before && before.version !== record.next ? await caches.open(cacheName(record.item, before.version)) : null;
  const shared = await caches.open(STATIC);
  const shell = await fetchShell(record, into, signal);
  const named = new Set(record.urls.map(({ url }) => url));
  const urls = [...record.urls, ...shell.filter((url) => !named.has(url)).map((url) => ({ url }))];
  const known = new Set(urls.map(({ url }) => url));
  const average = record.urls.length ? sum(record.urls) / Math.max(1, record.urls.filter((each) => each.size_bytes).length) : 0;
  const expected = (each) => each.size_bytes ?? (each.url.startsWith("/static/") ? 8_000 : each.url.includes("/iiif/") ? average : 6_000);
  const total = urls.reduce((all, each) => all + expected(each), 0);
  let done = 0;
  const came = new Map();
  const waiting = [...urls];

  async function one(each) {
    const { url } = each;
    const cache = url.startsWith("/static/") ? shared : into;
    let kept = await cache.match(url);
    if (!kept && earlier && isLasting(new URL(url, location.origin))) {
      kept = await earlier.match(url);
      if (kept) await store(cache, url, kept.clone());
    }
    if (!kept) kept = await fetched(record, cache, url, signal, (part) => onProgress({ done: done + part, total }));
    const bytes = await kept.blob();
    came.set(url, { url, size_bytes: bytes.size });
    if (/^\/static\/js@.*\.js$/.test(url)) {
      for (const more of imported(url, await bytes.text())) {
        if (known.has(more)) continue;
        known.add(more);
        waiting.push({ url: more });
      }
    }
    done += expected(each);
    onProgress({ done: Math.min(done, total), total });
  }

  const worker = async () => {
    for (let each = waiting.shift(); each; each = waiting.shift()) {
      if (signal?.aborted) throw new Refusal("stopped");
      await one(each);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  const failed = workers.find(({ status }) => status === "rejected");
  if (failed) throw signal?.aborted ? new Refusal("stopped") : failed.reason;
  return [...came.values()];
}

/** What a script of ours takes in: rooms share some, and their pages do not name all. */
function imported(url, text) {
  const named = [...text.matchAll(/(?:from|import\(?)\s*["'](\.[^"']+)["']/g)];
  return named.map(([, name]) => new URL(name, new URL(url, location.origin)).pathname);
}

const sum = (urls) => urls.reduce((all, { size_bytes: size = 0 }) => all + size, 0);

/** The page of the room as anybody sees it where the copy belongs to nobody, on the reader's paper; what it names of ours. */
async function fetchShell(record, into, signal) {
  const { dataset } = document.documentElement;
  const answer = await answerOf(record, record.shell, signal);
  const text = (await answer.text()).replace(/data-theme="\w+"/, `data-theme="${dataset.theme}"`);
  const headers = new Headers(answer.headers);
  headers.delete("Content-Encoding");
  headers.delete("Set-Cookie");
  await store(into, record.shell, new Response(text, { headers }));
  const page = new DOMParser().parseFromString(text, "text/html");
  const named = [...page.querySelectorAll("link[rel=stylesheet], link[rel=modulepreload], link[data-later], link[rel=icon], script[src]")];
  return named.map((each) => each.getAttribute("href") ?? each.getAttribute("src")).filter((url) => url.startsWith("/static/"));
}

/** What is asked for in nobody's name is asked for in the reader's language, which nobody has chosen. */
const spoken = ({ person }, url) => (person === NOBODY && url.startsWith("/read/") && !url.includes("?")
  ? `${url}?lang=${document.documentElement.lang}` : url);

async function answerOf(record, url, signal, headers = {}) {
  const credentials = record.person === NOBODY ? "omit" : "same-origin";
  let answer;
  try {
    answer = await fetch(spoken(record, url), { headers: { ...HEADERS, ...headers }, credentials, signal });
  } catch (error) {
    throw new Refusal(signal?.aborted ? "stopped" : "away", String(error));
  }
  if (answer.ok && !answer.redirected) return answer;
  throw new Refusal(DENIED.has(answer.status) ? "denied" : "failed", `${url}: ${answer.status}`);
}

async function store(cache, url, answer) {
  try {
    await cache.put(url, answer);
  } catch (error) {
    throw new Refusal(error.name === "QuotaExceededError" ? "full" : "failed", String(error));
  }
}

async function fetched(record, cache, url, signal, onPart) {
  const size = record.urls.find((each) => each.url === url)?.size_bytes ?? 0;
  const answer = size > 2 * PART_BYTES ? await inParts(record, cache, url, size, signal, onPart) : await answerOf(record, url, signal);
  await store(cache, url, answer.clone());
  return answer;
}

/** A large file, in parts that are kept one by one until all are there. */
async function inParts(record, cache, url, size, signal, onPart) {
  const name = (start) => `${url}${url.includes("?") ? "&" : "?"}kept-part=${start}`;
  const parts = [];
  let headers;
  for (let start = 0; start < size; start += PART_BYTES) {
    let part = await cache.match(name(start));
    if (!part) {
      const end = Math.min(size, start + PART_BYTES) - 1;
      const answer = await answerOf(record, url, signal, { Range: `bytes=${start}-${end}` });
      if (answer.status !== 206) return answer; // the whole at once
      part = new Response(await answer.blob(), { headers: answer.headers });
      await store(cache, name(start), part.clone());
    }
    headers = part.headers;
    parts.push(await part.blob());
    onPart(start);
  }
  const made = new Headers(headers);
  ["Content-Range", "Content-Length", "Content-Encoding"].forEach((each) => made.delete(each));
  for (let start = 0; start < size; start += PART_BYTES) await cache.delete(name(start));
  return new Response(new Blob(parts, { type: made.get("Content-Type") ?? "" }), { headers: made });
}

/** Ask again for every copy, on the net: a lease begins anew, what may no longer be read goes, what has changed is made
 * anew, what was broken off by a closed window goes on. */
export async function renew({ isDue = () => true, isPaused = () => false } = {}) {
  const product = await productNow();
  for (const record of await all()) {
    // A new product may have come with a page that nobody saw it come to: what it was asked under tells.
    if (!["kept", "keeping"].includes(record.state) || !(isDue(record) || record.product !== product)) continue;
    try {
      const said = await ask(record.item, { pages: record.pages, brief: true });
      await alone(async () => {
        const now = await get(record.item);
        if (now) await put({ ...now, until: said.until && Date.parse(said.until), person: said.person, askedAt: Date.now(), product });
      });
      if (said.version !== record.version || (record.state === "keeping" && !isPaused(record))) await keep(record.item, record);
      tell();
    } catch (error) {
      if (error.reason === "away") return;
      if (error.reason === "denied") await end(record, "gone");
      tell();
    }
  }
}

/** Forget a broken-off copy's place in the line: it goes on only when its reader says so. */
export const paused = async (item, is) => {
  const record = await get(item);
  if (record) await put({ ...record, isPaused: is });
  tell();
};

export const kept = async (item) => {
  const [record, who] = [await get(item), await meta("who")];
  return record && (record.person === NOBODY || record.person === who) ? record : null;
};
