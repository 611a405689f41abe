// Iso-lines lie where the function has their level, and the decoder is that of the model.
import assert from "node:assert/strict";
import test from "node:test";
import { decoded } from "../../dashboard/stage/decoder.js";
import { edges, isolines } from "../../dashboard/stage/geometry.js";

const at = Array.from({ length: 41 }, (_, i) => -1 + i / 20);
const surface = (height) => ({ x: at, y: at, z: at.map((y) => at.map((x) => height(x, y))) });

test("iso-lines of a plane are straight, and as many as there are levels", () => {
  const lines = isolines({ ...surface((x) => x), contours: { start: -0.5, end: 0.5, size: 0.25 } });
  const levels = new Set();
  for (const ends of lines) for (const [x] of ends) levels.add(Math.round(x * 1e6) / 1e6);
  assert.deepEqual([...levels].sort((a, b) => a - b), [-0.5, -0.25, 0, 0.25, 0.5]);
});

test("iso-lines of a cone are whole circles", () => {
  const found = isolines({ ...surface(Math.hypot), contours: { start: 0.6, end: 0.7, size: 0.3 } });
  for (const ends of found) for (const [x, y] of ends) assert.ok(Math.abs(Math.hypot(x, y) - 0.6) < 1e-3);
  const length = found.reduce((sum, [[a, b], [c, d]]) => sum + Math.hypot(a - c, b - d), 0);
  assert.ok(Math.abs(length - 2 * Math.PI * 0.6) < 0.01, `${length}`);
});

test("cells reach half a step beyond their centres", () => {
  assert.deepEqual(edges([1, 2, 3], 3), [0.5, 3.5]);
  assert.deepEqual(edges(undefined, 4), [-0.5, 3.5]);
});

const shared = (values, shape) => ({ values: Float32Array.from(values), shape, models: null });
const HIDDEN = {
  decoder_0_weight: shared([1, -1, 0, 2, 0, 0], [3, 2]),
  decoder_0_bias: shared([0.5, -1], [2]),
  decoder_1_weight: shared([1, 0, 0, 1], [2, 2]),
  decoder_1_bias: shared([0, 0], [2]),
};

test("a place is decoded through ReLU, into its own dimensions, and by its likelihood", () => {
  const about = { layers: 2, latent_dim: 3, dims: [0, 1], features: [], image: null };
  const means = Array.from(decoded(HIDDEN, 0, { ...about, likelihood: "gaussian" }, [1, 0.25]));
  assert.deepEqual(means, [1.5, 0], "(1 + ½, −1 + ½ − 1), and nothing below 0");
  const odds = Array.from(decoded(HIDDEN, 0, { ...about, likelihood: "categorical" }, [1, 0.25]));
  assert.ok(Math.abs(odds[0] / odds[1] - Math.exp(1.5)) < 1e-5 && Math.abs(odds[0] + odds[1] - 1) < 1e-6);
  const pixels = Array.from(decoded(HIDDEN, 0, { ...about, likelihood: "bernoulli" }, [1, 0.25]));
  assert.ok(Math.abs(pixels[0] - 1 / (1 + Math.exp(-1.5))) < 1e-6 && pixels[1] === 0.5);
  assert.equal(decoded({}, 0, { ...about, likelihood: "gaussian" }, [1, 0]), null);
});
