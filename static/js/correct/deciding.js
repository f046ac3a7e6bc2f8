// Deciding on readers' proposals by keyboard. Without this script every button is there as well.

const DOES = { KeyA: ["accept", "accept-only"], KeyN: ["decline", "decline-all"] };
const articles = [...document.querySelectorAll("[data-proposal]")];

/** The proposal that has the focus, or something in it. */
const current = () => articles.indexOf(document.activeElement?.closest("[data-proposal]"));

function go(place) {
  const article = articles[Math.min(Math.max(place, 0), articles.length - 1)];
  article?.focus({ preventScroll: true });
  article?.scrollIntoView({ block: "start" });
}

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  if (event.key === "ArrowDown") go(current() + 1);
  else if (event.key === "ArrowUp") go(current() - 1);
  else if (event.code in DOES && current() >= 0) {
    articles[current()].querySelector(`[data-do="${DOES[event.code][Number(event.shiftKey)]}"]`)?.click();
  } else return;
  event.preventDefault();
});

// What many readers wrote is not waved away by a slip of the hand.
document.addEventListener("submit", (event) => {
  const sure = event.submitter?.dataset.sure;
  if (sure && !window.confirm(sure)) event.preventDefault();
});

const keys = document.querySelector("[data-deciding-keys]");
if (keys) keys.hidden = false;
// After a decision the next one is at hand at once, below the line that tells of the last.
if (document.querySelector(".said")) articles[0]?.focus({ preventScroll: true });
