// Brightness, contrast and inversion of the pictures, for faint ink and tired eyes. Kept in this browser.

import { recall, remember } from "./remembered.js";

const PLAIN = { brightness: 100, contrast: 100, invert: 0 };

export function install(room) {
  const panel = document.querySelector("[data-adjust]");
  if (!panel) return;
  const value = { ...PLAIN };
  for (const name of Object.keys(PLAIN)) {
    const kept = Number(recall(name) ?? PLAIN[name]);
    if (kept >= 0 && kept <= 300) value[name] = kept;
  }

  function apply() {
    const isPlain = Object.keys(PLAIN).every((name) => value[name] === PLAIN[name]);
    const filter = `invert(${value.invert}%) brightness(${value.brightness}%) contrast(${value.contrast}%)`;
    room.stage.style.setProperty("--picture-filter", isPlain ? "none" : filter);
    room.stage.classList.toggle("stage-inverted", value.invert > 50);
    panel.querySelectorAll("[name]").forEach((field) => {
      if (field.type === "checkbox") field.checked = value[field.name] > 0;
      else field.value = value[field.name];
      const told = panel.querySelector(`output[for="${field.id}"]`);
      if (told) told.textContent = `${value[field.name]}%`;
    });
    panel.querySelector("[data-do=plain]").disabled = isPlain;
  }

  panel.addEventListener("input", ({ target }) => {
    if (!(target.name in PLAIN)) return;
    value[target.name] = target.type === "checkbox" ? Number(target.checked) * 100 : Number(target.value);
    remember(target.name, value[target.name]);
    apply();
  });
  panel.querySelector("[data-do=plain]").addEventListener("click", () => {
    Object.assign(value, PLAIN);
    Object.entries(PLAIN).forEach(([name, plain]) => remember(name, plain));
    apply();
  });
  apply();
}
