// Keys of the page for correcting; the table at its foot names them all.

const STEPS = { x: "cut", j: "join", arrowup: "up", arrowdown: "down", delete: "delete" };

/** Give the desk its keys. */
export function install(desk) {
  const { rows } = desk;

  const next = () => {
    const { current, line } = rows;
    if (!line) return;
    desk.sheet.confirm(current);
    if (current + 1 < rows.count) rows.go(current + 1);
  };

  async function saveAndTurn() {
    const link = document.querySelector("[data-after]");
    if ((await desk.save()) && link) location.assign(link.href);
  }

  /** The name of a key with Alt, whatever the keyboard makes of it (Option and a letter are another letter on a Mac). */
  const withAlt = (event) => /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase() ?? event.key.toLowerCase();

  function alt(event) {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (digit) rows.choose(Number(digit[1]) - 1);
    else if (desk.maySave && withAlt(event) in STEPS && rows.current >= 0) desk.step(STEPS[withAlt(event)]);
    else return;
    event.preventDefault();
  }

  document.addEventListener("keydown", (event) => {
    // Enter that takes a word of the input method is the input method's.
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const isOurs = event.target.closest?.("[data-rows]") || event.target === document.body || event.target.id === "main";
    const command = event.ctrlKey || event.metaKey;
    if (command && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      desk.save();
    } else if (command && event.key === "Enter") {
      event.preventDefault();
      saveAndTurn();
    } else if (event.key === "Escape" && isOurs) {
      event.preventDefault();
      desk.leave(desk.told.urls.leave);
    } else if (event.key === "F2") {
      event.preventDefault();
      rows.nextUnsure();
    } else if (event.altKey && !command && isOurs) {
      alt(event);
    } else if (event.key === "Enter" && event.target.matches?.("[data-rows] textarea")) {
      event.preventDefault();
      if (event.shiftKey) rows.go(rows.current - 1);
      else next();
    }
  });
}
