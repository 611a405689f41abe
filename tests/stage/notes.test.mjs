// Words of a trace stand where they lie on no line, or on words, if there is such a place.
import assert from "node:assert/strict";
import test from "node:test";
import { settled } from "../../dashboard/stage/notes.js";

globalThis.document = /** @type {any} */ ({
  createElement: () => ({ getContext: () => ({ measureText: (text) => ({ width: 6 * text.length }) }) }),
});
const axis = { range: [0, 10], start: 0, length: 400 };
const plan = { x: { ...axis, up: false }, y: { ...axis, up: true }, width: 400, height: 400 };
const places = [[1, "bottom center"], [1, "top center"], [1, "bottom center", 3]];
const pin = (y, text) => ({
  x: [0, 5, 10], y: [y, y, y], text, mode: "lines+text", textfont: { size: 12 }, meta: { bind: {}, beside: places },
});
const place = (traces, shapes = [], kept = {}) => {
  settled(/** @type {any} */ (plan), kept, { shapes }, traces, []);
  return traces.filter(({ text }) => text).map(({ text, textposition }) => `${textposition} ${text[1]}`);
};

test("a name goes where no line is, its own or another's, drawn or still", () => {
  const line = (y) => ({ x: [0, 10], y: [y, y], mode: "lines" });
  assert.deepEqual(place([pin(5, "seed 1")]), ["bottom center seed 1"], "its own line only touches it");
  assert.deepEqual(place([pin(5, "seed 1"), line(4.8)]), ["top center seed 1"]);
  assert.deepEqual(place([pin(5, "seed 1"), line(4.8), line(5.2)]), ["bottom center <br><br><br>seed 1"]);
  const still = { type: "line", xref: "x domain", yref: "y", x0: 0, x1: 1, y0: 5.2, y1: 5.2 };
  assert.deepEqual(place([pin(5, "seed 1")], [still, { ...still, y0: 4.8, y1: 4.8 }]), ["bottom center <br><br><br>seed 1"]);
});

test("where lines are everywhere a name stands on one, on no other words", () => {
  const lines = Array.from({ length: 90 }, (_, i) => ({ x: [0, 10], y: [i / 9, i / 9], mode: "lines" }));
  const [one, two] = place([pin(5, "seed 1"), pin(5, "K 1"), ...lines]);
  assert.equal(one, "bottom center seed 1");
  assert.equal(two, "top center K 1");
});

test("what moves stays where it stood while that is free", () => {
  const kept = { "seed 1": 0 };
  const crossing = { x: [0, 10], y: [4.8, 4.8], mode: "lines" };
  assert.deepEqual(place([pin(5, "seed 1"), crossing], [], kept), ["bottom center seed 1"]);
});
