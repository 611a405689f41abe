// What the browser tells the server: presses in order, each sent again until the server says that it has counted it.
// A trigger can be lost while a component mounts, and a newer one overtakes an older one while the server is busy.

const TOGETHER = 60; // ms within which presses go as one
const AGAIN = 1000; // ms without an answer after which everything unanswered is sent again; then twice as long, and so on
const LONGEST = 8000;

class Outbox {
  constructor() {
    this.from = Math.random().toString(36).slice(2);
    this.count = 0;
    this.waiting = [];
    this.flushedAt = -Infinity;
  }

  press(action, value) {
    this.waiting.push({ n: ++this.count, action, value });
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

  // Whether it plays, as a press that is still on its way will have it.
  playing(otherwise) {
    const means = { play: true, pause: false, step: false, reset: true, seed: true };
    const last = this.waiting.findLast(({ action }) => action in means);
    return last ? means[last.action] : otherwise;
  }

  close() {
    clearTimeout(this.soon);
    clearTimeout(this.again);
    this.soon = null;
  }
}

const CONFIRM = 2500; // ms after which a choice that the server does not show is sent again

// A state can be lost on its way as a trigger can.
function confirmChoice(stage, times = 4) {
  clearTimeout(stage.confirming);
  stage.confirming = setTimeout(() => {
    if (stage.header.chosen === stage.scene.chosen || !times) return;
    stage.setState("chosen", stage.scene.chosen);
    confirmChoice(stage, times - 1);
  }, CONFIRM);
}

const told = new Set();

// An error in one part of the page stops no other: it is told once, and the part does what it does `instead`.
function guarded(part, work, instead = () => undefined) {
  try {
    return work();
  } catch (error) {
    const words = `${part}: ${error.message}`;
    if (!told.has(words)) console.error(`Bottleneck Lab, ${words}`, error);
    told.add(words);
    return instead();
  }
}
