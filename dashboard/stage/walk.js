// @ts-check
// Inputs without a mouse: by finger, a tap finds the nearest; by keyboard, arrows walk from one to the next.
import { toPixels } from "./plan.js";
/** @typedef {{ row: number, u: number, v: number }} Input and its place in px */

const REACH = 24; // px between a finger and what it means
const STILL = 10; // px that a finger may move in a tap
export const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The inputs that a chart shows. @returns {Input[]} */
function inputsOf({ plan, panel }) {
  if (!plan) return [];
  const [across, up] = [toPixels(plan.x), toPixels(plan.y)];
  const traces = panel.figure.data.filter((trace) => trace.meta?.point && trace.x);
  return traces.flatMap(({ x, y, meta }) =>
    Array.from(meta.rows, (row, i) => ({ row, u: across(x[i]), v: up(y[i]) })));
}

export function hasInputs({ figure }) {
  return figure.data.some((trace) => trace.meta?.point);
}

/** @param {Input[]} inputs @param {(input: Input) => number} cost @returns {{ least: number, row: number | null }} */
function cheapest(inputs, cost) {
  const none = { least: Infinity, row: null };
  return inputs.map((input) => ({ least: cost(input), row: input.row })).reduce((a, b) => (b.least < a.least ? b : a), none);
}

/**
 * The nearest input in a direction, those straight ahead first; from nowhere, the nearest to the middle.
 * @param {Input[]} inputs
 * @param {number | null} from
 */
export function nextInput(inputs, from, [right, down], middle) {
  const here = inputs.find(({ row }) => row === from);
  const at = here ?? middle;
  const { row } = cheapest(inputs, ({ u, v }) => {
    const [across, up] = [u - at.u, v - at.v];
    if (!here) return Math.hypot(across, up);
    const ahead = across * right + up * down;
    return ahead <= 0.5 ? Infinity : ahead + 2 * (Math.abs(across * down) + Math.abs(up * right));
  });
  return row ?? from;
}

// A key that a chart with the focus takes: one input on, or holding the one that is pointed at.
export function walkKey(stage, chart, event) {
  const { point } = stage.state;
  const middle = { u: chart.div.clientWidth / 2, v: chart.div.clientHeight / 2 };
  if (STEPS[event.key]) stage.point(nextInput(inputsOf(chart), point, STEPS[event.key], middle));
  else if (event.key === "Enter" && point !== null) stage.pin(point);
  else return;
  event.preventDefault();
  event.stopPropagation();
  requestAnimationFrame(() => stage.tell(stage.card.words()));
}

export function makeTappable(stage, chart) {
  let down = null;
  chart.div.addEventListener("pointerdown", (event) => (down = event.pointerType === "touch" ? event : null));
  chart.div.addEventListener("pointerup", (event) => {
    if (!down || Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > STILL) return;
    stage.tappedAt = performance.now();
    const box = chart.div.getBoundingClientRect();
    const [u, v] = [event.clientX - box.left, event.clientY - box.top];
    const { least, row } = cheapest(inputsOf(chart), (input) => Math.hypot(input.u - u, input.v - v));
    stage.point(least < REACH ? row : null);
    if (least >= REACH && stage.card.chart === chart) stage.card.place(event);
  });
}
