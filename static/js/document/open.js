// Opens the room for documents: the PDF, then the parts of the scan room that serve here, then our own.

import { install as adjust } from "../room/adjust.js";
import { loadBook } from "../room/book.js";
import { install as contents } from "../room/contents.js";
import { install as keys } from "../room/keys.js";
import { boxOf, install as place } from "../room/place.js";
import { install as printing } from "../room/printing.js";
import { install as search } from "../room/search.js";
import { install as selection } from "../room/selection.js";
import { install as textview } from "../room/textview.js";
import { install as thumbs } from "../room/thumbs.js";
import { install as tools } from "../room/tools.js";
import { install as touch } from "../room/touch.js";
import { install as wheel } from "../room/wheel.js";
import { install as ahead } from "./ahead.js";
import { install as links } from "./links.js";
import { install as lookup } from "./lookup.js";
import { Pdf } from "./pdf.js";
import { install as pinch } from "./pinch.js";
import { DocumentRoom } from "./room.js";

const PARTS = [tools, place, keys, wheel, pinch, touch, adjust, ahead, selection, lookup, search, textview, contents, thumbs, links, printing];
const DAMAGE = new Set(["InvalidPDFException", "FormatError", "PasswordException", "UnknownErrorException", "MissingPDFException"]);

/** Whether the PDF itself is at fault, so that its pictures are what can be read. */
export const isDamaged = (error) => DAMAGE.has(error?.name) || error?.isOther === true || [403, 404].includes(error?.status);

export async function open(element) {
  const told = JSON.parse(element.dataset.room);
  let room = null;
  const pdf = new Pdf(told, (name, error) => happened(room, name, error));
  const [book] = await Promise.all([loadBook(told), pdf.open()]);
  pdf.book = book;
  if (!pdf.fits) throw Object.assign(new Error("the PDF has other pages"), { isOther: true });
  room = new DocumentRoom(book, document.querySelector(".desk"), pdf);
  PARTS.forEach((install) => install(room));
  await keep(room);
  room.on("open", () => { room.desk.dataset.room = "open"; });
  // Turning to a page asks again for what could not be had.
  room.on("turn", () => pdf.transport.askAgain());
  room.on("open", () => { if (pdf.transport.isLacking && !room.shown.isSharp) room.emit("failed"); });
  room.on("sharp", () => room.emit("whole"));
  await room.start({ box: boxOf(location.hash) });
  return room;
}

/** What fails beforehand, for a page that is not looked at, is nobody's concern until somebody turns to it. */
function happened(room, name, error) {
  if (name === "lost") console.error(error);
  if (name === "whole") room?.emit("whole");
  else if (room?.shown && !room.shown.isSharp) room.emit("failed");
}

/** The desk of the scan room lays its marks and takes its selections by the same text and the same boxes. */
async function keep(room) {
  try {
    const { install } = await import("../room/desk.js");
    install(room);
  } catch (error) {
    console.warn(error); // the room does without
  }
}
