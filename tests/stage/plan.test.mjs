// Axes stand where the layout says; what it does not say is left to Plotly.
import assert from "node:assert/strict";
import test from "node:test";
import { isInside, movedRanges, planned, roundValues, toData, toPixels } from "../../dashboard/stage/plan.js";
import { rowsOf } from "../../dashboard/stage/theme.js";

const margin = { l: 50, r: 10, t: 20, b: 40 };
const layout = { width: 460, height: 360, margin, xaxis: { range: [0, 4] }, yaxis: { range: [-1, 1] } };

test("ranges fill what the margins leave, y going up", () => {
  const plan = planned(layout);
  const [x, y] = [toPixels(plan.x), toPixels(plan.y)];
  assert.deepEqual([x(0), x(4), y(-1), y(1)], [50, 450, 320, 20]);
  assert.ok(isInside(plan, [50, 20]) && !isInside(plan, [49, 20]) && !isInside(plan, [50, 321]));
});

test("pixels and data are each other's inverse, on a reversed axis, too", () => {
  for (const range of [[-1, 1], [47.5, -0.5]]) {
    const { y } = planned({ ...layout, yaxis: { range } });
    for (const value of [-3, 0, 0.2, 40]) assert.ok(Math.abs(toData(y)(toPixels(y)(value)) - value) < 1e-12);
  }
});

test("equal units are equal, and the longer axis gives way at both ends", () => {
  for (const range of [[-2, 2], [2, -2]]) {
    const { x, y } = planned({ ...layout, yaxis: { range, scaleanchor: "x" } });
    assert.equal(x.length / 4, 75);
    assert.equal(y.length / 4, 75);
    assert.deepEqual([x.start - 50, 450 - x.start - x.length], [50, 50]);
  }
});

test("nothing is planned where Plotly chooses", () => {
  const { xaxis } = layout;
  for (const change of [
    { xaxis: {} }, { yaxis: { autorange: "reversed" } }, { yaxis2: {} }, { xaxis: { ...xaxis, automargin: true } },
    { xaxis: { ...xaxis, type: "log" } }, { showlegend: true },
  ]) assert.equal(planned({ ...layout, ...change }), null, JSON.stringify(change));
  assert.ok(planned({ ...layout, showlegend: true, margin: { ...margin, autoexpand: false } }));
});

test("a range that was dragged or zoomed is where the chart stands", () => {
  const dragged = movedRanges({ "xaxis.range[0]": 1, "xaxis.range[1]": 3 }, {});
  assert.deepEqual(dragged, { xaxis: [1, 3] });
  assert.equal(toPixels(planned(layout, dragged).x)(1), 50);
  assert.deepEqual(movedRanges({ "yaxis.range": [0, 1] }, dragged), { xaxis: [1, 3], yaxis: [0, 1] });
  assert.deepEqual(movedRanges({ "xaxis.autorange": true }, dragged), {});
});

test("values along an axis are round, within it, and neither many nor few", () => {
  for (const range of [[-0.1, 8.03], [0, 1e-3], [-3.2, 3.2], [900, 12000], [5, -2]]) {
    const values = roundValues({ range, start: 0, length: 300, up: false }, 80);
    const step = values[1] - values[0];
    const leading = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
    assert.ok([1, 2, 5].some((round) => Math.abs(leading - round) < 1e-6), `${range}: steps of ${step}`);
    assert.ok(values.every((value) => value >= Math.min(...range) && value <= Math.max(...range)));
    assert.ok(values.length >= 2 && values.length <= 9, `${range}: ${values}`);
  }
});

test("a legend has one row where all fit, else columns of the widest", () => {
  assert.deepEqual([rowsOf([100, 50, 60], 210), rowsOf([100, 50, 60], 209), rowsOf([100, 90], 120)], [1, 2, 2]);
  assert.equal(rowsOf([100, 90, 80], 120), 3);
});
