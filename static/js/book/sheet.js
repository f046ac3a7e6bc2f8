// The style sheet that a chapter is given in the reading room, beside its own: the page, and what the reader has chosen.
//
// It is adopted from outside, so the document of the book stays as it is. The book's own look yields only where the reader
// chose otherwise; readings (ruby), headings, tables and formulas keep their proportions in any case.

const PAPERS = {
  light: null,
  sepia: { ground: "#f9f0dc", ink: "#2d2417", link: "#7a3b0c" },
  dark: { ground: "#211f1c", ink: "#e9e4d9", link: "#9cc3ee" },
};
const FONTS = {
  song: '"Source Han Serif SC", "Noto Serif CJK SC", "Noto Serif SC", "Songti SC", STSong, SimSun, "Noto Serif", serif',
  kai: '"LXGW WenKai", "Kaiti SC", STKaiti, KaiTi, "AR PL UKai CN", "DFKai-SB", "Noto Serif CJK SC", serif',
  hei: '"Source Han Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Noto Sans", sans-serif',
};
const FONTS_TRADITIONAL = {
  song: '"Source Han Serif TC", "Noto Serif CJK TC", "Noto Serif TC", "Songti TC", PMingLiU, "Noto Serif", serif',
  kai: '"LXGW WenKai TC", "Kaiti TC", "DFKai-SB", BiauKai, "AR PL UKai TW", "Noto Serif CJK TC", serif',
  hei: '"Source Han Sans TC", "Noto Sans CJK TC", "Noto Sans TC", "PingFang TC", "Microsoft JhengHei", sans-serif',
};
const LEADING = { tight: 1.5, even: 1.85, loose: 2.3 };
const BASE_PX = 19;
const TEXTS = "p, li, dd, dt, blockquote, td, th, div, section, article, figcaption, address";
export const MARKS = Object.freeze(["yellow", "green", "blue", "red"]);
const MARK_COLOURS = {
  light: { yellow: "rgb(250 214 74 / 0.5)", green: "rgb(134 204 122 / 0.48)", blue: "rgb(120 184 240 / 0.48)", red: "rgb(240 132 124 / 0.46)" },
  dark: { yellow: "rgb(166 128 20 / 0.62)", green: "rgb(54 120 62 / 0.68)", blue: "rgb(48 100 158 / 0.7)", red: "rgb(156 60 56 / 0.7)" },
};

/** What each place in the chapter's base size is, in pixels. */
export const basePixels = (settings) => (BASE_PX * settings.size) / 100;

/**
 * The sheet of a chapter of flowing text.
 *
 * @param {import("./settings.js").Settings} settings
 * @param {object} page - geometry: see `measure` in flow.js
 * @param {object} book - what the document is like: {mode, direction, lang, isAbsolute}
 * @param {"light" | "sepia" | "dark"} paper
 */
export function flowing(settings, page, book, paper) {
  return [geometry(settings, page, book), type(settings, book), colours(paper), highlights(paper)].join("\n");
}

/** The sheet of a page of fixed layout: nothing of it is touched but what is drawn over it. */
export function fixed(paper) {
  return `html { overflow: hidden !important; scroll-behavior: auto !important; }\n${highlights(paper === "dark" ? "light" : paper)}`;
}

function geometry(settings, page, { mode, direction }) {
  // A picture scroll is as high as the window, and as long as it likes.
  const most = settings.isRoll && settings.isRollOfBook && mode !== "horizontal-tb" ? "none" : `${page.block}px`;
  const common = `
    html { writing-mode: ${mode} !important; direction: ${direction} !important; width: 100% !important; height: 100% !important;
      max-width: none !important; max-height: none !important; margin: 0 !important; padding: 0 !important; border: 0 !important;
      scroll-behavior: auto !important; overscroll-behavior: contain; position: static !important; }
    body { writing-mode: ${mode} !important; direction: ${direction} !important; box-sizing: border-box !important; margin: 0 !important; border: 0 !important;
      max-width: none !important; max-height: none !important; min-width: 0 !important; min-height: 0 !important;
      position: static !important; float: none !important; overflow: visible !important; display: block !important; }
    img, video, svg:not(math svg) { max-inline-size: ${page.line}px !important; max-block-size: ${most} !important; object-fit: contain; }
    img, video, figure, svg { break-inside: avoid; }
    img:not([height]), video:not([height]) { ${mode === "horizontal-tb" ? "height: auto" : "width: auto"}; }
    h1, h2, h3, h4, h5, h6 { break-after: avoid; break-inside: avoid; }
    p, li, dd, blockquote { orphans: 2; widows: 2; }
    pre { white-space: pre-wrap !important; overflow-wrap: anywhere; max-inline-size: 100%; }
    table { max-inline-size: ${page.line}px; }
    table.wy-wide { display: block; inline-size: ${page.line}px; overflow: auto; }
    tr, thead { break-inside: avoid; }
    a, img { touch-action: manipulation; }
    [tabindex]:focus-visible, a:focus-visible { outline: 3px solid #1f5fa8; outline-offset: 2px; }`;
  if (settings.isRoll) {
    const isVertical = mode !== "horizontal-tb";
    return `${common}
    html { overflow: ${isVertical ? "auto hidden" : "hidden auto"} !important; }
    body { ${isVertical ? "width: auto !important; height: 100% !important" : "width: 100% !important; height: auto !important"};
      padding-block: ${page.edge}px !important; padding-inline: ${page.gap / 2}px !important; columns: auto !important; }`;
  }
  return `${common}
    html { overflow: hidden !important; touch-action: none; }
    html::after { content: ""; position: absolute; width: 1px; height: 1px; ${page.tail ?? "left: 0; top: 0"}; visibility: hidden; }
    body { width: ${page.width}px !important; height: ${page.height}px !important;
      padding-block: ${page.edge}px !important; padding-inline: ${page.gap / 2}px !important;
      column-width: ${page.line}px !important; column-count: auto !important; column-gap: ${page.gap}px !important; column-fill: auto !important; column-rule: none !important; }`;
}

function type(settings, { lang, isAbsolute }) {
  const rules = [`html { font-size: ${basePixels(settings)}px !important; -webkit-text-size-adjust: none; text-size-adjust: none; }`];
  if (isAbsolute) rules.push(`body, ${TEXTS} { font-size: inherit !important; }`);
  if (settings.font !== "book") {
    const family = (/^(zh-(Hant|TW|HK|MO)|lzh)/i.test(lang) ? FONTS_TRADITIONAL : FONTS)[settings.font];
    rules.push(`html, body { font-family: ${family} !important; }`);
    rules.push("body :not(pre, pre *, code, kbd, samp, tt, math, math *, svg, svg *) { font-family: inherit !important; }");
  }
  if (settings.leading !== "book") {
    rules.push(`html, body, ${TEXTS} { line-height: ${LEADING[settings.leading]} !important; }`);
  }
  if (settings.justify === "on") {
    rules.push("body { text-align: justify !important; text-justify: auto; } :where(p, li, dd, blockquote):not([align], [style*=align]) { text-align: justify; }");
  }
  if (settings.justify === "off") rules.push("body, p, li, dd { text-align: start !important; }");
  // Chinese punctuation at the ends of lines and beside each other is set narrow; between Han and Latin there is a thin space.
  rules.push("html { text-spacing-trim: trim-start; text-autospace: normal; hanging-punctuation: allow-end; line-break: strict; }");
  rules.push("rt { line-height: 1; }");
  return rules.join("\n");
}

function colours(paper) {
  const chosen = PAPERS[paper];
  if (!chosen) return "html { color-scheme: light; }";
  const rules = [
    `html { color-scheme: ${paper === "dark" ? "dark" : "light"}; background: ${chosen.ground} !important; color: ${chosen.ink} !important; }`,
    "body { background: transparent !important; color: inherit !important; }",
  ];
  if (paper === "dark") { // a book that sets ink and not its ground, or the other way round, would not be readable
    rules.push(
      "body :not(a, a *, img, video, svg, svg *, mark) { color: inherit !important; background-color: transparent !important; border-color: #5d574d !important; text-shadow: none !important; }",
      `a, a * { color: ${chosen.link} !important; background-color: transparent !important; }`,
      "img, video { filter: brightness(0.88); }",
      "svg:not([fill]) { color: inherit; }",
    );
  }
  return rules.join("\n");
}

function highlights(paper) {
  const own = MARK_COLOURS[paper === "dark" ? "dark" : "light"];
  const marks = MARKS.map((colour) => {
    const told = getComputedStyle(document.documentElement).getPropertyValue(`--mark-${colour}`).trim();
    return `::highlight(wy-mark-${colour}) { background-color: ${told || own[colour]}; }`;
  });
  const dark = paper === "dark";
  return [
    ...marks,
    "::highlight(wy-noted) { text-decoration: underline dotted 2px; }",
    `::highlight(wy-hits) { background-color: ${dark ? "rgb(170 130 30 / 0.65)" : "rgb(240 193 60 / 0.5)"}; }`,
    `::highlight(wy-hit-now) { background-color: ${dark ? "#d7a52b" : "#f0c13c"}; color: #1e1c19; text-decoration: underline 2px ${dark ? "#e58078" : "#a3262a"}; }`,
    `::highlight(wy-spoken) { background-color: ${dark ? "rgb(70 110 150 / 0.7)" : "rgb(150 200 235 / 0.55)"}; }`,
    "::highlight(wy-shown) { background-color: rgb(240 193 60 / 0.4); }",
    ".wy-hit { background: none; fill: currentColor; }",
  ].join("\n");
}
