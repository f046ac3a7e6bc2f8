/*
 * The seam between a room (scan, e-book, PDF) and what a reader keeps of it.
 *
 * A room makes one Desk when it is open and offers it here; what is kept (static/js/keep/) waits for it and knows nothing else of the room. Whoever comes first waits: the order in which the modules are loaded does not matter.
 *
 * @typedef {object} Place
 * @property {string} page - the page's key
 * @property {number} position - its place in the item, from 1
 * @property {number | null} start - code points in the page's plain text, where known
 * @property {number} progression - of the whole book, 0 to 1
 * @property {string} label - what a reader calls the place
 *
 * @typedef {object} Selection
 * @property {string} page
 * @property {number} start - code points
 * @property {number} end - code points
 * @property {string} exact
 * @property {string} prefix - up to 32 code points before
 * @property {string} suffix - up to 32 code points after
 * @property {number[] | null} box - x, y, w, h in the page's pixels, where it has no text
 * @property {DOMRect} rect - where it lies, in the top window
 *
 * @typedef {object} Mark
 * @property {string} id
 * @property {number | null} start
 * @property {number | null} end
 * @property {number[] | null} box
 * @property {'yellow' | 'green' | 'blue' | 'red'} colour
 * @property {boolean} hasNote
 * @property {boolean} isOthers
 *
 * @typedef {object} Desk
 * @property {string} item
 * @property {'scan' | 'chapter' | 'document'} kind
 * @property {string} title
 * @property {() => Place} place
 * @property {(fn: (place: Place) => void) => void} onPlace
 * @property {(where: {page: string, start?: number, end?: number, box?: number[]}) => Promise<void>} go
 * @property {() => Selection | null} selection
 * @property {(fn: (selection: Selection | null) => void) => void} onSelection
 * @property {() => void} clearSelection
 * @property {(page: string, marks: Mark[]) => void} draw
 * @property {(fn: (pressed: {id: string, rect: DOMRect}) => void) => void} onMark
 * @property {(fn: (keys: string[]) => void) => void} onPages
 * @property {HTMLElement | null} actions
 */

/** @type {Desk | null} */
let desk = null;
/** @type {((desk: Desk) => void)[]} */
const waiting = [];

/**
 * Offer the room's desk; who waits for it is told at once.
 *
 * @param {Desk} offered
 */
export function offerDesk(offered) {
  desk = offered;
  for (const fn of waiting) fn(offered);
}

/**
 * Call `fn` with the room's desk, now if it was offered already, and again if the room offers another.
 *
 * @param {(desk: Desk) => void} fn
 */
export function onDesk(fn) {
  waiting.push(fn);
  if (desk) fn(desk);
}
