// Takes over the plain page of an e-book. Where anything of this fails, the plain page stays as it is and works.

import { Book } from "./book.js";
import { install as foot } from "./foot.js";
import { install as keys } from "./keys.js";
import { install as place, asked } from "./place.js";
import { Room } from "./room.js";

/** What the first page needs, in this order; the rest is fetched behind it, so that over a slow network text comes first. */
const FIRST = [place, foot, keys];
const THEN = ["panel", "touch", "links", "zoom", "contents", "search", "selection", "speech", "taking", "desk"];

async function begin(element) {
  const book = new Book(JSON.parse(element.dataset.book));
  const stage = document.querySelector(".book-stage");
  const frame = stage.querySelector("iframe.chapter");
  const room = new Room(book, document.querySelector(".desk"), stage);
  element.room = room; // for who looks into it from outside: the browser's own tools, the tests
  FIRST.forEach((install) => install(room));
  room.renderer.adopt(book.position, frame);
  await room.renderer.open({ position: book.position, ...asked() });
  room.desk.dataset.room = "open";
  const parts = await Promise.all(THEN.map((name) => import(`./${name}.js`)));
  parts.forEach(({ install }) => install(room));
  room.renderer.again();
  document.documentElement.dataset.room = "open";
  room.emit("open");
  return room;
}

const element = document.getElementById("book-room");
if (element) {
  begin(element).catch((error) => {
    // The chapter may be had in a moment; what can be said and done about it is on the page (foot.js).
    if (!element.room?.isOfferingAgain) document.documentElement.dataset.room = "plain";
    console.error(error);
  });
}
