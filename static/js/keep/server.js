// Talking with the server's annotation container (W3C Web Annotation Protocol) and its places.

const TYPE = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"';
const WHOLE = 'return=representation; include="http://www.w3.org/ns/oa#PreferContainedDescriptions"';
const MOST_PAGES = 400; // of a list; more than anybody keeps of one item

/** The server did not take it: `status` says why, 0 where it could not be asked. */
export class NotTaken extends Error {
  constructor(status, words = "", { retryAfter = 0, code = "" } = {}) {
    super(words || `${status}`);
    Object.assign(this, { status, retryAfter, code });
  }

  /** Whether the session that the page was made for is over: signing in again, or opening the page anew, will help. */
  get isEnded() {
    return this.status === 401 || /form-(expired|token)/.test(this.code);
  }

  /** Whether asking again later may help. */
  get isPassing() {
    return this.status === 0 || this.status === 408 || this.status === 425 || this.status === 429 || this.status >= 500;
  }
}

export class Server {
  /** @param told `person`, and `token` of the session; `urls` with `annotations`, `position` ({item}), `groups`, `my`. */
  constructor({ person, token, urls }) {
    Object.assign(this, { person, token, urls });
  }

  /** The token of the session as it is now, where it is still the same reader's; pages may lie open, or offline, for days. */
  async #renewToken() {
    const answer = await fetch(this.urls.my, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const { person, token } = JSON.parse(page.querySelector("[data-my]")?.dataset.my ?? "{}");
    if (!token || person !== this.person || token === this.token) return false;
    this.token = token;
    return true;
  }

  async #ask(address, { method = "GET", body = null, headers = {}, keepalive = false } = {}) {
    const own = { Accept: `${TYPE}, application/json, application/problem+json;q=0.5` };
    if (method !== "GET") own["X-Form-Token"] = this.token;
    if (body !== null) own["Content-Type"] = headers["Content-Type"] ?? "application/json";
    let answer;
    try {
      answer = await fetch(address, {
        method, keepalive, credentials: "same-origin", cache: "no-store",
        headers: { ...own, ...headers },
        body: body === null ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      throw new NotTaken(0, String(error));
    }
    if (answer.ok) return answer;
    const { detail, title, code, type } = await answer.json().catch(() => ({}));
    const retryAfter = Number(answer.headers.get("Retry-After")) || 0;
    const refusal = new NotTaken(answer.status, detail ?? title, { retryAfter, code: `${code ?? ""} ${type ?? ""}` });
    if (refusal.status !== 401 && refusal.isEnded && !keepalive && (await this.#renewToken())) {
      return this.#ask(address, { method, body, headers });
    }
    throw refusal;
  }

  /** Every annotation of a list, page after page. `where` narrows it: {item} or {group}. */
  async list(where = {}) {
    const address = new URL(this.urls.annotations, location.origin);
    Object.entries(where).forEach(([name, value]) => address.searchParams.set(name, value));
    const container = await (await this.#ask(here(address), { headers: { Prefer: WHOLE } })).json();
    const found = [];
    let page = container.type === "AnnotationPage" ? container : container.first;
    for (let count = 0; page && count < MOST_PAGES; count += 1) {
      if (typeof page === "string") page = await (await this.#ask(here(page), { headers: { Prefer: WHOLE } })).json();
      for (const item of page.items ?? []) found.push(typeof item === "string" ? (await this.get(item)).told : item);
      page = page.next;
    }
    return found;
  }

  async get(address) {
    const answer = await this.#ask(here(address));
    return { told: await answer.json(), etag: answer.headers.get("ETag") };
  }

  /** Create; the same `canonical` twice is once. */
  async create(told) {
    const answer = await this.#ask(this.urls.annotations, { method: "POST", body: told, headers: { "Content-Type": TYPE } });
    const made = await answer.json().catch(() => null);
    return { told: made, etag: answer.headers.get("ETag"), url: answer.headers.get("Location") ?? made?.id };
  }

  async change(address, told, etag) {
    const answer = await this.#ask(here(address), { method: "PUT", body: told, headers: { "Content-Type": TYPE, "If-Match": etag } });
    return { told: await answer.json().catch(() => null), etag: answer.headers.get("ETag") };
  }

  async remove(address, etag, { keepalive = false } = {}) {
    await this.#ask(here(address), { method: "DELETE", keepalive, headers: { "If-Match": etag } });
  }

  /** Where the reader is in an item by all devices: {here, offered}. */
  async places(item, device) {
    const address = new URL(this.urls.position.replace("{item}", item), location.origin);
    address.searchParams.set("device", device);
    return (await this.#ask(address.href)).json();
  }

  async putPlace(item, place, { keepalive = false } = {}) {
    await this.#ask(this.urls.position.replace("{item}", item), { method: "PUT", body: place, keepalive });
  }

  /** The reading groups that one belongs to: [{id, name}]. */
  async groups() {
    const told = await (await this.#ask(this.urls.groups)).json();
    const list = Array.isArray(told) ? told : (told.groups ?? told.items ?? []);
    return list.map((group) => ({ id: String(group.id), name: group.name ?? group.title ?? "" }));
  }
}

/** Addresses are public ones; behind a proxy or a tunnel the same path of this host is meant. */
function here(address) {
  const { pathname, search } = new URL(address, location.origin);
  return `${location.origin}${pathname}${search}`;
}
