// @ts-check
// Stages on a page, by the keys of their components: several may stand on one.
import { releaseFocus } from "./keys.js";
import { pointAtTerm } from "./lines.js";
import { outbox } from "./shared.js";
import { Stage } from "./stage.js";

const LINGER = 120000; // ms that a stage outlives its place on the page: a rerun may take long on a busy machine

/** @type {Map<string, Stage>} */
const stages = (window.labStages ??= new Map());
document.addEventListener("keydown", (event) => window.labStage?.key(event)); // the one that keys go to
for (const type of ["mouseover", "focusin", "focusout"]) document.addEventListener(type, pointAtTerm);
releaseFocus();

// Streamlit may clean up and mount again while the page stands still (after a rerun of the script). The charts must
// survive that, so a stage outlives its mount point for a moment and moves into the next one of the same key.
export function mount({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".lab-stage");
  const { key } = root.dataset;
  const stage = stages.get(key) ?? new Stage(key, root);
  stages.set(key, stage);
  clearTimeout(stage.leaving);
  stage.moveTo(root);
  stage.setState = setStateValue;
  hearKeys(stage);
  outbox.trigger = setTriggerValue;
  stage.accept(data);
  root.onpointerdown = () => hearKeys(stage, true);
  return () => {
    clearTimeout(stage.leaving);
    stage.leaving = setTimeout(() => leave(stage), LINGER);
  };
}

// Keys go to the stage that was pressed last, else to the first of the page; a choice made elsewhere is the server's.
function hearKeys(stage, isPressed = false) {
  const held = window.labStage;
  if (held === stage || (held?.root.isConnected && held.path === location.pathname && !isPressed)) return;
  if (!isPressed) Object.assign(stage, { followsServer: true, path: location.pathname });
  window.labStage = stage;
}

function leave(stage) {
  if (stage.root.isConnected || stages.get(stage.pageKey) !== stage) return;
  stage.close();
  stages.delete(stage.pageKey);
  if (window.labStage === stage) window.labStage = undefined;
}
