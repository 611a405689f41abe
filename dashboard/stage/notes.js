// @ts-check
// Words inside a chart. Those that stand still name their places in order of preference (`layout.meta.places`), those of a
// trace too (`meta.beside`): each stands at the first one where it lies on no dot and on no other word, a trace's on no
// line either if it can.
import { frameOf } from "./axes.js";
import { isNumber } from "./geometry.js";
import { toPixels } from "./plan.js";
import { LINES, sizeOf, write } from "./text.js";
/** @import { Plan } from "./plan.js" */
/** @typedef {{ at: number[], half: number[], turn: number }} Box its middle, half its sides, its turn in radians */

const APART = 2; // px between a word and a dot
const SLACK = 3; // px above and below words that are none of their letters
const ACROSS = { left: 0, center: 0.5, right: 1 };
const UP = { top: 0, middle: 0.5, bottom: 1 };
const ASIDE_X = { left: ["right", -1], right: ["left", 1], center: ["center", 0] }; // anchor and side of “left of” …
const ASIDE_Y = { top: ["bottom", -1], bottom: ["top", 1], middle: ["middle", 0] };

/**
 * The chart's notes where they may stand now; of its traces, too, those words are moved that may choose.
 * @param {Plan | null} plan without one, all stay as they are
 * @param {Record<string, number>} kept where each stood last
 */
export function settled(plan, kept, { annotations = [], shapes = [], meta }, traces, followers) {
  const may = traces.filter((trace) => trace.meta?.beside);
  if (!plan || (!annotations.length && !may.length)) return annotations;
  const space = new Space(plan, kept, traces, shapes);
  for (const trace of may) space.beside(trace);
  for (const label of followers) if (label.visible !== false) space.take(space.boxOf(label));
  const still = meta?.labels?.first ?? annotations.length;
  const places = (note, i) => [note, ...(meta?.places?.[i] ?? [])];
  return annotations.map((note, i) => (i < still ? space.place(note, places(note, i), i) : note));
}

// Where the dots and the words of one chart are, in pixels.
class Space {
  constructor(plan, kept, traces, shapes) {
    this.x = toPixels(plan.x);
    this.y = toPixels(plan.y);
    this.plot = frameOf(plan);
    this.kept = kept;
    /** @type {Box[]} */
    this.taken = [];
    this.dots = traces.flatMap((trace) => this.dotsOf(trace));
    /** @type {number[][]} from, to; found when they are asked for */
    this.strokes = [];
    this.lined = traces.filter(({ mode, visible }) => mode?.includes("lines") && visible !== false);
    this.shapes = shapes.filter(({ type }) => type === "line");
  }

  // Whether no line goes through words.
  isClear({ at: [u, v], half: [wide, high] }) {
    if (!this.strokes.length) {
      const still = this.shapes.map((line) => this.endsOf(line));
      this.strokes = this.lined.flatMap((trace) => this.strokesOf(trace)).concat(still);
    }
    const up = high - SLACK;
    return !this.strokes.some((stroke) => crosses(stroke, [u - wide, v - up, u + wide, v + up]));
  }

  // A line that stands still, from side to side where its axis says so.
  endsOf({ x0, x1, y0, y1, xref, yref }) {
    const { left, right, top, bottom } = this.plot;
    const [x, y] = [
      (v) => (xref === "x domain" ? left + v * (right - left) : this.x(v)),
      (v) => (yref === "y domain" ? bottom - v * (bottom - top) : this.y(v)),
    ];
    return [x(x0), y(y0), x(x1), y(y1)];
  }

  strokesOf({ x, y }) {
    const found = [];
    for (let i = 1; i < (x?.length ?? 0); i++) {
      const ends = [this.x(x[i - 1]), this.y(y[i - 1]), this.x(x[i]), this.y(y[i])];
      if ([x[i - 1], y[i - 1], x[i], y[i]].every(isNumber)) found.push(ends);
    }
    return found;
  }

  dotsOf({ x, y, mode, marker, visible }) {
    const isSeen = mode?.includes("markers") && visible !== false && marker?.opacity !== 0;
    if (!isSeen || marker?.symbol === "arrow" || !x?.length || !y?.length) return [];
    const found = [];
    const radius = (Number.isFinite(marker.size) ? marker.size : 6) / 2 + APART;
    for (let i = 0; i < x.length; i++) {
      if (isNumber(x[i]) && isNumber(y[i])) found.push([this.x(x[i]), this.y(y[i]), radius]);
    }
    return found;
  }

  /** @returns {Box} */
  boxOf({ x, y, text, font, showarrow, ax = 0, ay = 0, xanchor = "center", yanchor = "middle", textangle = 0 }) {
    const [wide, high] = sizeOf(text, font.size);
    const [u, v] = [this.x(x) + (showarrow ? ax : 0), this.y(y) + (showarrow ? ay : 0)];
    const at = [u + wide * (0.5 - ACROSS[xanchor]), v + high * (0.5 - UP[yanchor])];
    return { at, half: [wide / 2, high / 2], turn: (textangle * Math.PI) / 180 };
  }

  take(box) {
    this.taken.push(box);
  }

  // Of all places the one that was good last, else the first that is free; none where there is no room.
  place(note, places, key) {
    const choices = places.map((place) => ({ ...note, ...place }));
    const boxes = choices.map((choice) => this.boxOf(choice));
    const free = this.choose(boxes, key);
    if (free === undefined) return { ...note, visible: false };
    this.take(boxes[free]);
    return choices[free];
  }

  choose(boxes, key, isClear = (_) => true) {
    const all = [...boxes.keys()];
    const isFree = (k) => boxes[k] && this.isFree(boxes[k]);
    const last = [this.kept[key]].find((k) => k !== undefined && isFree(k));
    const free = last ?? all.find((k) => isClear(boxes[k]) && isFree(k)) ?? all.find(isFree);
    this.kept[key] = free;
    return free;
  }

  // Words beside a point of their trace; what must be said stands at its first place when none is free.
  beside(trace) {
    const { x, y, meta } = trace;
    const now = [].concat(trace.text ?? "").find((text) => text.trim());
    const words = meta.bind.text ? now : (meta.said ??= now);
    trace.text = [];
    if (!words) return;
    const places = meta.beside.filter(([end]) => isNumber(x[end]) && isNumber(y[end]));
    const boxes = places.map(([end, position, away = 0]) => {
      const box = this.boxOf(besides(trace, end, words, position));
      box.at[1] += (isAbove(position) ? -1 : 1) * away * LINES * trace.textfont.size;
      return box;
    });
    const free = this.choose(boxes, words, (box) => this.isClear(box)) ?? (meta.must && boxes.length ? 0 : undefined);
    if (free === undefined) return;
    this.take(boxes[free]);
    const [end, position, away = 0] = places[free];
    const lines = "<br>".repeat(away);
    trace.text = Array.from(x, () => "");
    trace.text[end] = isAbove(position) ? words + lines : lines + words;
    trace.textposition = position;
  }

  isFree(box) {
    const [[wide, high], [u, v]] = [extent(box), box.at];
    const { left, right, top, bottom } = this.plot;
    const slack = box.turn ? 8 : 1; // the corners of a turned box are empty
    if (u - wide < left - slack || u + wide > right + 1 || v - high < top - 1 || v + high > bottom + 1) return false;
    const meets = (one, other) => strung(other).some((bead) => touches(one, bead));
    const isTaken = this.taken.some((other) => meets(box, other) || meets(other, box));
    return !isTaken && !this.dots.some((dot) => touches(box, dot));
  }
}

/**
 * Whether a line from one place to another meets a box: what of it is left between each pair of sides.
 * @param {number[]} line @param {number[]} box
 */
function crosses([u0, v0, u1, v1], [left, top, right, bottom]) {
  let [from, to] = [0, 1];
  for (const [start, way, low, high] of [[u0, u1 - u0, left, right], [v0, v1 - v0, top, bottom]]) {
    if (!way && (start < low || start > high)) return false;
    const ends = way ? [(low - start) / way, (high - start) / way].sort((a, b) => a - b) : [0, 1];
    [from, to] = [Math.max(from, ends[0]), Math.min(to, ends[1])];
  }
  return from <= to;
}

function isAbove(position) {
  return position.startsWith("top");
}

// How far a turned box reaches from its middle.
function extent({ half: [a, b], turn }) {
  const [c, s] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
  return [a * c + b * s, a * s + b * c];
}

/** @param {Box} box @param {number[]} dot its place and radius */
function touches({ at, half, turn }, [u, v, radius]) {
  const [c, s, du, dv] = [Math.cos(turn), Math.sin(turn), u - at[0], v - at[1]];
  return Math.abs(du * c + dv * s) < half[0] + radius && Math.abs(dv * c - du * s) < half[1] + radius;
}

// Words as a string of beads.
function strung({ at, half: [a, b], turn }) {
  const count = Math.max(1, Math.ceil(a / b));
  const reach = count > 1 ? a : Math.max(0, a - b);
  return Array.from({ length: count }, (_, k) => {
    const along = ((2 * k + 1) / count - 1) * reach;
    return [at[0] + Math.cos(turn) * along, at[1] + Math.sin(turn) * along, b];
  });
}

// Words at a point of a trace as a note: its `textposition` in anchors and pixels, as Plotly counts them.
export function besides({ x, y, mode, marker, textfont: font }, i, text, position) {
  const [up, across] = position.split(" ");
  const [[xanchor, right], [yanchor, down]] = [ASIDE_X[across], ASIDE_Y[up]];
  const away = mode.includes("markers") ? marker.size / 1.6 + 1 : 0;
  return { x: x[i], y: y[i], text, font, showarrow: true, ax: right * away, ay: down * away, xanchor, yanchor };
}

// Notes that stand still; those that follow the data are drawn with the traces.
export function drawNotes(ctx, at, { annotations = [], meta, font: { color } }, paper) {
  for (const note of annotations.slice(0, meta?.labels?.first)) {
    const { x, y, text, font, xanchor, yanchor, textangle, showarrow, ax, ay, opacity, visible } = note;
    if (visible === false) continue;
    const [u, v] = [at.x(x), at.y(y)];
    const end = showarrow ? [u + ax, v + ay] : [u, v];
    if (showarrow) {
      const line = new Path2D(`M ${u} ${v} L ${end[0]} ${end[1] - Math.sign(ay) * font.size}`);
      Object.assign(ctx, { strokeStyle: color, lineWidth: 1 }).stroke(line);
    }
    const style = { across: xanchor ?? "center", up: yanchor, turn: textangle, opacity, paper };
    write(ctx, text, end, { size: font.size, colour: font.color ?? color, ...style });
  }
}
