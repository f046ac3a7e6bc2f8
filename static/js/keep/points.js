// Text counted in code points, as the server counts it: a rare character of two UTF-16 units is one.

/** So many code points around a quote are kept with it, to find it again. */
export const CONTEXT = 32;

/** A quote with what stands around it. `points` is the page's text as an array of code points. */
export function quote(points, start, end) {
  return {
    exact: points.slice(start, end).join(""),
    prefix: points.slice(Math.max(0, start - CONTEXT), start).join(""),
    suffix: points.slice(end, end + CONTEXT).join(""),
  };
}

/** The beginning of a text, so many code points of it. */
export function beginning(text, count) {
  const points = Array.from(text);
  return points.length > count ? `${points.slice(0, count).join("")}…` : text;
}
