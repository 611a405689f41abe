// Words inside a chart. Those that stand still name their places in order of preference (`layout.meta.places`), those of a
// trace too (`meta.beside`): each stands at the first one where it lies on no dot and on no other word.

const APART = 2; // px between a word and a dot
const ACROSS = { left: 0, center: 0.5, right: 1 }, UP = { top: 0, middle: 0.5, bottom: 1 };
const ASIDE_X = { left: ["right", -1], right: ["left", 1], center: ["center", 0] }; // anchor and side of “left of”, “right of”
const ASIDE_Y = { top: ["bottom", -1], bottom: ["top", 1], middle: ["middle", 0] };
const LINES = 1.3; // heights of a line
const WIDTHS = new Map(), RULER = document.createElement("canvas").getContext("2d");

// The chart's notes where they may stand now; of its traces, too, those words are moved that may choose. Needs fixed ranges.
function settled(sketch, layout, traces, followers) {
  const { annotations = [], meta } = layout;
  const may = traces.filter((trace) => trace.meta?.beside);
  if (!annotations.length && !may.length) return annotations;
  const space = new Space(sketch, layout, traces);
  if (!space.known) return annotations;
  for (const trace of may) space.beside(trace);
  const still = meta?.labels?.first ?? annotations.length;
  for (const label of followers) if (label.visible !== false) space.take(space.boxOf(label));
  return [...annotations.slice(0, still).map((note, i) => space.place(note, [note, ...(meta?.places?.[i] ?? [])], i)), ...annotations.slice(still)];
}

// Where the dots and the words of one chart are, in pixels.
class Space {
  constructor(sketch, layout, traces) {
    const shown = sketch.div._fullLayout, ranged = (axis) => ({ ...layout[axis], range: shown?.[axis]?.range ?? layout[axis]?.range });
    const { width, height, xaxis, yaxis } = planned(sketch.div, { ...layout, xaxis: ranged("xaxis"), yaxis: ranged("yaxis") });
    this.known = [xaxis, yaxis].every(({ type, range }) => range?.every(Number.isFinite) && type === "linear");
    if (!this.known) return;
    const map = ({ range: [low, high], _offset, _length }, up) => (v) => _offset + _length * (up ? (high - v) / (high - low) : (v - low) / (high - low));
    Object.assign(this, { x: map(xaxis, false), y: map(yaxis, true), width, height, taken: [], kept: (sketch.kept ??= {}) });
    this.plot = [xaxis._offset, yaxis._offset, xaxis._offset + xaxis._length, yaxis._offset + yaxis._length];
    this.dots = traces.flatMap((trace) => this.dotsOf(trace));
  }

  dotsOf({ x, y, mode, marker, visible }) {
    if (!mode?.includes("markers") || visible === false || marker?.opacity === 0 || marker?.symbol === "arrow" || !x?.length || !y?.length) return [];
    const found = [], radius = (Number.isFinite(marker.size) ? marker.size : 6) / 2 + APART;
    for (let i = 0; i < x.length; i++) if (isNumber(x[i]) && isNumber(y[i])) found.push([this.x(x[i]), this.y(y[i]), radius]);
    return found;
  }

  // The box of words: its middle, half its sides, and its turn in radians.
  boxOf({ x, y, text, font, showarrow, ax = 0, ay = 0, xanchor = "center", yanchor = "middle", textangle = 0 }) {
    const [wide, high] = sizeOf(text, font.size), [u, v] = [this.x(x) + (showarrow ? ax : 0), this.y(y) + (showarrow ? ay : 0)];
    return { at: [u + wide * (0.5 - ACROSS[xanchor]), v + high * (0.5 - UP[yanchor])], half: [wide / 2, high / 2], turn: (textangle * Math.PI) / 180 };
  }

  take(box) {
    this.taken.push(box);
  }

  // Of all places the one that was good last, else the first that is free; none where there is no room.
  place(note, places, key) {
    const choices = places.map((place) => ({ ...note, ...place })), boxes = choices.map((choice) => this.boxOf(choice));
    const free = this.choose(boxes, key);
    if (free === undefined) return { ...note, visible: false };
    this.take(boxes[free]);
    return choices[free];
  }

  choose(boxes, key) {
    const order = [this.kept[key] ?? 0, ...boxes.keys()], free = order.find((k) => boxes[k] && this.isFree(boxes[k]));
    this.kept[key] = free;
    return free;
  }

  // Words beside a point of their trace; what must be said stands at its first place when none is free.
  beside(trace) {
    const { x, y, meta } = trace, now = [].concat(trace.text ?? "").find((text) => text.trim()), words = meta.bind.text ? now : (meta.said ??= now);
    trace.text = [];
    if (!words) return;
    const places = meta.beside.filter(([end]) => isNumber(x[end]) && isNumber(y[end]));
    const boxes = places.map(([end, position, away = 0]) => {
      const box = this.boxOf(besides(trace, end, words, position));
      box.at[1] += (isAbove(position) ? -1 : 1) * away * LINES * trace.textfont.size;
      return box;
    });
    const free = this.choose(boxes, words) ?? (meta.must && boxes.length ? 0 : undefined);
    if (free === undefined) return;
    this.take(boxes[free]);
    const [end, position, away = 0] = places[free], lines = "<br>".repeat(away);
    trace.text = Array.from(x, (_, i) => (i === end ? (isAbove(position) ? words + lines : lines + words) : ""));
    trace.textposition = position;
  }

  isFree(box) {
    const [left, top, right, bottom] = this.plot, [wide, high] = extent(box), [u, v] = box.at;
    const slack = box.turn ? 8 : 1; // the corners of a turned box are empty
    if (u - wide < left - slack || u + wide > right + 1 || v - high < top - 1 || v + high > bottom + 1) return false;
    return !this.dots.some((dot) => touches(box, dot)) && !this.taken.some((other) => strung(other).some((dot) => touches(box, dot)) || strung(box).some((dot) => touches(other, dot)));
  }
}

function isAbove(position) {
  return position.startsWith("top");
}

// How far a turned box reaches from its middle.
function extent({ half: [a, b], turn }) {
  const [c, s] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
  return [a * c + b * s, a * s + b * c];
}

function touches({ at, half, turn }, [u, v, radius]) {
  const [c, s] = [Math.cos(turn), Math.sin(turn)], [du, dv] = [u - at[0], v - at[1]];
  return Math.abs(du * c + dv * s) < half[0] + radius && Math.abs(dv * c - du * s) < half[1] + radius;
}

// Words as a string of beads.
function strung({ at, half: [a, b], turn }) {
  const count = Math.max(1, Math.ceil(a / b)), [c, s] = [Math.cos(turn), Math.sin(turn)];
  return Array.from({ length: count }, (_, k) => ((2 * k + 1) / count - 1) * Math.max(0, a - b * (count > 1 ? 0 : 1)))
    .map((along) => [at[0] + c * along, at[1] + s * along, b]);
}

// Words at a point of a trace as a note: its `textposition` in anchors and pixels, as Plotly counts them.
function besides({ x, y, mode, marker, textfont: font }, i, text, position) {
  const [up, across] = position.split(" "), [xanchor, right] = ASIDE_X[across], [yanchor, down] = ASIDE_Y[up];
  const away = mode.includes("markers") ? marker.size / 1.6 + 1 : 0;
  return { x: x[i], y: y[i], text, font, showarrow: true, ax: right * away, ay: down * away, xanchor, yanchor };
}

function sizeOf(text, size) {
  const lines = text.replace(/<(?!br>)[^>]*>/g, "").split("<br>");
  return [Math.max(...lines.map((line) => widthOf(line, size))), LINES * size * lines.length];
}

function widthOf(line, size) {
  const key = `${size} ${line}`;
  if (!WIDTHS.has(key)) {
    if (WIDTHS.size > 500) WIDTHS.clear();
    RULER.font = `${size}px ${PLOTLYS}`;
    WIDTHS.set(key, RULER.measureText(line).width);
  }
  return WIDTHS.get(key);
}

// Notes that stand still; those that follow the data are drawn with the traces.
function drawNotes(pen, at, layout) {
  const still = layout.meta?.labels?.first ?? Infinity;
  for (const { x, y, text, font, xanchor, yanchor, textangle, showarrow, ax, ay, opacity, visible } of (layout.annotations ?? []).slice(0, still)) {
    if (visible === false) continue;
    const [u, v] = [at.x(x), at.y(y)], end = showarrow ? [u + ax, v + ay] : [u, v];
    if (showarrow) Object.assign(pen, { strokeStyle: layout.font.color, lineWidth: 1 }).stroke(new Path2D(`M ${u} ${v} L ${end[0]} ${end[1] - Math.sign(ay) * font.size}`));
    write(pen, layout, text, end, { size: font.size, colour: font.color, across: xanchor ?? "center", up: yanchor, turn: textangle, opacity, paper: pageColour(at.div) });
  }
}

function write(pen, layout, text, [x, y], { size, colour, across, up = "middle", turn = 0, opacity = 1, paper }) {
  pen.save();
  pen.translate(x, y);
  pen.rotate((turn * Math.PI) / 180);
  Object.assign(pen, { font: `${size}px ${PLOTLYS}`, globalAlpha: opacity, fillStyle: colour ?? layout?.font.color, textAlign: across, textBaseline: up });
  text.split("<br>").forEach((line, i, lines) => {
    const words = line.replace(/<[^>]*>/g, ""), down = LINES * size * (up === "top" ? i : up === "bottom" ? i + 1 - lines.length : i - (lines.length - 1) / 2);
    if (paper) haloed(pen, words, [0, down], colour ?? layout?.font.color, paper);
    else pen.fillText(words, 0, down);
  });
  pen.restore();
}

function pageColour(div) {
  return getComputedStyle(div).getPropertyValue("--st-background-color").trim() || "#ffffff";
}

// Words that stay readable over whatever they lie on.
function haloed(pen, words, [x, y], colour, paper) {
  Object.assign(pen, { strokeStyle: paper, lineWidth: 4, lineJoin: "round", fillStyle: colour });
  pen.setLineDash([]);
  pen.strokeText(words, x, y);
  pen.fillText(words, x, y);
}
