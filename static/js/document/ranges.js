// The bytes of a PDF, asked for in ranges as they are needed. What could not be had is asked for again: after pauses that
// grow, when the browser is back on the net, and whenever a page is turned to.

import { Again } from "../room/again.js";

const FATAL = new Set([401, 403, 404, 410, 412, 416]); // nothing that asking again would help

/**
 * A transport for pdf.js over `fetch`. Its own would begin with a request for the whole file and break it off, by which time
 * a fast network has brought a megabyte of it.
 *
 * @param told called with "lacking" and "whole" as ranges fail and come after all, and with "lost" when they never will.
 */
export function transportOf({ PDFDataRangeTransport }, { address, size }, head, told) {
  return new (class extends PDFDataRangeTransport {
    constructor() {
      super(size, head);
      this.fetched = 0; // bytes
      this.waiting = new Map(); // by first byte: the byte after the last one
      this.stopping = new AbortController();
      this.again = new Again(() => this.askAgain());
    }

    requestDataRange(begin, end) {
      fetchRange(address, begin, end, this.stopping.signal).then(
        (bytes) => this.#came(begin, bytes),
        (error) => this.#missed(begin, end, error),
      );
    }

    #came(begin, bytes) {
      const wasLacking = this.isLacking;
      this.waiting.delete(begin);
      this.fetched += bytes.byteLength;
      this.onDataRange(begin, bytes);
      if (!wasLacking || this.isLacking) return;
      this.again.rest();
      told("whole");
    }

    #missed(begin, end, error) {
      if (this.stopping.signal.aborted) return;
      if (FATAL.has(error.status)) {
        told("lost", error);
        return;
      }
      this.waiting.set(begin, end);
      told("lacking");
      this.again.later();
    }

    get isLacking() {
      return this.waiting.size > 0;
    }

    askAgain() {
      const missing = [...this.waiting];
      missing.forEach(([begin, end]) => this.requestDataRange(begin, end));
    }

    abort() {
      this.stopping.abort();
      this.again.close();
    }
  })();
}

/** Bytes from `begin` to before `end`. Rejects with `status` where the server answers otherwise. */
export async function fetchRange(address, begin, end, signal) {
  const answer = await fetch(address, { signal, headers: { Range: `bytes=${begin}-${end - 1}` } });
  if (answer.status !== 206 && !(answer.ok && begin === 0)) {
    answer.body?.cancel();
    throw Object.assign(new Error(`${address}: ${answer.status}`), { status: answer.ok ? 416 : answer.status });
  }
  const bytes = await answer.arrayBuffer();
  if (bytes.byteLength !== end - begin) throw new Error(`${address}: ${bytes.byteLength} bytes of ${end - begin}`);
  return new Uint8Array(bytes);
}
