// What Python has packed is what the browser unpacks.
import assert from "node:assert/strict";
import test from "node:test";
import { asPlotly, columnOf, inflate, readMessages, rowOf } from "../../dashboard/stage/codec.js";
import { bellOf, ringsOf } from "../../dashboard/stage/geometry.js";
import { said } from "./python.mjs";

const [moment, whole] = readMessages(await inflate(Buffer.from(said.joined, "base64")));

test("every number, shape and owner of an array arrives", () => {
  assert.deepEqual(Object.keys(whole.arrays), Object.keys(said.arrays));
  for (const [name, { values, shape, models }] of Object.entries(said.arrays)) {
    const found = whole.arrays[name];
    assert.deepEqual(Array.from(found.values), values, name);
    assert.deepEqual(found.shape, shape, name);
    assert.deepEqual(found.models, models, name);
  }
});

test("document and header arrive, and a second message begins where the first one ends", () => {
  assert.equal(whole.documentText(), said.document);
  assert.deepEqual(whole.header.texts, { status: ["a", "b"] });
  assert.equal(moment.documentText(), "");
  assert.equal(moment.header.moment, true);
  assert.equal(whole.header.moment, undefined);
  assert.equal(moment.header.chosen, 4, "what it does not say is in the last one's");
  assert.deepEqual(moment.header.texts, {});
  assert.deepEqual(Array.from(moment.arrays.half.values), said.arrays.half.values.slice(0, 3));
});

test("arrays that stand still are told from those that move", () => {
  assert.deepEqual(Object.keys(whole.arrays).filter((name) => whole.arrays[name].once), ["point_class"]);
});

test("a row is that of its model, a shared array is everybody's, and who is not there has none", () => {
  assert.deepEqual(Array.from(rowOf(whole.arrays.half, 7).values), said.arrays.half.values.slice(3));
  assert.equal(rowOf(whole.arrays.single, 5).values.length, 7);
  assert.equal(rowOf(whole.arrays.half, 4), null);
  assert.equal(rowOf(undefined, 4), null);
});

test("columns and rows of a table", () => {
  const table = { values: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] };
  assert.deepEqual(Array.from(columnOf(table, 1, [2, 0])), [6, 2]);
  assert.deepEqual(asPlotly(table).map((row) => Array.from(row)), [[1, 2], [3, 4], [5, 6]]);
});

test("a posterior under the pointer is drawn as NumPy draws those of the classes", () => {
  const round = ringsOf([0.5, -1], [0.3, 2]);
  const tilted = ringsOf([0.5, -1], [0.3, 2], -0.6);
  for (const [drawn, path] of [[round, said.rings], [tilted, said.tilted], [bellOf(0.5, 0.3), said.bells]]) {
    assert.equal(drawn.x.length, path.length);
    path.forEach(([x, y], i) => {
      const isGap = x === null;
      assert.equal(drawn.x[i] === null, isGap);
      if (!isGap) assert.ok(Math.hypot(drawn.x[i] - x, drawn.y[i] - y) < 1e-9);
    });
  }
});
