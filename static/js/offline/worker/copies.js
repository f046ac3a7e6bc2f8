// Answers out of a kept copy: as it was fetched, with its headers (a chapter stays in its sandbox), in parts where parts are
// asked for, and pictures of other sizes than the one that is kept made from that one.

(() => {
  const { STATIC, cacheName } = self.keptRecords;
  const { image, chapter } = self.keptAddresses;
  const DRAWN = 4; // pages of which the decoded picture is at hand
  const QUALITY = 0.86;

  const decoded = new Map(); // by address: a promise of a bitmap, the last used last

  /** The bytes that a request asks for of a whole answer (RFC 9110, section 14): 206, 416, or all of them. */
  async function ranged(whole, request) {
    const asked = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("Range") ?? "");
    if (!asked || (!asked[1] && !asked[2])) return whole;
    const bytes = await whole.blob();
    const first = asked[1] ? Number(asked[1]) : Math.max(0, bytes.size - Number(asked[2]));
    const last = asked[1] && asked[2] ? Math.min(Number(asked[2]), bytes.size - 1) : bytes.size - 1;
    const headers = new Headers(whole.headers);
    headers.delete("Content-Encoding");
    headers.set("Accept-Ranges", "bytes");
    if (first > last || first >= bytes.size) {
      headers.set("Content-Range", `bytes */${bytes.size}`);
      headers.delete("Content-Length");
      return new Response(null, { status: 416, headers });
    }
    headers.set("Content-Range", `bytes ${first}-${last}/${bytes.size}`);
    headers.set("Content-Length", String(last - first + 1));
    return new Response(bytes.slice(first, last + 1, bytes.type), { status: 206, headers });
  }

  /** Exactly what was fetched from this address; null where it was not. */
  async function exact(record, request, url) {
    const name = url.pathname.startsWith("/static/") ? STATIC : cacheName(record.item, record.version);
    const found = await (await caches.open(name)).match(url.pathname + url.search);
    return found ? ranged(found, request) : null;
  }

  /** What can stand for what is asked: an entry under another key, the table of pages or a text of an earlier version, a
   * picture of another size; null where there is nothing. */
  async function stand(record, request, url) {
    const asked = image(url);
    if (asked) return picture(record, asked);
    const cache = await caches.open(cacheName(record.item, record.version));
    const entry = chapter(url, record.stands_for);
    const found = await cache.match(entry ?? url.pathname, { ignoreSearch: true });
    return found ? ranged(found, request) : null;
  }

  /** The kept picture of a page. */
  function keptPicture(record, key) {
    const start = `/iiif/image/3/${record.item}-${key}/`;
    return record.urls.find(({ url }) => url.startsWith(start))?.url ?? null;
  }

  async function picture(record, asked) {
    const address = keptPicture(record, asked.key);
    if (!address) return null;
    const cache = await caches.open(cacheName(record.item, record.version));
    const kept = await cache.match(address);
    if (!kept) return null;
    if (!self.OffscreenCanvas) return asked.region ? null : kept;
    return drawn(address, kept, asked, record.places.find((row) => row[1] === asked.key)?.slice(4));
  }

  function bitmap(address, kept) {
    const known = decoded.get(address) ?? kept.blob().then((bytes) => createImageBitmap(bytes));
    decoded.delete(address);
    decoded.set(address, known);
    if (decoded.size > DRAWN) {
      const [oldest, waiting] = decoded.entries().next().value;
      decoded.delete(oldest);
      waiting.then((each) => each.close(), () => {});
    }
    known.catch(() => decoded.delete(address));
    return known;
  }

  /** A part of the kept picture, or all of it, in the very size that is asked for: viewers lay pieces edge to edge. */
  async function drawn(address, kept, { region, width, height }, pageSize) {
    const from = await bitmap(address, kept);
    const [across, down] = pageSize ?? [from.width, from.height];
    const [x, y, wide, high] = region ?? [0, 0, across, down];
    const [sx, sy] = [from.width / across, from.height / down];
    const canvas = new OffscreenCanvas(width, height);
    const pen = canvas.getContext("2d", { alpha: false });
    pen.imageSmoothingQuality = "high";
    pen.drawImage(from, x * sx, y * sy, wide * sx, high * sy, 0, 0, width, height);
    const bytes = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
    return new Response(bytes, {
      headers: {
        "Content-Type": "image/jpeg",
        "Cache-Control": "no-store", // what is made from a copy must not be taken for the page itself later
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
      },
    });
  }

  self.keptCopies = { exact, stand };
})();
