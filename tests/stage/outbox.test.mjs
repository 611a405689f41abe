// Presses are sent again until they are heard, in order and by number.
import assert from "node:assert/strict";
import test from "node:test";
import { Outbox } from "../../dashboard/stage/outbox.js";

function started(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const clock = { now: 0 };
  t.mock.method(performance, "now", () => clock.now);
  const outbox = new Outbox();
  outbox.trigger = (name, { actions }) => sent.push(actions.map(({ n }) => n));
  const pass = (ms) => {
    clock.now += ms;
    t.mock.timers.tick(ms);
  };
  return { outbox, sent, pass };
}

test("the first press goes at once, and those close behind it together", (t) => {
  const { outbox, sent, pass } = started(t);
  outbox.press("play", undefined, "here");
  assert.deepEqual(sent, [[1]]);
  outbox.press("step");
  outbox.press("step");
  assert.equal(sent.length, 1);
  pass(60);
  assert.deepEqual(sent[1], [1, 2, 3]);
});

test("what was not heard goes again, ever more seldom, and what was heard does not", (t) => {
  const { outbox, sent, pass } = started(t);
  outbox.press("play");
  pass(1000);
  assert.equal(sent.length, 2);
  pass(1000);
  assert.equal(sent.length, 2, "twice as long as before");
  pass(1000);
  assert.equal(sent.length, 3);
  outbox.heard(["somebody else", 5]);
  assert.equal(outbox.waiting.length, 1);
  outbox.heard([outbox.from, 1]);
  pass(100_000);
  assert.deepEqual([outbox.waiting.length, sent.length], [0, 3]);
});

test("numbers go on, so that none is counted twice", (t) => {
  const { outbox, sent, pass } = started(t);
  outbox.press("play");
  outbox.heard([outbox.from, 1]);
  pass(100);
  outbox.press("pause");
  assert.deepEqual(sent.at(-1), [2]);
});

test("a button shows at once what its press will do", (t) => {
  const { outbox } = started(t);
  assert.equal(outbox.playing(true), true);
  outbox.press("pause");
  outbox.press("link", "?beta=1");
  assert.equal(outbox.playing(true), false);
  assert.ok(outbox.has("link") && !outbox.has("document"));
});
