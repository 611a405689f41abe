// What Python says of the same things.
import { execFileSync } from "node:child_process";

const root = new URL("../..", import.meta.url);
const python = process.env.PYTHON ?? ".venv/bin/python";

export const said = JSON.parse(execFileSync(python, ["-m", "tests.stage.messages"], { cwd: root, encoding: "utf8" }));
