// Taking a reference or a link along. What is to be taken stands in the page; buttons show only where they can do it.

import { offerShare } from "./share.js";

const SHOWN_MS = 1600;

/** What an element that is to be copied says. */
const textOf = (element) => element.value ?? element.textContent.trim();

/** Put its text into the clipboard; where the browser refuses, select it, so that it can be copied by hand. */
async function take(source) {
  try {
    await navigator.clipboard.writeText(textOf(source));
    return true;
  } catch {
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    return document.execCommand("copy");
  }
}

function offerCopy(button) {
  const words = button.querySelector("span");
  const usual = words.textContent;
  const says = document.querySelector("[data-taken]");
  let ends = 0;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!(await take(document.getElementById(button.dataset.take)))) return;
    clearTimeout(ends);
    says.textContent = says.dataset.taken;
    words.textContent = says.dataset.taken;
    ends = setTimeout(() => {
      words.textContent = usual;
      says.textContent = "";
    }, SHOWN_MS);
  });
}

const canonical = () => document.querySelector("link[rel=canonical]").href;
document.querySelectorAll("[data-take]").forEach(offerCopy);
document.querySelectorAll("[data-share]").forEach((button) => offerShare(button, canonical));
