// The display panel: how the text looks; paper, full screen, help. All of it is in the page already, in the reader's words.

import { SIZES } from "./settings.js";

export function install(room) {
  const { settings } = room;
  const buttons = [...document.querySelectorAll("[data-book-choice]")].map((button) => {
    const [name, value] = button.dataset.bookChoice.split("=");
    button.addEventListener("click", () => settings.set(name, value));
    return { button, name, value };
  });
  const size = document.querySelector("[data-book-size]");
  document.querySelectorAll("[data-book-resize]").forEach((button) => {
    button.addEventListener("click", () => settings.resize(Number(button.dataset.bookResize)));
  });
  const restore = document.querySelector("[data-book-restore]");
  restore.addEventListener("click", () => settings.restore());

  function show() {
    for (const { button, name, value } of buttons) button.setAttribute("aria-pressed", String(settings[name] === value));
    size.textContent = `${settings.size}%`;
    document.querySelector('[data-book-resize="-1"]').disabled = settings.size === SIZES[0];
    document.querySelector('[data-book-resize="1"]').disabled = settings.size === SIZES.at(-1);
    restore.disabled = settings.isPlain;
    room.desk.dataset.flow = settings.isRoll ? "scroll" : "pages";
  }
  settings.onChange(show);
  show();
  room.renderer.onShow(({ leaves }) => {
    const isFixed = Boolean(leaves[0].layout.isFixed);
    document.querySelectorAll("[data-flowing-only]").forEach((part) => { part.hidden = isFixed; });
  });
  document.querySelector("[data-open-cite]").addEventListener("click", () => { document.querySelector(".tool:has(> .panel-cite)").open = true; });
  papers(room);
  fullScreen(room);
  help(room);
}

/** Another paper without leaving the page; the server keeps it for the next one. */
function papers(room) {
  const links = [...document.querySelectorAll("[data-theme-choice]")];
  links.forEach((link) => link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    document.documentElement.dataset.theme = link.dataset.themeChoice;
    links.forEach((each) => each.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    fetch(link.href, { redirect: "manual" }).catch(() => {});
    room.renderer.lay();
  }));
}

function fullScreen(room) {
  const button = document.querySelector("[data-full]");
  const root = document.documentElement;
  if (!root.requestFullscreen) button.hidden = true;
  const toggle = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen?.().catch(() => {});
  };
  button.addEventListener("click", toggle);
  room.on("fullscreen", toggle);
  document.addEventListener("fullscreenchange", () => button.setAttribute("aria-pressed", String(Boolean(document.fullscreenElement))));
}

function help(room) {
  const dialog = document.getElementById("book-help");
  const open = () => dialog.showModal();
  document.querySelector("[data-help]").addEventListener("click", open);
  room.on("ask-help", open);
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  room.on("escape", () => {
    const panel = document.querySelector("details.tool[open]");
    if (!panel) return;
    panel.open = false;
    if (panel.contains(document.activeElement)) panel.querySelector("summary").focus();
  });
}
