// Changes of the lines themselves: cut, joined, moved, taken away, and added where somebody draws a box.

import { rectangle } from "../room/overlays.js";

const SMALLEST = 6; // pixels of the page: what is smaller was a click

/** What a button or key asks for, as the server wants it; null where it makes no sense. */
export function stepFor(name, rows) {
  const number = rows.current;
  const { count } = rows;
  if (number < 0) return null;
  switch (name) {
    case "cut": {
      const at = rows.caret;
      return at > 0 && at < Array.from(rows.line.mine).length ? { step: { do: "cut", line: number, at }, then: number + 1 } : null;
    }
    case "join": return number + 1 < count ? { step: { do: "join", line: number }, then: number } : null;
    case "up": return number > 0 ? { step: { do: "move", line: number, to: number - 1 }, then: number - 1 } : null;
    case "down": return number + 1 < count ? { step: { do: "move", line: number, to: number + 2 }, then: number + 1 } : null;
    case "delete": return { step: { do: "delete", line: number }, then: Math.min(number, count - 2) };
    default: return null;
  }
}

/** The words of all lines after a step, as the server makes them. */
export function stepped(words, step) {
  const made = [...words];
  const { line } = step ?? {};
  switch (step?.do) {
    case "delete": made.splice(line, 1); break;
    case "join": made.splice(line, 2, made[line] + made[line + 1]); break;
    case "cut": {
      const all = Array.from(made[line]);
      made.splice(line, 1, all.slice(0, step.at).join(""), all.slice(step.at).join(""));
      break;
    }
    case "move": made.splice(step.to - (step.to > line), 0, ...made.splice(line, 1)); break;
    case "add": made.splice(step.after + 1, 0, step.text); break;
    default: // nothing but words
  }
  return made;
}

/** Let the person draw a box on the picture: `[x, y, width, height]` in pixels of the page, or null. */
export function drawBox(picture) {
  return new Promise((resolve) => {
    const sheet = document.createElement("div");
    sheet.className = "drawing";
    picture.element.append(sheet);
    let from = null;
    let mark = null;
    const end = (box) => {
      sheet.remove();
      mark?.remove();
      document.removeEventListener("keydown", key, true);
      resolve(box);
    };
    const boxTo = (event) => {
      const to = picture.pointAt(event.clientX, event.clientY);
      const within = (value, most) => Math.min(Math.max(0, value), most);
      const edges = [0, 1].map((axis) => {
        const most = axis ? picture.page.height : picture.page.width;
        return [within(Math.min(from[axis], to[axis]), most), within(Math.max(from[axis], to[axis]), most)].map(Math.round);
      });
      return [edges[0][0], edges[1][0], edges[0][1] - edges[0][0], edges[1][1] - edges[1][0]];
    };
    function key(event) {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      end(null);
    }
    sheet.addEventListener("pointerdown", (event) => {
      sheet.setPointerCapture(event.pointerId);
      from = picture.pointAt(event.clientX, event.clientY);
      event.preventDefault();
    });
    sheet.addEventListener("pointermove", (event) => {
      if (!from) return;
      mark?.remove();
      mark = rectangle(boxTo(event));
      mark.classList.add("drawn-box");
      picture.marks.append(mark);
    });
    sheet.addEventListener("pointerup", (event) => {
      if (!from) return;
      const box = boxTo(event);
      end(box[2] >= SMALLEST && box[3] >= SMALLEST ? box : null);
    });
    sheet.addEventListener("pointercancel", () => end(null));
    document.addEventListener("keydown", key, true);
  });
}

/** After which line a new box belongs: the nearest one, before or after it by how that line is written. */
export function placeFor(box, lines) {
  const middle = ([x, y, width, height]) => [x + width / 2, y + height / 2];
  const [boxX, boxY] = middle(box);
  const placed = lines.filter((line) => line.box);
  if (!placed.length) return { after: lines.length - 1, direction: box[3] > 1.5 * box[2] ? "ttb" : "ltr" };
  const away = (line) => {
    const [x, y] = middle(line.box);
    return Math.hypot((x - boxX) * (line.isVertical ? 3 : 1), (y - boxY) * (line.isVertical ? 1 : 3));
  };
  const nearest = placed.reduce((best, line) => (away(line) < away(best) ? line : best));
  const [x, y] = middle(nearest.box);
  const isBefore = nearest.isVertical ? boxX > x + nearest.box[2] / 2 || (Math.abs(boxX - x) <= nearest.box[2] / 2 && boxY < y)
    : boxY < y - nearest.box[3] / 2 || (Math.abs(boxY - y) <= nearest.box[3] / 2 && boxX < x);
  return { after: nearest.number - (isBefore ? 1 : 0), direction: nearest.direction };
}
