// Where a page lies on the stage, as the parts of a room are told. Pure.

/**
 * @param matrix from the page's pixels to CSS pixels of the stage.
 * @returns as `PageViewer.frame` of the scan room.
 */
export function frameOf(matrix, { width, height }, rotation) {
  const corners = [[0, 0], [width, 0], [0, height], [width, height]].map(([x, y]) => new DOMPoint(x, y).matrixTransform(matrix));
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return {
    left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top,
    scale: Math.hypot(matrix.a, matrix.b),
    rotation,
    matrix: cssOf(matrix),
  };
}

export const cssOf = ({ a, b, c, d, e, f }) => `matrix(${a},${b},${c},${d},${e},${f})`;

/** The part of a page that lies in a window of the stage, [x, y, width, height] in parts of the page; null where none does. */
export function seenOf(matrix, { width, height }, across, down) {
  const back = matrix.inverse();
  const points = [[0, 0], [across, 0], [0, down], [across, down]].map(([x, y]) => new DOMPoint(x, y).matrixTransform(back));
  const part = (values, length) => [Math.min(...values), Math.max(...values)].map((value) => Math.min(1, Math.max(0, value / length)));
  const [[left, right], [top, bottom]] = [part(points.map(({ x }) => x), width), part(points.map(({ y }) => y), height)];
  return right > left && bottom > top ? [left, top, right - left, bottom - top] : null;
}
