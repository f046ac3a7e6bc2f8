// What could not be fetched is asked for again, while it is looked at: after pauses that grow, and when the browser is back
// on the net. A server that remakes a picture, or has too much to do, says 503 and has it some seconds later.

const PAUSES_MS = [2000, 5000, 10_000];

export class Again {
  /** @param ask asks once more; told whether the browser has just come back on the net. */
  constructor(ask) {
    this.ask = ask;
    this.asked = 0;
    this.back = () => {
      this.rest();
      ask(true);
    };
    addEventListener("online", this.back);
  }

  /** Something is missing: ask after the next pause, if there is one left and none has begun. */
  later() {
    if (this.waiting || this.asked === PAUSES_MS.length) return;
    this.waiting = setTimeout(() => {
      this.waiting = 0;
      this.ask(false);
    }, PAUSES_MS[this.asked]);
    this.asked += 1;
  }

  /** All is there, or something else is looked at: the next that is missing has all pauses before it. */
  rest() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    this.asked = 0;
  }

  close() {
    this.rest();
    removeEventListener("online", this.back);
  }
}
