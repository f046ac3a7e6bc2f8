// Saving and proposing: what is sent, and what the answer means.

/** What became of an attempt. */
export const Outcome = Object.freeze({
  SAVED: "saved", PROPOSED: "proposed", CHANGED: "changed", EXPIRED: "expired", OFFLINE: "offline", REFUSED: "refused",
});

const ACCEPT = "application/json, application/problem+json";

export class Saving {
  constructor(told, token) {
    Object.assign(this, { told, token });
  }

  /** The page's text as the library has it now. */
  async fetch() {
    const answer = await fetch(this.told.urls.text, { headers: { Accept: ACCEPT }, cache: "no-cache" });
    if (!answer.ok) throw new Error(`${this.told.urls.text}: ${answer.status}`);
    return answer.json();
  }

  /** Save lines upon a version, and then change lines: `{outcome, text, why}`. */
  save(etag, lines, then = null) {
    const body = then ? { lines, then } : { lines };
    return this.#send("PUT", body, { "If-Match": `"${etag}"` });
  }

  /** Propose lines to the library. */
  propose(base, lines, note) {
    return this.#send("POST", { base, lines, note });
  }

  async #send(method, body, more = {}) {
    let answer;
    try {
      answer = await fetch(this.told.urls.text, {
        method,
        headers: { Accept: ACCEPT, "Content-Type": "application/json", "X-Form-Token": this.token, ...more },
        body: JSON.stringify(body),
      });
    } catch {
      return { outcome: Outcome.OFFLINE };
    }
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return method === "POST" ? { outcome: Outcome.PROPOSED } : { outcome: Outcome.SAVED, text: told };
    return { outcome: this.#meant(answer.status, told), why: [told.title, told.detail].filter(Boolean).join(" ") };
  }

  #meant(status, told) {
    if (told.code === "text-changed") return Outcome.CHANGED;
    if (status === 401 || told.code === "form-expired") return Outcome.EXPIRED;
    return status >= 500 && !told.title ? Outcome.OFFLINE : Outcome.REFUSED;
  }
}
