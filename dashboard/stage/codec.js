// @ts-check
// A message: two JSON texts (the document, which rarely changes, and the header), then raw little-endian arrays.
/** @import { Header, ArrayHeader } from "./protocol.js" */
/** @typedef {ArrayHeader & { values: any }} NamedArray */
/** @typedef {{ header: Header, arrays: Record<string, NamedArray>, documentText: () => string }} Message */
/** @typedef {{ values: any, shape: number[] }} Row */

const TYPES = { f4: Float32Array, u1: Uint8Array, i4: Int32Array };

export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Several messages come as one: their number and lengths, then they themselves. What the header of an earlier one does
 * not say is in the last one's.
 * @param {Uint8Array<ArrayBuffer>} bytes a whole buffer
 * @returns {Message[]}
 */
export function readMessages(bytes) {
  const view = new DataView(bytes.buffer);
  const count = view.getUint32(0, true);
  let start = Math.ceil((4 * (count + 1)) / 8) * 8;
  const messages = Array.from({ length: count }, (_, i) => {
    const message = readMessage(bytes.buffer, start);
    start += view.getUint32(4 * (i + 1), true);
    return message;
  });
  const { header } = messages[count - 1];
  return messages.map((message) => ({ ...message, header: { ...header, ...message.header } }));
}

/** @returns {Message} */
function readMessage(buffer, start) {
  const view = new DataView(buffer, start);
  const [documentLength, headerLength] = [view.getUint32(0, true), view.getUint32(4, true)];
  const text = (from, length) => new TextDecoder().decode(new Uint8Array(buffer, start + from, length));
  /** @type {Header} */
  const header = JSON.parse(text(8 + documentLength, headerLength));
  const base = Math.ceil((8 + documentLength + headerLength) / 8) * 8;
  /** @type {Record<string, NamedArray>} */
  const arrays = {};
  for (const [name, about] of Object.entries(header.arrays)) {
    arrays[name] = { ...about, values: readArray(buffer, start + base + about.offset, about) };
  }
  return { header, arrays, documentText: () => text(8, documentLength) };
}

let HALVES = null; // the number of every half, made once: a family of models is half a million of them

function readArray(buffer, offset, { dtype, shape }) {
  const length = size(shape);
  if (dtype !== "f2") return new TYPES[dtype](buffer, offset, length);
  const halves = new Uint16Array(buffer, offset, length);
  const values = new Float32Array(length);
  HALVES ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToNumber(bits));
  for (let k = 0; k < length; k++) values[k] = HALVES[halves[k]];
  return values;
}

function halfToNumber(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -14 * (fraction / 1024);
}

function size(shape) {
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * The part of an array that belongs to one model: the whole of a shared one, a row of a family, or null.
 * @param {NamedArray | undefined} array
 * @param {number} model
 * @returns {Row | null}
 */
export function rowOf(array, model) {
  if (!array) return null;
  if (!array.models) return { values: array.values, shape: array.shape };
  const place = array.models.indexOf(model);
  if (place < 0) return null;
  const shape = array.shape.slice(1);
  const length = size(shape);
  return { values: array.values.subarray(place * length, (place + 1) * length), shape };
}

export function columnOf({ values, shape }, column, rows) {
  return Float32Array.from(rows, (row) => values[row * shape[1] + column]);
}

// Plotly takes typed arrays in one dimension, and lists of them in two.
export function asPlotly({ values, shape }) {
  if (shape.length !== 2) return values;
  return Array.from({ length: shape[0] }, (_, i) => values.subarray(i * shape[1], (i + 1) * shape[1]));
}
