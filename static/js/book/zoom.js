// A picture of the book, large: in a window of its own, moved and enlarged by wheel, fingers and keys.

const LEAST = 80; // CSS pixels: smaller pictures are ornaments
const MOST = 8;
const XLINK = "http://www.w3.org/1999/xlink";

export function install(room) {
  const dialog = document.getElementById("book-picture");
  const image = dialog.querySelector("img");
  const stage = dialog.querySelector(".book-picture-stage");
  const view = { scale: 1, x: 0, y: 0 };
  let origin = null;

  function place() {
    const room_ = [image.offsetWidth * (view.scale - 1), image.offsetHeight * (view.scale - 1)];
    const [across, down] = room_.map((each, at) => Math.max(0, each / 2 + (at ? image.offsetHeight - stage.clientHeight : image.offsetWidth - stage.clientWidth) / 2) + 40 * (view.scale > 1));
    view.x = Math.min(Math.max(view.x, -across), across);
    view.y = Math.min(Math.max(view.y, -down), down);
    image.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
  }

  /** Enlarge about a point of the window. */
  function zoomBy(factor, x = innerWidth / 2, y = innerHeight / 2) {
    const scale = Math.min(Math.max(1, view.scale * factor), MOST);
    const box = stage.getBoundingClientRect();
    const [dx, dy] = [x - box.left - box.width / 2 - view.x, y - box.top - box.height / 2 - view.y];
    view.x -= dx * (scale / view.scale - 1);
    view.y -= dy * (scale / view.scale - 1);
    view.scale = scale;
    place();
  }

  function open(source, words, from) {
    Object.assign(view, { scale: 1, x: 0, y: 0 });
    image.src = source;
    image.alt = words;
    dialog.setAttribute("aria-label", words || room.book.word("picture"));
    origin = from;
    image.style.transform = "";
    dialog.showModal();
  }
  dialog.addEventListener("close", () => {
    image.removeAttribute("src");
    origin?.focus?.();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.querySelector("[data-in]").addEventListener("click", () => zoomBy(1.5));
  dialog.querySelector("[data-out]").addEventListener("click", () => zoomBy(1 / 1.5));
  dialog.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };
    if (event.key === "+" || event.key === "=") zoomBy(1.5);
    else if (event.key === "-") zoomBy(1 / 1.5);
    else if (event.key === "0") zoomBy(1 / MOST);
    else if (moves[event.key]) { view.x += moves[event.key][0]; view.y += moves[event.key][1]; place(); } else return;
    event.preventDefault();
  });
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
  }, { passive: false });
  stage.addEventListener("dblclick", (event) => zoomBy(view.scale > 1 ? 1 / MOST : 2.5, event.clientX, event.clientY));

  const fingers = new Map();
  const spread = () => { const [one, two] = [...fingers.values()]; return Math.hypot(one.x - two.x, one.y - two.y); };
  stage.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const before = fingers.size === 2 ? spread() : 0;
    if (fingers.size === 1) { view.x += event.clientX - finger.x; view.y += event.clientY - finger.y; place(); }
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    if (fingers.size !== 2 || !before) return;
    const points = [...fingers.values()];
    zoomBy(spread() / before, (points[0].x + points[1].x) / 2, (points[0].y + points[1].y) / 2);
  });
  for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, (event) => fingers.delete(event.pointerId));

  const sourceOf = (element) => element.currentSrc || element.src || element.getAttribute("href") || element.getAttributeNS(XLINK, "href");
  const isLarge = (element) => { const box = element.getBoundingClientRect(); return box.width >= LEAST && box.height >= LEAST; };
  function show(leaf, element) {
    const source = new URL(sourceOf(element), leaf.doc.baseURI);
    if (source.origin === location.origin) open(source.href, element.alt ?? "", element);
  }

  room.renderer.onLeaf((leaf) => {
    if (leaf.layout.isFixed) return; // a page of fixed layout is shown whole, its pictures are its ground
    const within = (event) => event.target.closest?.("img, image");
    leaf.doc.addEventListener("click", (event) => {
      const element = within(event);
      if (!element || element.closest("a") || event.defaultPrevented || event.button || !isLarge(element)) return;
      event.preventDefault();
      show(leaf, element);
    });
    leaf.doc.addEventListener("keydown", (event) => {
      const element = within(event);
      if (!element || event.key !== "Enter" || element.closest("a")) return;
      event.preventDefault();
      show(leaf, element);
    });
    const reachable = () => leaf.doc.querySelectorAll("img").forEach((element) => {
      if (element.closest("a") || !isLarge(element)) return;
      element.tabIndex = 0;
      element.style.cursor = "zoom-in";
    });
    if (leaf.doc.readyState === "complete") reachable();
    else leaf.frame.addEventListener("load", reachable, { once: true });
  });
}
