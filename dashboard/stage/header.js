// @ts-check
// The line above the toolbar, and what a question mark opens: every mark of every chart in a sentence, and the keys.
import { copy, element } from "./dom.js";
import { more } from "./popover.js";
/** @import { Document } from "./protocol.js" */

const KEYS = [
  ["Space", "play or pause, whatever was pressed last"],
  ["→", "one step, also while the slider has the focus"],
  ["[ and ]", "β one stop down or up"],
  ["←, ↓, ↑, Home, End", "β, while the slider has the focus"],
  [", and .", "back and forth in training time, one moment; also ← and → while its slider has the focus"],
  ["Arrows, Enter", "walk through the inputs of a chart that has the focus, and hold one"],
  ["?", "this page of words"],
  ["Esc", "closes what is open, lets go of an input, leaves presenter mode"],
];
const SAID = 2500; // ms that a button says what it has done

export class Heading {
  constructor({ ask, leave, tell }) {
    const button = (label, name, about, onclick) => element("button",
      { type: "button", class: `lab-button lab-small ${name}`, "aria-label": about, onclick }, label);
    const share = button("Share", "lab-share", undefined, async () => {
      await copy(location.href);
      share.textContent = "Link copied";
      tell("Link copied");
      setTimeout(() => (share.textContent = "Share"), SAID);
    });
    this.leave = button("✕ Leave", "lab-leave", "Leave presenter mode (Esc)", leave);
    this.name = element("h1", { class: "lab-name" });
    this.sentence = element("p", { class: "lab-sentence" });
    this.units = element("span", { class: "lab-units" });
    this.node = element("header", { class: "lab-head" }, this.name, this.sentence, this.units, share,
      button("?", "lab-ask", "What is this? (?)", ask), this.leave);
  }

  /** @param {Document} document_ */
  update({ title, dataset, present, classes, sentence }) {
    const parts = [title, dataset].filter(Boolean).map((part) => ` · ${part}`);
    this.name.replaceChildren("Bottleneck Lab", element("small", {}, parts.join("")));
    this.sentence.textContent = sentence ?? "";
    this.units.textContent = `in ${classes.unit}`;
    this.leave.hidden = !present;
  }
}

export class About {
  constructor() {
    /** @type {Document | null} */
    this.document = null;
    this.node = element("dialog", { class: "lab-about", "aria-label": "What is this?" });
    this.node.addEventListener("click", (event) => event.target === this.node && this.node.close()); // beside the words
    this.node.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "?" || event.key === "Escape") this.node.close(); // some browsers hold back their own Esc
    });
  }

  toggle() {
    if (this.node.open) return this.node.close();
    const { panels, sentence } = this.document;
    const row = ([mark, words]) => element("div", {}, element("dt", {}, mark), element("dd", {}, words));
    const part = (title, marks) => element("section", {},
      element("h3", {}, title), element("dl", {}, ...marks.map(row)));
    const close = element("button",
      { type: "button", class: "lab-button lab-small", onclick: () => this.node.close() }, "Close");
    const about = { class: "lab-about-text", tabindex: "0", role: "document", "aria-label": "What is this?" };
    this.node.replaceChildren(element("div", about, close,
      element("h2", {}, "What is this?"), element("p", {}, sentence ?? ""), more(), part("Keys", KEYS),
      ...panels.filter((panel) => panel.about?.length).map((panel) => part(panel.title, panel.about))));
    this.node.showModal();
  }
}
