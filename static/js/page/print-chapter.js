// A chapter on paper. Of a frame only what is seen is printed, so its text is copied into the page as long as that lasts:
// without the book's own names, classes and styles, which mean something else here. Its language and its direction come
// along: the desk it is put on runs the way the pages are turned, which says nothing of how a line is read.

const KEPT = new Set(["src", "alt", "lang", "dir", "colspan", "rowspan", "start", "hidden"]);

const langOf = (element) => element.getAttribute("lang") || element.getAttribute("xml:lang") || "";

function copied(body) {
  const { documentElement, defaultView } = body.ownerDocument;
  const sheet = document.createElement("article");
  sheet.className = "on-paper";
  sheet.hidden = true; // but in print.css
  sheet.dir = defaultView.getComputedStyle(body).direction;
  const lang = langOf(body) || langOf(documentElement) || document.querySelector(".reader-title")?.lang;
  if (lang) sheet.lang = lang;
  for (const child of body.childNodes) sheet.append(document.importNode(child, true));
  sheet.querySelectorAll("script, style, link, audio, video, iframe, object, embed, form").forEach((each) => each.remove());
  const sources = [...body.querySelectorAll("img")].map((image) => image.currentSrc || image.src);
  sheet.querySelectorAll("img").forEach((image, index) => { image.src = sources[index]; });
  for (const element of sheet.querySelectorAll("*")) {
    if (element.closest("svg, math")) continue;
    const own = langOf(element);
    for (const { name } of [...element.attributes]) if (!KEPT.has(name)) element.removeAttribute(name);
    if (own) element.setAttribute("lang", own);
  }
  return sheet;
}

/** The chapters that are open: beside them the room keeps others ready. */
function open() {
  const leaves = document.getElementById("book-room")?.room?.seen?.leaves;
  return leaves?.map(({ doc }) => doc) ?? [document.querySelector("iframe.chapter")?.contentDocument];
}

let sheets = [];

window.addEventListener("beforeprint", () => {
  sheets.forEach((sheet) => sheet.remove());
  sheets = open().filter((doc) => doc?.body).map((doc) => copied(doc.body));
  document.querySelector(".desk").append(...sheets);
});

window.addEventListener("afterprint", () => {
  sheets.forEach((sheet) => sheet.remove());
  sheets = [];
});
