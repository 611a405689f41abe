// @ts-check
// Words on a canvas, measured and written as Plotly writes them.

export const PLOTLYS = '"Open Sans", verdana, arial, sans-serif'; // its own choice of fonts
export const LINES = 1.3; // heights of a line
const WIDTHS = new Map();
let RULER = null;

/** @returns {[number, number]} width and height in px of words that may have several lines and tags */
export function sizeOf(text, size) {
  const lines = text.replace(/<(?!br>)[^>]*>/g, "").split("<br>");
  return [Math.max(...lines.map((line) => widthOf(line, size))), LINES * size * lines.length];
}

function widthOf(line, size) {
  const key = `${size} ${line}`;
  if (!WIDTHS.has(key)) {
    if (WIDTHS.size > 500) WIDTHS.clear();
    RULER ??= document.createElement("canvas").getContext("2d");
    RULER.font = `${size}px ${PLOTLYS}`;
    WIDTHS.set(key, RULER.measureText(line).width);
  }
  return WIDTHS.get(key);
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} text
 * @param {number[]} at
 * @param {{ size: number, colour: string, across: any, up?: any, turn?: number, opacity?: number, paper?: string }} style
 */
export function write(ctx, text, [x, y], { size, colour, across, up = "middle", turn = 0, opacity = 1, paper }) {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate((turn * Math.PI) / 180);
  const style = { font: `${size}px ${PLOTLYS}`, fillStyle: colour, textAlign: across, textBaseline: up };
  Object.assign(ctx, style, { globalAlpha: opacity });
  text.split("<br>").forEach((line, i, lines) => {
    const words = line.replace(/<[^>]*>/g, "");
    const above = { top: 0, bottom: lines.length - 1, middle: (lines.length - 1) / 2 }[up];
    const down = LINES * size * (i - above);
    if (paper) drawHalo(ctx, words, down, paper);
    ctx.fillText(words, 0, down);
  });
  ctx.restore();
}

// Words stay readable over whatever they lie on.
function drawHalo(ctx, words, down, paper) {
  Object.assign(ctx, { strokeStyle: paper, lineWidth: 4, lineJoin: "round" });
  ctx.setLineDash([]);
  ctx.strokeText(words, 0, down);
}
