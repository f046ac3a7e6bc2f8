// Single pages and spreads: one OpenSeadragon viewer with our own rules of turning, fitting and bounds.
//
// Every opening lies at the same place of the viewer's plane (openings.js), the one that is seen opaque, its neighbours
// loaded but invisible. Turning makes one visible and the other not, in the same frame: nothing is ever closed and opened,
// so there is no white between two pages.

import { Again } from "./again.js";
import { Leaf } from "./leaf.js";
import { chooseAgain, holdTo, missed, openViewer, renewBounds } from "./osd.js";
import { Paper } from "./paper.js";
import { firstAddress, levelFor, pageSource } from "./pagesource.js";

const CLOSEST = 4; // 400 %: four device pixels for one of the picture
const PATIENCE_MS = 450; // for a picture that is under way, before the bare paper is shown
const HURRY_MS = 110; // between two turns of somebody who leafs through
const HAZE_MS = 120; // for a sharp picture, when its thumbnail is there already

const { Point, Rect } = window.OpenSeadragon ?? {};

export class PageViewer {
  /**
   * @param book what is shown.
   * @param stage the element to fill.
   * @param home the element whose box the opening fills when it is not enlarged.
   * @param told called with a name when something happened: "view"; "sharp"; of the opening that is seen "failed" when
   *   something of it could not be fetched, "whole" when nothing is missing any more.
   */
  constructor(book, stage, home, told) {
    Object.assign(this, { book, stage, home, told });
    this.leaves = new Map();
    this.shown = null;
    this.wanted = null;
    this.asked = -Infinity;
    this.fit = "page";
    this.again = new Again((isBack) => this.#askAgain(isBack ? [...this.leaves.values()] : [this.shown]));
    this.element = document.createElement("div");
    this.element.className = "canvas";
    this.element.setAttribute("role", "img");
    this.paper = new Paper();
    stage.prepend(this.paper.element, this.element);
    this.viewer = openViewer(this.element);
    holdTo(this.viewer, () => this.shown);
    this.#listen();
    this.resized = new ResizeObserver(() => this.#resize());
    this.resized.observe(stage);
    this.resized.observe(home);
  }

  #listen() {
    const { viewer } = this;
    viewer.addHandler("update-viewport", () => this.#drawn());
    viewer.addHandler("canvas-double-click", (event) => {
      event.preventDefaultAction = true;
      this.zoomIn(event.position);
    });
    viewer.addHandler("tile-loaded", ({ tiledImage }) => { tiledImage.isHazy = true; });
    viewer.addHandler("tile-load-failed", ({ tiledImage, tile }) => {
      missed(tiledImage, tile);
      if (this.shown?.items.includes(tiledImage)) this.#lack();
    });
    viewer.addHandler("canvas-pinch", () => {
      this.anchor = null;
      this.fit = "free";
    });
    // Our own panning goes as far as it may; OpenSeadragon's would refuse a step that leads beyond the edge altogether.
    viewer.addHandler("canvas-drag", (event) => {
      event.preventDefaultAction = true;
      if (this.shown) this.scrollBy(-event.delta.x, -event.delta.y);
    });
  }

  /** Show an opening as soon as it can be drawn; until then the one before stays. True if it came to that. */
  async show(opening, { box = null } = {}) {
    if (!this.shown) this.#begin(opening);
    const leaf = await this.#want(opening);
    if (leaf && leaf !== this.shown) await this.#drawable(leaf);
    if (!leaf || this.wanted !== leaf || this.isClosed) return false;
    if (leaf !== this.shown) this.#flip(leaf);
    if (box) this.zoomToBox(box.position, box);
    else this.fitAgain(true);
    return true;
  }

  /** The opening's leaf, to be shown; null when another was asked for meanwhile. Who leafs through fetches nothing. */
  async #want(opening) {
    const name = String(opening);
    const isHurried = performance.now() - this.asked < HURRY_MS;
    this.asked = performance.now();
    this.wantedName = name;
    if (isHurried && !this.leaves.has(name)) {
      await new Promise((resolve) => { setTimeout(resolve, HURRY_MS); });
      if (this.wantedName !== name || this.isClosed) return null;
    }
    const leaf = this.#leaf(opening);
    leaf.askAgain();
    this.wanted = leaf;
    for (const [each, other] of this.leaves) {
      if (other !== leaf && other !== this.shown && !other.isSharp) this.#drop(each, other);
    }
    return leaf;
  }

  /** Look at the place where the first opening will lie, so that its pictures are asked for in the right size. */
  #begin(opening) {
    this.#resize();
    this.viewer.viewport.fitBounds(new Leaf(opening, this.book).bounds, true);
  }

  /** Addresses of the pictures that an opening will be drawn with at first. */
  addressesOf(opening) {
    const leaf = new Leaf(opening, this.book);
    return leaf.pages.map((page, index) => firstAddress(this.book, page, this.#pixelsFor(leaf, index)));
  }

  /** Have these openings ready, and forget all others but the one that is seen. */
  keep(openings) {
    const names = new Set(openings.map(String));
    for (const [name, leaf] of this.leaves) {
      if (!names.has(name) && leaf !== this.shown && leaf !== this.wanted) this.#drop(name, leaf);
    }
    openings.forEach((opening) => this.#leaf(opening).askAgain());
  }

  #askAgain(leaves) {
    leaves.forEach((leaf) => leaf?.askAgain());
  }

  /** Something of what is seen could not be fetched. */
  #lack() {
    this.told("failed");
    this.again.later();
  }

  #leaf(opening) {
    const name = String(opening);
    const known = this.leaves.get(name);
    if (known) return known;
    const leaf = new Leaf(opening, this.book);
    this.leaves.set(name, leaf);
    leaf.pages.forEach((page, index) => {
      const { x, y, height } = leaf.places[index];
      this.viewer.addTiledImage({
        tileSource: pageSource(this.book, page, this.#pixelsFor(leaf, index)),
        x, y, height,
        opacity: 0,
        preload: true,
        success: ({ item }) => this.#taken(leaf, index, item),
        error: () => this.#taken(leaf, index, null),
      });
    });
    return leaf;
  }

  #pixelsFor(leaf, index) {
    return leaf.widthIn(this.#inner(), index) * devicePixelRatio;
  }

  #taken(leaf, index, item) {
    leaf.items[index] = item;
    if (!item) return;
    item.page = leaf.pages[index];
    this.#chooseLevel(item);
    if (leaf.isGone) this.viewer.world.removeItem(item);
    else if (leaf === this.shown) item.setOpacity(1);
  }

  #drop(name, leaf) {
    leaf.isGone = true;
    this.leaves.delete(name);
    leaf.items.forEach((item) => item && this.viewer.world.removeItem(item));
  }

  /** Wait until an opening is sharp; not for ever: a thumbnail will do after a moment, bare paper after another. */
  #drawable(leaf) {
    const began = performance.now();
    return new Promise((resolve) => {
      const look = () => {
        const waited = performance.now() - began;
        const isReady = leaf.isSharp || (waited > HAZE_MS && leaf.isHazy) || (this.shown && waited > PATIENCE_MS);
        if (isReady || leaf.isGone || this.wanted !== leaf || this.isClosed) resolve();
        else requestAnimationFrame(look);
      };
      look();
    });
  }

  #flip(leaf) {
    this.shown?.items.forEach((item) => item?.setOpacity(0));
    this.shown = leaf;
    this.wasSharp = false;
    leaf.items.forEach((item) => item?.setOpacity(1));
    this.#setLimits();
    if (this.fit === "free") this.fit = "page";
    const names = leaf.opening.map((position) => this.book.label(position));
    this.element.setAttribute("aria-label", this.book.word("picture", { page: names.join("、") }));
    this.viewer.forceRedraw();
    this.again.rest();
    if (leaf.isMissing) this.#lack();
    else this.told("whole");
  }

  #setLimits() {
    if (!this.shown) return;
    const { world } = this.viewer;
    renewBounds(this.viewer, (CLOSEST * world.getContentFactor()) / devicePixelRatio / this.#inner().width);
  }

  /** Where the page may lie when it is not enlarged: the space of the plain picture, in the stage. */
  #margins() {
    const [stage, home] = [this.stage.getBoundingClientRect(), this.home.getBoundingClientRect()];
    if (!home.width || !home.height) return { left: 0, top: 0, right: 0, bottom: 0 };
    return { left: home.left - stage.left, top: home.top - stage.top, right: stage.right - home.right, bottom: stage.bottom - home.bottom };
  }

  #inner() {
    const { left, top, right, bottom } = this.#margins();
    return { width: Math.max(1, this.stage.clientWidth - left - right), height: Math.max(1, this.stage.clientHeight - top - bottom) };
  }

  #resize() {
    if (this.isClosed || !this.stage.clientWidth || !this.stage.clientHeight) return;
    const { viewport } = this.viewer;
    const size = new Point(this.stage.clientWidth, this.stage.clientHeight);
    const margins = this.#margins();
    viewport.setMargins(margins);
    if (!viewport.containerSize.equals(size)) viewport.resize(size, true);
    this.#setLimits();
    if (this.fit === "free") viewport.applyConstraints(true);
    else this.fitAgain(true);
    this.viewer.forceRedraw();
  }

  /** Before every drawing: which level each picture is to have, and where its paper lies. */
  #drawn() {
    const context = this.viewer.drawer.context;
    if (context) context.imageSmoothingQuality = "high";
    for (const leaf of this.leaves.values()) {
      leaf.items.forEach((item) => item && this.#chooseLevel(item));
    }
    this.paper.lay(this.#boxOnScreen());
    this.told("view");
    if (this.shown && this.shown === this.wanted && this.shown.isSharp !== this.wasSharp) {
      this.wasSharp = this.shown.isSharp;
      if (this.wasSharp) this.#complete();
    }
  }

  #complete() {
    this.again.rest();
    this.told("whole");
    this.told("sharp");
  }

  /** OpenSeadragon takes the finest level above a ratio; the ratio is set so that this is the one we would take. */
  #chooseLevel(item) {
    const wide = this.#pixels(item.getBoundsNoRotate(true).width) * devicePixelRatio;
    const levels = item.source.pageLevels;
    const ratio = (0.999 * wide) / levels[levelFor(levels, wide)].width;
    if (ratio === item.minPixelRatio) return;
    item.minPixelRatio = ratio;
    // What is being drawn was chosen by the ratio before; of a picture that is all there nothing is chosen any more.
    chooseAgain(item);
  }

  #pixels(length) {
    return this.viewer.viewport.deltaPixelsFromPointsNoRotate(new Point(length, 0), true).x;
  }

  #boxOnScreen(current = true) {
    if (!this.shown) return null;
    const { viewport } = this.viewer;
    const corner = (x, y) => viewport.pixelFromPoint(new Point(x, y), current);
    const { x, y, width, height } = this.shown.bounds;
    const [a, b] = [corner(x, y), corner(x + width, y + height)];
    return { left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
  }

  /**
   * Where a page lies on the stage, in CSS pixels; null when it is not seen.
   *
   * `left`, `top`, `width`, `height` of its box; `scale` CSS pixels for one of the picture; `matrix` for a CSS transform
   * of something as large as the picture's pixels with its origin at 0 0, which holds when the page is turned, too.
   */
  frame(position) {
    const index = this.shown ? this.shown.opening.indexOf(position) : -1;
    const item = this.shown?.items[index];
    if (!item) return null;
    const { width, height } = item.page;
    const at = (x, y) => item.imageToViewerElementCoordinates(new Point(x, y));
    const [origin, right, below, far] = [at(0, 0), at(width, 0), at(0, height), at(width, height)];
    const [xs, ys] = [[origin.x, far.x], [origin.y, far.y]];
    const slopes = [(right.x - origin.x) / width, (right.y - origin.y) / width, (below.x - origin.x) / height, (below.y - origin.y) / height];
    return {
      left: Math.min(...xs), top: Math.min(...ys), width: Math.abs(xs[0] - xs[1]), height: Math.abs(ys[0] - ys[1]),
      scale: Math.hypot(slopes[0], slopes[1]),
      rotation: this.rotation,
      matrix: `matrix(${slopes.join(",")},${origin.x},${origin.y})`,
    };
  }

  /** Device pixels for one of the picture: 1 is 100 %. Of a page that is seen. */
  zoomOf(position) {
    const index = this.shown ? Math.max(0, this.shown.opening.indexOf(position)) : -1;
    const page = this.shown?.pages[index];
    if (!page) return 0;
    return (this.viewer.viewport.deltaPixelsFromPointsNoRotate(new Point(0, 1), false).y * devicePixelRatio) / page.height;
  }

  get rotation() {
    return ((Math.round(this.viewer.viewport.getRotation()) % 360) + 360) % 360;
  }

  /** Whether the whole opening is seen and no larger than it need be. */
  get isHome() {
    const { viewport } = this.viewer;
    return viewport.getZoom() <= viewport.getHomeZoom() * 1.02;
  }

  /** Whether nothing is hidden to the left or right. */
  get isAsWideAsSeen() {
    const box = this.#boxOnScreen(false);
    return !box || box.width <= this.#inner().width + 2;
  }

  /** Zoom around a point of the stage, or the middle. */
  zoomBy(factor, point = null, immediately = false) {
    const { viewport } = this.viewer;
    this.anchor = null;
    this.fit = "free";
    viewport.zoomBy(factor, point && viewport.pointFromPixel(new Point(point.x, point.y), true), immediately);
    viewport.applyConstraints(immediately);
    if (this.isHome) this.fit = "page";
  }

  /**
   * Zoom step by step around a pointer that rests: what was under it at the first step is under it at the last, too, even
   * where the page had to be kept in the middle on the way. Whatever else moves the page ends that (`anchor`).
   */
  zoomAt(factor, point) {
    const { viewport } = this.viewer;
    const { anchor } = this;
    const isSame = anchor && Math.hypot(anchor.x - point.x, anchor.y - point.y) < 4;
    const held = isSame ? anchor.point : viewport.pointFromPixel(new Point(point.x, point.y), false);
    const zoom = Math.min(viewport.getMaxZoom(), Math.max(viewport.getMinZoom(), viewport.getZoom() * factor));
    viewport.zoomTo(zoom, null, true);
    viewport.panBy(held.minus(viewport.pointFromPixel(new Point(point.x, point.y), true)), true);
    viewport.applyConstraints(true);
    this.anchor = { x: point.x, y: point.y, point: held };
    this.fit = this.isHome ? "page" : "free";
  }

  /** A double click: nearer where it was done, or back to the whole. */
  zoomIn(point) {
    if (this.isHome) this.zoomBy(2.5, point);
    else this.fitTo("page");
  }

  /** Fit "page" or "width", or show "pixel" for pixel. */
  fitTo(fit, { position = null, immediately = false } = {}) {
    this.fit = fit;
    this.fitAgain(immediately, position);
  }

  fitAgain(immediately, position = null) {
    if (!this.shown) return;
    this.anchor = null;
    const { viewport } = this.viewer;
    if (this.fit === "page" || this.fit === "free") viewport.fitBounds(this.shown.bounds, immediately);
    else if (this.fit === "width") this.#fitWidth(immediately);
    else this.#fitPixels(immediately, position ?? this.shown.opening[0]);
  }

  #fitWidth(immediately) {
    const { viewport } = this.viewer;
    const [inner, turned] = [this.#inner(), this.rotation % 180 !== 0];
    const { bounds } = this.shown;
    const across = turned ? bounds.height : bounds.width;
    const down = ((turned ? bounds.width : bounds.height) * inner.width) / across;
    viewport.fitBounds(bounds, true);
    viewport.zoomTo(1 / across, null, true);
    if (down > inner.height) {
      viewport.panBy(viewport.deltaPointsFromPixels(new Point(0, -(down - inner.height) / 2), false), true);
    }
    viewport.applyConstraints(immediately);
  }

  #fitPixels(immediately, position) {
    const { viewport } = this.viewer;
    const zoom = this.zoomOf(position);
    viewport.zoomTo(Math.min(viewport.getZoom() / zoom, viewport.getMaxZoom()), null, immediately);
    viewport.applyConstraints(immediately);
  }

  /** Bring a region of a page near: [x, y, width, height] in its pixels, with some of what is around it. */
  zoomToBox(position, [x, y, width, height], immediately = true) {
    const index = this.shown.opening.indexOf(position);
    const [page, place] = [this.shown.pages[index], this.shown.places[index]];
    if (!page) return;
    const unit = 1 / page.height;
    const around = Math.max(0.25 * Math.max(width, height), 0.04 * page.height);
    const region = new Rect(place.x + (x - around) * unit, place.y + (y - around) * unit, (width + 2 * around) * unit, (height + 2 * around) * unit);
    const { viewport } = this.viewer;
    this.anchor = null;
    this.fit = "free";
    viewport.fitBounds(region, immediately);
    const limit = Math.max(viewport.getHomeZoom(), Math.min(viewport.getMaxZoom(), (1.5 / devicePixelRatio / unit) / this.#inner().width));
    if (viewport.getZoom() > limit) viewport.zoomTo(limit, null, immediately);
    viewport.applyConstraints(immediately);
    if (this.isHome) this.fit = "page";
  }

  /** The part of a page that is seen, [x, y, width, height] in its pixels; null where it is seen whole. */
  regionOf(position) {
    const index = this.shown ? this.shown.opening.indexOf(position) : -1;
    const item = this.shown?.items[index];
    if (!item || this.isHome) return null;
    const { width, height } = item.page;
    const corners = [[0, 0], [this.stage.clientWidth, this.stage.clientHeight]];
    const [a, b] = corners.map(([x, y]) => item.viewerElementToImageCoordinates(new Point(x, y)));
    const clamp = (value, most) => Math.round(Math.min(Math.max(0, value), most));
    const [left, right] = [clamp(Math.min(a.x, b.x), width), clamp(Math.max(a.x, b.x), width)];
    const [top, bottom] = [clamp(Math.min(a.y, b.y), height), clamp(Math.max(a.y, b.y), height)];
    if (right - left < 2 || bottom - top < 2 || (right - left === width && bottom - top === height)) return null;
    return [left, top, right - left, bottom - top];
  }

  /** Move the paper by CSS pixels as a scrolling hand does; false where it does not move further that way. */
  scrollBy(across, down) {
    const { viewport } = this.viewer;
    this.anchor = null;
    const before = viewport.getCenter();
    viewport.panBy(viewport.deltaPointsFromPixels(new Point(across, down), false), true);
    viewport.applyConstraints(true);
    const after = viewport.getCenter();
    const moved = viewport.deltaPixelsFromPoints(new Point(after.x - before.x, after.y - before.y), false);
    return Math.hypot(moved.x, moved.y) > 0.5;
  }

  rotateBy(degrees) {
    const { viewport } = this.viewer;
    viewport.rotateTo(this.rotation + degrees, null, true);
    this.#setLimits();
    if (this.fit === "free") this.fit = "page";
    this.fitAgain(true);
  }

  close() {
    this.isClosed = true;
    this.again.close();
    this.resized.disconnect();
    this.viewer.destroy();
    this.element.remove();
    this.paper.element.remove();
  }
}
