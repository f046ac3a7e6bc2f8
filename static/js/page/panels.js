// Panels that are <details>: Escape closes the one that is open and gives the focus back; so does a press beside it.

const PANELS = "details.tool, details.menu";
const open = () => [...document.querySelectorAll(PANELS)].filter((each) => each.open);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  for (const panel of open()) {
    const isWithin = panel.contains(document.activeElement);
    panel.open = false;
    if (isWithin) panel.querySelector("summary").focus();
  }
});

document.addEventListener("pointerdown", (event) => {
  for (const panel of open()) panel.open = panel.contains(event.target);
});
