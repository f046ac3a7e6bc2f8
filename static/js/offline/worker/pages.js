// Pages without a network: the reading room of what is kept, open at the place that is asked for, else a page that says what
// is kept and why this is not. Pages of the server are never stored but for these two.

(() => {
  const { STATIC, cacheName, meta } = self.keptRecords;
  const { place } = self.keptAddresses;
  const STATUS = { "": 200, over: 410, gone: 410 };
  const TOLD = /(\sdata-(?:room|book|keep)=")([^"]*)"/g; // what a page tells the scripts of its room, as JSON
  const SIGNS = { "&#34;": '"', "&quot;": '"', "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&" };

  /** A page that was kept as it was fetched, some of it changed. */
  async function changed(kept, change, status = 200) {
    const headers = new Headers(kept.headers);
    headers.delete("Content-Encoding");
    headers.delete("Content-Length");
    return new Response(change(await kept.text()), { status, headers });
  }

  /** The 1-based place that an address of a reading room means in a kept copy; 0 where that is not kept. */
  function positionIn(record, { position, key, entry }) {
    const found = position || key || entry
      ? record.places.find((row) => row[0] === position || row[1] === key || (entry && row[3] === entry))
      : record.places[0];
    return found?.[0] ?? 0;
  }

  /** The reading room of a copy, or null where the place is not in it. Other addresses of the place lead to its own one. */
  async function room(record, url) {
    const asked = place(url);
    const position = asked && positionIn(record, asked);
    if (!position) return null;
    if (!asked.position) return Response.redirect(`/read/${record.item}/${position}${url.search}`, 302);
    const cache = await caches.open(cacheName(record.item, record.version));
    const shell = await cache.match(record.shell);
    const reader = await meta("reader") ?? {};
    return shell ? changed(shell, (page) => openAt(record, page, position, reader)) : null;
  }

  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&#34;").replaceAll("<", "&lt;");

  /** A page that was kept as nobody's, for who is signed in: its scripts let go of what another reader's are. */
  const named = (page, { person = "", site = "{}" }) => page.replace(
    / data-person="[^"]*"(?: data-site="[^"]*")?/,
    ` data-person="${escaped(person)}" data-site="${escaped(site)}"`,
  );

  /** The page of a room, which was fetched for the first place that is kept, as it would be for another; and for who is signed
   * in: what is open to all is kept as nobody's, but his notes are his. */
  function openAt(record, page, position, reader) {
    const { person = "", token = "" } = reader;
    const row = record.places.find(([each]) => each === position);
    const begun = record.places[0];
    const retold = page.replace(TOLD, (_, before, told) => {
      const room = JSON.parse(told.replace(/&(?:#34|quot|#39|lt|gt|amp);/g, (sign) => SIGNS[sign]));
      const here = { position, key: row[1], entry: row[3], label: row[2] || String(position), person, token };
      Object.keys(here).forEach((name) => { if (name in room) room[name] = here[name]; });
      return `${before}${escaped(JSON.stringify(room))}"`;
    });
    const framed = row[6] ? retold.replace(`src="${escaped(begun[6])}`, `src="${escaped(row[6])}`) : retold;
    return named(framed, reader).replace("<html ", '<html data-kept="yes" ');
  }

  /** The page that says what is kept, and why it is shown instead of another: `line`, `page`, `over`, `clock`, `gone`;
   * for no reason where it was asked for itself. */
  async function instead(because, item = "") {
    const kept = await (await caches.open(STATIC)).match(self.wenyuan.page);
    if (!kept) return Response.error();
    const told = `data-because="${because}" data-item="${item}"`;
    const reader = await meta("reader") ?? {};
    return changed(kept, (page) => named(page, reader).replace('data-because=""', told), STATUS[because] ?? 503);
  }

  self.keptPages = { room, instead };
})();
