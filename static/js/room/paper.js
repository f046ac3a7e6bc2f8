// The paper under the pictures: its colour until they come, its shadow on the desk. It is drawn in SVG, because a box that
// grows and moves with every turn of the wheel would count as a layout that shifts, though nothing is laid out.

const SVG = "http://www.w3.org/2000/svg";
const SHADOWS = [30, 25, 21, 17, 14, 11, 8, 6, 4, 2.5, 1.5]; // CSS pixels wide, one over the other: together they fade

export class Paper {
  constructor() {
    this.element = document.createElementNS(SVG, "svg");
    this.element.classList.add("paper-sheet");
    this.element.setAttribute("aria-hidden", "true");
    const rectangle = (name) => {
      const made = document.createElementNS(SVG, "rect");
      made.classList.add(name);
      return this.element.appendChild(made);
    };
    this.shadows = SHADOWS.map((wide) => {
      const made = rectangle("paper-shadow");
      made.setAttribute("stroke-width", wide);
      made.setAttribute("rx", wide / 3);
      return made;
    });
    this.sheet = rectangle("paper-ground");
  }

  /** Lay it where the opening is, or take it away. */
  lay(box) {
    this.element.toggleAttribute("hidden", !box);
    if (!box) return;
    const place = (rectangle, down) => {
      const { left, top, width, height } = box;
      Object.entries({ x: left, y: top + down, width, height }).forEach(([name, value]) => rectangle.setAttribute(name, value.toFixed(2)));
    };
    this.shadows.forEach((shadow, index) => place(shadow, SHADOWS[index] / 5));
    place(this.sheet, 0);
  }
}
