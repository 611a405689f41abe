// @ts-check
// A chart's notes as Plotly has drawn them, where there is no place for all.

const TOUCHING = 3; // px of two words over each other that nobody sees
const NARROW = 420; // px of a chart on which slanted words step back, too

// Those that would lie on other words, or beyond the chart, step back.
export function declutter(div) {
  const frame = div.getBoundingClientRect();
  const boxOf = (node) => node.getBoundingClientRect();
  const notes = [...div.querySelectorAll(".annotation")];
  for (const note of notes) note.classList.remove("lab-crowded");
  const isFixed = (text) => !text.closest(".annotation, .hoverlayer") && text.textContent.trim();
  const taken = [...div.querySelectorAll(".main-svg text")].filter(isFixed).map(boxOf);
  const isFollower = (note) => note.classList.contains("lab-follows");
  const placed = notes.filter((note) => frame.width < NARROW || !isSlanted(note));
  // names of classes before words about the plane
  for (const note of placed.sort((a, b) => +isFollower(b) - +isFollower(a))) {
    const text = note.querySelector("text");
    const box = text && boxOf(text);
    if (!box?.width) continue;
    if (isCut(box, frame) || taken.some((other) => isOver(box, other))) note.classList.add("lab-crowded");
    else taken.push(box);
  }
}

function isSlanted(note) {
  const { a, b } = note.querySelector("text")?.getScreenCTM() ?? { a: 1, b: 0 };
  return Math.abs(a) > 0.02 && Math.abs(b) > 0.02;
}

function isCut(box, frame) {
  const isAcross = box.left < frame.left - 2 || box.right > frame.right + 2;
  return isAcross || box.top < frame.top - 2 || box.bottom > frame.bottom + 2;
}

function isOver(a, b) {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  return across > TOUCHING && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > TOUCHING;
}
