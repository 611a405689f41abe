// @ts-check
// The toolbar: transport, and the β slider with its marks.
import { element, put } from "./dom.js";
import { more } from "./popover.js";
/** @import { Document, Header, Slider } from "./protocol.js" */

const LATE = 0.6; // of the slider, from where words of marks go to the left

export class Toolbar {
  constructor(send, choose, popover, time) {
    const button = (label, action, title) => element("button",
      { type: "button", class: `lab-button lab-${action}`, title, onclick: () => send(action) }, label);
    this.play = element("button", { type: "button", class: "lab-button lab-play" });
    this.play.addEventListener("click", () => send(this.play.dataset.playing === "true" ? "pause" : "play"));
    this.speed = element("select", {
      class: "lab-button lab-speed", title: "Training steps between two pictures", "aria-label": "Steps a tick",
      onchange: () => send("speed", this.speed.value),
    });
    this.range = element("input", { type: "range", min: 0, step: 1, class: "lab-range",
      oninput: () => choose(+this.range.value) });
    this.ticks = element("div", { class: "lab-ticks" });
    this.beta = element("div", { class: "lab-beta" });
    this.meaning = element("span", { class: "lab-meaning" });
    const help = element("button",
      { type: "button", class: "lab-explained", "aria-expanded": "false", "aria-label": "About β" }, this.meaning);
    help.addEventListener("click", () => popover.toggle(help, "note", ...this.explained()));
    /** @type {Slider | null} */
    this.slider = null;
    // play and β come first by keyboard, too
    this.node = element("div", { class: "lab-toolbar", role: "group", "aria-label": "Training and β" }, this.play,
      element("div", { class: "lab-slider" }, this.range, this.ticks, time),
      element("div", { class: "lab-readout" }, this.beta, help),
      element("div", { class: "lab-buttons" }, button("Step", "step", "Train one tick and stop (→)"),
        button("↺ Same seed", "reset", "Start anew from the same seed"),
        button("New seed", "seed", "Start anew from another seed"), this.speed));
  }

  explained() {
    const marks = this.slider.marks.map(({ label, help }) => `${label}: ${help}`);
    return [...[this.slider.help, ...marks].map((text) => element("p", {}, text)), more()];
  }

  /** @param {Document} document_ @param {Header} header */
  update({ slider, speeds }, { speed }, chosen, playing) {
    this.play.dataset.playing = playing;
    put(this.play, playing ? "❚❚ Pause" : "▶ Play");
    this.play.title = playing ? "Pause training (space)" : "Train (space)";
    const option = (value) => element("option", { value }, value === "max" ? "max speed" : `×${value}`);
    if (this.speed.length !== speeds.length) this.speed.replaceChildren(...speeds.map(option));
    if (document.activeElement !== this.speed) this.speed.value = speed;
    const last = slider.labels.length - 1;
    this.range.max = last;
    this.range.value = chosen;
    this.range.style.setProperty("--fill", chosen / Math.max(1, last));
    this.range.setAttribute("aria-valuetext", `β = ${slider.labels[chosen]}`);
    put(this.beta, `β = ${slider.labels[chosen]}`);
    put(this.meaning, slider.meanings[chosen]);
  }

  /** @param {Slider} slider */
  setSlider(slider) {
    const { labels, ticks, marks, name } = slider;
    const share = (index) => index / Math.max(1, labels.length - 1);
    const at = (index) => `left: calc(var(--thumb) / 2 + (100% - var(--thumb)) * ${share(index)})`;
    const mark = ({ index, words, side }) => element("b", { style: at(index), class: `lab-mark ${side}` }, words);
    this.slider = slider;
    this.range.setAttribute("aria-label", name);
    this.ticks.replaceChildren(
      ...labels.map((_, i) => element("i", { class: "lab-stop", style: at(i) })),
      ...ticks.map(({ index, label }) => element("span", { class: "lab-tick", style: at(index) }, label)),
      ...namedTogether(marks, LATE * labels.length).map(mark));
  }
}

/**
 * Marks may stand close together: their words stand in one line, beside the outermost. Late ones' words go to the left.
 * @param {{ index: number, label: string }[]} marks
 */
export function namedTogether(marks, late) {
  const all = [...marks].sort((a, b) => a.index - b.index);
  const isLate = all[0]?.index > late;
  const named = isLate ? 0 : all.length - 1;
  const side = isLate ? "lab-late" : all.length > 1 ? "lab-early" : "";
  const words = all.map(({ label }) => label).join(", ");
  return all.map(({ index }, k) => ({ index, side, words: k === named ? words : "" }));
}
