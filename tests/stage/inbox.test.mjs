// Any message may be lost: what needs it is not shown, and asked for.
import assert from "node:assert/strict";
import test from "node:test";
import { Inbox } from "../../dashboard/stage/inbox.js";

const array = (value, more = {}) => ({ values: [value], models: null, ...more });
const message = (version, arrays, { text = "", ...more } = {}) =>
  ({ header: { version, texts: {}, ...more }, arrays, documentText: () => text });
const opening = (version) =>
  message(version, { still: array(1, { once: true }), moving: array(1) }, { text: `{"title":"${version}"}` });

test("a message whose document is lost changes nothing", () => {
  const inbox = new Inbox();
  assert.equal(inbox.take(message("one", { moving: array(1) })), "missing");
  assert.equal(inbox.header, null);
  assert.equal(inbox.take(opening("one")), "fresh");
  assert.equal(inbox.take(message("two", { moving: array(2) })), "missing");
  assert.equal(inbox.document.title, "one");
  assert.equal(inbox.arrays.moving.values[0], 1);
  assert.equal(inbox.take(opening("two")), "fresh", "as it is sent when it was asked for");
  assert.equal(inbox.document.title, "two");
});

test("what is sent once is kept until another document, and what moves is not", () => {
  const inbox = new Inbox();
  inbox.take(opening("one"));
  assert.equal(inbox.take(message("one", { other: array(3) })), "known");
  assert.deepEqual(Object.keys(inbox.arrays).sort(), ["other", "still"]);
  inbox.take(message("two", { other: array(3) }, { text: "{}" }));
  assert.deepEqual(Object.keys(inbox.arrays), ["other"]);
});

test("a moment is added to the frame before, and texts stay until they are said anew", () => {
  const inbox = new Inbox();
  inbox.take(opening("one"));
  inbox.take(message("one", { moving: array(2), slow: array(5) }, { texts: { status: "a", note: "b" } }));
  inbox.take(message("one", { moving: array(3) }, { moment: true }));
  assert.equal(inbox.arrays.moving.values[0], 3);
  assert.equal(inbox.arrays.slow.values[0], 5);
  inbox.take(message("one", {}, { texts: { status: "c" } }));
  assert.deepEqual(inbox.texts, { status: "c", note: "b" });
});

test("words and the step that they are of change together: with a frame", () => {
  const inbox = new Inbox();
  inbox.take(opening("one"));
  const take = (step, more) => {
    inbox.take(message("one", {}, { step, moments: [0, step], ...more }));
    return [inbox.header.step, inbox.header.moments, inbox.texts.status];
  };
  assert.deepEqual(take(10, { texts: { status: "step 10" } }), [10, [0, 10], "step 10"]);
  assert.deepEqual(take(30, { moment: true }), [10, [0, 10], "step 10"]);
  assert.deepEqual(take(30, { texts: { status: "step 30" } }), [30, [0, 30], "step 30"]);
});
