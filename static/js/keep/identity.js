// What tells this browser and the things made in it apart from all others.

const DEVICE = "wenyuan.keep.device";

/** A random UUID (RFC 9562, version 4); sites without encryption have no `crypto.randomUUID`. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** This browser, the same as long as it keeps anything. */
export function device() {
  try {
    const known = localStorage.getItem(DEVICE);
    if (known) return known;
    const made = uuid();
    localStorage.setItem(DEVICE, made);
    return made;
  } catch {
    return (passing ??= uuid());
  }
}

let passing = null;

const SYSTEMS = [["iPhone", /iPhone/], ["iPad", /iPad/], ["Android", /Android/], ["Windows", /Windows/], ["Mac", /Mac/], ["Linux", /Linux|X11/]];
const BROWSERS = [["Edge", /Edg/], ["Firefox", /Firefox|FxiOS/], ["Chrome", /Chrome|CriOS|Chromium/], ["Safari", /Safari/]];

/** What a reader would call it: "iPhone · Safari". */
export function deviceName(agent = navigator.userAgent) {
  const first = (table) => table.find(([, pattern]) => pattern.test(agent))?.[0];
  return [first(SYSTEMS), first(BROWSERS)].filter(Boolean).join(" · ");
}
