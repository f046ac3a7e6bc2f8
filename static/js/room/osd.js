// OpenSeadragon as we use it: its toolbar, its keys, its wheel and its clicks are off, and a page on a desk stays in the
// middle. What is done to it from inside (names with an underscore) is done here and nowhere else; the version is vendored.

const { Rect } = window.OpenSeadragon ?? {};

/**
 * OpenSeadragon puts a style element into the page (no focus ring on phones; our style sheet says it), which our policy
 * forbids. It leaves that out where it finds one with its mark; this one has the mark and is no style element of HTML.
 */
function forestallStyleElement() {
  if (document.querySelector("style[data-openseadragon-mobile-css]")) return;
  const mark = document.createElementNS("urn:wenyuan:mark", "style");
  mark.setAttribute("data-openseadragon-mobile-css", "true");
  document.head.append(mark);
}

/** A viewer that fills an element. */
export function openViewer(element) {
  forestallStyleElement();
  const still = { clickToZoom: false, dblClickToZoom: false, dblClickDragToZoom: false, scrollToZoom: false };
  return new window.OpenSeadragon.Viewer({
    element,
    drawer: "canvas",
    prefixUrl: "",
    showNavigationControl: false,
    showSequenceControl: false,
    keyboardNavEnabled: false,
    tabIndex: -1,
    autoResize: false,
    animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.35,
    springStiffness: 9,
    constrainDuringPan: true,
    minZoomImageRatio: 1,
    imageLoaderLimit: 6,
    timeout: 60000,
    gestureSettingsMouse: { ...still, dragToPan: true },
    gestureSettingsTouch: { ...still, dragToPan: true, pinchToZoom: true, flickEnabled: true },
    gestureSettingsPen: { ...still, dragToPan: true },
    gestureSettingsUnknown: { ...still, dragToPan: true, pinchToZoom: true },
  });
}

/** How far a window must move along one axis: what is smaller than it lies in its middle, what is larger leaves no gap. */
function shift(start, length, from, size) {
  if (size <= length + 0.5) return from + size / 2 - (start + length / 2);
  return Math.min(0, from + size - start - length) + Math.max(0, from - start);
}

/**
 * Let the viewer take for its content what is seen, not everything that is loaded.
 *
 * @param shown gives the leaf that is seen, or null.
 */
export function holdTo(viewer, shown) {
  const { viewport, world } = viewer;
  world.getHomeBounds = () => (shown()?.bounds ?? new Rect(-0.5, 0, 1, 1)).clone();
  world.getContentFactor = () => Math.max(...(shown()?.pages ?? [{ height: 1 }]).map((page) => page.height));
  viewport._applyBoundaryConstraints = (bounds) => {
    const seen = viewport.viewportToViewerElementRectangle(bounds).getBoundingBox();
    const whole = viewport.viewportToViewerElementRectangle(viewport._contentBoundsNoRotate).getBoundingBox();
    const across = shift(seen.x, seen.width, whole.x, whole.width);
    const down = shift(seen.y, seen.height, whole.y, whole.height);
    const [xConstrained, yConstrained] = [Math.abs(across) > 0.01, Math.abs(down) > 0.01];
    const constraintApplied = xConstrained || yConstrained;
    const result = constraintApplied
      ? viewport.viewerElementToViewportRectangle(new Rect(seen.x + across, seen.y + down, seen.width, seen.height))
      : bounds.clone();
    return Object.assign(result, { xConstrained, yConstrained, constraintApplied });
  };
}

/** Take up anew what `holdTo` says, and how far may be zoomed in. */
export function renewBounds(viewer, maxZoomLevel) {
  const { viewport, world } = viewer;
  viewport._setContentBounds(world.getHomeBounds(), world.getContentFactor());
  viewport.maxZoomLevel = Math.max(maxZoomLevel, viewport.getHomeZoom() * 2);
}

/** Remember a tile that could not be fetched: OpenSeadragon takes it for one that does not exist, and never asks again. */
export function missed(item, tile) {
  item.missing ??= new Set();
  item.missing.add(tile);
}

/** Whether tiles of a picture could not be fetched, and have not been asked for again since. */
export function isMissing(item) {
  return Boolean(item.missing?.size);
}

/** Ask for these tiles again with the next frame. What is drawn of the picture stays. */
export function askAgain(item) {
  if (!isMissing(item)) return;
  item.missing.forEach((tile) => { tile.exists = true; });
  item.missing.clear();
  item._setFullyLoaded(false); // without them it counted as all there
  chooseAgain(item);
}

/** Let a picture choose its level anew with the next frame. */
export function chooseAgain(item) {
  item._needsUpdate = true;
}
