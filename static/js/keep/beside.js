// Laying something small beside a place in the window: below it, above it, or where there is room.

const GAP = 8;
const EDGE = 8;

/** Place a fixed element beside a rectangle, inside the window. */
export function layBeside(element, rect) {
  const { offsetWidth: width, offsetHeight: height } = element;
  const [wide, high] = [document.documentElement.clientWidth, window.innerHeight];
  const below = rect.bottom + GAP;
  const above = rect.top - GAP - height;
  const top = below + height < high - EDGE ? below : above > EDGE ? above : Math.max(EDGE, high - height - EDGE);
  const middle = (rect.left + rect.right) / 2 - width / 2;
  element.style.left = `${Math.round(Math.min(Math.max(EDGE, middle), Math.max(EDGE, wide - width - EDGE)))}px`;
  element.style.top = `${Math.round(top)}px`;
}
