// What the types do not see.
const rules = {
  "consistent-this": "error",
  eqeqeq: "error",
  "max-len": ["error", { code: 125 }],
  "max-lines": ["error", 250],
  "no-duplicate-imports": "error",
  "no-else-return": "error",
  "no-shadow": "error",
  "no-unused-expressions": ["error", { allowShortCircuit: true }],
  "no-useless-return": "error",
  "no-var": "error",
  "one-var": ["error", "never"],
  "prefer-const": ["error", { destructuring: "all" }],
};

export default [{ files: ["**/*.js", "**/*.mjs"], rules }];
