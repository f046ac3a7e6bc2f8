// A page of fixed layout (EPUB 3.3, section 8.2): it says its size, and is shown whole, scaled from outside.

import { fixed } from "./sheet.js";

const SVG = "http://www.w3.org/2000/svg";

/** The size that a page of fixed layout says of itself; null for flowing text. */
export function sizeOf(doc) {
  const root = doc.documentElement;
  if (root.namespaceURI === SVG) {
    const [, , width, height] = (root.getAttribute("viewBox") ?? "").split(/[\s,]+/).map(Number);
    const said = (name) => (/^[\d.]+(px)?$/.test(root.getAttribute(name) ?? "") ? parseFloat(root.getAttribute(name)) : 0);
    return { width: width || said("width") || 600, height: height || said("height") || 800 };
  }
  if (root.dataset.wyLayout !== "pre-paginated") {
    const meta = doc.querySelector('meta[name="viewport"]');
    const found = meta && read(meta.content);
    return found || null;
  }
  const said = doc.querySelector('meta[name="viewport"]')?.content ?? "";
  return read(said) ?? { width: 768, height: 1024 };
}

function read(said) {
  const width = Number(/width\s*=\s*([\d.]+)/.exec(said)?.[1]);
  const height = Number(/height\s*=\s*([\d.]+)/.exec(said)?.[1]);
  return width && height ? { width, height } : null;
}

export class Fixed {
  constructor(leaf, size) {
    Object.assign(this, { leaf, size, pages: 1, page: 0 });
    this.isFixed = true;
    this.isVertical = false;
    this.isScrolled = false;
    this.isPaired = leaf.doc.documentElement.dataset.wyLayout === "pre-paginated";
    this.spread = leaf.doc.documentElement.dataset.wySpread ?? "";
  }

  /** Lay the page into a box of the stage: {left, top, width, height}; `towards` is where it leans to its neighbour. */
  lay(settings, paper, width, height, towards = "middle", left = 0) {
    this.leaf.sheet(fixed(paper) + (this.leaf.doc.documentElement.namespaceURI === SVG
      ? `\nsvg:root { width: ${this.size.width}px; height: ${this.size.height}px; max-width: none; max-height: none; }` : ""));
    const scale = Math.min(width / this.size.width, height / this.size.height);
    const [wide, high] = [this.size.width * scale, this.size.height * scale];
    const inset = towards === "middle" ? (width - wide) / 2 : towards === "right" ? width - wide : 0;
    Object.assign(this.leaf.frame.style, {
      background: "#fff", // what the page leaves free is its paper
      width: `${this.size.width}px`, height: `${this.size.height}px`,
      transform: `translate(${left + inset}px, ${(height - high) / 2}px) scale(${scale})`, transformOrigin: "0 0",
    });
    this.scale = scale;
  }

  show() {}

  step() {
    return false;
  }

  nudge() {}

  isAtEnd() {
    return true;
  }

  settle() {
    this.leaf.win.scrollTo(0, 0);
    return false;
  }

  pageOf() {
    return 0;
  }

  isSeen() {
    return true;
  }

  isBefore() {
    return false;
  }

  reveal() {}

  begin() {}
}
