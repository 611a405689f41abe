// @ts-check
// A quick hand for pictures that move: it draws a chart's traces on a canvas in a millisecond or two, where Plotly takes
// thirty. Plotly keeps the axes, the notes, the hovering and every picture at rest. Both are given the same traces.
import { DASHES, drawAxes, frameOf } from "./axes.js";
import { element } from "./dom.js";
import { canvasOf, fieldOf, inksOf } from "./fields.js";
import { edges, isNumber, isolines } from "./geometry.js";
import { placed, sideOf } from "./images.js";
import { besides, drawNotes } from "./notes.js";
import { toPixels } from "./plan.js";
import { PLOTLYS, write } from "./text.js";
import { LARGE, paperOf } from "./theme.js";
/** @import { Plan } from "./plan.js" */

const LAYERS = ["heatmap", "contour", "scatter"]; // from the bottom up, as Plotly stacks them
const DIAMOND = [[0, -1], [1, 0], [0, 1], [-1, 0]];

const layerOf = (trace) => LAYERS.indexOf(trace.type ?? "scatter");

export class Sketch {
  constructor(div) {
    this.div = div;
    this.canvas = element("canvas", { class: "lab-sketch", "aria-hidden": "true" });
    /** @type {(value: number) => number} */
    this.x = Number;
    /** @type {(value: number) => number} */
    this.y = Number;
  }

  can(traces) {
    return traces.every((trace) => layerOf(trace) >= 0);
  }

  /** `isAlone`: Plotly has drawn nothing yet, not even axes. @param {Plan} plan */
  draw(plan, traces, labels, layout, isAlone) {
    const ctx = this.begin(plan);
    this.paper = paperOf(this.div);
    if (isAlone) drawAxes(ctx, this, plan, layout);
    const { left, right, top, bottom } = frameOf(plan);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, right - left, bottom - top);
    ctx.clip();
    for (const trace of [...traces].sort((a, b) => layerOf(a) - layerOf(b))) { // stable: order within a layer stays
      ctx.globalAlpha = trace.opacity ?? 1;
      this.drawTrace(ctx, trace);
    }
    ctx.restore();
    drawNotes(ctx, this, layout, this.paper);
    for (const label of labels) if (label.visible !== false) this.drawLabel(ctx, label);
    this.div.classList.add("lab-moving"); // Plotly's own traces and notes step back
  }

  clear() {
    this.div.classList.remove("lab-moving");
    this.canvas.remove();
  }

  // A clean canvas above Plotly's axes, and the two maps from data to pixels.
  begin({ x, y, width, height }) {
    const { canvas, div } = this;
    const sharp = window.devicePixelRatio || 1;
    const notes = [...div.querySelectorAll(".svg-container > .main-svg")].at(-1);
    if (!notes) div.append(canvas);
    else if (canvas.nextSibling !== notes) notes.before(canvas);
    const ctx = canvas.getContext("2d");
    const size = [Math.round(width * sharp), Math.round(height * sharp)];
    if (canvas.width === size[0] && canvas.height === size[1]) ctx.reset(); // a new size would mean new memory, too
    else {
      [canvas.width, canvas.height] = size;
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    ctx.setTransform(sharp, 0, 0, sharp, 0, 0);
    [this.x, this.y] = [toPixels(x), toPixels(y)];
    return ctx;
  }

  drawTrace(ctx, trace) {
    if (trace.meta?.field) this.drawField(ctx, trace);
    else if (trace.meta?.thumbs) this.drawInputs(ctx, trace);
    else if (trace.type === "heatmap") this.drawHeatmap(ctx, trace);
    else if (trace.type === "contour") this.drawContours(ctx, trace);
    else if (trace.x?.length && trace.y?.length) {
      if (trace.mode.includes("lines")) this.drawLine(ctx, trace);
      if (trace.mode.includes("markers")) this.drawDots(ctx, trace);
      if (trace.mode.includes("text")) this.drawWords(ctx, trace);
    }
  }

  drawDots(ctx, { x, y, marker }) {
    const of = (value, i) => (Array.isArray(value) || ArrayBuffer.isView(value) ? value[i] : value);
    const isOpen = marker.symbol === "diamond-open";
    for (let i = 0; i < x.length; i++) {
      const radius = (of(marker.size, i) ?? 6) / 2;
      const width = of(marker.line?.width, i) ?? 0;
      if (!radius || !isNumber(x[i]) || !isNumber(y[i])) continue;
      const [u, v] = [this.x(x[i]), this.y(y[i])];
      ctx.beginPath();
      if (marker.symbol === "arrow") this.outlineHead(ctx, [u, v], [this.x(x[i - 1]), this.y(y[i - 1])], radius);
      else if (isOpen) for (const [right, down] of DIAMOND) ctx.lineTo(u + 1.3 * right * radius, v + 1.3 * down * radius);
      else ctx.arc(u, v, radius, 0, 2 * Math.PI);
      if (isOpen) ctx.closePath();
      else Object.assign(ctx, { fillStyle: of(marker.color, i) }).fill();
      if (!width && !isOpen) continue;
      const strokeStyle = isOpen ? marker.color : of(marker.line.color, i);
      Object.assign(ctx, { strokeStyle, lineWidth: width }).stroke();
    }
  }

  // An arrow's head, its tip at the point itself.
  outlineHead(ctx, [x, y], [fromX, fromY], size) {
    const angle = Math.atan2(y - fromY, x - fromX);
    ctx.moveTo(x, y);
    for (const turn of [2.6, -2.6]) {
      ctx.lineTo(x + 1.6 * size * Math.cos(angle + turn), y + 1.6 * size * Math.sin(angle + turn));
    }
    ctx.closePath();
  }

  drawLine(ctx, { x, y, line }) {
    ctx.beginPath();
    let isDown = false;
    for (let i = 0; i < x.length; i++) {
      const isHere = isNumber(x[i]) && isNumber(y[i]);
      if (isHere) ctx[isDown ? "lineTo" : "moveTo"](this.x(x[i]), this.y(y[i]));
      isDown = isHere;
    }
    const strokeStyle = line.color ?? getComputedStyle(this.div).color;
    Object.assign(ctx, { strokeStyle, lineWidth: line.width ?? 2, lineJoin: "round" });
    ctx.setLineDash(DASHES[line.dash] ?? []);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  // Words beside their places, as `textposition` says, with a halo.
  drawWords(ctx, trace) {
    const { x, y, text, textposition = "middle center", textfont } = trace;
    const style = { size: this.sizeOf(textfont), colour: textfont.color, paper: this.paper };
    for (let i = 0; i < x.length; i++) {
      const words = Array.isArray(text) ? text[i] : text;
      if (!words || !isNumber(x[i]) || !isNumber(y[i])) continue;
      const { ax, ay, xanchor: across, yanchor: up } = besides(trace, i, words, textposition);
      write(ctx, words, [this.x(x[i]) + ax, this.y(y[i]) + ay], { ...style, across, up });
    }
  }

  sizeOf(font) {
    return this.div.closest(".lab-present") ? LARGE : font.size;
  }

  // A picture over the whole reach of a trace's cells, smooth.
  drawField(ctx, trace) {
    const image = fieldOf(trace);
    if (!image) return;
    const [left, right] = edges(trace.x, trace.x.length).map(this.x);
    const [bottom, top] = edges(trace.y, trace.y.length).map(this.y);
    ctx.imageSmoothingEnabled = true;
    ctx.drawImage(image, left, top, right - left, bottom - top);
  }

  // Inputs as themselves, each centred at its place.
  drawInputs(ctx, trace) {
    const side = Math.abs(this.x(1) - this.x(0)) * sideOf(trace);
    ctx.imageSmoothingEnabled = true;
    for (const [sprite, x, y] of placed(this.div, trace)) {
      ctx.drawImage(sprite, this.x(x) - side / 2, this.y(y) - side / 2, side, side);
    }
  }

  // One pixel a cell, enlarged without blur; the row of the smallest y is the lowest where the axis goes up.
  drawHeatmap(ctx, trace) {
    const { z } = trace;
    const [rows, columns] = [z.length, z[0]?.length];
    if (rows < 2) return;
    const [left, right] = edges(trace.x, columns).map(this.x);
    const [first, last] = edges(trace.y, rows).map(this.y);
    const image = new ImageData(columns, rows);
    const inks = (trace._inks ??= inksOf(trace));
    const words = new Uint32Array(image.data.buffer);
    for (let i = 0; i < rows; i++) {
      const from = (first > last ? rows - 1 - i : i) * columns;
      for (let j = 0; j < columns; j++) words[from + j] = inks[z[i][j]];
    }
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(canvasOf(image), left, Math.min(first, last), right - left, Math.abs(last - first));
    if (trace.texttemplate) this.drawValues(ctx, trace);
  }

  // The value of every cell in its middle.
  drawValues(ctx, { x, y, z, textfont }) {
    const fillStyle = getComputedStyle(this.div).color;
    Object.assign(ctx, { font: `${textfont.size}px ${PLOTLYS}`, textAlign: "center", textBaseline: "middle", fillStyle });
    z.forEach((row, i) => row.forEach((value, j) => {
      if (isNumber(value)) ctx.fillText(value, this.x(x[j]), this.y(y[i]));
    }));
  }

  drawContours(ctx, trace) {
    ctx.beginPath();
    for (const [from, to] of isolines(trace)) {
      ctx.moveTo(this.x(from[0]), this.y(from[1]));
      ctx.lineTo(this.x(to[0]), this.y(to[1]));
    }
    Object.assign(ctx, { strokeStyle: trace.line.color, lineWidth: trace.line.width }).stroke();
  }

  drawLabel(ctx, { x, y, text, font, bgcolor, bordercolor }) {
    const words = text.replace(/<[^>]*>/g, "");
    const [u, v] = [this.x(x), this.y(y)];
    const size = this.sizeOf(font);
    const { fontFamily } = getComputedStyle(this.div);
    Object.assign(ctx, { font: `700 ${size}px ${fontFamily}`, textAlign: "center", textBaseline: "middle" });
    const [width, height] = [ctx.measureText(words).width + 6, size * 1.3 + 6];
    Object.assign(ctx, { fillStyle: bgcolor, strokeStyle: bordercolor, lineWidth: 2 });
    ctx.fillRect(u - width / 2, v - height / 2, width, height);
    ctx.strokeRect(u - width / 2, v - height / 2, width, height);
    ctx.fillStyle = font.color;
    ctx.fillText(words, u, v);
  }
}
