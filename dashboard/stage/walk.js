// Inputs without a mouse: by finger, a tap finds the nearest; by keyboard, arrows walk from one to the next.

const REACH = 24; // px between a finger and what it means
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// The inputs that a chart shows, each with its place in px.
function inputsOf({ div, panel }) {
  const { xaxis, yaxis } = div._fullLayout ?? {};
  if (!xaxis?.l2p) return [];
  return panel.figure.data.filter((trace) => trace.meta?.point && trace.x).flatMap(({ x, y, meta }) =>
    Array.from(meta.rows, (row, i) => ({ row, u: xaxis._offset + xaxis.l2p(x[i]), v: yaxis._offset + yaxis.l2p(y[i]) })));
}

function hasInputs({ figure }) {
  return figure.data.some((trace) => trace.meta?.point);
}

// The nearest input in a direction, those straight ahead first; from nowhere, the nearest to the middle.
function nextInput(chart, from, [right, down]) {
  const inputs = inputsOf(chart), here = inputs.find(({ row }) => row === from);
  const at = here ?? { u: chart.div.clientWidth / 2, v: chart.div.clientHeight / 2 };
  const cost = ({ u, v }) => {
    const ahead = here ? (u - at.u) * right + (v - at.v) * down : 1, aside = Math.abs((u - at.u) * down) + Math.abs((v - at.v) * right);
    return ahead <= 0.5 ? Infinity : here ? ahead + 2 * aside : Math.hypot(u - at.u, v - at.v);
  };
  const best = inputs.map((input) => [cost(input), input.row]).reduce((a, b) => (b[0] < a[0] ? b : a), [Infinity, from]);
  return best[1];
}

// Whether the key was for the chart that has the focus.
function walkKey(stage, chart, event) {
  if (STEPS[event.key]) stage.point(nextInput(chart, stage.scene.point, STEPS[event.key]));
  else if (event.key === "Enter" && stage.scene.point !== null) stage.pin(stage.scene.point);
  else return false;
  event.preventDefault();
  event.stopPropagation();
  requestAnimationFrame(() => stage.tell(stage.card.node.hidden ? "" : [...stage.card.node.querySelectorAll("p")].map((p) => p.textContent).join(", ")));
  return true;
}

function tappable(stage, chart) {
  let down = null;
  chart.div.addEventListener("pointerdown", (event) => (down = event.pointerType === "touch" ? event : null));
  chart.div.addEventListener("pointerup", (event) => {
    if (!down || Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > 10) return;
    stage.tappedAt = performance.now();
    const box = chart.div.getBoundingClientRect(), u = event.clientX - box.left, v = event.clientY - box.top;
    const [distance, row] = inputsOf(chart).map((input) => [Math.hypot(input.u - u, input.v - v), input.row]).reduce((a, b) => (b[0] < a[0] ? b : a), [Infinity, null]);
    stage.point(distance < REACH ? row : null);
    if (distance >= REACH && stage.card.div === chart.div) stage.card.place(chart.div, event, stage.document);
  });
}
