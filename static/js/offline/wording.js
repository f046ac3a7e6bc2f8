// Numbers and words of kept copies, as all of their lists and tools say them.

const UNITS = ["B", "KB", "MB", "GB"];

/** The words that a page brings, with their gaps filled. */
export function speaker(element) {
  const words = JSON.parse(element.dataset.words);
  return (name, values = {}) => (words[name] ?? name).replace(/\{(\w+)\}/g, (gap, key) => values[key] ?? gap);
}

export function size(bytes) {
  let [number, unit] = [Math.max(0, bytes), 0];
  while (number >= 1000 && unit < UNITS.length - 1) [number, unit] = [number / 1000, unit + 1];
  return `${unit < 2 || number >= 100 ? Math.round(number) : number.toFixed(1)} ${UNITS[unit]}`;
}

export function day(moment) {
  const { lang } = document.documentElement;
  return new Intl.DateTimeFormat(lang || undefined, { dateStyle: "long" }).format(moment);
}

/** Places as people write them: 2–4、7. */
export function spans(places) {
  const sorted = [...new Set(places)].sort((a, b) => a - b);
  const runs = [];
  for (const place of sorted) {
    if (runs.at(-1)?.[1] === place - 1) runs.at(-1)[1] = place;
    else runs.push([place, place]);
  }
  const comma = isChinese() ? "、" : ", ";
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(comma);
}

/** What of an item is kept: the whole, or which pages. */
export function extent(record, say) {
  if (record.kind !== "scan" || record.places.length === record.count) return say("whole");
  return say("pages", { pages: spans(record.places.map(([position]) => position)) });
}

const isChinese = () => document.documentElement.lang.startsWith("zh");

/** Sentences one after the other; what belongs together within one. */
export const sentences = (...each) => each.filter(Boolean).join(isChinese() ? "" : " ");
export const clauses = (...each) => each.filter(Boolean).join(isChinese() ? "；" : "; ");
