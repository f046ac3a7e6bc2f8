// A note as we keep it, and as the protocol has it: W3C Web Annotation (https://www.w3.org/TR/annotation-model/).
//
// A note here: owner, canonical, item, page, start, end, exact, prefix, suffix, box, kind ("highlight" or "bookmark"), colour,
// text, group, created, modified; from the server: url, etag, seen (its `modified`), anchored, author, isOthers; for sending: pending ("create",
// "change", "delete" or null), and base, the text as the server had it when it was last in agreement.

const CONTEXT = "http://www.w3.org/ns/anno.jsonld";
const FRAGMENTS = "http://www.w3.org/TR/media-frags/";
export const COLOURS = Object.freeze(["yellow", "green", "blue", "red"]);

/** What the server is sent. `site` has the public addresses: `place` with `{item}` and `{key}`, `item` with `{item}`. */
export function toAnnotation(note, site) {
  const fill = (pattern) => pattern.replace("{item}", note.item).replace("{key}", note.page);
  const target = { type: "SpecificResource", source: fill(site.place), scope: fill(site.item) };
  const selector = selectors(note);
  if (selector.length) target.selector = selector;
  if (note.kind === "highlight") target.styleClass = `wy-${note.colour}`;
  const told = {
    "@context": CONTEXT,
    type: "Annotation",
    motivation: note.kind === "bookmark" ? "bookmarking" : note.text ? "commenting" : "highlighting",
    canonical: note.canonical,
    created: note.created,
    modified: note.modified,
    target,
  };
  if (note.url) told.id = note.url;
  if (note.text) told.body = [{ type: "TextualBody", purpose: "commenting", value: note.text, format: "text/plain" }];
  if (note.group) told.audience = { id: note.group, type: "Audience" };
  return told;
}

function selectors({ start, end, exact, prefix, suffix, box }) {
  const found = [];
  if (start !== null && start !== undefined) found.push({ type: "TextPositionSelector", start, end: end ?? start });
  if (exact) found.push({ type: "TextQuoteSelector", exact, prefix: prefix ?? "", suffix: suffix ?? "" });
  if (box) found.push({ type: "FragmentSelector", conformsTo: FRAGMENTS, value: `xywh=${box.join(",")}` });
  return found;
}

const listed = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);

/** What the server says, as a note of ours; null for what is none (a position, another's kind of annotation). */
export function fromAnnotation(told, { owner, etag = null }) {
  const motivations = listed(told.motivation);
  const target = listed(told.target)[0];
  const place = /\/read\/([^/]+)\/place\/(\d+)(?:[?#].*)?$/.exec(target?.source?.id ?? target?.source ?? "");
  if (!place || motivations.includes("urn:wenyuan:reading")) return null;
  const selector = new Map(listed(target.selector).map((each) => [each.type, each]));
  const types = ["TextPositionSelector", "TextQuoteSelector", "FragmentSelector"];
  const [position, quoted, fragment] = types.map((type) => selector.get(type));
  const box = /xywh=(?:pixel:)?([\d.]+),([\d.]+),([\d.]+),([\d.]+)/.exec(fragment?.value ?? "")?.slice(1).map(Number) ?? null;
  const colour = listed(target.styleClass).map((name) => name.replace(/^wy-/, "")).find((name) => COLOURS.includes(name));
  const notes = listed(told.body).filter((body) => body.purpose === undefined || body.purpose === "commenting");
  const text = notes.map((body) => body.value ?? "").join("\n");
  return {
    owner,
    canonical: told.canonical ?? told.id,
    item: place[1],
    page: Number(place[2]),
    start: position?.start ?? null,
    end: position?.end ?? null,
    exact: quoted?.exact ?? "",
    prefix: quoted?.prefix ?? "",
    suffix: quoted?.suffix ?? "",
    box,
    kind: motivations.includes("bookmarking") ? "bookmark" : "highlight",
    colour: colour ?? "yellow",
    text,
    group: listed(told.audience)[0]?.id ?? null,
    created: told.created,
    modified: told.modified ?? told.created,
    seen: told.modified ?? null,
    url: told.id,
    etag: etag ?? (told["urn:wenyuan:version"] ? `"${told["urn:wenyuan:version"]}"` : null),
    anchored: told["urn:wenyuan:anchored"] ?? "here",
    author: listed(told.creator)[0]?.name ?? "",
    isOthers: isOthers(listed(told.creator)[0], owner),
    pending: null,
    base: text,
  };
}

/** Whether it was made by somebody else than the account it is listed for. */
function isOthers(creator, owner) {
  if (!creator) return false;
  if (creator.id?.startsWith("urn:wenyuan:person:")) return decodeURIComponent(creator.id.slice("urn:wenyuan:person:".length)) !== owner;
  return Boolean(creator.name) && creator.name !== owner;
}

/** Where a note stands; the server moves it with the text, nobody else does. */
export function anchorOf({ page, start, end, exact, prefix, suffix, box, anchored }) {
  return { page, start, end, exact, prefix, suffix, box, anchored };
}
