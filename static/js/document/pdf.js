// The PDF behind the pages of a book: opened once by pdf.js, its pages as they are wanted.
//
// Nothing of a PDF runs here: pdf.js has no scripting without its sandbox, which we do not carry; forms are pictures.

import { fetchRange, transportOf } from "./ranges.js";

const CHUNK = 16 * 1024; // bytes of a range: docs/decisions on the room for documents has what others cost
const HEAD = 32 * 1024; // bytes that are fetched while pdf.js itself is under way: of a linearised PDF, what opens it
const KEPT = 12; // pages whose parts pdf.js may keep

export class Pdf {
  /** @param told called with "lacking", "whole" and "lost"; see ranges.js. */
  constructor(book, told) {
    Object.assign(this, { book, told });
    this.pages = new Map();
  }

  async open() {
    const { address, size, pdfjs } = this.book.document;
    const base = new URL(pdfjs, location.origin).href;
    const head = fetchRange(address, 0, Math.min(HEAD, size)).catch((error) => {
      if (error.status) throw error;
      return null; // pdf.js asks again
    });
    this.library = await import(`${base}pdf.min.mjs`);
    this.library.GlobalWorkerOptions.workerSrc = `${base}pdf.worker.min.mjs`;
    this.transport = transportOf(this.library, { address, size }, await head, this.told);
    this.task = this.library.getDocument({
      range: this.transport,
      rangeChunkSize: CHUNK,
      disableAutoFetch: true,
      disableStream: true,
      cMapUrl: `${base}cmaps/`,
      standardFontDataUrl: `${base}standard_fonts/`,
      wasmUrl: `${base}wasm/`,
      useWasm: false, // the page's policy compiles none
      useWorkerFetch: true,
      isEvalSupported: false,
      enableXfa: false,
      stopAtErrors: false,
      verbosity: 0,
    });
    this.document = await this.task.promise;
    return this;
  }

  /** The page at a place, as pdf.js has it. */
  page(position) {
    const known = this.pages.get(position);
    this.pages.delete(position);
    const coming = known ?? this.document.getPage(position);
    this.pages.set(position, coming); // the last one used is the last one forgotten
    if (!known) coming.catch(() => this.pages.delete(position));
    this.#forget();
    return coming;
  }

  #forget() {
    for (const [position, page] of this.pages) {
      if (this.pages.size <= KEPT) return;
      this.pages.delete(position);
      page.then((each) => each.cleanup(), () => {});
    }
  }

  /**
   * Draw a page, or a region of it, on a new canvas.
   *
   * @param wide device pixels of the whole page.
   * @param region [x, y, width, height] in parts of the page, 0 to 1; null for all of it.
   * @returns {{canvas, done, cancel}} `done` rejects where the page is damaged, and with `isCancelled` after `cancel`.
   */
  draw(position, wide, region = null) {
    const canvas = document.createElement("canvas");
    let task = null;
    let isCancelled = false;
    const begin = async () => {
      const page = await this.page(position);
      if (isCancelled) throw Object.assign(new Error("cancelled"), { isCancelled });
      const scale = wide / page.getViewport({ scale: 1 }).width;
      const whole = page.getViewport({ scale });
      const [x, y, width, height] = region ?? [0, 0, 1, 1];
      canvas.width = Math.max(1, Math.round(width * whole.width));
      canvas.height = Math.max(1, Math.round(height * whole.height));
      const viewport = page.getViewport({ scale, offsetX: -x * whole.width, offsetY: -y * whole.height });
      task = page.render({ canvas, viewport, background: "#fff" });
      await task.promise;
    };
    const done = begin().catch((error) => {
      throw error?.name === "RenderingCancelledException" ? Object.assign(error, { isCancelled: true }) : error;
    });
    done.catch(() => {});
    const cancel = () => {
      isCancelled = true;
      task?.cancel();
    };
    return { canvas, done, cancel };
  }

  /** Whether the pages of the book are those of the PDF. */
  get fits() {
    return this.document.numPages >= this.book.count;
  }
}
