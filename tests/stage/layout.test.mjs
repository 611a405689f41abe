// Every panel has its place, whatever the room.
import assert from "node:assert/strict";
import test from "node:test";
import { cardsOf, heightsOf } from "../../dashboard/stage/cards.js";
import { namedTogether } from "../../dashboard/stage/controls.js";
import { nextInput, STEPS } from "../../dashboard/stage/walk.js";

const panels = ["plane", "latent", "input", "beta", "kl"].map((id, i) => ({ id, low: i > 2 }));
const ids = (cards) => cards.map((card) => card.map(({ id }) => id));

test("three cards where it is wide, two where it is not, a second row where it is high", () => {
  const beside = [["plane"], ["latent"], ["input", "beta", "kl"]];
  assert.deepEqual(ids(cardsOf(panels, { wide: true, high: false }, false).cards), beside);
  assert.deepEqual(ids(cardsOf(panels, { wide: true, high: true }, true).cards), beside, "large type has no second row");
  const { cards, below } = cardsOf(panels, { wide: true, high: true }, false);
  assert.deepEqual([ids(cards), ids(below)], [[["plane"], ["latent"], ["input"]], [["beta"], ["kl"]]]);
  assert.deepEqual(ids(cardsOf(panels, { wide: false, high: true }, false).cards),
    [["plane"], ["latent", "input", "beta", "kl"]]);
});

test("no panel is lost or shown twice, and no card is empty", () => {
  for (let count = 1; count <= panels.length; count++) for (const wide of [true, false]) for (const high of [true, false]) {
    const { cards, below } = cardsOf(panels.slice(0, count), { wide, high }, false);
    assert.equal(new Set([...cards, ...below].flat()).size, count);
    assert.ok([...cards, ...below].every((card) => card.length));
  }
});

test("both rows fit into what is free, and no chart is too low to be read", () => {
  for (const free of [100, 500, 700, 1000, 1400]) for (const hasMore of [true, false]) {
    const { first, second } = heightsOf({ free, width: 900, hasMore, isNarrow: false, isLarge: false });
    if (free >= 590) assert.ok(first + (hasMore ? second : 0) <= free + 1, `${free}: ${first} + ${second}`);
    assert.ok(first >= 290 && second >= 190);
  }
  assert.equal(heightsOf({ free: 900, width: 300, hasMore: false, isNarrow: true, isLarge: false }).first, 312);
});

test("words of marks that stand together are said once, on the side where there is room", () => {
  const marks = [{ index: 5, label: "b" }, { index: 4, label: "a" }];
  const said = namedTogether(marks, 9).map(({ words, side }) => [words, side]);
  assert.deepEqual(said, [["", "lab-early"], ["a, b", "lab-early"]]);
  assert.deepEqual(namedTogether(marks, 2).map(({ words }) => words), ["a, b", ""]);
});

test("an arrow leads to the next input in its direction, and stays where there is none", () => {
  const inputs = [[0, 0], [10, 1], [20, 0], [10, 40]].map(([u, v], row) => ({ row, u, v }));
  assert.equal(nextInput(inputs, 0, STEPS.ArrowRight), 1);
  assert.equal(nextInput(inputs, 1, STEPS.ArrowDown), 3);
  assert.equal(nextInput(inputs, 2, STEPS.ArrowRight), 2);
  assert.equal(nextInput(inputs, null, STEPS.ArrowLeft, { u: 9, v: 38 }), 3, "from nowhere, the nearest to the middle");
});
