// @ts-check
// The decoder of the chosen model by itself, from the weights that came with its picture.
import { rowOf } from "./codec.js";
/** @import { Decoder } from "./protocol.js" */

/**
 * h ← ReLU(h W + b), the last map without; then class odds, pixels or means, as `model.decode`. Null where the weights
 * are not here.
 * @param {Record<string, any>} arrays
 * @param {number} chosen
 * @param {Decoder} decoder
 * @param {ArrayLike<number>} place in the shown dimensions; the others are 0
 */
export function decoded(arrays, chosen, { layers, likelihood, latent_dim, dims }, place) {
  let h = new Float32Array(latent_dim);
  dims.forEach((d, i) => (h[d] = place[i]));
  for (let layer = 0; layer < layers; layer++) {
    const weight = rowOf(arrays[`decoder_${layer}_weight`], chosen);
    const bias = rowOf(arrays[`decoder_${layer}_bias`], chosen);
    if (!weight || !bias) return null;
    const out = affine(h, weight.values, bias.values);
    h = layer < layers - 1 ? out.map((v) => Math.max(0, v)) : out;
  }
  if (likelihood === "bernoulli") return h.map((v) => 1 / (1 + Math.exp(-v)));
  return likelihood === "gaussian" ? h : softmax(h);
}

function affine(h, weight, bias) {
  const out = Float32Array.from(bias);
  const columns = out.length;
  for (let i = 0; i < h.length; i++) for (let j = 0; j < columns; j++) out[j] += h[i] * weight[i * columns + j];
  return out;
}

function softmax(h) {
  const most = Math.max(...h);
  const odds = h.map((v) => Math.exp(v - most));
  const sum = odds.reduce((a, b) => a + b, 0);
  return odds.map((v) => v / sum);
}
