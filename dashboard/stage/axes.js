// @ts-check
// Axes and shades by hand, for the first second: Plotly takes longer to load than all the rest of the page does.
// They stand where Plotly will put them; once Plotly is there, it draws them.
import { roundValues } from "./plan.js";
import { write } from "./text.js";
/** @import { Plan } from "./plan.js" */

export const DASHES = { dash: [9, 9], dot: [3, 3], dashdot: [9, 3, 3, 3] };

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {{ x: (value: number) => number, y: (value: number) => number }} at from data to pixels
 * @param {Plan} plan
 */
export function drawAxes(ctx, at, plan, layout) {
  const { xaxis, yaxis, font } = layout;
  const frame = frameOf(plan);
  const { left, right, top, bottom } = frame;
  const size = (axis) => axis.tickfont?.size ?? font.size;
  const say = (text, place, style) => write(ctx, text, place, { colour: font.color, ...style });
  Object.assign(ctx, { strokeStyle: xaxis.gridcolor, lineWidth: 1 });
  for (const [value, text] of ticksOf(xaxis, plan.x, 80)) {
    const x = at.x(value);
    strokeLine(ctx, [x, xaxis.showgrid === false ? bottom : top], [x, bottom + 4]);
    say(text, [x, bottom + 7], { size: size(xaxis), across: "center", up: "top" });
  }
  for (const [value, text] of ticksOf(yaxis, plan.y, 40)) {
    const y = at.y(value);
    strokeLine(ctx, [left - 4, y], [yaxis.showgrid === false ? left : right, y]);
    say(text, [left - 6, y], { size: size(yaxis), across: "right" });
  }
  const [middle, sizeX, sizeY] = [(left + right) / 2, titleSize(xaxis, font), titleSize(yaxis, font)];
  say(xaxis.title.text, [middle, bottom + layout.margin.b], { size: sizeX, across: "center", up: "bottom" });
  say(yaxis.title.text, [0.7 * sizeY, (top + bottom) / 2], { size: sizeY, across: "center", turn: -90 });
  for (const shape of layout.shapes ?? []) drawShape(ctx, at, shape, frame);
}

/** @param {Plan} plan */
export function frameOf({ x, y }) {
  return { left: x.start, right: x.start + x.length, top: y.start, bottom: y.start + y.length };
}

function ticksOf({ tickvals, ticktext }, axis, apart) {
  if (tickvals) return tickvals.map((value, i) => [value, ticktext[i]]);
  return roundValues(axis, apart).map((value) => [value, `${value}`.replace("-", "−")]);
}

function titleSize({ title }, font) {
  return title.font?.size ?? Math.round(1.2 * font.size);
}

function strokeLine(ctx, from, to) {
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}

function drawShape(ctx, at, { type, path, x0, x1, y0, y1, xref, yref, fillcolor, line }, { left, right, top, bottom }) {
  const x = (v) => (xref === "x domain" ? left + v * (right - left) : at.x(v));
  const y = (v) => (yref === "y domain" ? bottom - v * (bottom - top) : at.y(v));
  const isPath = type === "path";
  const read = () => [...path.matchAll(/([-\d.e]+),([-\d.e]+)/g)].map(([, u, v]) => [+u, +v]);
  const corners = isPath ? read() : [[x0, y0], [x1, y1]];
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
  ctx.beginPath();
  for (const [u, v] of corners) ctx.lineTo(x(u), y(v));
  if (isPath) Object.assign(ctx, { fillStyle: fillcolor }).fill();
  if (line?.width) {
    Object.assign(ctx, { strokeStyle: line.color, lineWidth: line.width });
    ctx.setLineDash(DASHES[line.dash] ?? []);
    ctx.stroke();
  }
  ctx.restore();
}
