// What is kept here as a file of one's own, without asking the server.

/** Signs that Markdown would take for its own (CommonMark 0.31, §2.4). */
const escaped = (text) => text.replace(/[\\`*_{}[\]<>#+!|~]/g, "\\$&");

/** Notes of one item, in the order they come. */
export function asMarkdown(title, notes, word) {
  const lines = [`# ${escaped(title)}`, ""];
  let label = null;
  for (const note of notes) {
    if (note.label !== label) lines.push(`## ${escaped(note.label ?? "")}`, "");
    label = note.label;
    if (note.exact) lines.push(...note.exact.split("\n").map((line) => `> ${escaped(line)}`), "");
    else lines.push(`*${word(note.kind === "bookmark" ? "bookmark" : "region")}*`, "");
    if (note.text) lines.push(...note.text.split("\n").map(escaped), "");
  }
  return lines.join("\n");
}

/** Give the reader a file. */
export function save(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name.replace(/[\\/:*?"<>|]/g, " ");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
