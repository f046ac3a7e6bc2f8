// A chapter on paper. Of a frame only what is seen is printed, so its text is copied into the page as long as that lasts:
// without the book's own names, classes and styles, which mean something else here.

const KEPT = new Set(["src", "alt", "lang", "dir", "colspan", "rowspan", "start", "hidden"]);

function copied(body) {
  const sheet = document.createElement("article");
  sheet.className = "on-paper";
  sheet.lang = body.ownerDocument.documentElement.lang || document.querySelector(".reader-title")?.lang || "";
  for (const child of body.childNodes) sheet.append(document.importNode(child, true));
  sheet.querySelectorAll("script, style, link, audio, video, iframe, object, embed, form").forEach((each) => each.remove());
  const sources = [...body.querySelectorAll("img")].map((image) => image.currentSrc || image.src);
  sheet.querySelectorAll("img").forEach((image, index) => { image.src = sources[index]; });
  for (const element of sheet.querySelectorAll("*")) {
    if (element.closest("svg, math")) continue;
    for (const { name } of [...element.attributes]) if (!KEPT.has(name)) element.removeAttribute(name);
  }
  return sheet;
}

let sheet = null;

window.addEventListener("beforeprint", () => {
  const body = document.querySelector("iframe.chapter")?.contentDocument?.body;
  if (!body) return;
  sheet = copied(body);
  document.querySelector(".desk").append(sheet);
});

window.addEventListener("afterprint", () => {
  sheet?.remove();
  sheet = null;
});
