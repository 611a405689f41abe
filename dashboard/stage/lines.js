// @ts-check
// The lines of the lesson, which stand beside the stage: their numbers of the chosen model, and the one that is pointed at.
import { put } from "./dom.js";
import { drawMarks } from "./overlay.js";

const BESIDE = ".st-key-lesson";

/** @param {(name: string) => any} say */
export function writeLines(say) {
  for (const cell of document.querySelectorAll(`${BESIDE} [data-name]`)) {
    const { name } = /** @type {HTMLElement} */ (cell).dataset;
    put(cell, say(name));
    const row = cell.closest("tr");
    if (row) Object.assign(row, { tabIndex: 0 }).dataset.term = name.replace("line_", "");
  }
  for (const bar of document.querySelectorAll(`${BESIDE} [data-bar]`)) {
    const lengths = say(/** @type {HTMLElement} */ (bar).dataset.bar);
    [...bar.children].forEach((part, k) => (/** @type {HTMLElement} */ (part).style.width = `${+lengths[k] || 0}px`));
  }
}

// Whether there are lines that nothing was written into yet.
export function hasNewLines() {
  return document.querySelector(`${BESIDE} [data-name]:empty`) !== null;
}

// A line under the mouse, else one that the keyboard has reached, is shown on the charts.
/** @param {any} event */
export function pointAtTerm({ type, target, relatedTarget }) {
  const stage = window.labStage;
  if (!stage?.document) return;
  const rowOf = (node) => node?.closest?.(`${BESIDE} tr[data-term]`);
  const held = document.querySelector(`${BESIDE} tr:focus-visible`);
  const row = type === "focusout" ? rowOf(relatedTarget) : rowOf(target) ?? held;
  const term = row?.dataset.term ?? "";
  if (term === stage.state.term) return;
  stage.state.term = stage.root.dataset.term = term;
  drawMarks(stage);
}
