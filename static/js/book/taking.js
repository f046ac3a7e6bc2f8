// Taking along: the reference of the book, records of the chapter that is open, the address of the place that is read.

import { copyOrShow, flash } from "../room/copying.js";
import { offerShare } from "../take/share.js";

export function install(room) {
  const { book, renderer } = room;
  const panel = document.querySelector(".panel-cite");
  const records = [...panel.querySelectorAll("[data-download]")];
  const here = () => room.address(room.place);
  const sources = { place: here, cite: () => document.getElementById("cite-text").textContent.trim() };

  renderer.onShow(({ position }) => {
    const { key } = book.chapter(position);
    for (const anchor of records) anchor.href = book.address(anchor.dataset.download, { key });
  });
  for (const button of panel.querySelectorAll("[data-copy]")) {
    const words = button.querySelector("span");
    button.addEventListener("click", async () => {
      if (!(await copyOrShow(sources[button.dataset.copy]()))) return;
      flash(words, book.word("copied"));
      room.say(book.word("copied"));
    });
  }
  offerShare(panel.querySelector("[data-share]"), here);
}
