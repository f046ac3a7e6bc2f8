// Takes over the plain page of a scan. Where anything of this fails, the plain page stays as it is and works.

import { install as adjust } from "./adjust.js";
import { loadBook } from "./book.js";
import { install as contents } from "./contents.js";
import { install as desk } from "./desk.js";
import { install as fitting } from "./fitting.js";
import { install as keys } from "./keys.js";
import { boxOf, install as place } from "./place.js";
import { install as prefetch } from "./prefetch.js";
import { install as printing } from "./printing.js";
import { Room } from "./room.js";
import { install as search } from "./search.js";
import { install as selection } from "./selection.js";
import { install as textview } from "./textview.js";
import { install as thumbs } from "./thumbs.js";
import { install as tools } from "./tools.js";
import { install as touch } from "./touch.js";
import { install as wheel } from "./wheel.js";

/** Each part is given the room before the first page is shown, in this order. */
const PARTS = [tools, place, keys, wheel, touch, adjust, prefetch, selection, search, textview, contents, thumbs, fitting, desk, printing];

async function begin(element) {
  if (!window.OpenSeadragon) throw new Error("OpenSeadragon is not there");
  const book = await loadBook(JSON.parse(element.dataset.room));
  const room = new Room(book, document.querySelector(".desk"));
  PARTS.forEach((install) => install(room));
  room.on("open", () => { room.desk.dataset.room = "open"; });
  await room.start({ box: boxOf(location.hash) });
  document.documentElement.dataset.room = "open";
  element.room = room; // for who looks into it from outside: the browser's own tools, the tests
  return room;
}

const element = document.getElementById("room");
if (element) {
  begin(element).catch((error) => {
    document.documentElement.dataset.room = "plain";
    console.error(error);
  });
}
