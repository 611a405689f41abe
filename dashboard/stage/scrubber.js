// @ts-check
// The scrubber: a slider over the moments of a run so far. Those that the browser has are drawn at once, the others are
// asked for, a few at a time and the coarse before the fine; where the thumb comes to rest, the server looks, too.
import { element, put } from "./dom.js";
/** @import { Message } from "./codec.js" */

const STILL = 250; // ms without a move, after which the server looks there: with all models, and values on fresh inputs
const ASKED = 8; // moments at once

const written = (step) => step.toLocaleString("en");
const nearest = (all, of, to) => all.reduce((a, b) => (Math.abs(of(b) - to) < Math.abs(of(a) - to) ? b : a));

export class Scrubber {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** @type {Map<number, Message>} by step */
    this.frames = new Map();
    this.of = ""; // what they are of
    /** @type {number | null} the step at the thumb, while it is the browser's to show */
    this.wanted = null;
    /** @type {any} the timer while it moves */
    this.moving = null;
    this.range = element("input", {
      type: "range", min: 0, step: 1, class: "lab-moments", "aria-label": "Training time: the moments of this run so far",
      title: "The moments of this run so far ( , and . )", oninput: () => this.look(+this.range.value),
    });
    this.said = element("output", {});
    this.node = element("label", { class: "lab-time" }, "Time", this.range, this.said);
  }

  /** @returns {number[]} */
  get moments() {
    return this.stage.header?.moments ?? [];
  }

  // The place of the thumb: of what it was dragged to, else of what is shown.
  get index() {
    const at = this.wanted ?? this.stage.header.step ?? 0;
    return this.moments.length ? this.moments.indexOf(nearest(this.moments, Number, at)) : 0;
  }

  update() {
    const { range, moments, index } = this;
    const last = moments.length - 1;
    range.disabled = last < 1;
    range.max = Math.max(1, last);
    range.value = last < 1 ? 1 : index;
    range.style.setProperty("--fill", last < 1 ? 0 : index / last);
    const step = written(moments[index] ?? 0);
    put(this.said, `step ${step}`);
    const past = index < last ? ` of ${written(moments[last])}, a past moment` : "";
    range.setAttribute("aria-valuetext", `step ${step}${past}`);
  }

  move(by) {
    if (this.moments.length > 1) this.look(this.index + by);
  }

  look(index) {
    this.wanted = this.moments[Math.max(0, Math.min(this.moments.length - 1, index))];
    clearTimeout(this.moving);
    this.moving = setTimeout(() => this.rest(), STILL);
    this.show();
    this.ask();
  }

  // The moment at the thumb; until it comes, the nearest that is here.
  show() {
    const { stage, moments } = this;
    this.isOf(stage.header, stage.state.chosen); // else they go
    const here = moments.filter((step) => this.frames.has(step));
    if (here.length) {
      const { arrays, header } = this.frames.get(nearest(here, (step) => moments.indexOf(step), this.index));
      const { once, texts } = stage.inbox;
      Object.assign(stage.state, { arrays: { ...once, ...arrays }, texts: { ...texts, ...header.texts } });
    }
    stage.stir();
  }

  // One question at a time.
  ask() {
    const { stage, wanted, moments } = this;
    if (wanted === null || stage.outbox.has("look")) return;
    const coarse = moments.map((step, i) => ({ step, rank: step === wanted ? Infinity : i & -i || Infinity }));
    const lacks = coarse.filter(({ step }) => !this.frames.has(step)).sort((a, b) => b.rank - a.rank);
    if (lacks.length) this.send(lacks.slice(0, ASKED).map(({ step }) => step));
  }

  send(lacks) {
    this.stage.send("look", { step: this.wanted, chosen: this.stage.state.chosen, lacks });
  }

  rest() {
    clearTimeout(this.moving);
    if (this.moving) this.send(null);
    this.moving = null;
  }

  // Keeps what has come of the film, and leaves the rest.
  keep(messages) {
    const film = messages.filter(({ header }) => header.film);
    for (const message of film) {
      if (this.isOf(message.header, message.header.chosen)) this.frames.set(message.header.step, message);
    }
    if (film.length && this.wanted !== null) this.show();
    return messages.filter(({ header }) => !header.film);
  }

  /**
   * Whether this is the run, document and model that the frames are of: those on screen.
   * @param {{ run?: string, version: string }} header
   */
  isOf({ run, version }, chosen) {
    const { header, state } = this.stage;
    const now = `${[header.run, header.version, state.chosen]}`;
    if (this.of !== now) this.frames.clear();
    this.of = now;
    return `${[run, version, chosen]}` === now;
  }

  // Whether the picture is the browser's own: until the server has looked where the thumb rests.
  isHeld() {
    if (!this.moving && !this.stage.outbox.has("look")) this.wanted = null;
    return this.wanted !== null;
  }
}
