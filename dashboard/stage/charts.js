// @ts-check
// Charts that stay alive: each is made once, and its bound traces get new arrays. A chart is empty, then sketched, then
// plotted; while things move it is sketched again, over the axes that Plotly has drawn.
import { bound, plain, wordsOf } from "./bind.js";
import { rowOf } from "./codec.js";
import { declutter } from "./declutter.js";
import { element, guarded } from "./dom.js";
import { imagesOf } from "./images.js";
import { settled } from "./notes.js";
import { movedRanges, planned } from "./plan.js";
import { Sketch } from "./sketch.js";
import { axesOf, enlarged, themed, withLegend } from "./theme.js";
/** @import { Panel } from "./protocol.js" */
/** @import { Plan } from "./plan.js" */

const FINGERS = window.matchMedia("(pointer: coarse)");
// a finger's tap comes as two clicks: they lead back to the fixed ranges, never to others
const CONFIG = { displaylogo: false, responsive: false, displayModeBar: false, scrollZoom: false, doubleClick: "reset" };

const plotlyUrl = () => new URL("plotly.min.js", import.meta.url).href; // none where the page is one file

export function loadPlotly() {
  const load = (resolve, reject) => document.head.append(element("script", {
    src: plotlyUrl(),
    onload: () => resolve(window.Plotly),
    onerror: () => reject(new Error(`The chart library could not be loaded from ${plotlyUrl()}.`)),
  }));
  window.__plotlyLoading ??= window.Plotly ? Promise.resolve(window.Plotly) : new Promise(load);
  return window.__plotlyLoading;
}

export class Chart {
  /** @param {HTMLElement} div @param {Panel} panel */
  constructor(div, panel) {
    /** @type {any} */
    this.div = div;
    this.renderer = new Sketch(div);
    /** @type {"empty" | "sketched" | "plotted"} what is to be seen: nothing, the sketch, or Plotly's picture alone */
    this.phase = "empty";
    this.isStale = false; // Plotly has yet to draw the newest state
    /** @type {{ panel: Panel, ink: string, width: number, height: number } | null} what Plotly has drawn last */
    this.plotted = null;
    this.plottedAt = 0;
    this.revision = 0;
    /** @type {Plan | null} */
    this.plan = null;
    this.moved = {}; // ranges of axes that a visitor has moved
    this.kept = {}; // places of words
    this.replace(panel);
  }

  /** @param {Panel} panel */
  replace(panel) {
    for (const trace of panel.figure.data) for (const key of ["x", "y"]) trace[key] = plain(trace[key]);
    const before = this.panel?.figure.layout;
    for (const axis of Object.keys(this.moved)) { // kept as long as Plotly keeps them
      if (`${before[axis].range}` !== `${panel.figure.layout[axis]?.range}`) delete this.moved[axis];
    }
    this.canSketch = this.renderer.can(panel.figure.data);
    this.panel = panel;
  }

  // While things move: the traces by hand, when that can be; what it cannot is Plotly's.
  sketch(state) {
    const isDone = this.canSketch && guarded(`sketch of ${this.panel.id}`, () => this.trySketch(state), () => {
      this.canSketch = false;
      return false;
    });
    if (isDone) this.phase = "sketched";
    else this.unsketch();
  }

  unsketch() {
    this.renderer.clear();
    this.phase = this.plotted ? "plotted" : "empty";
  }

  trySketch(state) {
    const { traces, followers, layout } = this.compose(state);
    if (!this.plan) return false;
    this.renderer.draw(this.plan, traces, followers, layout, !this.plotted);
    return true;
  }

  // Everything that is drawn of a state, by whichever hand.
  compose(state, data = this.panel.figure.data) {
    const { layout: given } = this.panel.figure;
    const traces = data.map((trace) => this.bound(trace, state));
    const followers = this.followers(given, state); // first: it moves them
    const layout = this.layout(state);
    Object.assign(layout, { width: this.div.clientWidth, height: this.div.clientHeight });
    this.plan = planned(layout, this.moved);
    layout.annotations = settled(this.plan, this.kept, layout, traces, followers);
    return { traces, followers, layout };
  }

  // Whether Plotly has drawn this figure in this size and these colours, if not of this moment.
  isCurrent({ theme }) {
    const { panel, ink, width, height } = this.plotted ?? {};
    const isSame = panel === this.panel && ink === theme.ink;
    return isSame && width === this.div.clientWidth && height === this.div.clientHeight;
  }

  layout(state) {
    const { data, layout } = this.panel.figure;
    const styled = themed(layout, state.theme);
    return withLegend(state.large ? enlarged(styled) : styled, data, this.div.clientWidth);
  }

  plot(Plotly, state) {
    this.plottedAt = performance.now();
    guarded(`chart ${this.panel.id}`, () => this.tryPlot(Plotly, state));
    this.isStale = false;
  }

  tryPlot(Plotly, state) {
    if (!state.busy) this.kept = {}; // at rest the best place, in motion the last good one
    const { traces, followers, layout } = this.compose(state);
    layout.datarevision = ++this.revision;
    if (FINGERS.matches) layout.dragmode = false; // a finger scrolls the page
    layout.images = imagesOf(this.div, traces, layout);
    for (const trace of traces) if (trace.mode?.includes("text")) trace.text = wordsOf(trace);
    Plotly.react(this.div, traces, layout, CONFIG);
    if (!this.plotted) this.listen(state);
    this.plotted = { panel: this.panel, ink: state.theme.ink, width: layout.width, height: layout.height };
    this.markFollowers(followers);
    guarded("words of a chart", () => declutter(this.div));
    if (state.busy && this.phase === "sketched") this.renderer.draw(this.plan, traces, followers, layout, false);
    else this.unsketch();
  }

  // Back from a zoom.
  reset() {
    const { layout } = this.panel.figure;
    const changes = axesOf(layout).map((axis) => {
      const { range, autorange = true } = layout[axis];
      return range ? [`${axis}.range`, [...range]] : [`${axis}.autorange`, autorange];
    });
    if (this.plotted) window.Plotly.relayout(this.div, Object.fromEntries(changes));
  }

  close() {
    window.Plotly?.purge(this.div);
  }

  bound(trace, state) {
    return bound(trace, state);
  }

  // Annotations that follow the data: one a class, hidden where the class has no place.
  followers({ annotations, meta }, { arrays, chosen }) {
    if (!meta?.labels) return [];
    const found = annotations.slice(meta.labels.first);
    const x = rowOf(arrays[meta.labels.x], chosen);
    const y = rowOf(arrays[meta.labels.y], chosen);
    const at = (c) => ({ x: x.values[c] || 0, y: y.values[c] || 0, visible: !Number.isNaN(x.values[c]) });
    found.forEach((label, c) => Object.assign(label, x ? at(c) : { visible: false }));
    return found;
  }

  // What is sketched must not be seen twice.
  markFollowers(followers) {
    const first = (this.panel.figure.layout.annotations?.length ?? 0) - followers.length;
    for (const node of this.div.querySelectorAll(".annotation")) {
      node.classList.toggle("lab-follows", followers.length > 0 && +node.dataset.index >= first);
    }
  }

  listen(state) {
    const at = ({ points: [{ data, pointNumber }] }) => ({ meta: data.meta || {}, index: pointNumber });
    this.div.on("plotly_click", (event) => {
      const { meta, index } = at(event);
      if (meta.choose) state.choose(index);
      if (meta.point && !state.tapped()) state.pin(meta.rows[index]);
    });
    this.div.on("plotly_hover", (event) => {
      const { meta, index } = at(event);
      if (meta.point && !state.tapped()) state.hover(meta.rows[index]);
    });
    this.div.on("plotly_unhover", () => state.tapped() || state.hover(null)); // a tap brings a mouse that leaves at once
    for (const name of ["plotly_relayout", "plotly_relayouting"]) this.div.on(name, (event) => {
      this.moved = movedRanges(event, this.moved);
      if (this.phase === "sketched") this.sketch(state);
    });
  }
}
