// @ts-check
// A guess before the answer: a place in a chart, by mouse, finger or keyboard. Its words come from the server.
import { frameOf } from "./axes.js";
import { element } from "./dom.js";
import { drawMarks } from "./overlay.js";
import { toData } from "./plan.js";
import { outbox } from "./shared.js";
import { STEPS } from "./walk.js";

const STRIDE = 0.02; // of an axis, with an arrow key

// Over the chart that is asked about lies a layer that takes a place, as long as none was given.
export function askGuess(stage) {
  const { header: { guess }, charts, state } = stage;
  const { div, plan } = charts.get(guess?.panel) ?? {};
  const isOpen = plan && !guess.place && div.offsetParent && !outbox.has("guess");
  if (!isOpen) {
    if (!outbox.has("guess")) state.aim = null;
    stage.asking?.remove();
    return;
  }
  stage.asking ??= layerOf(stage);
  stage.asking.setAttribute("aria-label", guess.help);
  stage.asking.title = guess.help;
  if (stage.asking.parentElement !== div.parentElement) div.parentElement.append(stage.asking);
  const { left, right, top, bottom } = frameOf(plan);
  const box = { left, top, width: right - left, height: bottom - top };
  Object.assign(stage.asking.style, Object.fromEntries(Object.entries(box).map(([side, px]) => [side, `${px}px`])));
}

function layerOf(stage) {
  const chart = () => stage.charts.get(stage.header.guess.panel);
  const aimAt = (place) => {
    stage.state.aim = place.map((v) => +v.toFixed(3));
    drawMarks(stage);
  };
  const under = (event) => {
    const { div, plan } = chart();
    const box = div.getBoundingClientRect();
    return [toData(plan.x)(event.clientX - box.left), toData(plan.y)(event.clientY - box.top)];
  };
  const forget = () => {
    if (outbox.has("guess") || document.activeElement === stage.asking) return;
    stage.state.aim = null;
    drawMarks(stage);
  };
  const set = () => {
    stage.tell(stage.header.guess.said);
    stage.send("guess", stage.state.aim);
    stage.asking.remove();
  };
  const key = (event) => {
    const step = STEPS[event.key];
    if (!step && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (!step) return stage.state.aim && set();
    const { x, y } = chart().plan;
    const [wide, high] = [x, y].map(({ range: [low, most] }) => STRIDE * (most - low));
    const [u, v] = stage.state.aim ?? [x, y].map(({ range: [low, most] }) => (low + most) / 2);
    const inside = (value, { range: [low, most] }) => Math.max(low, Math.min(most, value));
    aimAt([inside(u + step[0] * wide, x), inside(v - step[1] * high, y)]);
    const [right, up] = stage.state.aim.map((value) => value.toFixed(2));
    stage.tell(stage.header.guess.words.replace("{x}", right).replace("{y}", up));
  };
  return element("div", {
    class: "lab-asking", tabindex: "0", role: "application", onkeydown: key, onblur: forget, onpointerleave: forget,
    onpointermove: (event) => aimAt(under(event)),
    onclick: (event) => { aimAt(under(event)); set(); },
  });
}
