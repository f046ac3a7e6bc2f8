// The picture of a line beside its words: a row as it is; a column as it is beside words that run down, or character by
// character above words that run across. Made of pictures and tiles that lie ready; nothing is decoded on the server.

import { drawn } from "../room/overlays.js";
import { levelFor, pageSource } from "../room/pagesource.js";
import { bookOf } from "./picture.js";

const MARGIN = 0.12; // of the line's height around it

export class Strips {
  constructor(told, plain) {
    this.page = told.page;
    this.plain = plain;
    this.source = window.OpenSeadragon ? pageSource(bookOf(told), told.page, 600) : null;
  }

  /** Pictures that cover a box: addresses with their places in pixels of the page. `scale` is CSS pixels for one of these. */
  #pictures([x, y, width, height], scale) {
    const { page, source } = this;
    const whole = { href: this.plain, x: 0, y: 0, width: page.width, height: page.height };
    if (!source) return [whole];
    const levels = source.pageLevels;
    const level = levelFor(levels, page.width * scale * devicePixelRatio);
    const { factor } = levels[level];
    if (!factor) return [{ ...whole, href: source.getTileUrl(level, 0, 0) }];
    const span = source.getTileWidth(level) * factor;
    const found = [];
    const last = (from, size, of) => Math.floor(Math.min(of - 1, Math.max(0, from + size - 1)) / span);
    for (let row = Math.floor(Math.max(0, y) / span); row <= last(y, height, page.height); row += 1) {
      for (let column = Math.floor(Math.max(0, x) / span); column <= last(x, width, page.width); column += 1) {
        found.push({
          href: source.getTileUrl(level, column, row),
          x: column * span, y: row * span,
          width: Math.min(span, page.width - column * span), height: Math.min(span, page.height - row * span),
        });
      }
    }
    return found;
  }

  /** An SVG that shows a box of the page in so many CSS pixels. */
  #crop(box, width, height) {
    const [, , wide, tall] = box;
    const crop = drawn("svg", { viewBox: box.join(" "), width, height, "aria-hidden": "true", focusable: "false" });
    for (const { href, ...place } of this.#pictures(box, Math.max(width / wide, height / tall))) {
      crop.append(drawn("image", { href, preserveAspectRatio: "none", ...place }));
    }
    return crop;
  }

  /** One line's crop as it stands on the page: so thick, and no longer than that. CSS pixels. */
  whole(line, { thickness, longest }) {
    const [x, y, width, height] = line.box;
    const across = line.isVertical ? width : height;
    const margin = across * MARGIN;
    const box = [x - margin, y - margin, width + 2 * margin, height + 2 * margin];
    const length = line.isVertical ? box[3] : box[2];
    const scale = Math.min(thickness / (across + 2 * margin), longest / length);
    return this.#crop(box, box[2] * scale, box[3] * scale);
  }

  /** A column that stands beside words running down: as long as they are. */
  column(line, em) {
    const [x, y, width, height] = line.box;
    const count = Math.max(1, line.boxes.length);
    return this.#crop([x, y, width, height], Math.max(em, Math.min(2.2 * em, (width * em * count) / height)), em * count);
  }

  /** A column's characters side by side, upright. */
  cells(line, em) {
    return line.boxes.map(([x, y, width, height]) => {
      const side = Math.max(width, height);
      const crop = this.#crop([x - (side - width) / 2, y - (side - height) / 2, side, side], em, em);
      crop.classList.add("cell");
      return crop;
    });
  }
}
