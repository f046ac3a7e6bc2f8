// The bars around the stage: arrows, foot, display panel, copying, full screen, help. All of it is in the page already,
// in the reader's language; here it is made to work.

import { copyOrShow, flash } from "./copying.js";
import { MODES } from "./room.js";
import { offerShare } from "../take/share.js";

const OF_TEXT = new Set(["words", "searchable", "alto", "hocr"]); // downloads that a page without text has not
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
const all = (selector) => [...document.querySelectorAll(selector)];

export function install(room) {
  arrows(room);
  foot(room);
  display(room);
  paper();
  failing(room);
  copying(room);
  fullScreen(room);
  help(room);
}

/** The arrows beside the page are links; they turn without leaving the page, and stay links for a new window. */
function arrows(room) {
  const made = { "-1": link(".turn-before"), 1: link(".turn-after") };
  function link(selector) {
    return document.querySelector(`${selector} a`);
  }
  const isPlainClick = (event) => !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  for (const [steps, anchor] of Object.entries(made)) {
    anchor.addEventListener("click", (event) => {
      if (!isPlainClick(event)) return;
      event.preventDefault();
      if (Number(steps) > 0) room.next();
      else room.previous();
    });
  }
  room.on("turn", () => {
    for (const [steps, anchor] of Object.entries(made)) {
      const opening = room.beside(Number(steps));
      anchor.hidden = !opening;
      if (opening) anchor.href = room.address ? room.address(opening[0]) : "#";
    }
  });
}

/** What page it is; going to another; how far the book has been read. */
function foot(room) {
  const form = document.querySelector(".jump");
  const input = form.querySelector("#to");
  const place = document.querySelector(".reader-place");
  const thread = document.querySelector(".thread");
  const says = document.getElementById("room-says");
  const missing = document.querySelector(".jump-missing");

  const names = (opening) => (opening.length > 1 && room.mode !== "scroll"
    ? `${room.book.label(opening[0])}、${room.book.label(opening.at(-1))}`
    : room.book.label(room.position));

  function show({ opening }) {
    if (document.activeElement !== input) input.value = room.position;
    place.textContent = names(opening);
    thread.value = room.mode === "scroll" ? room.position : opening.at(-1);
    const { key, layer } = room.book.page(room.position);
    each("[data-download]", (anchor) => {
      anchor.href = room.book.address(anchor.dataset.download, { key });
      anchor.hidden = OF_TEXT.has(anchor.dataset.download) && !layer;
    });
    each("[data-page-label]", (element) => { element.textContent = room.book.label(room.position); });
  }
  room.on("turn", show);

  let saying = 0;
  room.on("turn", ({ opening }) => {
    clearTimeout(saying);
    saying = setTimeout(() => { says.textContent = room.word("here", { page: names(opening), position: room.position, count: room.book.count }); }, 400);
  });

  /** The server knows more spellings than the labels as they are written. */
  async function ask(wanted) {
    const url = new URL(room.book.urls.jump, location.origin);
    url.searchParams.set("to", wanted);
    const answer = await fetch(url).catch(() => null);
    return answer?.ok ? Number(/\/(\d+)$/.exec(new URL(answer.url).pathname)?.[1] ?? 0) : 0;
  }

  /** Reading goes on there: a focus that is nowhere would begin again at the top of the page. */
  const toDesk = () => room.desk.focus({ preventScroll: true });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = input.value;
    const position = room.book.find(wanted) || (await ask(wanted));
    if (!position) {
      input.setAttribute("aria-invalid", "true");
      says.textContent = room.word("no_page", { page: wanted });
      missing.textContent = says.textContent;
      missing.hidden = false;
      return;
    }
    room.go(position, { push: true });
    toDesk();
  });
  input.addEventListener("input", unmark);
  function unmark() {
    input.removeAttribute("aria-invalid");
    missing.hidden = true;
  }
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    input.value = room.position;
    unmark();
  });
  input.addEventListener("keydown", (event) => { if (event.key === "Escape") toDesk(); });
  room.on("ask-jump", () => input.focus());
}

/** Layout, size and turning of the picture. */
function display(room) {
  const acts = {
    in: () => room.zoomBy(1.4),
    out: () => room.zoomBy(1 / 1.4),
    page: () => room.fitTo("page"),
    width: () => room.fitTo("width"),
    pixel: () => room.fitTo("pixel"),
    left: () => room.rotateBy(-90),
    right: () => room.rotateBy(90),
  };
  each("[data-act]", (button) => button.addEventListener("click", () => acts[button.dataset.act]?.()));
  each("[data-mode-button]", (button) => {
    const mode = button.dataset.modeButton;
    if (!MODES.includes(mode)) return;
    if (mode === "spread" && !room.canSpread) button.disabled = true;
    button.addEventListener("click", () => room.setMode(mode));
  });

  function showMode() {
    each("[data-mode-button]", (button) => button.setAttribute("aria-pressed", String(button.dataset.modeButton === room.mode)));
    each('[data-act="left"], [data-act="right"]', (button) => { button.disabled = room.mode === "scroll"; });
  }
  let told = "";
  function showZoom() {
    const percent = `${Math.round(room.zoom * 100)}%`;
    const fit = room.fit;
    if (`${percent}${fit}` === told) return;
    told = `${percent}${fit}`;
    all("[data-zoom]").forEach((element) => { element.textContent = percent; });
    each('[data-act="page"], [data-act="width"], [data-act="pixel"]', (button) => {
      button.setAttribute("aria-pressed", String(button.dataset.act === fit));
    });
  }
  room.on("mode", showMode);
  room.on("view", showZoom);
  room.on("zoom", showZoom);
  room.on("open", showZoom);
}

/** Paper: chosen without leaving the page; the server keeps the choice. */
function paper() {
  const choices = all("[data-theme-choice]");
  choices.forEach((anchor) => anchor.addEventListener("click", (event) => {
    event.preventDefault();
    const theme = anchor.dataset.themeChoice;
    document.documentElement.dataset.theme = theme;
    document.querySelector("meta[name=color-scheme]").content = theme === "auto" ? "light dark" : theme === "dark" ? "dark" : "light";
    choices.forEach((each) => (each === anchor ? each.setAttribute("aria-current", "true") : each.removeAttribute("aria-current")));
    fetch(anchor.href, { redirect: "manual" }).catch(() => {});
  }));
}

/** As long as something of what is seen could not be fetched, that is said. */
function failing(room) {
  const words = document.querySelector(".stage-note > span");
  let isLacking = false;
  const tell = (isSo = isLacking) => {
    isLacking = isSo;
    words.hidden = !isLacking || room.view === "text";
  };
  room.on("failed", () => tell(true));
  room.on("whole", () => tell(false));
  room.on("mode", () => tell(false));
  room.on("layout", () => tell());
}

/** Links and references to take along. */
function copying(room) {
  const says = document.getElementById("room-says");
  const area = (region) => (region ? region[2] * region[3] : 0);
  /** The page of which most is seen, and the part of it that is. */
  const region = () => room.opening
    .map((position) => [position, room.shown.regionOf(position)])
    .reduce((best, each) => (area(each[1]) > area(best[1]) ? each : best));
  const sources = { page: () => room.address(room.position), region: () => room.address(...region()) };
  each("[data-copy]", (button) => {
    const words = button.querySelector("span") ?? button;
    button.addEventListener("click", async () => {
      const made = sources[button.dataset.copy]?.() ?? document.getElementById(button.dataset.copy)?.textContent.trim() ?? button.dataset.copyText;
      if (!(await copyOrShow(made))) return;
      flash(words, room.word("copied"));
      says.textContent = room.word("copied");
    });
  });
  each("[data-share]", (button) => offerShare(button, sources.page));
  each("[data-iiif]", (anchor) => anchor.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData("text/uri-list", anchor.dataset.iiif);
    event.dataTransfer.setData("text/plain", anchor.dataset.iiif);
  }));
  room.on("view", () => {
    each('[data-copy="region"]', (button) => { button.disabled = !room.opening.some((position) => room.shown.regionOf(position)); });
  });
}

function fullScreen(room) {
  const buttons = all("[data-full]");
  if (!document.fullscreenEnabled) {
    buttons.forEach((button) => { button.hidden = true; });
    return;
  }
  const change = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  buttons.forEach((button) => button.addEventListener("click", change));
  room.on("fullscreen", () => { change(); });
  document.addEventListener("fullscreenchange", () => {
    const isFull = Boolean(document.fullscreenElement);
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(isFull)));
    document.documentElement.classList.toggle("is-full", isFull);
  });
}

function help(room) {
  const dialog = document.getElementById("room-help");
  const open = () => {
    each("details.tool[open]", (tool) => { tool.open = false; });
    if (!dialog.open) dialog.showModal();
  };
  each("[data-help]", (button) => button.addEventListener("click", open));
  room.on("ask-help", open);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  room.on("ask-search", () => {
    const field = document.querySelector(".inside input");
    if (!field) return;
    field.closest("details").open = true;
    field.focus();
    field.select();
  });
}
