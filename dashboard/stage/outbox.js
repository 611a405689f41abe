// @ts-check
// What the browser tells the server: presses in order, each sent again until the server says that it has counted it.
// A trigger can be lost while a component mounts, and a newer one overtakes an older one while the server is busy.
/** @import { Press, Presses } from "./protocol.js" */

const TOGETHER = 60; // ms within which presses go as one
const AGAIN = 1000; // ms without an answer after which everything unanswered is sent again; then twice as long, and so on
const LONGEST = 8000;
// whether it plays after a press
const MEANS = { play: true, pause: false, step: false, reset: true, seed: true, look: false };

export class Outbox {
  constructor() {
    this.from = Math.random().toString(36).slice(2);
    this.count = 0;
    /** @type {Press[]} */
    this.waiting = [];
    this.flushedAt = -Infinity;
    this.pause = AGAIN;
    /** @type {((name: string, presses: Presses) => void) | undefined} */
    this.trigger = undefined;
    /** @type {any} */
    this.soon = null;
    /** @type {any} */
    this.again = null;
  }

  // `stage`: the key of the one that it was pressed on.
  press(action, value, stage) {
    this.waiting.push({ n: ++this.count, action, value, stage });
    this.pause = AGAIN;
    if (this.soon) return;
    const wait = TOGETHER - (performance.now() - this.flushedAt);
    if (wait <= 0) this.flush();
    else this.soon = setTimeout(() => this.flush(), wait);
  }

  flush() {
    this.close();
    if (!this.waiting.length) return;
    this.flushedAt = performance.now();
    this.again = setTimeout(() => this.flush(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST);
    this.trigger?.("transport", { from: this.from, actions: this.waiting });
  }

  // The server's word: whose presses it has counted last, and how many of them.
  heard([from, count]) {
    if (from === this.from) this.waiting = this.waiting.filter(({ n }) => n > count);
    if (!this.waiting.length) clearTimeout(this.again);
  }

  has(action) {
    return this.waiting.some((press) => press.action === action);
  }

  // Whether it plays, as a press that is still on its way will have it.
  playing(otherwise) {
    const last = this.waiting.findLast(({ action }) => action in MEANS);
    return last ? MEANS[last.action] : otherwise;
  }

  close() {
    clearTimeout(this.soon);
    clearTimeout(this.again);
    this.soon = null;
  }
}
