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

/**
 * This browser, as the account that reads here knows it: the same as long as the account stays, and another for every other
 * account, so that nobody can tell that they sat at the same computer. Who has not signed in has one for the page alone.
 */
export function device() {
  const owner = document.querySelector("script[data-person]")?.dataset.person ?? "";
  if (!owner) return (passing ??= uuid());
  try {
    const known = JSON.parse(localStorage.getItem(DEVICE) ?? "null");
    if (known.owner === owner) return known.id;
  } catch {
    // There is none, or one from before they belonged to accounts.
  }
  const id = (passing ??= uuid());
  try {
    localStorage.setItem(DEVICE, JSON.stringify({ owner, id }));
  } catch {
    // Then it lasts as long as the page.
  }
  return id;
}

let passing = null;

/** Be another browser from now on. */
export function forgetDevice() {
  passing = null;
  try {
    localStorage.removeItem(DEVICE);
  } catch {
    // Nothing may be kept here.
  }
}

const SYSTEMS = [["iPhone", /iPhone/], ["iPad", /iPad/], ["Android", /Android/], ["Windows", /Windows/], ["Mac", /Mac/], ["Linux", /Linux|X11/]];
const BROWSERS = [["Edge", /Edg/], ["Firefox", /Firefox|FxiOS/], ["Chrome", /Chrome|CriOS|Chromium/], ["Safari", /Safari/]];

/** What a reader would call it: "iPhone · Safari". */
export function deviceName(agent = navigator.userAgent) {
  const first = (table) => table.find(([, pattern]) => pattern.test(agent))?.[0];
  return [first(SYSTEMS), first(BROWSERS)].filter(Boolean).join(" · ");
}
