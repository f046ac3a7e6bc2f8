// What a reader chose, kept in this browser. Where nothing may be kept, choices last as long as the page.

const PREFIX = "wenyuan.room.";
const here = new Map();

export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name) ?? here.get(name) ?? null;
  } catch {
    return here.get(name) ?? null;
  }
}

export function remember(name, value) {
  here.set(name, String(value));
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Private windows and full stores refuse.
  }
}
