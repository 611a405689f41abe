// Keys are the page's, but for where somebody writes, chooses or has come by keyboard.
import assert from "node:assert/strict";
import test from "node:test";
import { keyAction } from "../../dashboard/stage/keys.js";

const body = { closest: () => null };
globalThis.document = { body };
// a target that lies within elements of these names or roles
const within = (names, byKeyboard = false) => ({
  closest: (selector) => (selector.split(/, ?/).some((part) => names.includes(part)) ? { matches: () => byKeyboard } : null),
});
const press = (key, target = body, more = {}) => ({ key, composedPath: () => [target], ...more });

test("space plays or pauses, once however long it is held", () => {
  assert.deepEqual(keyAction(press(" "), true), { send: "pause" });
  assert.deepEqual(keyAction(press(" "), false), { send: "play" });
  assert.deepEqual(keyAction(press(" ", body, { repeat: true }), false), {});
});

test("a button that was reached by keyboard keeps its Space, one that was clicked does not", () => {
  assert.equal(keyAction(press(" ", within(["button"], true)), true), null);
  assert.deepEqual(keyAction(press(" ", within(["button"])), true), { send: "pause" });
});

test("nothing is taken from who writes, chooses from a list or presses a shortcut of the browser", () => {
  for (const place of ["textarea", "select", "[role=combobox]", "[role=menu]", "dialog"]) {
    const target = within([place]);
    for (const key of [" ", "ArrowRight", "?", "[", "Escape"]) assert.equal(keyAction(press(key, target), true), null);
  }
  for (const place of ["[role=radiogroup]", ".lab-time"]) {
    assert.equal(keyAction(press("ArrowRight", within([place])), true), null);
  }
  for (const held of ["ctrlKey", "metaKey", "altKey", "defaultPrevented"]) {
    assert.equal(keyAction(press(" ", body, { [held]: true }), true), null);
  }
});

test("every other key of the page", () => {
  const found = ["ArrowRight", "[", "]", ",", ".", "?", "Escape", "Tab", "x"].map((key) => keyAction(press(key), true));
  const around = [{ move: -1 }, { move: 1 }, { time: -1 }, { time: 1 }];
  const meant = [{ send: "step" }, ...around, { ask: true }, { leave: true }, { first: true }, null];
  assert.deepEqual(found, meant);
  assert.equal(keyAction(press("Tab", body, { shiftKey: true }), true), null);
});
