// @ts-check
// Pictures of a stage's state: by hand at once, and by Plotly when there is time.
import { loadPlotly } from "./charts.js";
import { guarded } from "./dom.js";
import { askGuess } from "./guess.js";
import { writeWords } from "./layout.js";
import { drawMarks } from "./overlay.js";
import { themeOf } from "./theme.js";

const CALM = 700; // ms in which the controls are laid out, before anything else is loaded
const HOVERED = 400; // ms between two drawings by Plotly of a sketched chart under the pointer, while something moves
const ASIDE = 200; // … of one that cannot be sketched
export const REST = 300; // ms without a new β after which a picture may take its time

export function drawPicture(stage) {
  const { state, document: doc, header, charts } = stage;
  state.theme = themeOf(stage.root);
  state.veiled = Boolean(header.guess && !header.guess.place);
  state.busy = header.playing || performance.now() - stage.chosenAt < REST;
  guarded("toolbar", () => stage.toolbar.update(doc, header, state.chosen, stage.playing()));
  guarded("scrubber", () => stage.scrubber.update());
  guarded("words", () => writeWords(stage));
  guarded("card", () => stage.card.show());
  for (const chart of charts.values()) {
    chart.isStale = true;
    if ((state.busy || !window.Plotly) && chart.div.offsetParent) chart.sketch(state);
  }
  guarded("guess", () => askGuess(stage));
  guarded("marks", () => drawMarks(stage));
  if (window.Plotly) stage.plotSoon();
  if (header.call !== stage.called) answer(stage, header);
  stage.called = header.call;
}

// The server waits with its controls until the first picture is seen (1), and with PyTorch until they are laid out (2).
// So does Plotly, whose loading keeps the page busy for a second.
function answer(stage, { call, after = 0 }) {
  const later = () => {
    if (call) stage.send("ready", call);
    if (call === 1) return;
    loadPlotly().then(() => stage.schedule(), (error) => (stage.status.textContent = error.message));
  };
  requestAnimationFrame(() => setTimeout(later, call === 2 ? CALM : after));
}

// One chart an animation frame, the longest waiting first: the page stays fluent however slow a chart is.
export function plotNext(stage) {
  const isWaiting = (chart) => chart.isStale && chart.div.offsetParent && isDue(chart, stage.state);
  const [chart] = [...stage.charts.values()].filter(isWaiting).sort((a, b) => a.plottedAt - b.plottedAt);
  if (!chart) return;
  chart.plot(window.Plotly, stage.state);
  stage.plotSoon();
}

// Behind a sketch Plotly draws axes and notes that have changed, and what a pointer finds.
function isDue(chart, state) {
  if (!state.busy || !chart.isCurrent(state)) return true;
  const pause = chart.phase !== "sketched" ? ASIDE : chart.div.matches(":hover") ? HOVERED : Infinity;
  return performance.now() - chart.plottedAt > pause;
}
