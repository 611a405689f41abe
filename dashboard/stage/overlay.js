// @ts-check
// Marks over charts that are no model's: the term that is pointed at, what a switch has replaced, a visitor's guess. They
// are drawn in the data's units over whatever hand has drawn the chart, so that nothing of it is drawn again.
import { frameOf } from "./axes.js";
import { rowOf } from "./codec.js";
import { isNumber, ringsOf } from "./geometry.js";
import { toPixels } from "./plan.js";
/** @import { Chart } from "./charts.js" */

const CROSS = 9; // px of half a guess
const DOT = 9;
const SLACK = 5; // px beyond the plot that a line's own width needs

export function drawMarks(stage) {
  const { state, header, charts } = stage;
  const of = (key) => state.texts[`mark_${key}`]?.[state.chosen] ?? [];
  const kept = (header.marks ?? []).flatMap(of).map(([id, kind, points]) => [id, `${kind} lab-kept`, points]);
  const shapes = [...kept, ...of(state.term)];
  const { panel, place, answer } = header.guess ?? {};
  const cross = place ?? state.aim;
  if (cross) shapes.push([panel, "cross", [cross]]);
  if (place && answer) shapes.push([panel, "dash", [place, [answer[0], place[1]], answer]], [panel, "dot", [answer]]);
  for (const chart of charts.values()) drawOver(chart, shapes.filter(([id]) => id === chart.panel.id), state);
}

/** @param {Chart} chart */
function drawOver({ div, plan }, shapes, state) {
  const body = div.parentElement;
  let layer = body?.querySelector(".lab-marks");
  if (!body || (!layer && !shapes.length)) return;
  if (!layer) body.append((layer = svg("svg", { class: "lab-marks", "aria-hidden": "true" })));
  const { left, right, top, bottom } = plan ? frameOf(plan) : { left: 0, right: 0, top: 0, bottom: 0 };
  const inset = [top, plan && plan.width - right, plan && plan.height - bottom, left].map((px) => `${px - SLACK}px`);
  layer.style.clipPath = `inset(${inset.join(" ")})`;
  layer.replaceChildren(...(plan ? shapes.map(([, kind, points]) => drawn(plan, kind, points, state)) : []));
}

function drawn(plan, kinds, points, { arrays, chosen }) {
  const [kind] = kinds.split(" ");
  const [x, y] = [toPixels(plan.x), toPixels(plan.y)];
  const [u, v] = kind === "arrays" ? [0, 0] : [x(points[0][0]), y(points[0][1])];
  if (kind === "dot") return svg("circle", { class: `lab-${kinds}`, cx: u, cy: v, r: DOT });
  if (kind === "cross") {
    const [far, near] = [2 * CROSS, -CROSS];
    const d = `M${u + near} ${v + near}l${far} ${far}m0 ${-far}l${-far} ${far}`;
    return svg("path", { class: `lab-${kinds}`, d });
  }
  const way = kind === "arrays" ? points.map((name) => rowOf(arrays[name], chosen)?.values ?? [])
    : kind === "rings" ? Object.values(ringsOf(points[0], points[1], points[2][0]))
    : [points.map((point) => point[0]), points.map((point) => point[1])];
  return svg("path", { class: `lab-${kinds}`, d: pathOf(Array.from(way[0], x), Array.from(way[1], y)) });
}

function svg(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, `${value}`);
  return node;
}

/** A line through places in px, broken where there is none. */
function pathOf(across, up) {
  let isDown = false;
  return across.map((u, i) => {
    const isHere = isNumber(u) && isNumber(up[i]);
    const step = isHere ? `${isDown ? "L" : "M"}${u.toFixed(1)} ${up[i].toFixed(1)}` : "";
    isDown = isHere;
    return step;
  }).join("");
}
