// Keys without Ctrl or Alt can be turned off (WCAG 2.2, 2.1.4): who speaks to the computer, or whose hand is unsure, sets
// them off by chance. Where they are off, no part of the page hears of them; fields, arrows and Escape stay as they are.

const KEPT = "wenyuan.single-keys";
const switches = () => document.querySelectorAll("input[data-single-keys]");
let areOn = recalled();

function recalled() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}

function remember() {
  try {
    localStorage.setItem(KEPT, areOn ? "on" : "off");
  } catch {
    // then it holds as long as the page is open
  }
}

/** Whether a key writes a character, and is no shortcut of the browser. */
const isSingle = (event) => [...event.key].length === 1 && event.key !== " " && !event.ctrlKey && !event.altKey && !event.metaKey;

window.addEventListener("keydown", (event) => {
  if (areOn || !isSingle(event) || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  event.stopImmediatePropagation();
}, { capture: true });

switches().forEach((input) => {
  input.checked = areOn;
  input.addEventListener("change", () => {
    areOn = input.checked;
    remember();
    switches().forEach((each) => { each.checked = areOn; });
  });
});
