// @ts-check
// The stage: shows the newest message, and answers the slider by itself from the arrays that it holds.
import { Card } from "./card.js";
import { inflate, readMessages } from "./codec.js";
import { Toolbar } from "./controls.js";
import { element, guarded, oncePerFrame } from "./dom.js";
import { About, Heading } from "./header.js";
import { Inbox } from "./inbox.js";
import { keyAction } from "./keys.js";
import { build, resize } from "./layout.js";
import { hasNewLines } from "./lines.js";
import { address, outbox } from "./shared.js";
import { REST, drawPicture, plotNext } from "./pictures.js";
import { Popover } from "./popover.js";
import { Scrubber } from "./scrubber.js";
import { themeOf } from "./theme.js";
/** @import { Message } from "./codec.js" */
/** @import { Chart } from "./charts.js" */
/** @import { States } from "./protocol.js" */

const SEND_EVERY = 120; // ms between two messages while β is dragged in training: the server pictures the one of now
const SEND_AFTER = 250; // ms without a new β at rest, where the browser holds the pictures of all
const CONFIRM = 2500; // ms after which a choice that the server does not show is sent again
const CONFIRMATIONS = 4;
const TAP = 700; // ms in which a finger's tap is not a mouse
const WATCH = 500; // ms between two looks at the page's colours

const STILLNESS = window.matchMedia("(prefers-reduced-motion: reduce)");

export class Stage {
  /** @param {string} key @param {HTMLElement} root */
  constructor(key, root) {
    /** @type {any} */
    this.root = root;
    this.pageKey = key;
    this.path = location.pathname;
    this.outbox = outbox;
    this.inbox = new Inbox();
    /** @type {"empty" | "due" | "shown"} whether the newest state is on the page */
    this.phase = "empty";
    this.followsServer = true; // its choice of β: of one that comes (back) to the page
    /** @type {Map<string, Chart>} */
    this.charts = new Map();
    this.open = [""]; // panels whose tab was chosen, the latest last
    this.room = {};
    this.pinned = false;
    this.chosenAt = 0;
    this.tappedAt = -Infinity;
    this.spokenAt = -Infinity;
    this.arrived = Promise.resolve();
    /** @type {(name: keyof States, value: any) => void} */
    this.setState = () => undefined;
    /** @type {any} the timer that closes it */
    this.leaving = undefined;
    this.state = {
      arrays: {}, texts: {}, chosen: 0, point: null, place: null, theme: themeOf(root), busy: false, large: false,
      term: "", aim: null, veiled: false,
      tapped: () => performance.now() - this.tappedAt < TAP,
      choose: (i) => this.choose(i),
      pin: (i) => this.pin(i),
      hover: (i) => this.hover(i),
    };
    this.drawSoon = oncePerFrame(() => guarded("picture", () => this.picture()));
    this.plotSoon = oncePerFrame(() => plotNext(this));
    this.lay();
    this.resized = new ResizeObserver(() => resize(this));
    this.resized.observe(root);
    // A theme can change without a message, and lines may come after one.
    this.themeWatch = setInterval(() => {
      if (this.root.isConnected && (themeOf(this.root).ink !== this.state.theme.ink || hasNewLines())) this.schedule();
    }, WATCH);
  }

  get document() { return this.inbox.document; }

  get header() { return this.inbox.header; }

  lay() {
    this.popover = new Popover();
    this.scrubber = new Scrubber(this);
    const send = (action, value) => this.send(action, value);
    this.toolbar = new Toolbar(send, (i) => this.choose(i), this.popover, this.scrubber.node);
    this.about = new About();
    this.heading = new Heading({
      ask: () => this.about.toggle(),
      leave: () => this.send("present", false),
      tell: (words) => this.tell(words),
    });
    this.panels = element("div", { class: "lab-panels" });
    this.more = element("div", { class: "lab-panels lab-more" });
    this.numbers = element("dl", { class: "lab-numbers" });
    this.status = element("p", { class: "lab-status" });
    this.voice = element("p", { class: "lab-voice", role: "status" });
    this.card = new Card(this.state, () => this.document);
    this.root.replaceChildren(this.toolbar.node, this.heading.node, this.panels, this.numbers, this.status, this.more,
      this.voice, this.popover.node, this.about.node);
  }

  close() {
    this.popover.leave();
    this.resized.disconnect();
    clearInterval(this.themeWatch);
    for (const timer of [this.sending, this.resting, this.next, this.confirming, this.scrubber.moving]) clearTimeout(timer);
    for (const chart of this.charts.values()) chart.close();
  }

  moveTo(root) {
    if (root === this.root) return;
    this.resized.unobserve(this.root);
    root.className = this.root.className;
    root.replaceChildren(...this.root.childNodes);
    this.root = root;
    this.resized.observe(root);
    this.schedule();
  }

  // Inflating takes a moment, and messages keep their order; one that cannot be drawn does not hold up the next.
  accept(data) {
    const inflated = inflate(data);
    this.arrived = this.arrived.then(async () => {
      const bytes = await inflated.catch((error) => guarded("message", () => { throw error; }));
      if (bytes) guarded("message", () => this.receive(this.scrubber.keep(readMessages(bytes))));
    });
  }

  /**
   * Pictures taken one after another are shown so; a newer message overtakes those still to come.
   * @param {Message[]} messages
   */
  receive(messages, pause = messages[0].header.span / messages.length) {
    clearTimeout(this.next);
    const [first, ...rest] = messages;
    guarded("message", () => this.take(first));
    if (rest.length) this.next = setTimeout(() => this.receive(rest, pause), pause);
  }

  /** @param {Message} message */
  take(message) {
    const { heard, link, page, chosen } = message.header;
    outbox.heard(heard);
    guarded("address", () => address.write(link, page, outbox.has("link")));
    const before = this.document;
    const found = this.inbox.take(message);
    if (found === "missing") return this.ask();
    const { title, slider } = this.document;
    const isOther = `${before?.slider.labels}` !== `${slider.labels}` || title !== before?.title;
    if (isOther || this.followsServer) this.state.chosen = chosen;
    this.followsServer = false;
    if (found === "fresh") {
      if (STILLNESS.matches && title !== before?.title) this.send("pause"); // nothing moves unasked
      build(this);
    }
    if (this.scrubber.isHeld()) this.scrubber.ask();
    else Object.assign(this.state, { arrays: this.inbox.arrays, texts: this.inbox.texts });
    this.schedule();
  }

  // Once: every message that follows lacks the same document.
  ask() {
    if (!outbox.has("document")) this.send("document");
  }

  // Only the newest state is drawn, at most once an animation frame.
  schedule() {
    if (!this.document) return;
    this.phase = "due";
    this.drawSoon();
  }

  playing() {
    return outbox.playing(this.header.playing);
  }

  picture() {
    this.phase = "shown";
    drawPicture(this);
  }

  choose(index) {
    const last = this.document.slider.labels.length - 1;
    this.state.chosen = Math.max(0, Math.min(last, index));
    this.stir();
    if (!this.playing()) this.sending = clearTimeout(this.sending);
    this.sending ??= setTimeout(() => this.sendChoice(), this.playing() ? SEND_EVERY : SEND_AFTER);
  }

  // Something is dragged: drawn at once, and once more at rest, with what is too slow for a drag.
  stir() {
    this.chosenAt = performance.now();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.schedule(), REST + 20);
    this.schedule();
  }

  // A state can be lost on its way as a trigger can.
  sendChoice(times = CONFIRMATIONS) {
    this.sending = undefined;
    this.setState("chosen", this.state.chosen + (CONFIRMATIONS - times) / 8); // the same value again would tell nobody
    clearTimeout(this.confirming);
    if (times) this.confirming = setTimeout(() => {
      if (this.header.chosen !== this.state.chosen) this.sendChoice(times - 1);
    }, CONFIRM);
  }

  send(action, value) {
    if (action !== "look") this.scrubber.rest(); // it goes on from there
    outbox.press(action, value, this.pageKey);
    this.schedule();
  }

  key(event) {
    if (!this.document) return; // also between two places on the page: a press is kept until it is answered
    const action = keyAction(event, this.playing());
    if (!action) return;
    if (action.leave) return this.escape();
    event.preventDefault();
    if (action.first) this.toolbar.play.focus();
    else if (action.ask) this.about.toggle();
    else if (action.move) this.choose(this.state.chosen + action.move);
    else if (action.time) this.scrubber.move(action.time);
    else if (action.send) this.send(action.send);
  }

  // One thing at a time: what is open, an input that is held, large type.
  escape() {
    if (this.popover.close()) return;
    if (this.state.point !== null) return this.point(null);
    if (this.document.present) this.send("present", false);
  }

  // Aloud, for who cannot see it.
  tell = (words) => (this.voice.textContent = words);

  // By finger or key: an input, or none.
  point(index) {
    this.pinned = false;
    this.hover(index);
  }

  hover(index) {
    if (!this.pinned) this.state.point = index;
    this.schedule();
  }

  pin(index) {
    this.pinned = !(this.pinned && this.state.point === index);
    this.state.point = this.pinned ? index : null;
    this.schedule();
  }
}
