// The worker between the library's pages and the network. It answers only where there is something to answer with: pages when
// the network fails, what belongs to a kept copy, and our own scripts and styles. All else goes its way untouched.
// `self.wenyuan`, which the server puts before this, names the version of the product and the scripts that belong to it.

importScripts(...self.wenyuan.parts);

const { NOBODY, STATIC, PREFIX, all, get, meta, setMeta, cacheName, end, leaveOnly, listen, tell } = self.keptRecords;
const { passed, standing } = self.keptLease;
const { itemOf, isLasting, place } = self.keptAddresses;
const { exact, stand } = self.keptCopies;
const { room, instead } = self.keptPages;
const PATIENCE_MS = 4000; // for the network, where there is a copy
const NOTED_MS = 10_000; // the passing of time is written down no more often
const KEEPING = "X-Keep-Offline"; // on requests by which a copy is made: they want the network

let known = null; // items of which there is a copy; null until they are read
let shelf = null; // addresses of our own scripts and styles that are kept

async function learn() {
  const records = await all();
  known = new Set(records.map(({ item }) => item));
  shelf = new Set((await (await caches.open(STATIC)).keys()).map(({ url }) => url));
  return records;
}

const learned = learn().catch(() => { [known, shelf] = [new Set(), new Set()]; });
listen(() => learn());

self.addEventListener("install", (event) => {
  event.waitUntil(takeIn());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    await self.registration.navigationPreload?.enable();
    await tidy();
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  const { ask, ...told } = event.data ?? {};
  const acts = { page: () => takePage(told), forget: () => leaveOnly(NOBODY).then(learn) };
  if (acts[ask]) event.waitUntil(acts[ask]().then(() => event.ports[0]?.postMessage("done")));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || request.headers.has(KEEPING)) return;
  if (request.mode === "navigate" && request.destination === "document") {
    event.respondWith(page(event, url));
    return;
  }
  if (url.pathname.startsWith("/static/")) {
    if (isLasting(url) && (shelf === null || shelf.has(request.url))) event.respondWith(ours(request, url));
    return;
  }
  const item = itemOf(url);
  if (item && (known === null || known.has(item))) event.respondWith(part(event, item, url));
});

/** Scripts and styles of the page that is shown offline, and that page. What older products left goes when this one begins. */
async function takeIn() {
  const cache = await caches.open(STATIC);
  await cache.addAll(self.wenyuan.shell);
  await takePage(await meta("page") ?? {});
  await learn();
  await self.skipWaiting();
}

/** The page that is shown offline, in the reader's language and on his paper, and as anybody sees it. */
async function takePage({ lang, theme }) {
  const answer = await fetch(self.wenyuan.page + (lang ? `?lang=${lang}` : ""), { credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new Error(`${self.wenyuan.page}: ${answer.status}`);
  const text = await answer.text();
  const drawn = theme ? text.replace(/data-theme="\w+"/, `data-theme="${theme}"`) : text;
  const headers = new Headers(answer.headers);
  headers.delete("Content-Encoding");
  await (await caches.open(STATIC)).put(self.wenyuan.page, new Response(drawn, { headers }));
  await setMeta("page", { lang, theme, version: self.wenyuan.version });
}

/** Take away what neither this product nor a kept copy needs, and caches that no record knows. */
async function tidy() {
  const records = await learn();
  const named = [self.wenyuan.page, ...self.wenyuan.shell, ...records.flatMap(({ urls = [] }) => urls.map(({ url }) => url))];
  const needed = new Set(named.map((url) => new URL(url, location.origin).href));
  const cache = await caches.open(STATIC);
  for (const request of await cache.keys()) if (!needed.has(request.url)) await cache.delete(request);
  const owned = records.flatMap(({ item, version, next }) => [cacheName(item, version), cacheName(item, next)]);
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && !owned.includes(name));
  await Promise.all(names.map((name) => caches.delete(name)));
  await learn();
}

/** A page of the library: from the network, and without it from a copy. */
async function page(event, url) {
  const asked = place(url);
  const held = asked && await usable(asked.item);
  try {
    const answer = await soon(answered(event), held?.record ? PATIENCE_MS : 0);
    if (answer.status >= 500 && held?.record) throw new Error(`${answer.status}`);
    await notice(event.request, answer);
    return answer;
  } catch {
    if (url.pathname === self.wenyuan.page) return instead("");
    if (!held) return instead("line", asked?.item);
    if (!held.record) return instead(held.because, asked.item);
    return await room(held.record, url).catch(() => null) ?? instead("page", asked.item);
  }
}

const answered = async (event) => (await event.preloadResponse) ?? fetch(event.request);

/** Something that belongs to a copy. Addresses that name the very bytes are not asked for again. */
async function part(event, item, url) {
  const { request } = event;
  const { record } = await usable(item) ?? {};
  if (!record) return fetch(request);
  const copy = isLasting(url) ? await exact(record, request, url).catch(() => null) : null;
  if (copy) return copy;
  try {
    const answer = await soon(fetch(request), PATIENCE_MS);
    if (answer.status < 500) return answer;
    return await fromCopy(record, request, url) ?? answer;
  } catch (error) {
    const found = await fromCopy(record, request, url);
    if (found) return found;
    if (url.pathname.endsWith(".json")) return unanswered(record);
    throw error;
  }
}

async function fromCopy(record, request, url) {
  return await exact(record, request, url).catch(() => null) ?? stand(record, request, url).catch(() => null);
}

/** What only the library itself can answer, said in words (RFC 9457). */
function unanswered({ words = {} }) {
  const problem = { type: "about:blank", status: 503, title: words.no_search, detail: words.no_search_remedy };
  return new Response(JSON.stringify(problem), { status: 503, headers: { "Content-Type": "application/problem+json" } });
}

/** Our own scripts and styles, whose addresses name their bytes. */
async function ours(request, url) {
  const cache = await caches.open(STATIC);
  const found = await cache.match(url.pathname + url.search);
  return found ?? fetch(request);
}

/** The copy of an item, if it may be read: {record}, else {because}; null where there is none. A copy whose time is over
 * goes. */
async function usable(item) {
  await learned;
  if (!known.has(item)) return null;
  const record = await get(item);
  if (!record) return null;
  if (record.state === "ended") return { because: "over" };
  if (record.state === "gone") return { because: "gone" };
  const [clock, who] = [await meta("clock"), await meta("who")];
  if (record.person !== NOBODY && record.person !== who) return null;
  const now = Date.now();
  const stands = standing(record, clock, now);
  const later = passed(clock, now);
  if (record.until !== null && later.latest - (clock?.latest ?? 0) > NOTED_MS) await setMeta("clock", later);
  if (stands === "over") {
    await end(record, "ended");
    tell();
    return { because: "over" };
  }
  return stands === "clock" ? { because: "clock" } : { record };
}

/** Who is signed in may have changed: what belongs to another reader goes. Pages out of the browser's own cache, as its back
 * button shows them, tell of the past. */
async function notice(request, answer) {
  const tag = answer.headers.get("Reader-Tag");
  if (tag === null || request.isHistoryNavigation || request.cache === "force-cache" || request.cache === "only-if-cached") return;
  if (await meta("who") === tag) return;
  await setMeta("who", tag);
  if (await leaveOnly(tag)) {
    await learn();
    tell();
  }
}

/** An answer, or an error where it does not begin in time. */
function soon(answer, patience) {
  if (!patience) return answer;
  return Promise.race([answer, new Promise((_, reject) => { setTimeout(() => reject(new Error("slow")), patience); })]);
}
