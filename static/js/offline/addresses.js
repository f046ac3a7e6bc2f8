// What an address of the library asks for, as far as kept copies are concerned. Pure.

(() => {
  const ITEM = "([0-9a-z]{13})";
  const OF_ITEM = new RegExp(`^/(?:read|chapters|documents|download|items)/${ITEM}(?:/|$)|^/iiif/image/[23]/${ITEM}-\\d+/`);
  const READING = new RegExp(`^/read/${ITEM}(?:/(\\d+)|/place/(\\d+)|/entry/(.+))?$`);
  const IMAGE = new RegExp(`^/iiif/image/[23]/${ITEM}-(\\d+)/(full|\\d+,\\d+,\\d+,\\d+)/(\\d+),(\\d+)/0/default\\.jpg$`);
  const CHAPTER = new RegExp(`^(/chapters/${ITEM}/)(\\d+)(/.+)$`);

  /** The item that an address belongs to, or null. */
  const itemOf = ({ pathname }) => {
    const found = OF_ITEM.exec(pathname);
    return found?.[1] ?? found?.[2] ?? null;
  };

  /** Where a page of a reading room is to be open: by place, by key or by entry; by none at its beginning. */
  function place({ pathname }) {
    const found = READING.exec(pathname);
    if (!found) return null;
    const [, item, position, key, entry] = found;
    return { item, position: Number(position) || 0, key: Number(key) || 0, entry: entry ? decodeURIComponent(entry) : "" };
  }

  /** A picture of a page: its key, the region or null for the whole, and width and height that are asked for. */
  function image({ pathname }) {
    const found = IMAGE.exec(pathname);
    if (!found) return null;
    const [, item, key, region, width, height] = found;
    return { item, key: Number(key), region: region === "full" ? null : region.split(",").map(Number), width: Number(width), height: Number(height) };
  }

  /** An entry of an e-book as it is kept: under the first chapter of its file, without what was searched for. */
  function chapter({ pathname }, standsFor = {}) {
    const found = CHAPTER.exec(pathname);
    return found && `${found[1]}${standsFor[found[3]] ?? found[3]}${found[4]}`;
  }

  /** Whether an address names the very bytes, so that a copy of them is as good as they are. */
  const isLasting = ({ pathname, searchParams }) => /^\/static\/(?:js|vendor\/[^/]+)@/.test(pathname) || searchParams.has("v");

  self.keptAddresses = { itemOf, place, image, chapter, isLasting };
})();
