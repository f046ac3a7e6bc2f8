// What goes into the clipboard: lines joined as they are read, regions and pages on lines of their own.

const lineOf = new WeakMap();

/** Say which line of text an element shows. `paragraph` is the same for all lines that are joined. */
export function tell(element, { paragraph }) {
  lineOf.set(element, { paragraph });
  element.dataset.line = "";
}

const IS_WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef〇□]/u;

/** Put the next line after what is there: nothing between Chinese, a blank between words, a soft hyphen goes. */
export function joined(before, after) {
  if (!before || !after) return before + after;
  if (before.endsWith("\u00ad")) return before.slice(0, -1) + after;
  const [last, first] = [Array.from(before).at(-1), Array.from(after)[0]];
  const isOpen = IS_WIDE.test(last) || IS_WIDE.test(first) || last === "-" || /\s/.test(last) || /\s/.test(first);
  return before + (isOpen ? "" : " ") + after;
}

/** Lines as one text; `paragraph` of each tells which belong together. */
export function clean(lines) {
  const paragraphs = [];
  let last;
  for (const { paragraph, text } of lines) {
    if (!text) continue;
    if (paragraphs.length && paragraph === last) paragraphs.push(joined(paragraphs.pop(), text));
    else paragraphs.push(text);
    last = paragraph;
  }
  return paragraphs.map((each) => each.replaceAll("\u00ad", "").trim()).filter(Boolean).join("\n");
}

/** The text of whole pages, cleaned. */
export function cleanPages(texts) {
  return clean(texts.flatMap((page) => page.lines.map((line) => ({ paragraph: `${page.position}/${line.region}`, text: line.text }))));
}

/** The part of an element's text that lies in a range, as [start, end] in UTF-16 units; null where none does. */
export function partOf(element, range) {
  if (!range.intersectsNode(element)) return null;
  const whole = document.createRange();
  whole.selectNodeContents(element);
  const length = whole.toString().length;
  const offset = (container, place) => {
    const before = whole.cloneRange();
    before.setEnd(container, place);
    return before.toString().length;
  };
  const start = element.contains(range.startContainer) ? offset(range.startContainer, range.startOffset) : 0;
  const end = element.contains(range.endContainer) ? offset(range.endContainer, range.endOffset) : length;
  return start < end ? [start, end] : null;
}

/** What is selected of lines that were told, cleaned; empty where the selection is of something else. */
export function selectedText(roots) {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return "";
  const range = selection.getRangeAt(0);
  const root = roots.find((each) => each.contains(range.commonAncestorContainer));
  if (!root) return "";
  const lines = [];
  for (const element of root.querySelectorAll("[data-line]")) {
    const part = partOf(element, range);
    if (part) lines.push({ ...lineOf.get(element), text: element.textContent.slice(...part) });
  }
  return clean(lines);
}

/** Put text into the clipboard; where the browser refuses, show it, ready to be copied by hand. True if it is there. */
export async function copyOrShow(text) {
  const isCopied = await copy(text);
  if (!isCopied) showByHand(text);
  return isCopied;
}

function showByHand(text) {
  const dialog = document.getElementById("by-hand");
  const field = dialog.querySelector("textarea");
  field.value = text;
  if (!dialog.open) dialog.showModal();
  field.focus();
  field.select();
}

const usual = new WeakMap();

/** Let an element say something else for a moment. */
export function flash(element, words) {
  const known = usual.get(element) ?? { words: element.textContent };
  usual.set(element, known);
  clearTimeout(known.ends);
  element.textContent = words;
  known.ends = setTimeout(() => { element.textContent = known.words; }, 1600);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyAsOfOld(text);
  }
}

/** Sites without encryption have no clipboard but that of the copy command. */
function copyAsOfOld(text) {
  let isGiven = false; // the command says that it worked where nobody was asked for the text, too
  const give = (event) => {
    isGiven = true;
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("copy", give, { capture: true, once: true });
  const done = document.execCommand("copy");
  document.removeEventListener("copy", give, { capture: true });
  return done && isGiven;
}
